//! The structs and `impl`s of a file: how many fields a struct has, and which types a file adds
//! functions to.

use super::source::Source;
use super::tokens::Token;

#[derive(Debug, PartialEq, Eq)]
pub struct Struct {
    pub name: String,
    pub fields: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Impl {
    /// The type as it is written, without generics.
    pub path: Vec<String>,
    /// Whether one of its functions takes `&mut self`.
    pub changes_itself: bool,
}

/// The structs of a file with named fields.
pub fn structs(source: &Source) -> Vec<Struct> {
    let tokens: Vec<&Token> = source.parts.tokens.iter().map(|(token, _)| token).collect();
    let mut found = Vec::new();
    for at in starts(&tokens, "struct") {
        let Some(Token::Word(name)) = tokens.get(at + 1) else { continue };
        let Some(open) = body(&tokens, at) else { continue };
        let fields = fields(&tokens[open..end(&tokens, open)]);
        found.push(Struct { name: name.clone(), fields });
    }
    found
}

/// The `impl`s of a file.
pub fn impls(source: &Source) -> Vec<Impl> {
    let tokens: Vec<&Token> = source.parts.tokens.iter().map(|(token, _)| token).collect();
    let mut found = Vec::new();
    for at in starts(&tokens, "impl") {
        let Some(open) = body(&tokens, at) else { continue };
        let end = end(&tokens, open);
        let changes_itself = tokens[open..end].windows(3).any(|tokens| {
            *tokens[0] == Token::Sign('&') && is(tokens[1], "mut") && is(tokens[2], "self")
        });
        found.push(Impl { path: implemented(&tokens[at + 1..open]), changes_itself });
    }
    found
}

fn is(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(found) if found == word)
}

/// Where an item begins: the word at the beginning of a line of code, not in a type as in
/// `impl Trait`.
fn starts(tokens: &[&Token], word: &str) -> Vec<usize> {
    let begins = |at: &usize| match at.checked_sub(1).map(|before| tokens[before]) {
        None | Some(Token::Sign(';' | '}' | '{' | ']' | ')')) => true,
        Some(before) => is(before, "pub") || is(before, "unsafe"),
    };
    (0..tokens.len()).filter(|at| is(tokens[*at], word)).filter(begins).collect()
}

/// The `{` of an item; `None` for one that ends with `;`.
fn body(tokens: &[&Token], at: usize) -> Option<usize> {
    let found = (at..tokens.len()).find(|at| matches!(tokens[*at], Token::Sign('{' | ';')))?;
    (*tokens[found] == Token::Sign('{')).then_some(found)
}

/// The place behind the `}` that belongs to the `{`.
fn end(tokens: &[&Token], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign('{') => depth += 1,
            Token::Sign('}') => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Words followed by a single `:` right inside the braces.
fn fields(body: &[&Token]) -> Vec<String> {
    let mut depth = 0;
    let mut found = Vec::new();
    for (at, token) in body.iter().enumerate() {
        match token {
            Token::Sign('{' | '(' | '[') => depth += 1,
            Token::Sign('}' | ')' | ']') => depth -= 1,
            Token::Sign(':') if depth == 1 => {
                if let Some(Token::Word(name)) = at.checked_sub(1).map(|at| body[at]) {
                    found.push(name.clone());
                }
            }
            _ => {}
        }
    }
    found
}

/// The type in `<T> Trait<X> for path::Type<T> where …`, without generics.
fn implemented(header: &[&Token]) -> Vec<String> {
    let mut path = Vec::new();
    let mut depth = 0usize;
    let mut arrow = false;
    for token in header {
        match token {
            Token::Sign('<') => depth += 1,
            Token::Sign('>') if !arrow => depth = depth.saturating_sub(1),
            Token::Word(word) if depth == 0 && word == "where" => break,
            Token::Word(word) if depth == 0 && word == "for" => path.clear(),
            Token::Word(word) if depth == 0 => path.push(word.clone()),
            _ => {}
        }
        arrow = **token == Token::Sign('-');
    }
    path
}

#[test]
fn fields_and_implemented_types_are_read() {
    let read = |text: &str| {
        let source = Source::parse("src/a.rs", text);
        (structs(&source), impls(&source))
    };
    let text = "pub struct A<T: Copy> where T: Send {
            a: u8, pub(crate) b: Vec<(u8, T)>, #[x(c: 1)] d: [u8; 2]
        }
        struct B; struct C(u8);
        impl<T: Copy> A<T> { fn f(&mut self, b: impl Fn() -> u8) {} }
        impl<'a> std::fmt::Debug for inner::A<u8> where u8: Copy {
            fn f(&self) -> impl Sized { B {} }
        }
        impl C { fn f(&'a mut self) {} }";
    let (structs, impls) = read(text);
    assert_eq!(
        structs,
        [Struct { name: "A".into(), fields: ["a", "b", "d"].map(str::to_owned).to_vec() }]
    );
    let path = |path: &[&str]| path.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
    let expected = [(&["A"][..], true), (&["inner", "A"], false), (&["C"], true)];
    let expected =
        expected.map(|(words, changes_itself)| Impl { path: path(words), changes_itself });
    assert_eq!(impls, expected);
}
