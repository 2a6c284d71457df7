//! A source file as far as the law needs it: which paths it names, and where. Reads Rust's tokens,
//! not its grammar.

use super::tokens::{Parts, Token, parts};

/// The crate's own name, as its binary and its tests write it.
const OURS: &str = "codling";
/// The crates beside the program's own, by their folders in `src`. Rooms stand in them.
pub const CRATES: [&str; 4] = ["common", "core", "fronts", "services"];

/// The path of a file from the root of its crate on; `None` for one that is not in `src`.
fn within_crate(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    let in_crate = inside.split_once('/').filter(|(folder, _)| CRATES.contains(folder));
    Some(in_crate.map_or(inside, |(_, rest)| rest))
}

/// The room a file under `src` belongs to; the root of a crate and the binary belong to none.
pub fn room(path: &str) -> Option<&str> {
    let inside = within_crate(path)?;
    let loose =
        || inside.strip_suffix(".rs").filter(|name| !["build", "lib", "main"].contains(name));
    inside.split_once('/').map(|(room, _)| room).or_else(loose)
}

/// Whether the first word of a path leads to the root of a crate of ours.
pub fn is_root(word: &str) -> bool {
    let ours = |name: &str| name.is_empty() || CRATES.iter().any(|one| name == format!("_{one}"));
    word == "crate" || word.strip_prefix(OURS).is_some_and(ours)
}

#[derive(Debug)]
pub struct Source {
    /// Relative to the repository, with `/`.
    pub path: String,
    pub uses: Vec<Use>,
    pub outline: Outline,
    pub text: String,
    pub parts: Parts,
}

/// The modules, items and paths of one file.
#[derive(Debug, Default)]
pub struct Outline {
    /// The module of the file, from the crate's root on.
    pub module: Vec<String>,
    /// `mod name;` and `mod name { … }`.
    pub modules: Vec<Item>,
    /// Types, functions and constants that stand in a module, not in a body or an `impl`.
    pub items: Vec<Item>,
    pub paths: Vec<NamedPath>,
}

#[derive(Debug)]
pub struct Item {
    /// The module that it stands in.
    pub module: Vec<String>,
    pub name: String,
    pub in_test: bool,
}

/// One path as it is written.
#[derive(Debug)]
pub struct NamedPath {
    /// The module that it stands in.
    pub module: Vec<String>,
    pub path: Vec<String>,
    pub by: NamedBy,
    pub in_test: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// In code, by its full path.
    Path,
    /// `use`, under the name it gets here.
    Import(String),
    /// `pub use`, under the name that others know it by.
    Export(String),
}

/// One path that leaves the place it stands in.
#[derive(Debug)]
pub struct Use {
    /// The room, or the crate.
    pub name: String,
    pub place: Place,
    pub line: usize,
    pub in_test: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Inside,
    Outside,
}

/// Returns a mark of unfinished work in a comment or a text. The marks are put together here, so
/// that this file does not hold them.
pub fn undone(text: &str) -> Option<&'static str> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    // At the begin of a line or with a sign behind it, it is a mark; within a sentence it is a
    // word.
    let signed = |mark: &str| {
        text.match_indices(mark).any(|(at, _)| text[at + mark.len()..].starts_with([':', '(', '!']))
    };
    let leading = |mark: &str| {
        text.lines()
            .any(|line| line.trim_start_matches(['/', '!', '*', '#', '-', ' ']).starts_with(mark))
    };
    let is_mark = |mark: &&str| signed(mark) || leading(mark);
    marks.into_iter().find(is_mark)
}

impl Source {
    pub fn parse(path: &str, text: &str) -> Self {
        let parts = parts(text);
        let (uses, outline) = Reader::new(path, &parts.tokens).read();
        Self { path: path.to_owned(), uses, outline, text: text.to_owned(), parts }
    }

    /// Returns the rules for all files that this file breaks.
    pub fn blemishes(&self, may_print: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        if !self.text.starts_with("//! ") {
            found.push(format!("{}:1: does not begin with `//!` and what it is for", self.path));
        }
        let marks =
            self.parts.comments.iter().filter_map(|(comment, line)| Some((undone(comment)?, line)));
        found.extend(marks.map(|(mark, line)| format!("{}:{line}: `{mark}`", self.path)));
        let prints = ["println", "eprintln", "print", "eprint", "dbg"]
            .map(|name| (name, may_print.iter().any(|folder| self.path.starts_with(folder))));
        let undone = [concat!("to", "do"), concat!("unimple", "mented")].map(|name| (name, false));
        for pair in self.parts.tokens.windows(2) {
            if let [(Token::Word(word), line), (Token::Sign('!'), _)] = pair
                && prints.iter().chain(&undone).any(|(name, allowed)| name == word && !allowed)
            {
                found.push(format!("{}:{line}: `{word}!`", self.path));
            }
        }
        found
    }
}

