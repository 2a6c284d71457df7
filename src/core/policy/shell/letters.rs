//! The letters of a command line, and how far they were read.

use super::Unclear;

/// The letters that are read.
pub(super) struct Letters<'a> {
    pub(super) all: &'a [char],
    /// The index of the next one.
    pub(super) at: usize,
}

impl Letters<'_> {
    pub(super) fn peek(&self) -> Option<char> {
        self.all.get(self.at).copied()
    }

    pub(super) fn second(&self) -> Option<char> {
        self.all.get(self.at + 1).copied()
    }

    pub(super) fn is_end(&self) -> bool {
        self.at >= self.all.len()
    }

    pub(super) fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(i, c)| self.all.get(self.at + i) == Some(&c))
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        // `&>` redirects; it does not send anything to the background.
        let taken = self.starts(text) && !(text == "&" && self.second() == Some('>'));
        self.at += if taken { text.chars().count() } else { 0 };
        taken
    }

    pub(super) fn expect(&mut self, text: &str) -> Result<(), Unclear> {
        if self.take(text) { Ok(()) } else { Err(Unclear("a bracket or a block has no end")) }
    }

    /// Whether one of these words stands here, unquoted and whole.
    pub(super) fn stands(&self, words: &[&str]) -> bool {
        words.iter().any(|word| {
            let after = self.all.get(self.at + word.chars().count());
            self.starts(word) && after.is_none_or(|c| " \t\n;&|()<>".contains(*c))
        })
    }

    /// Takes a word that stands here, unquoted and whole.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let stands = self.stands(&[word]);
        self.at += if stands { word.chars().count() } else { 0 };
        stands
    }

    /// Skips blanks, continued lines and a comment.
    pub(super) fn blanks(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' => self.at += 1,
                '\\' if self.second() == Some('\n') => self.at += 2,
                '#' => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => break,
            }
        }
    }

    /// Whether a redirection begins here.
    pub(super) fn at_redirect(&self) -> bool {
        let digits = self.all[self.at..].iter().take_while(|c| c.is_ascii_digit()).count();
        match self.all.get(self.at + digits) {
            Some('<' | '>') => digits > 0 || self.second() != Some('('),
            Some('&') => digits == 0 && self.second() == Some('>'),
            _ => false,
        }
    }
}
