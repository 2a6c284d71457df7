//! Colours for code, found off the screen's thread. Does not know where the code stands or which theme shows it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::tui::paint::{Emphasis, Ink, Role};

/// The inks of each line of some code: stretches of bytes in order, covering the whole line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Highlight {
    lines: Vec<Box<[(u16, Ink)]>>,
}

/// Longer code than this stays plain.
pub const MOST_CODE: usize = 64 << 10;

/// Code with a longer line than this stays plain: it is minified, and the patterns would take seconds.
const LONGEST_LINE: usize = 2 << 10;

/// Lines that are not reached in this time stay plain.
const MOST_TIME: Duration = Duration::from_millis(600);

/// The syntaxes and their compiled patterns; kept between calls and let go of by [`forget`].
static GRAMMARS: Mutex<Option<Grammars>> = Mutex::new(None);

struct Grammars {
    set: SyntaxSet,
    /// More telling scopes first.
    roles: Vec<(Scope, Role)>,
}

/// Highlights code written in `language` (the word after a fence's backticks). `None` when the language is unknown or the code is beyond the
/// limits. Slow the first time a language is seen (its patterns are compiled): call it on a thread.
pub fn highlight(language: &str, code: &str) -> Option<Highlight> {
    if code.len() > MOST_CODE || code.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let mut grammars = GRAMMARS.lock().unwrap_or_else(PoisonError::into_inner);
    let grammars = grammars.get_or_insert_with(Grammars::load);
    let syntax = grammars.find(language)?;
    Some(grammars.highlight(syntax, code))
}

