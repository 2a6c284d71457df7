//! Blocks, branches, loops and conditions.

use super::grammar::{Parser, is_name};
use super::{Compound, ShellStep, ShellWord, Unclear};

/// A compound command without its redirections.
pub(super) struct Block {
    pub(super) kind: Compound,
    pub(super) variable: Option<String>,
    pub(super) words: Vec<ShellWord>,
    pub(super) bodies: Vec<Vec<ShellStep>>,
}

impl Block {
    fn of(kind: Compound, words: Vec<ShellWord>, bodies: Vec<Vec<ShellStep>>) -> Self {
        Self { kind, variable: None, words, bodies }
    }
}

impl Parser<'_> {
    pub(super) fn compound(&mut self) -> Result<Option<Block>, Unclear> {
        if self.letters.starts("((") {
            return Err(Unclear("it computes"));
        }
        if self.letters.take("(") {
            let body = self.list(&[])?;
            self.letters.expect(")")?;
            return Ok(Some(Block::of(Compound::Subshell, Vec::new(), vec![body])));
        }
        let Some(word) = ["{", "if", "while", "until", "for", "case", "[["]
            .into_iter()
            .find(|word| self.letters.keyword(word))
        else {
            return Ok(None);
        };
        let none = Vec::<ShellWord>::new;
        Ok(Some(match word {
            "{" => Block::of(Compound::Group, none(), vec![self.body("}")?]),
            "if" => {
                let mut bodies = vec![self.body("then")?];
                loop {
                    bodies.push(self.list(&["elif", "else", "fi"])?);
                    if self.letters.keyword("elif") {
                        bodies.push(self.body("then")?);
                    } else if self.letters.keyword("else") {
                        bodies.push(self.body("fi")?);
                        break;
                    } else if self.letters.keyword("fi") {
                        break;
                    } else {
                        return Err(Unclear("an `if` has no end"));
                    }
                }
                Block::of(Compound::Branch, none(), bodies)
            }
            "while" | "until" => {
                Block::of(Compound::Loop, none(), vec![self.body("do")?, self.body("done")?])
            }
            "for" => self.each()?,
            "case" => self.cases()?,
            _ => Block::of(Compound::Group, self.condition()?, Vec::new()),
        }))
    }

    /// The steps before the word `end`, and that word.
    fn body(&mut self, end: &str) -> Result<Vec<ShellStep>, Unclear> {
        let steps = self.list(&[end])?;
        if steps.is_empty() || !self.letters.keyword(end) {
            return Err(Unclear("a block has no end"));
        }
        Ok(steps)
    }

    fn each(&mut self) -> Result<Block, Unclear> {
        self.letters.blanks();
        let name = self.word()?;
        if !name.is_bare() || !is_name(&name.text) {
            return Err(Unclear("a loop has no name"));
        }
        self.gap()?;
        let mut words = Vec::new();
        if self.letters.keyword("in") {
            loop {
                self.letters.blanks();
                if self.letters.is_end() || matches!(self.letters.peek(), Some(';' | '\n')) {
                    break;
                }
                words.push(self.word()?);
            }
        }
        self.letters.blanks();
        self.letters.take(";");
        self.gap()?;
        if !self.letters.keyword("do") {
            return Err(Unclear("a loop has no body"));
        }
        let bodies = vec![self.body("done")?];
        Ok(Block { kind: Compound::Loop, variable: Some(name.text), words, bodies })
    }

    fn cases(&mut self) -> Result<Block, Unclear> {
        self.letters.blanks();
        let mut words = vec![self.word()?];
        let mut bodies = Vec::new();
        self.gap()?;
        if !self.letters.keyword("in") {
            return Err(Unclear("a `case` has no `in`"));
        }
        loop {
            self.gap()?;
            if self.letters.keyword("esac") {
                return Ok(Block::of(Compound::Branch, words, bodies));
            }
            self.letters.take("(");
            loop {
                self.letters.blanks();
                words.push(self.word()?);
                self.letters.blanks();
                if self.letters.take(")") {
                    break;
                }
                self.letters.expect("|")?;
            }
            bodies.push(self.list(&["esac"])?);
            if !(self.letters.take(";;&")
                || self.letters.take(";;")
                || self.letters.take(";&")
                || self.letters.stands(&["esac"]))
            {
                return Err(Unclear("a `case` has no end"));
            }
        }
    }

    /// The words between `[[` and `]]`.
    fn condition(&mut self) -> Result<Vec<ShellWord>, Unclear> {
        let mut words = Vec::new();
        loop {
            self.gap()?;
            if self.letters.keyword("]]") {
                return Ok(words);
            }
            match self.letters.peek() {
                None => return Err(Unclear("a condition has no end")),
                Some('<' | '>') if self.letters.second() == Some('(') => words.push(self.word()?),
                Some('(' | ')' | '<' | '>' | '|' | '&' | ';') => self.letters.at += 1,
                Some(_) => words.push(self.word()?),
            }
        }
    }
}
