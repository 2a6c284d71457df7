//! One word of a command line: quotes, escapes, globs.

use super::grammar::{DEEPEST, Parser, Source, is_name, parse_at};
use super::{Expansion, PathRoot, ShellWord, Unclear, WordForm};

/// How far a brace is looked through; one that goes on behind that counts as such.
const LONGEST_BRACE: usize = 256;

impl Parser<'_> {
    /// The word that begins here.
    pub(super) fn word(&mut self) -> Result<ShellWord, Unclear> {
        let begin = self.letters.at;
        let mut word = ShellWord::default();
        let mut bare = true;
        while let Some(c) = self.letters.peek() {
            if bare {
                word.bare = word.text.len();
            }
            match c {
                '<' | '>' if self.letters.second() == Some('(') => {
                    let from = self.letters.at;
                    self.letters.at += 2;
                    self.inner(&mut word, from)?;
                }
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\\' => {
                    match self.letters.second() {
                        None => return Err(Unclear("it ends with a backslash")),
                        Some('\n') => {}
                        Some(c) => {
                            bare = false;
                            word.text.push(c);
                        }
                    }
                    self.letters.at += 2;
                }
                '\'' => {
                    bare = false;
                    self.letters.at += 1;
                    self.quoted(&mut word)?;
                }
                '"' => {
                    bare = false;
                    self.letters.at += 1;
                    self.double(&mut word)?;
                }
                '$' if self.letters.second() == Some('\'') => {
                    bare = false;
                    self.letters.at += 2;
                    self.escaped(&mut word)?;
                }
                '$' if self.letters.second() == Some('"') => {
                    bare = false;
                    self.letters.at += 2;
                    self.double(&mut word)?;
                }
                '$' => self.dollar(&mut word)?,
                '`' => self.backticks(&mut word)?,
                '~' if self.letters.at == begin => {
                    self.letters.at += 1;
                    match self.letters.peek() {
                        None
                        | Some('/' | ' ' | '\t' | '\n' | ';' | '&' | '|' | ')' | '<' | '>') => {
                            word.root = PathRoot::Home
                        }
                        Some(_) => word.form = WordForm::Unknown,
                    }
                    word.text.push('~');
                }
                _ => {
                    if c == '~' && bare && begins_value(&word.text) {
                        word.form = WordForm::Unknown;
                    }
                    if matches!(c, '*' | '?' | '[') {
                        word.form = word.form.max(WordForm::Glob);
                    }
                    if c == '{' && self.is_brace() {
                        word.form = word.form.max(WordForm::Braces);
                    }
                    word.text.push(c);
                    self.letters.at += 1;
                }
            }
        }
        if bare {
            word.bare = word.text.len();
        }
        // It was torn by the end of a line, and is the number of a file that is redirected.
        if matches!(self.letters.peek(), Some('<' | '>'))
            && bare
            && word.text.chars().all(|c| c.is_ascii_digit())
        {
            return Err(Unclear("a redirection goes on in the next line"));
        }
        // `[` and `]` alone are a command and its last word.
        if word.text == "[" {
            word.form = WordForm::Literal;
        }
        word.span = (self.source == Source::Line).then_some(begin..self.letters.at);
        if self.letters.at == begin { Err(Unclear("a word is missing")) } else { Ok(word) }
    }

    /// A text without quotes in which only expansions count: the body of a here-document.
    pub(super) fn expanded(&mut self) -> Result<ShellWord, Unclear> {
        let mut word = ShellWord::default();
        while let Some(c) = self.letters.peek() {
            self.in_double(&mut word, c)?;
        }
        Ok(word)
    }

    fn quoted(&mut self, word: &mut ShellWord) -> Result<(), Unclear> {
        while let Some(c) = self.letters.peek() {
            self.letters.at += 1;
            if c == '\'' {
                return Ok(());
            }
            word.text.push(c);
        }
        Err(Unclear("a quote has no end"))
    }

    fn double(&mut self, word: &mut ShellWord) -> Result<(), Unclear> {
        let before = word.expansions.len();
        while let Some(c) = self.letters.peek() {
            if c == '"' {
                self.letters.at += 1;
                word.expansions[before..].iter_mut().for_each(|one| one.is_quoted = true);
                return Ok(());
            }
            self.in_double(word, c)?;
        }
        Err(Unclear("a quote has no end"))
    }

    fn in_double(&mut self, word: &mut ShellWord, c: char) -> Result<(), Unclear> {
        match c {
            '\\' => {
                match self.letters.second() {
                    Some('\n') => {}
                    Some(c @ ('$' | '`' | '"' | '\\')) => word.text.push(c),
                    Some(c) => word.text.extend(['\\', c]),
                    None => word.text.push('\\'),
                }
                self.letters.at += 2;
            }
            '$' => self.dollar(word)?,
            '`' => self.backticks(word)?,
            c => {
                word.text.push(c);
                self.letters.at += 1;
            }
        }
        Ok(())
    }

    /// `$'…'`
    fn escaped(&mut self, word: &mut ShellWord) -> Result<(), Unclear> {
        while let Some(c) = self.letters.peek() {
            self.letters.at += 1;
            match c {
                '\'' => return Ok(()),
                '\\' => {
                    let c = self.letters.peek().ok_or(Unclear("a quote has no end"))?;
                    self.letters.at += 1;
                    word.text.push(match c {
                        'a' => '\u{7}',
                        'b' => '\u{8}',
                        'e' | 'E' => '\u{1b}',
                        'f' => '\u{c}',
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        'v' => '\u{b}',
                        'x' => self.number(16, 2)?,
                        'u' => self.number(16, 4)?,
                        'U' => self.number(16, 8)?,
                        '0'..='7' => {
                            self.letters.at -= 1;
                            self.number(8, 3)?
                        }
                        '\\' | '"' | '?' => c,
                        _ => return Err(Unclear("an escape is not known")),
                    });
                }
                c => word.text.push(c),
            }
        }
        Err(Unclear("a quote has no end"))
    }

    /// A letter by its number. Bytes above ASCII depend on how the shell joins them, and zero ends
    /// a word in some shells.
    fn number(&mut self, radix: u32, most: usize) -> Result<char, Unclear> {
        let digits: String = self.letters.all[self.letters.at..]
            .iter()
            .take(most)
            .take_while(|c| c.is_digit(radix))
            .collect();
        self.letters.at += digits.len();
        let number =
            u32::from_str_radix(&digits, radix).ok().filter(|n| *n != 0 && (*n < 128 || most > 3));
        number.and_then(char::from_u32).ok_or(Unclear("an escape is not known"))
    }

    fn backticks(&mut self, word: &mut ShellWord) -> Result<(), Unclear> {
        let from = self.letters.at;
        self.letters.at += 1;
        let mut line = String::new();
        loop {
            match self.letters.peek().ok_or(Unclear("a backtick has no end"))? {
                '`' => break,
                '\\' if matches!(self.letters.second(), Some('`' | '\\' | '$')) => {
                    line.extend(self.letters.second());
                    self.letters.at += 2;
                }
                c => {
                    line.push(c);
                    self.letters.at += 1;
                }
            }
        }
        self.letters.at += 1;
        word.nested.push(parse_at(&line, self.depth + 1)?);
        self.keep(word, from);
        Ok(())
    }

    /// The rest of a command in brackets, after the opening one.
    pub(super) fn inner(&mut self, word: &mut ShellWord, from: usize) -> Result<(), Unclear> {
        let waiting = std::mem::take(&mut self.heredocs);
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unclear("it is nested too deeply"));
        }
        word.nested.push(self.list(&[])?);
        self.heredocs.settle()?;
        self.depth -= 1;
        self.heredocs = waiting;
        self.letters.expect(")")?;
        self.keep(word, from);
        Ok(())
    }

    /// Adds the letters since `from` to the word as they were written.
    pub(super) fn keep(&mut self, word: &mut ShellWord, from: usize) {
        let begin = word.text.len();
        word.text.extend(&self.letters.all[from..self.letters.at]);
        word.expansions.push(Expansion { at: begin..word.text.len(), is_quoted: false });
        word.form = WordForm::Unknown;
    }

    /// Whether a brace opens here that stands for several words.
    fn is_brace(&self) -> bool {
        let mut bare = String::new();
        let mut quote = None;
        let mut letters = self.letters.all[self.letters.at + 1..].iter();
        for _ in 0..LONGEST_BRACE {
            match (quote, letters.next()) {
                (None, Some(c)) if " \t\n;&|<>".contains(*c) => return separates(&bare),
                (_, None) => return separates(&bare),
                (None | Some('"'), Some('\\')) => drop(letters.next()),
                (None, Some(c @ ('\'' | '"'))) => quote = Some(*c),
                (Some(open), Some(c)) => quote = Some(open).filter(|open| open != c),
                (None, Some(c)) => bare.push(*c),
            }
        }
        true
    }
}

/// Whether what is bare behind a brace makes it several words.
fn separates(bare: &str) -> bool {
    bare.contains('}') && (bare.contains(',') || bare.contains(".."))
}

/// Whether a tilde here stands for a home: behind `name=`, and behind each colon of its value.
fn begins_value(before: &str) -> bool {
    before.ends_with(['=', ':'])
        && before
            .split_once('=')
            .is_some_and(|(name, _)| is_name(name.strip_suffix('+').unwrap_or(name)))
}