/// Gives the memory of the grammars back; the next highlight loads them anew. For when nothing is likely to be highlighted soon.
pub fn forget() {
    *GRAMMARS.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

impl Highlight {
    pub fn lines(&self) -> &[Box<[(u16, Ink)]>] {
        &self.lines
    }
}

/// What scopes mean to a reader, more telling ones first (names as TextMate grammars use them).
const ROLES: [(&str, Role); 41] = [
    ("comment", Role::SyntaxComment),
    ("constant.character.escape", Role::SyntaxNumber),
    ("string", Role::SyntaxString),
    ("constant", Role::SyntaxNumber),
    ("keyword.operator.word", Role::SyntaxKeyword),
    ("keyword.operator.logical.python", Role::SyntaxKeyword),
    ("keyword.operator", Role::SyntaxPunctuation),
    ("keyword", Role::SyntaxKeyword),
    ("storage", Role::SyntaxKeyword),
    ("variable.language", Role::SyntaxKeyword),
    ("variable.function", Role::SyntaxFunction),
    ("variable.annotation", Role::SyntaxType),
    ("variable.parameter.option", Role::SyntaxNumber),
    ("variable", Role::SyntaxVariable),
    ("entity.name.function", Role::SyntaxFunction),
    ("entity.name.macro", Role::SyntaxFunction),
    ("entity.name.constant", Role::SyntaxNumber),
    ("entity.name.tag", Role::SyntaxKeyword),
    ("entity.name.section", Role::Heading),
    ("entity.name.label", Role::SyntaxNumber),
    ("entity.name", Role::SyntaxType),
    ("entity.other.attribute-name", Role::SyntaxType),
    ("entity.other.inherited-class", Role::SyntaxType),
    ("support.function", Role::SyntaxFunction),
    ("support.macro", Role::SyntaxFunction),
    ("support.constant", Role::SyntaxNumber),
    ("support.type.property-name", Role::SyntaxFunction),
    ("support", Role::SyntaxType),
    ("markup.heading", Role::Heading),
    ("markup.inserted", Role::Added),
    ("markup.deleted", Role::Removed),
    ("markup.raw", Role::Code),
    ("markup.underline.link", Role::Link),
    ("meta.diff.header", Role::SyntaxType),
    ("meta.diff.range", Role::SyntaxFunction),
    ("meta.mapping.key", Role::SyntaxFunction),
    ("meta.annotation", Role::SyntaxType),
    ("meta.path", Role::SyntaxVariable),
    ("meta.interpolation", Role::SyntaxVariable),
    ("invalid", Role::Text),
    ("source", Role::Text),
];

/// Names that people write after backticks and the grammars do not know.
const ALIASES: [(&str, &str); 14] = [
    ("c#", "cs"),
    ("c++", "cpp"),
    ("csharp", "cs"),
    ("docker", "dockerfile"),
    ("golang", "go"),
    ("json5", "json"),
    ("jsonc", "json"),
    ("jsonl", "json"),
    ("jsx", "js"),
    ("make", "makefile"),
    ("objc", "m"),
    ("patch", "diff"),
    ("shell", "sh"),
    ("zsh", "sh"),
];

impl Grammars {
    fn load() -> Self {
        let roles = ROLES.iter().filter_map(|(name, role)| Some((Scope::new(name).ok()?, *role))).collect();
        Self { set: two_face::syntax::extra_newlines(), roles }
    }

    fn find(&self, language: &str) -> Option<&SyntaxReference> {
        let language = language.to_ascii_lowercase();
        let name = ALIASES.iter().find(|(alias, _)| *alias == language).map_or(language.as_str(), |(_, name)| name);
        self.set.find_syntax_by_token(name).filter(|syntax| syntax.name != "Plain Text")
    }

    fn highlight(&self, syntax: &SyntaxReference, code: &str) -> Highlight {
        let started = Instant::now();
        let mut state = ParseState::new(syntax);
        let mut stack = ScopeStack::new();
        let mut lines = Vec::new();
        for line in code.split_inclusive('\n') {
            let ops = if started.elapsed() < MOST_TIME { state.parse_line(line, &self.set).unwrap_or_default() } else { Vec::new() };
            let body = line.trim_end_matches('\n').len();
            let mut runs: Vec<(u16, Ink)> = Vec::new();
            let mut at = 0;
            for (place, op) in ops {
                push(&mut runs, at..place.min(body), self.ink(&stack));
                at = at.max(place.min(body));
                // A grammar that pops too much spoils its colours, no more.
                if stack.apply(&op).is_err() {
                    stack = ScopeStack::new();
                }
            }
            let rest = if started.elapsed() < MOST_TIME { self.ink(&stack) } else { Ink::default() };
            push(&mut runs, at..body, rest);
            lines.push(runs.into_boxed_slice());
        }
        Highlight { lines }
    }

    /// By the innermost scope that tells something.
    fn ink(&self, stack: &ScopeStack) -> Ink {
        let scopes = stack.as_slice().iter().rev();
        let mut roles = scopes.filter_map(|scope| self.roles.iter().find(|(prefix, _)| prefix.is_prefix_of(*scope)).map(|(_, role)| *role));
        Ink::new(roles.next().unwrap_or_default(), Emphasis::NONE)
    }
}

fn push(runs: &mut Vec<(u16, Ink)>, range: std::ops::Range<usize>, ink: Ink) {
    let Ok(len) = u16::try_from(range.len()) else { return };
    match runs.last_mut() {
        _ if len == 0 => {}
        Some((last, same)) if *same == ink => *last += len,
        _ => runs.push((len, ink)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(language: &str, code: &str) -> Vec<Vec<(String, Role)>> {
        let highlight = highlight(language, code).unwrap();
        let lines = code.lines().zip(highlight.lines());
        lines
            .map(|(line, runs)| {
                let mut at = 0;
                let piece = |(len, ink): &(u16, Ink)| {
                    let start = at;
                    at += usize::from(*len);
                    (line[start..at].to_owned(), ink.role)
                };
                runs.iter().map(piece).collect()
            })
            .collect()
    }

    #[test]
    fn words_of_a_language_have_their_roles() {
        let lines = roles("rust", "fn main() {\n    let name = \"x\"; // why\n}\n");
        let has = |line: usize, text: &str, role: Role| lines[line].iter().any(|(piece, seen)| piece.trim() == text && *seen == role);
        assert!(has(0, "fn", Role::SyntaxKeyword), "{lines:?}");
        assert!(has(0, "main", Role::SyntaxFunction), "{lines:?}");
        assert!(has(1, "let", Role::SyntaxKeyword), "{lines:?}");
        assert!(has(1, "\"x\"", Role::SyntaxString), "{lines:?}");
        assert!(has(1, "// why", Role::SyntaxComment), "{lines:?}");
    }

    #[test]
    fn inks_cover_every_line_to_its_last_byte() {
        for (language, code) in
            [("json", "{\"ключ\": [1, true, null]}\n\n"), ("python", "def f(x):\n    '''doc\n    '''\n    return x"), ("diff", "-a\n+b\n")]
        {
            let highlight = highlight(language, code).unwrap();
            assert_eq!(highlight.lines().len(), code.lines().count());
            for (line, runs) in code.lines().zip(highlight.lines()) {
                assert_eq!(runs.iter().map(|(len, _)| usize::from(*len)).sum::<usize>(), line.len(), "{line:?}");
            }
        }
    }

    #[test]
    fn languages_are_found_by_the_names_people_use() {
        let known = [
            "rust",
            "rs",
            "ts",
            "tsx",
            "typescript",
            "js",
            "jsx",
            "javascript",
            "py",
            "python",
            "sh",
            "bash",
            "zsh",
            "shell",
            "toml",
            "yaml",
            "yml",
            "json",
            "jsonc",
            "go",
            "golang",
            "c",
            "c++",
            "cpp",
            "c#",
            "java",
            "kotlin",
            "swift",
            "ruby",
            "php",
            "html",
            "css",
            "sql",
            "dockerfile",
            "diff",
            "xml",
            "lua",
            "zig",
            "markdown",
            "md",
            "make",
            "Rust",
        ];
        let grammars = Grammars::load();
        for language in known {
            assert!(grammars.find(language).is_some(), "{language}");
        }
        assert!(highlight("no-such-language", "x").is_none());
    }

    #[test]
    fn what_would_take_too_long_stays_plain() {
        assert!(highlight("rust", &"x".repeat(LONGEST_LINE + 1)).is_none());
        assert!(highlight("rust", &"x\n".repeat(MOST_CODE)).is_none());
    }
}
