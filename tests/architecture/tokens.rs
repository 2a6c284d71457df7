//! A Rust file as words, signs and comments, each with its line.

/// The parts of a file, each with its line.
#[derive(Debug, Default)]
pub struct Parts {
    pub tokens: Vec<(Token, usize)>,
    pub comments: Vec<(String, usize)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Word(String),
    /// `::`
    Colons,
    Sign(char),
}

/// Words and signs, and comments; texts and lifetimes are passed over.
pub fn parts(text: &str) -> Parts {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Parts::default();
    let (mut at, mut line) = (0, 1);
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    while at < chars.len() {
        let (c, next) = (chars[at], chars.get(at + 1).copied().unwrap_or(' '));
        let start = at;
        if c == '/' && next == '/' {
            at += chars[at..].iter().take_while(|c| **c != '\n').count();
            found.comments.push((chars[start..at].iter().collect(), line));
        } else if c == '/' && next == '*' {
            at = block_comment(&chars, at);
            found.comments.push((chars[start..at].iter().collect(), line));
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
            if !(at - start == 1
                && matches!(c, 'b' | 'c')
                && matches!(chars.get(at), Some('"' | '\'')))
            {
                found.tokens.push((Token::Word(chars[start..at].iter().collect()), line));
            }
        } else if c == ':' && next == ':' {
            found.tokens.push((Token::Colons, line));
            at += 2;
        } else {
            if !c.is_whitespace() {
                found.tokens.push((Token::Sign(c), line));
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
    let ends = |end: &usize| {
        chars[*end] == '"'
            && chars[end + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
    };
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
