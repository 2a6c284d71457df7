//! A source file as far as the law needs it: which paths it names, and where. Reads Rust's tokens, not its grammar.

/// The crate's own name, as its binary and its tests write it.
const OURS: &str = "codling";

#[derive(Debug)]
pub struct Source {
    /// Relative to the repository, with `/`.
    pub path: String,
    pub uses: Vec<Use>,
    text: String,
    tokens: Vec<(Token, usize)>,
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

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    /// `::`
    Colons,
    Sign(char),
}

/// Words that mark what was left for later. Put together here, so that this file does not hold them.
pub fn undone() -> [&'static str; 4] {
    [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("unimple", "mented!(")]
}

impl Source {
    pub fn parse(path: &str, text: &str) -> Self {
        let tokens = tokens(text);
        let uses = Reader::new(path, &tokens).read();
        Self { path: path.to_owned(), uses, text: text.to_owned(), tokens }
    }

    /// The room a file under `src` belongs to; the crate's root and its binary belong to none.
    pub fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        match inside.split_once('/') {
            Some((room, _)) => Some(room),
            None => inside.strip_suffix(".rs").filter(|name| !["lib", "main"].contains(name)),
        }
    }

    /// What every file has to have, and what none may have.
    pub fn blemishes(&self, may_print: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        if !self.text.starts_with("//! ") {
            found.push(format!("{}:1: does not begin with `//!` and what it is for", self.path));
        }
        for (number, line) in self.text.lines().enumerate() {
            if let Some(mark) = undone().iter().find(|mark| line.contains(**mark)) {
                found.push(format!("{}:{}: `{mark}`", self.path, number + 1));
            }
        }
        if !may_print.iter().any(|folder| self.path.starts_with(folder)) {
            for pair in self.tokens.windows(2) {
                if let [(Token::Word(word), line), (Token::Sign('!'), _)] = pair
                    && ["println", "eprintln", "print", "eprint", "dbg"].contains(&word.as_str())
                {
                    found.push(format!("{}:{line}: `{word}!`", self.path));
                }
            }
        }
        found
    }
}

/// Goes through the tokens once, keeping in mind in which module it is and whether that is test code.
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
    uses: Vec<Use>,
}

impl<'a> Reader<'a> {
    fn new(path: &str, tokens: &'a [(Token, usize)]) -> Self {
        let inside = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
        let module: Vec<String> = inside.split('/').filter(|name| !["mod", "lib", "main"].contains(name)).map(str::to_owned).collect();
        let all_test = module.iter().any(|name| name == "tests");
        Self { tokens, at: 0, module, inline: Vec::new(), depth: 0, test: None, all_test, uses: Vec::new() }
    }

