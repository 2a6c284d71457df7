//! Fields of log lines. README.md has the rules.

mod scan;
mod write;

pub use scan::parse;
pub use write::write;

/// A part of a line, as byte offsets; the end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub key: String,
    pub key_span: Span,
    /// `None` for a key alone.
    pub value: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub text: String,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A key is expected here.
    NoKey,
    /// A quote stands inside a bare value or a key.
    StrayQuote,
    /// A quote is not closed.
    OpenQuote,
    /// An escape is not known.
    BadEscape,
    /// Something follows a closing quote.
    NoBlank,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError {
    pub kind: ErrorKind,
    /// In characters, from 1.
    pub column: usize,
}

impl std::fmt::Display for ParseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let says = match self.kind {
            ErrorKind::NoKey => "a key is expected",
            ErrorKind::StrayQuote => "a quote inside a word",
            ErrorKind::OpenQuote => "a quote is not closed",
            ErrorKind::BadEscape => "an unknown escape",
            ErrorKind::NoBlank => "a blank is expected after a quote",
        };
        write!(f, "column {}: {says}", self.column)
    }
}

impl std::error::Error for ParseError {}
