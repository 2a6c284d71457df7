//! Comments that a stranger reads once: how they begin, how long their lines are, and where they
//! name the errors.

use super::source::Source;

/// Folders, and test files with their folders, in which every comment keeps to the rules. One joins
/// when its last comment does.
const CLEAN: &[&str] = &[
    "src/services/auth/",
    "src/common/base/",
    "src/cli/",
    "src/common/config/",
    "src/core/engine/",
    "src/fronts/acp/",
    "src/fronts/app_server/",
    "src/fronts/auth_cli/",
    "src/fronts/doctor/",
    "src/fronts/eval/",
    "src/fronts/exec/",
    "src/fronts/host/",
    "src/fronts/sessions_cli/",
    "src/fronts/tui/",
    "src/fronts/update/",
    "src/lib.rs",
    "src/services/model/",
    "src/common/net/",
    "src/core/policy/",
    "src/common/protocol/",
    "src/services/sandbox/",
    "src/core/session/",
    "src/services/store/",
    "src/services/tools/",
    "src/services/undo/",
    "src/services/workspace/",
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
    "tests/upkeep",
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

/// Folders whose public functions do not all have an `# Errors` section yet.
const WITHOUT_ERRORS: &[&str] =
    &["src/common/config/", "src/fronts/app_server/files/", "src/services/workspace/"];

/// The public functions of a file that return a `Result`, and whose comment has no `# Errors`.
pub fn missing_errors(file: &Source) -> Vec<String> {
    let tests = ["/tests/", "/tests.rs"].iter().any(|part| file.path.contains(part));
    if tests || WITHOUT_ERRORS.iter().any(|room| file.path.starts_with(room)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut has_errors = false;
    let lines: Vec<&str> = file.text.lines().map(str::trim).collect();
    for (at, line) in lines.iter().enumerate() {
        match line {
            line if line.starts_with("///") => has_errors |= *line == "/// # Errors",
            line if line.starts_with("#[") || line.starts_with("//") => {}
            line => {
                if let Some(name) = public_function(line)
                    && returns_a_result(&lines[at..])
                    && !has_errors
                {
                    let place = format!("{}:{}", file.path, at + 1);
                    found.push(format!("{place}: `{name}` has no `# Errors` section"));
                }
                has_errors = false;
            }
        }
    }
    found
}

/// The name of the public function that a line begins.
fn public_function(line: &str) -> Option<&str> {
    let mut rest = line.strip_prefix("pub ")?;
    for word in ["const ", "async ", "unsafe "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?;
    rest.split(['(', '<']).next()
}

/// Whether the function that begins here returns a `Result`, by its own name or by an alias's.
fn returns_a_result(lines: &[&str]) -> bool {
    let end = lines.iter().position(|line| line.ends_with(['{', ';', '}'])).unwrap_or(0);
    let head = lines[..=end].join(" ");
    let Some((_, returned)) = head.rsplit_once(") -> ") else { return false };
    let path = returned.split(['<', ' ', ';']).next().unwrap_or_default();
    ["Result", "ReplyResult"].contains(&path.rsplit("::").next().unwrap_or_default())
}

#[test]
fn riddles_and_long_lines_are_found_where_a_comment_begins() {
    let wrong = |text: &str| wrong_comments(&Source::parse("src/services/undo/a.rs", text)).len();
    assert_eq!(wrong("//! Says it.\n//! What follows a line is no beginning.\nlet a = 1;"), 0);
    for text in ["//! What it is.", "fn f() {}\n    // Nobody is there.\n", "/// From now on."] {
        assert_eq!(wrong(text), 1, "{text}");
    }
    assert_eq!(wrong(&format!("// {}", "x".repeat(98))), 1);
    assert_eq!(wrong(&format!("// {}", "x".repeat(97))), 0);
    assert!(wrong_comments(&Source::parse("src/other/a.rs", "//! What it is.")).is_empty());
}

#[test]
fn public_functions_that_return_a_result_without_errors_are_found() {
    let missing = |text: &str| missing_errors(&Source::parse("src/services/undo/a.rs", text)).len();
    let documented = "/// Does it.\n///\n/// # Errors\n///\n/// Fails if it cannot.\n#[inline]\n";
    for head in [
        "pub fn f() -> Result<(), Unkept> {",
        "pub async fn f(a: u8) -> io::Result<()> {",
        "pub fn f(&self) -> ReplyResult {",
        "pub fn f<T>(\n    work: impl FnOnce(u8) -> u8,\n) -> std::io::Result<T>\nwhere\n    T: Send,\n{",
    ] {
        assert_eq!(missing(head), 1, "{head}");
        assert_eq!(missing(&format!("{documented}{head}")), 0, "{head}");
        assert_eq!(missing(&format!("{documented}fn g() {{}}\n{head}")), 1, "{head}");
        assert!(missing_errors(&Source::parse("src/services/undo/tests/a.rs", head)).is_empty());
    }
    for head in [
        "fn f() -> Result<(), Unkept> {",
        "pub(super) fn f() -> io::Result<()> {",
        "pub fn f(work: impl FnOnce() -> io::Result<()>) -> bool {",
        "pub fn f() -> CallResult {",
        "pub fn f() -> Option<Result<(), Unkept>> {",
        "pub fn f() {",
    ] {
        assert_eq!(missing(head), 0, "{head}");
    }
}