    fn read(mut self) -> Vec<Use> {
        while let Some(token) = self.peek(0).cloned() {
            match token {
                Token::Sign('#') if self.test.is_none() && self.is_test_attribute() => {
                    self.skip_brackets();
                    self.test = Some(self.depth);
                    continue;
                }
                Token::Sign('#') if self.test == Some(self.depth) && self.peek(1) == Some(&Token::Sign('[')) => {
                    self.skip_brackets();
                    continue;
                }
                Token::Sign('{') => self.depth += 1,
                Token::Sign('}') => self.close(),
                Token::Sign(';') if self.test == Some(self.depth) => self.test = None,
                Token::Word(word) if word == "mod" => self.enter_module(),
                Token::Word(word) if word == "use" => {
                    self.at += 1;
                    self.tree(&[]);
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
                _ => {}
            }
            self.at += 1;
        }
        self.uses
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

    fn enter_module(&mut self) {
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
            .filter_map(|(token, _)| if let Token::Word(word) = token { Some(word.as_str()) } else { None })
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
            Some(Token::Colons) => !matches!(self.peek(-2), Some(Token::Word(_) | Token::Sign('>'))),
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
                Some(Token::Sign('{')) if self.peek(-1) != Some(&Token::Sign('}')) => return self.group(&path),
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
        if self.is_word(0, "as") {
            self.at += 2;
        }
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
        let in_test = self.all_test || self.test.is_some();
        let (place, name) = match path.first().map(String::as_str) {
            Some("crate" | OURS) => (Place::Inside, path.get(1)),
            Some("self") => return,
            Some("super") => {
                let climbs = path.iter().take_while(|part| *part == "super").count();
                if climbs < self.module.len() {
                    return;
                }
                (Place::Inside, path.get(climbs))
            }
            Some(_) => (Place::Outside, path.first()),
            None => return,
        };
        if let Some(name) = name.filter(|name| *name != "self") {
            self.uses.push(Use { name: name.clone(), place, line, in_test });
        }
    }
}

/// Words and signs with their lines; comments, texts, numbers' insides and lifetimes are passed over.
fn tokens(text: &str) -> Vec<(Token, usize)> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while at < chars.len() {
        let (c, next) = (chars[at], chars.get(at + 1).copied().unwrap_or(' '));
        let start = at;
        if c == '/' && next == '/' {
            at += chars[at..].iter().take_while(|c| **c != '\n').count();
        } else if c == '/' && next == '*' {
            at = block_comment(&chars, at);
        } else if let Some(end) = raw_text(&chars, at) {
            at = end;
        } else if c == '"' {
            at = quoted(&chars, at, '"');
        } else if c == '\'' && (next == '\\' || chars.get(at + 2) == Some(&'\'')) {
            at = quoted(&chars, at, '\'');
        } else if c == '\'' {
            at += 1 + chars[at + 1..].iter().take_while(|c| is_word(**c)).count();
        } else if is_word(c) {
            at += chars[at..].iter().take_while(|c| is_word(**c)).count();
            // `b"…"`, `c"…"` and `b'…'` go on as texts.
            if !(at - start == 1 && matches!(c, 'b' | 'c') && matches!(chars.get(at), Some('"' | '\''))) {
                found.push((Token::Word(chars[start..at].iter().collect()), line));
            }
        } else if c == ':' && next == ':' {
            found.push((Token::Colons, line));
            at += 2;
        } else {
            if !c.is_whitespace() {
                found.push((Token::Sign(c), line));
            }
            at += 1;
        }
        line += chars[start..at.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    found
}

fn block_comment(chars: &[char], mut at: usize) -> usize {
    let mut open = 0;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (open, at) = (open + 1, at + 2),
            ('*', Some('/')) => (open, at) = (open - 1, at + 2),
            _ => at += 1,
        }
        if open == 0 {
            break;
        }
    }
    at
}

/// The end of `r"…"`, `r#"…"#`, `br"…"`, if one begins here.
fn raw_text(chars: &[char], at: usize) -> Option<usize> {
    let lead = usize::from(matches!(chars[at], 'b' | 'c'));
    let follows_a_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    if follows_a_word || chars.get(at + lead) != Some(&'r') {
        return None;
    }
    let hashes = chars[at + lead + 1..].iter().take_while(|c| **c == '#').count();
    let open = at + lead + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let ends = |end: &usize| chars[*end] == '"' && chars[end + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
    let end = (open + 1..chars.len()).find(ends)?;
    Some(end + 1 + hashes)
}

fn quoted(chars: &[char], at: usize, mark: char) -> usize {
    let mut at = at + 1;
    while at < chars.len() && chars[at] != mark {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

#[test]
fn blemishes_are_found_and_clean_files_have_none() {
    let undone = undone()[0];
    let blemishes = |path: &str, text: &str| Source::parse(path, text).blemishes(&["tests/bench/"]);
    assert_eq!(blemishes("src/a.rs", "//! Does a thing.\nfn f() { log(\"println!\"); }"), Vec::<String>::new());
    assert_eq!(blemishes("src/a.rs", "fn f() {}"), ["src/a.rs:1: does not begin with `//!` and what it is for"]);
    assert_eq!(blemishes("src/a.rs", &format!("//! A.\n// {undone}: more")), [format!("src/a.rs:2: `{undone}`")]);
    for name in ["println", "eprintln", "print", "eprint", "dbg"] {
        let text = format!("//! A.\n\nfn f() {{ {name}!(\"x\") }}");
        assert_eq!(blemishes("src/a.rs", &text), [format!("src/a.rs:3: `{name}!`")]);
        assert_eq!(blemishes("tests/bench/a.rs", &text), Vec::<String>::new());
    }
}
