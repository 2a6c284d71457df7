//! Expansions, which begin with a dollar sign.

use super::grammar::{DEEPEST, Parser};
use super::{PathRoot, ShellWord, Unclear, WordForm};

impl Parser<'_> {
    pub(super) fn dollar(&mut self, word: &mut ShellWord) -> Result<(), Unclear> {
        let from = self.letters.at;
        self.letters.at += 1;
        match self.letters.peek() {
            Some('(') if self.letters.second() == Some('(') => {
                self.letters.at += 2;
                self.arithmetic(word)?;
                self.keep(word, from);
            }
            Some('(') => {
                self.letters.at += 1;
                self.inner(word, from)?;
            }
            Some('{') => {
                self.letters.at += 1;
                self.parameter(word)?;
                self.keep_variable(word, from);
            }
            Some('[') => return Err(Unclear("it computes")),
            // A shell joins the lines first.
            Some('\\') if self.letters.second() == Some('\n') => {
                return Err(Unclear("an expansion goes on in the next line"));
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                while self.letters.peek().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                    self.letters.at += 1;
                }
                self.keep_variable(word, from);
            }
            Some(c) if c.is_ascii_digit() || "@*#?-$!".contains(c) => {
                self.letters.at += 1;
                self.keep(word, from);
            }
            _ => word.text.push('$'),
        }
        Ok(())
    }

    fn keep_variable(&mut self, word: &mut ShellWord, from: usize) {
        let written: String = self.letters.all[from..self.letters.at].iter().collect();
        let ends = self.letters.peek().is_none_or(|c| "/ \t\n;&|)<>\"".contains(c));
        if word.text.is_empty()
            && word.form == WordForm::Literal
            && ends
            && matches!(written.as_str(), "$HOME" | "${HOME}")
        {
            word.text.push('~');
            word.root = PathRoot::Home;
        } else {
            self.keep(word, from);
        }
    }

    /// The rest of `$((…))`.
    fn arithmetic(&mut self, word: &mut ShellWord) -> Result<(), Unclear> {
        let mut open = 0;
        let is_operand = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
        loop {
            // Two operands in a row are no number: some shells read a command in brackets there.
            let blank = self.letters.peek().is_some_and(|c| c == ' ' || c == '\t');
            let next =
                self.letters.all[self.letters.at..].iter().find(|c| !matches!(c, ' ' | '\t'));
            if blank
                && self.letters.at > 0
                && (is_operand(self.letters.all[self.letters.at - 1])
                    || self.letters.all[self.letters.at - 1] == ')')
                && next.is_some_and(|c| is_operand(*c))
            {
                return Err(Unclear("it computes"));
            }
            match self.letters.peek().ok_or(Unclear("a bracket has no end"))? {
                ')' if open == 0 => return self.letters.expect("))"),
                ')' => {
                    open -= 1;
                    self.letters.at += 1;
                }
                '(' => {
                    open += 1;
                    self.letters.at += 1;
                }
                '$' => self.skip_dollar(word)?,
                c if c.is_ascii_alphanumeric() || " \t_+-*/%<>=!&|^~?:,".contains(c) => {
                    self.letters.at += 1
                }
                _ => return Err(Unclear("it computes")),
            }
        }
    }

    /// The rest of `${…}`.
    fn parameter(&mut self, word: &mut ShellWord) -> Result<(), Unclear> {
        let strange = Unclear("an expansion is not known");
        if self.letters.peek() == Some('#') && self.letters.second() != Some('}')
            || self.letters.peek() == Some('!')
        {
            self.letters.at += 1;
        }
        let name = self.letters.all[self.letters.at..]
            .iter()
            .take_while(|c| c.is_ascii_alphanumeric() || **c == '_')
            .count();
        match self.letters.peek() {
            _ if name > 0 => self.letters.at += name,
            Some(c) if "@*#?-$!".contains(c) => self.letters.at += 1,
            _ => return Err(strange),
        }
        if self.letters.peek() == Some('[') {
            let index = self.letters.all[self.letters.at + 1..]
                .iter()
                .take_while(|c| c.is_ascii_alphanumeric() || "_@*".contains(**c))
                .count();
            self.letters.at += index + 1;
            if self.letters.peek() != Some(']') {
                return Err(strange);
            }
            self.letters.at += 1;
        }
        match self.letters.peek() {
            Some('}') => {}
            // `${x@P}` runs what is in the variable.
            Some(c) if ":-+=?%#/^,".contains(c) => self.letters.at += 1,
            _ => return Err(strange),
        }
        loop {
            match self.letters.peek().ok_or(Unclear("a brace has no end"))? {
                '}' => {
                    self.letters.at += 1;
                    return Ok(());
                }
                '\\' => self.letters.at += 2,
                '$' => self.skip_dollar(word)?,
                '`' => return Err(strange),
                '\'' | '"' => return Err(strange),
                _ => self.letters.at += 1,
            }
        }
    }

    /// An expansion inside of another one: only the command lines in it count.
    fn skip_dollar(&mut self, word: &mut ShellWord) -> Result<(), Unclear> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unclear("it is nested too deeply"));
        }
        let mut inner = ShellWord::default();
        self.dollar(&mut inner)?;
        self.depth -= 1;
        word.nested.append(&mut inner.nested);
        Ok(())
    }
}