/// Goes through the tokens once, keeping in mind in which module it is and whether that is test
/// code.
struct Reader<'a> {
    tokens: &'a [(Token, usize)],
    at: usize,
    /// The module's path from the crate's root on; inline modules with the brace depth they end at.
    module: Vec<String>,
    inline: Vec<usize>,
    depth: usize,
    /// Where test code ends: at this brace depth, by a `}` or, if no brace opened, by a `;`.
    test: Option<usize>,
    all_test: bool,
    /// The `use` that is being read: `Some(true)` if it is public.
    importing: Option<bool>,
    uses: Vec<Use>,
    outline: Outline,
}

impl<'a> Reader<'a> {
    fn new(path: &str, tokens: &'a [(Token, usize)]) -> Self {
        let inside = within_crate(path).unwrap_or(path).trim_end_matches(".rs");
        let module: Vec<String> = inside
            .split('/')
            .filter(|name| !["mod", "lib", "main"].contains(name))
            .map(str::to_owned)
            .collect();
        let all_test = module.iter().any(|name| name == "tests");
        let outline = Outline { module: module.clone(), ..Outline::default() };
        Self {
            tokens,
            at: 0,
            module,
            inline: Vec::new(),
            depth: 0,
            test: None,
            all_test,
            importing: None,
            uses: Vec::new(),
            outline,
        }
    }

    fn read(mut self) -> (Vec<Use>, Outline) {
        while let Some(token) = self.peek(0).cloned() {
            match token {
                Token::Sign('#') if self.test.is_none() && self.is_test_attribute() => {
                    self.skip_brackets();
                    self.test = Some(self.depth);
                    continue;
                }
                Token::Sign('#')
                    if self.test == Some(self.depth) && self.peek(1) == Some(&Token::Sign('[')) =>
                {
                    self.skip_brackets();
                    continue;
                }
                Token::Sign('{') => self.depth += 1,
                Token::Sign('}') => self.close(),
                Token::Sign(';') if self.test == Some(self.depth) => self.test = None,
                Token::Word(word) if word == "mod" => self.enter_module(),
                Token::Word(word) if word == "use" => {
                    self.importing = Some(
                        matches!(self.peek(-1), Some(Token::Sign(')'))) || self.is_word(-1, "pub"),
                    );
                    self.at += 1;
                    self.tree(&[]);
                    self.importing = None;
                    continue;
                }
                Token::Word(word) if word == "crate" && self.is_word(-1, "extern") => {
                    self.at += 1;
                    self.tree(&[]);
                    continue;
                }
                Token::Word(_) if self.begins_a_path() => {
                    self.tree(&[]);
                    continue;
                }
                Token::Word(word) => self.note_item(&word),
                _ => {}
            }
            self.at += 1;
        }
        (self.uses, self.outline)
    }

