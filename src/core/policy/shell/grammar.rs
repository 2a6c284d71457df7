//! Lists, pipelines and simple commands.

use std::rc::Rc;

use super::compound::Block;
use super::heredoc::{Heredocs, Tabs};
use super::letters::Letters;
use super::{
    Assignment, Node, Redirect, RedirectKind, ShellOperator, ShellStep, ShellWord, Simple, Unclear,
};

/// Letters of a line, beyond which nobody reads it before saying yes.
const LONGEST: usize = 32 * 1024;
pub(super) const DEEPEST: usize = 24;
const MOST_STEPS: usize = 400;

/// Words that no command has as its name. Those that begin a compound command were taken before;
/// one that remains was torn off by the end of a line.
const RESERVED: [&str; 22] = [
    "!", "[[", "{", "case", "for", "if", "until", "while", "then", "elif", "else", "fi", "do",
    "done", "esac", "}", "in", "function", "coproc", "select", "]]", "repeat",
];

/// The steps of a line.
///
/// # Errors
///
/// Fails with [`Unclear`] if the line is not understood in full; nothing is known about it then.
pub fn parse(line: &str) -> Result<Vec<ShellStep>, Unclear> {
    parse_in(line, 0, Source::Line)
}

/// A command line within another, taken out of its quotes.
pub(super) fn parse_at(line: &str, depth: usize) -> Result<Vec<ShellStep>, Unclear> {
    parse_in(line, depth, Source::Text)
}

fn parse_in(line: &str, depth: usize, source: Source) -> Result<Vec<ShellStep>, Unclear> {
    if line.len() > LONGEST {
        return Err(Unclear("it is too long"));
    }
    if line.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(Unclear("it holds control characters"));
    }
    let letters: Vec<char> = line.chars().collect();
    let mut parser = Parser { source, ..Parser::new(&letters, depth)? };
    let steps = parser.list(&[])?;
    if !parser.letters.is_end() {
        return Err(Unclear("it ends in the middle"));
    }
    parser.heredocs.settle()?;
    Ok(steps)
}

/// The text that letters are read from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// The line itself: where its words stand is known.
    Line,
    Text,
}

pub(super) struct Parser<'a> {
    pub(super) letters: Letters<'a>,
    pub(super) depth: usize,
    pub(super) heredocs: Heredocs,
    pub(super) source: Source,
    steps: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(all: &'a [char], depth: usize) -> Result<Self, Unclear> {
        if depth > DEEPEST {
            return Err(Unclear("it is nested too deeply"));
        }
        let source = Source::Text;
        let letters = Letters { all, at: 0 };
        Ok(Self { letters, depth, heredocs: Heredocs::default(), source, steps: 0 })
    }

    /// Steps up to a word of `stops`, a closing bracket, the end of a case or of the text.
    pub(super) fn list(&mut self, stops: &[&str]) -> Result<Vec<ShellStep>, Unclear> {
        let mut steps = Vec::new();
        let mut link = ShellOperator::Other;
        let mut owed = false;
        loop {
            self.gap()?;
            if self.letters.is_end()
                || self.letters.peek() == Some(')')
                || self.letters.starts(";;")
                || self.letters.starts(";&")
                || self.letters.stands(stops)
            {
                break if owed { Err(Unclear("a command is missing")) } else { Ok(steps) };
            }
            self.steps += 1;
            if self.steps > MOST_STEPS {
                return Err(Unclear("it has too many parts"));
            }
            steps.push(ShellStep { link, node: self.pipeline()? });
            self.letters.blanks();
            (link, owed) = if self.letters.take("&&") {
                (ShellOperator::And, true)
            } else if self.letters.take("||") {
                (ShellOperator::Other, true)
            } else if self.letters.starts(";;")
                || self.letters.starts(";&")
                || self.letters.is_end()
                || self.letters.peek() == Some(')')
            {
                return Ok(steps);
            } else if self.letters.take(";")
                || self.letters.take("&")
                || self.letters.peek() == Some('\n')
            {
                (ShellOperator::Other, false)
            } else if steps.last().is_some_and(|step| matches!(step.node, Node::Compound { .. }))
                && self.letters.stands(stops)
            {
                return Ok(steps);
            } else {
                return Err(Unclear("its parts do not fit together"));
            };
        }
    }

    fn pipeline(&mut self) -> Result<Node, Unclear> {
        loop {
            self.letters.blanks();
            if self.letters.keyword("time") {
                self.letters.blanks();
                self.letters.keyword("-p");
            } else if !self.letters.keyword("!") {
                break;
            }
        }
        let mut parts = vec![self.command()?];
        loop {
            self.letters.blanks();
            if self.letters.starts("||") {
                break;
            }
            if self.letters.take("|&") {
                parts.iter_mut().last().into_iter().for_each(gives_errors_too);
            } else if !self.letters.take("|") {
                break;
            }
            self.gap()?;
            parts.push(self.command()?);
        }
        Ok(if parts.len() > 1 { Node::Pipe(parts) } else { parts.swap_remove(0) })
    }

    fn command(&mut self) -> Result<Node, Unclear> {
        self.letters.blanks();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Unclear("it is nested too deeply"));
        }
        let node = self.compound()?;
        self.depth -= 1;
        match node {
            None => Ok(Node::Simple(self.simple()?)),
            Some(Block { kind, variable, words, bodies }) => {
                let mut redirects = Vec::new();
                loop {
                    self.letters.blanks();
                    if !self.letters.at_redirect() {
                        break;
                    }
                    redirects.push(self.redirect()?);
                }
                Ok(Node::Compound { kind, variable, words, bodies, redirects })
            }
        }
    }

    pub(super) fn simple(&mut self) -> Result<Simple, Unclear> {
        let mut simple = Simple::default();
        self.letters.blanks();
        let from = self.letters.at;
        loop {
            simple.at = (self.source == Source::Line).then_some(from..self.letters.at);
            self.letters.blanks();
            if self.letters.at_redirect() {
                simple.redirects.push(self.redirect()?);
                continue;
            }
            match self.letters.peek() {
                Some('(') => return Err(Unclear("it defines a function or a list")),
                None | Some(';' | '&' | '|' | ')' | '\n') => break,
                Some(_) => {}
            }
            let word = self.word()?;
            if simple.words.is_empty() && sets_place(&word) {
                return Err(Unclear("it defines a list"));
            }
            match assignment(&word) {
                Some(_) if self.letters.peek() == Some('(') => {
                    return Err(Unclear("it defines a list"));
                }
                Some((name, value)) if simple.words.is_empty() => {
                    simple.assignments.push(Assignment { name, value })
                }
                _ => simple.words.push(word),
            }
        }
        match simple.words.first() {
            Some(first) if first.is_bare() && RESERVED.contains(&first.text.as_str()) => {
                Err(Unclear("its parts do not fit together"))
            }
            None if simple.assignments.is_empty() && simple.redirects.is_empty() => {
                Err(Unclear("a command is missing"))
            }
            _ => Ok(simple),
        }
    }
}

