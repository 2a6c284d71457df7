//! Code in several languages, and the roles of its parts.

use proptest::prelude::*;

use super::*;

/// A language, some code, and the roles of some parts.
type Case = (&'static str, &'static str, &'static [(&'static str, Role)]);

fn pieces(language: &str, code: &str) -> Vec<(String, Role)> {
    let highlight = highlight(language, code).unwrap();
    let mut pieces = Vec::new();
    for (line, runs) in code.lines().zip(highlight.lines()) {
        let mut at = 0;
        for (len, ink) in runs {
            let end = at + usize::from(*len);
            pieces.push((line[at..end].trim().to_owned(), ink.role));
            at = end;
        }
    }
    pieces
}

#[test]
fn words_of_a_language_have_their_roles() {
    use Role::*;
    let cases: [Case; 14] = [
        (
            "rust",
            "fn main<'a>(x: &'a str) {\n let c = '\\''; // why\n println!(\"a \\\" b\", 0x1f, None);\n}",
            &[
                ("fn", SyntaxKeyword),
                ("main", SyntaxFunction),
                ("'a", SyntaxType),
                ("str", SyntaxType),
                ("'\\''", SyntaxString),
                ("// why", SyntaxComment),
                ("println", SyntaxFunction),
                ("\"a \\\" b\"", SyntaxString),
                ("0x1f", SyntaxNumber),
                ("None", SyntaxNumber),
            ],
        ),
        (
            "ts",
            "const a: number = f(`x\ny`) /* b\nc */ d",
            &[
                ("const", SyntaxKeyword),
                ("number", SyntaxType),
                ("`x", SyntaxString),
                ("y`", SyntaxString),
                ("c */", SyntaxComment),
                ("d", SyntaxVariable),
            ],
        ),
        (
            "python",
            "def f(x):\n    \"\"\"doc\n    more\"\"\"\n    return 'x' # c",
            &[
                ("def", SyntaxKeyword),
                ("f", SyntaxFunction),
                ("more\"\"\"", SyntaxString),
                ("# c", SyntaxComment),
            ],
        ),
        (
            "sh",
            "echo \"$#\" # count\nls --all",
            &[("echo", SyntaxKeyword), ("\"$#\"", SyntaxString), ("# count", SyntaxComment)],
        ),
        (
            "json",
            "{\"key\": [1.5, true]}",
            &[("\"key\"", SyntaxFunction), ("1.5", SyntaxNumber), ("true", SyntaxNumber)],
        ),
        (
            "sql",
            "SELECT a FROM t WHERE b = 'x' -- c",
            &[("SELECT", SyntaxKeyword), ("'x'", SyntaxString), ("-- c", SyntaxComment)],
        ),
        (
            "go",
            "func (s *Server) Run() error {",
            &[
                ("func", SyntaxKeyword),
                ("Server", SyntaxType),
                ("Run", SyntaxFunction),
                ("error", SyntaxType),
            ],
        ),
        (
            "toml",
            "[dependencies]\nserde = \"1\" # why",
            &[
                ("[dependencies]", SyntaxType),
                ("serde", SyntaxFunction),
                ("\"1\"", SyntaxString),
                ("# why", SyntaxComment),
            ],
        ),
        (
            "yaml",
            "- name: http://x\n  on: true",
            &[("name", SyntaxFunction), ("true", SyntaxNumber)],
        ),
        (
            "html",
            "<a href=\"x\">text</a><!-- c\nd -->e",
            &[
                ("<a", SyntaxKeyword),
                ("href", SyntaxType),
                ("\"x\"", SyntaxString),
                ("text", Text),
                ("d -->", SyntaxComment),
                ("e", Text),
            ],
        ),
        (
            "diff",
            "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same",
            &[
                ("--- a", SyntaxType),
                ("@@ -1 +1 @@", SyntaxFunction),
                ("-old", Removed),
                ("+new", Added),
            ],
        ),
        (
            "lua",
            "--[[ a\nb ]] local x = 1 -- c",
            &[("b ]]", SyntaxComment), ("local", SyntaxKeyword), ("-- c", SyntaxComment)],
        ),
        ("dockerfile", "FROM rust:1\nRUN make", &[("FROM", SyntaxKeyword), ("RUN", SyntaxKeyword)]),
        (
            "c++",
            "if (x.class) return nullptr;",
            &[("if", SyntaxKeyword), ("nullptr", SyntaxNumber)],
        ),
    ];
    for (language, code, expected) in cases {
        let seen = pieces(language, code);
        for (text, role) in expected {
            assert!(
                seen.iter().any(|(piece, seen)| piece == text && seen == role),
                "{text:?} is not {role:?} in {language}: {seen:?}"
            );
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
        "make",
    ];
    for language in known {
        assert!(find(language).is_some(), "{language}");
    }
    for language in ["", "no-such-language", "text"] {
        assert!(find(language).is_none(), "{language}");
    }
}

#[test]
fn what_nobody_reads_stays_plain() {
    assert!(highlight("rust", &"x".repeat(LONGEST_LINE + 1)).is_none());
    assert!(highlight("rust", &"x\n".repeat(MOST_CODE)).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn inks_cover_every_line_to_its_last_byte(code in "[a-c0 '\"`#/*<>=:.\\\\é中\n-]{0,60}", language in prop::sample::select(vec!["rust", "ts", "python", "sh", "json", "toml", "html", "diff", "lua", "css"])) {
        let highlight = highlight(language, &code).unwrap();
        prop_assert_eq!(highlight.lines().len(), code.lines().count());
        for (line, runs) in code.lines().zip(highlight.lines()) {
            let mut at = 0;
            for (len, _) in runs {
                at += usize::from(*len);
                prop_assert!(line.is_char_boundary(at), "{:?}", line);
            }
            prop_assert_eq!(at, line.len(), "{:?}", line);
        }
    }
}
