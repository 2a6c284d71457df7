//! Comments that a stranger reads once: how they begin, and how long their lines are.

use super::source::Source;

/// Folders, and test files with their folders, in which every comment keeps to the rules. One joins
/// when its last comment does.
const CLEAN: &[&str] = &[
    "src/auth/",
    "src/base/",
    "src/cli/",
    "src/config/",
    "src/engine/",
    "src/fronts/acp/",
    "src/fronts/app_server/",
    "src/fronts/auth_cli/",
    "src/fronts/eval/",
    "src/fronts/exec/",
    "src/fronts/host/",
    "src/fronts/sessions_cli/",
    "src/fronts/tui/",
    "src/model/",
    "src/net/",
    "src/policy/",
    "src/protocol/",
    "src/sandbox/",
    "src/session/",
    "src/store/",
    "src/tools/",
    "src/undo/",
    "src/workspace/",
    "tests/acp",
    "tests/agent",
    "tests/app_server",
    "tests/bench",
    "tests/engine",
    "tests/eval",
    "tests/peers",
    "tests/plain",
    "tests/pty",
    "tests/sandbox",
    "tests/screens",
    "tests/sessions",
    "tests/shell",
    "tests/stage",
    "tests/trace",
];

/// The first words of sentences that have to be read twice.
const RIDDLES: [&str; 6] = ["What ", "Of ", "Whoever ", "Nobody ", "All that ", "From "];

/// The longest line, in characters.
const LONGEST: usize = 100;

/// The comments of a file that break a rule.
pub fn wrong_comments(file: &Source) -> Vec<String> {
    let is_clean = CLEAN.iter().any(|folder| file.path.starts_with(folder));
    let mut found = Vec::new();
    let mut follows_another = false;
    for (at, line) in file.text.lines().enumerate().filter(|_| is_clean) {
        let comment = line.trim_start().strip_prefix("//");
        if let Some(comment) = comment {
            let text = comment.trim_start_matches(['/', '!']).trim_start();
            let place = format!("{}:{}", file.path, at + 1);
            if !follows_another && RIDDLES.iter().any(|riddle| text.starts_with(riddle)) {
                found.push(format!("{place}: begin with who does something, not with `{text}`"));
            }
            if line.chars().count() > LONGEST {
                found.push(format!("{place}: the line is longer than {LONGEST} columns"));
            }
        }
        follows_another = comment.is_some();
    }
    found
}

#[test]
fn riddles_and_long_lines_are_found_where_a_comment_begins() {
    let wrong = |text: &str| wrong_comments(&Source::parse("src/undo/a.rs", text)).len();
    assert_eq!(wrong("//! Says it.\n//! What follows a line is no beginning.\nlet a = 1;"), 0);
    for text in ["//! What it is.", "fn f() {}\n    // Nobody is there.\n", "/// From now on."] {
        assert_eq!(wrong(text), 1, "{text}");
    }
    assert_eq!(wrong(&format!("// {}", "x".repeat(98))), 1);
    assert_eq!(wrong(&format!("// {}", "x".repeat(97))), 0);
    assert!(wrong_comments(&Source::parse("src/other/a.rs", "//! What it is.")).is_empty());
}