impl Parser<'_> {
    pub(super) fn redirect(&mut self) -> Result<Redirect, Unclear> {
        while self.letters.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.letters.at += 1;
        }
        if self.letters.take("<<<") {
            return Ok(Redirect {
                way: RedirectKind::Here,
                target: self.target()?,
                body: Rc::default(),
            });
        }
        if self.letters.take("<<-") {
            let end = self.target()?;
            return self.heredocs.announce(&end, Tabs::Stripped);
        }
        if self.letters.take("<<") {
            let end = self.target()?;
            return self.heredocs.announce(&end, Tabs::Kept);
        }
        let signs = [
            ("&>>", RedirectKind::Write),
            ("&>", RedirectKind::Write),
            (">>", RedirectKind::Write),
            (">|", RedirectKind::Write),
            (">&", RedirectKind::Duplicate),
            ("<>", RedirectKind::Write),
            ("<&", RedirectKind::Duplicate),
            (">", RedirectKind::Write),
            ("<", RedirectKind::Read),
        ];
        let Some((_, mut way)) = signs.into_iter().find(|(sign, _)| self.letters.take(sign)) else {
            return Err(Unclear("a redirection is not known"));
        };
        let target = self.target()?;
        let numbers =
            target.known().is_some_and(|text| text.chars().all(|c| c.is_ascii_digit() || c == '-'));
        if way == RedirectKind::Duplicate && !numbers {
            way = RedirectKind::Write;
        }
        Ok(Redirect { way, target, body: Rc::default() })
    }

    fn target(&mut self) -> Result<ShellWord, Unclear> {
        self.letters.blanks();
        self.word()
    }

    /// Skips blanks and line ends.
    pub(super) fn gap(&mut self) -> Result<(), Unclear> {
        self.letters.blanks();
        while self.letters.peek() == Some('\n') {
            self.letters.at += 1;
            self.heredocs.read(&mut self.letters, self.depth)?;
            self.letters.blanks();
        }
        Ok(())
    }
}

/// Adds the `2>&1` that `|&` stands for.
fn gives_errors_too(node: &mut Node) {
    if let Node::Simple(Simple { redirects, .. }) | Node::Compound { redirects, .. } = node {
        let (way, target) = (RedirectKind::Duplicate, ShellWord::literal("1"));
        redirects.push(Redirect { way, target, body: Rc::default() });
    }
}

/// The name and value of `name=value`, where the name was written without quotes.
fn assignment(word: &ShellWord) -> Option<(String, ShellWord)> {
    let at = word.text.find('=').filter(|at| *at < word.bare)?;
    let name = word.text[..at].strip_suffix('+').unwrap_or(&word.text[..at]);
    let bare = word.bare - at - 1;
    let value = ShellWord { text: word.text[at + 1..].to_owned(), bare, ..word.clone() };
    is_name(name).then(|| (name.to_owned(), value))
}

/// Whether it may begin `name[place]=value`: what follows is the command then.
fn sets_place(word: &ShellWord) -> bool {
    word.text[..word.bare].split_once('[').is_some_and(|(name, _)| is_name(name))
}

pub(super) fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
}