    fn peek(&self, ahead: isize) -> Option<&'a Token> {
        self.tokens.get(self.at.checked_add_signed(ahead)?).map(|(token, _)| token)
    }

    fn is_word(&self, ahead: isize, word: &str) -> bool {
        matches!(self.peek(ahead), Some(Token::Word(found)) if found == word)
    }

    fn close(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.inline.last() == Some(&self.depth) {
            self.inline.pop();
            self.module.pop();
        }
        if self.test == Some(self.depth) {
            self.test = None;
        }
    }

    fn in_test(&self) -> bool {
        self.all_test || self.test.is_some()
    }

    /// Notes what a word like `struct` defines, if it stands in a module.
    fn note_item(&mut self, word: &str) {
        let defines = ["struct", "enum", "union", "trait", "type", "fn", "const", "static"];
        let name = match word {
            "macro_rules" => self.peek(2),
            word if defines.contains(&word) => self.peek(1),
            _ => None,
        };
        let in_a_module = self.depth == self.inline.last().map_or(0, |depth| depth + 1);
        if let (true, Some(Token::Word(name))) = (in_a_module, name) {
            let (name, in_test) = (name.clone(), self.in_test());
            self.outline.items.push(Item { module: self.module.clone(), name, in_test });
        }
    }

    fn enter_module(&mut self) {
        if let Some(Token::Word(name)) = self.peek(1) {
            let (name, in_test) = (name.clone(), self.in_test());
            self.outline.modules.push(Item { module: self.module.clone(), name, in_test });
        }
        if let (Some(Token::Word(name)), Some(Token::Sign('{'))) = (self.peek(1), self.peek(2)) {
            self.module.push(name.clone());
            self.inline.push(self.depth);
        }
    }

    /// `#[cfg(… test …)]` without a `not`.
    fn is_test_attribute(&self) -> bool {
        let opens = self.peek(1) == Some(&Token::Sign('[')) && self.is_word(2, "cfg");
        let words: Vec<&str> = self.tokens[self.at..]
            .iter()
            .take_while(|(token, _)| *token != Token::Sign(']'))
            .filter_map(
                |(token, _)| if let Token::Word(word) = token { Some(word.as_str()) } else { None },
            )
            .collect();
        opens && words.contains(&"test") && !words.contains(&"not")
    }

    fn skip_brackets(&mut self) {
        let mut open = 0;
        while let Some(token) = self.peek(0) {
            match token {
                Token::Sign('[') => open += 1,
                Token::Sign(']') => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 && *token == Token::Sign(']') {
                return;
            }
        }
    }

    /// A word followed by `::` that does not itself follow a `.` or another segment.
    fn begins_a_path(&self) -> bool {
        let fresh = match self.peek(-1) {
            Some(Token::Sign('.')) => false,
            Some(Token::Colons) => {
                !matches!(self.peek(-2), Some(Token::Word(_) | Token::Sign('>')))
            }
            _ => true,
        };
        fresh && self.peek(1) == Some(&Token::Colons)
    }

    /// Reads a path or a tree of paths, and notes each leaf.
    fn tree(&mut self, prefix: &[String]) {
        let mut path = prefix.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |(_, line)| *line);
        loop {
            match self.peek(0) {
                Some(Token::Colons) => self.at += 1,
                Some(Token::Sign('{')) if self.peek(-1) != Some(&Token::Sign('}')) => {
                    return self.group(&path);
                }
                Some(Token::Sign('*')) => {
                    path.push("*".to_owned());
                    self.at += 1;
                    break;
                }
                Some(Token::Word(word)) => {
                    path.push(word.clone());
                    self.at += 1;
                    if self.peek(0) != Some(&Token::Colons) {
                        break;
                    }
                }
                _ => break,
            }
        }
        let mut name = path.last().cloned().unwrap_or_default();
        if name == "self" {
            name = path.iter().nth_back(1).cloned().unwrap_or_default();
        }
        if self.is_word(0, "as") {
            if let Some(Token::Word(alias)) = self.peek(1) {
                name = alias.clone();
            }
            self.at += 2;
        }
        let by = match self.importing {
            None => NamedBy::Path,
            Some(false) => NamedBy::Import(name),
            Some(true) => NamedBy::Export(name),
        };
        let (module, in_test) = (self.module.clone(), self.in_test());
        self.outline.paths.push(NamedPath { module, path: path.clone(), by, in_test });
        self.note(&path, line);
    }

    fn group(&mut self, prefix: &[String]) {
        self.at += 1;
        while let Some(token) = self.peek(0) {
            match token {
                Token::Sign('}') => {
                    self.at += 1;
                    return;
                }
                Token::Word(_) | Token::Colons | Token::Sign('{' | '*') => self.tree(prefix),
                _ => self.at += 1,
            }
        }
    }

    fn note(&mut self, path: &[String], line: usize) {
        let in_test = self.in_test();
        let (place, name) = match path.first().map(String::as_str) {
            Some(first) if is_root(first) => (Place::Inside, path.get(1).cloned()),
            Some("self") => return,
            Some("super") => {
                let climbs = path.iter().take_while(|part| *part == "super").count();
                if self.module.len() > climbs {
                    return;
                }
                (Place::Inside, path.get(climbs).cloned())
            }
            Some(first) => (Place::Outside, Some(first.to_owned())),
            None => return,
        };
        if let Some(name) = name.filter(|name| *name != "self") {
            self.uses.push(Use { name, place, line, in_test });
        }
    }
}

#[test]
fn blemishes_are_found_and_clean_files_have_none() {
    let mark = concat!("TO", "DO");
    let blemishes = |path: &str, text: &str| Source::parse(path, text).blemishes(&["tests/bench/"]);
    assert_eq!(
        blemishes("src/a.rs", "//! Does a thing.\nfn f() { log(\"println!\"); }"),
        Vec::<String>::new()
    );
    assert_eq!(
        blemishes(
            "src/a.rs",
            &format!("//! Finds each {mark} in a text.\nconst S: &str = \"// {mark}: all\";")
        ),
        Vec::<String>::new()
    );
    assert_eq!(
        blemishes("src/a.rs", "fn f() {}"),
        ["src/a.rs:1: does not begin with `//!` and what it is for"]
    );
    assert_eq!(
        blemishes("src/a.rs", &format!("//! A.\n// {mark}: more")),
        [format!("src/a.rs:2: `{mark}`")]
    );
    assert_eq!(
        blemishes("src/a.rs", &format!("//! A.\n// the {mark}(me) is left")),
        [format!("src/a.rs:2: `{mark}`")]
    );
    assert_eq!(
        blemishes("src/a.rs", &format!("//! A.\n/* {mark} me */")),
        [format!("src/a.rs:2: `{mark}`")]
    );
    let name = concat!("to", "do");
    assert_eq!(
        blemishes("src/a.rs", &format!("//! A.\nfn f() {{ {name}!() }}")),
        [format!("src/a.rs:2: `{name}!`")]
    );
    for name in ["println", "eprintln", "print", "eprint", "dbg"] {
        let text = format!("//! A.\n\nfn f() {{ {name}!(\"x\") }}");
        assert_eq!(blemishes("src/a.rs", &text), [format!("src/a.rs:3: `{name}!`")]);
        assert_eq!(blemishes("tests/bench/a.rs", &text), Vec::<String>::new());
    }
}
