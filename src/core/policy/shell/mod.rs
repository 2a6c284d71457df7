//! A command line as a shell would take it apart, as far as it can be known without running
//! anything.
//!
//! It accepts POSIX with the common parts of bash. It does not guess at anything else (functions,
//! arrays, arithmetic commands, the flags of other shells' expansions): that is [`Unclear`].

mod compound;
mod dollar;
mod grammar;
mod heredoc;
mod letters;
mod word;

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

pub use grammar::parse;

/// Whether a line ends within a here-document. A shell would still run it, with half a text.
pub fn ends_in_heredoc(line: &str) -> bool {
    let unclear = parse(line).err();
    unclear.is_some_and(|unclear| {
        [Unclear::HEREDOC_WITHOUT_BODY, Unclear::HEREDOC_WITHOUT_END].contains(&unclear)
    })
}

/// Why a line cannot be understood, to stand in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclear(pub &'static str);

impl Unclear {
    pub(super) const HEREDOC_WITHOUT_BODY: Self = Self("a here-document has no body");
    pub(super) const HEREDOC_WITHOUT_END: Self = Self("a here-document has no end");
}

/// A part of a list, and how it hangs on the one before.
#[derive(Clone, Debug)]
pub struct ShellStep {
    pub link: ShellOperator,
    pub node: Node,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellOperator {
    /// Runs only after the one before went well.
    And,
    Other,
}

#[derive(Clone, Debug)]
pub enum Node {
    Compound {
        kind: Compound,
        /// The variable of a `for`.
        variable: Option<String>,
        words: Vec<ShellWord>,
        bodies: Vec<Vec<ShellStep>>,
        redirects: Vec<Redirect>,
    },
    Pipe(Vec<Node>),
    Simple(Simple),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compound {
    /// `if`, `case`: some of its bodies run.
    Branch,
    /// `{ }`, `[[ ]]`
    Group,
    /// `for`, `while`, `until`: its bodies run again and again.
    Loop,
    /// `( )`: what it does to the working folder ends with it.
    Subshell,
}

#[derive(Clone, Debug, Default)]
pub struct Simple {
    pub assignments: Vec<Assignment>,
    pub words: Vec<ShellWord>,
    pub redirects: Vec<Redirect>,
    /// Where it stands in the line, in letters; `None` inside of a text that the line only holds.
    pub at: Option<Range<usize>>,
}

#[derive(Clone, Debug)]
pub struct Assignment {
    pub name: String,
    pub value: ShellWord,
}

#[derive(Clone, Debug)]
pub struct Redirect {
    pub way: RedirectKind,
    pub target: ShellWord,
    /// The text of a here-document, read at the end of the line it stands in.
    pub body: Rc<OnceCell<ShellWord>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// Nothing but the numbers of open files.
    Duplicate,
    /// A here-document or a here-string.
    Here,
    Read,
    Write,
}

/// One word, with quotes and escapes taken off.
#[derive(Clone, Debug, Default)]
pub struct ShellWord {
    /// Expansions stand as they were written.
    pub text: String,
    pub form: WordForm,
    /// How many bytes at its beginning were written without any quote.
    pub bare: usize,
    pub root: PathRoot,
    /// Command lines in it.
    pub nested: Vec<Vec<ShellStep>>,
    /// Where its expansions stand in the text: any other dollar sign in it was quoted.
    pub expansions: Vec<Expansion>,
    /// Its letters in the line, counted as `char`s, where it stands there as such.
    pub span: Option<Range<usize>>,
}

/// An expansion in a word, as it was written.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// In bytes.
    pub at: Range<usize>,
    /// Within double quotes: what it stands for is not split.
    pub is_quoted: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum WordForm {
    #[default]
    Literal,
    /// The names of files that fit.
    Glob,
    /// `{a,b}`: several words.
    Braces,
    /// The names of files below the place that it names, which another command lists. No word is
    /// parsed as one.
    Listed,
    /// It cannot be known beforehand.
    Unknown,
}

/// The root of the path that a word begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathRoot {
    /// `~` or `$HOME`; the text begins with `~`.
    Home,
    #[default]
    None,
}

impl ShellWord {
    pub fn literal(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { bare: text.len(), text, ..Self::default() }
    }

    pub fn unknown(text: impl Into<String>) -> Self {
        Self { form: WordForm::Unknown, ..Self::literal(text) }
    }

    pub fn is_literal(&self) -> bool {
        self.form == WordForm::Literal && self.root == PathRoot::None
    }

    /// Its text when it is known to the letter.
    pub fn known(&self) -> Option<&str> {
        self.is_literal().then_some(self.text.as_str())
    }

    fn is_bare(&self) -> bool {
        self.bare == self.text.len() && self.is_literal()
    }
}
