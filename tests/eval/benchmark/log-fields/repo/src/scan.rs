//! From a line to its fields.

use crate::{ErrorKind, Field, ParseError, Span, Value};

struct Scanner<'a> {
    line: &'a str,
    bytes: &'a [u8],
    at: usize,
}

/// The fields of a line.
///
/// # Errors
///
/// The first place at which the line breaks the rules.
pub fn parse(line: &str) -> Result<Vec<Field>, ParseError> {
    let mut scanner = Scanner { line, bytes: line.as_bytes(), at: 0 };
    let mut fields = Vec::new();
    scanner.skip_blanks();
    while scanner.at < scanner.bytes.len() {
        fields.push(scanner.field()?);
        scanner.skip_blanks();
    }
    Ok(fields)
}

impl Scanner<'_> {
    fn skip_blanks(&mut self) {
        while self.at < self.bytes.len() && is_blank(self.bytes[self.at]) {
            self.at += 1;
        }
    }

    fn field(&mut self) -> Result<Field, ParseError> {
        let start = self.at;
        while self.at < self.bytes.len() && !is_blank(self.bytes[self.at]) {
            match self.bytes[self.at] {
                b'=' => break,
                b'"' => return Err(self.error(ErrorKind::StrayQuote, self.at)),
                _ => self.at += 1,
            }
        }
        if self.at == start {
            return Err(self.error(ErrorKind::NoKey, start));
        }
        let key_span = Span { start, end: self.at };
        let key = self.line[start..self.at].to_owned();
        if self.at == self.bytes.len() || self.bytes[self.at] != b'=' {
            return Ok(Field { key, key_span, value: None });
        }
        self.at += 1;
        let value = if self.at + 1 < self.bytes.len() && self.bytes[self.at] == b'"' {
            self.quoted()?
        } else {
            self.bare()?
        };
        Ok(Field { key, key_span, value: Some(value) })
    }

    fn bare(&mut self) -> Result<Value, ParseError> {
        let start = self.at;
        while self.at < self.bytes.len() && !is_blank(self.bytes[self.at]) {
            if self.bytes[self.at] == b'"' {
                return Err(self.error(ErrorKind::StrayQuote, self.at));
            }
            self.at += 1;
        }
        Ok(Value { text: self.line[start..self.at].to_owned(), span: Span { start, end: self.at } })
    }

    fn quoted(&mut self) -> Result<Value, ParseError> {
        let start = self.at;
        self.at += 1;
        let mut text = String::new();
        let mut piece = self.at;
        loop {
            if self.at >= self.bytes.len() {
                return Err(self.error(ErrorKind::OpenQuote, start));
            }
            match self.bytes[self.at] {
                b'"' => break,
                b'\\' => {
                    text.push_str(&self.line[piece..self.at]);
                    text.push(match self.bytes[self.at + 1] {
                        b'n' => '\n',
                        b't' => '\t',
                        other @ (b'"' | b'\\') => char::from(other),
                        _ => return Err(self.error(ErrorKind::BadEscape, self.at + 1)),
                    });
                    self.at += 2;
                    piece = self.at;
                }
                _ => self.at += 1,
            }
        }
        text.push_str(&self.line[piece..self.at]);
        let span = Span { start, end: self.at };
        self.at += 1;
        if self.at < self.bytes.len() && !is_blank(self.bytes[self.at]) {
            return Err(self.error(ErrorKind::NoBlank, self.at));
        }
        Ok(Value { text, span })
    }

    fn error(&self, kind: ErrorKind, at: usize) -> ParseError {
        ParseError { kind, column: at + 1 }
    }
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}
