//! Quoting in markdown: inline code and fenced blocks that their text cannot close.

use crate::demo::brain::seen::folder;

/// Characters quoted of one line.
pub const WIDEST: usize = 160;

/// Text as inline code, whatever backticks are in it.
pub fn code(text: &str) -> String {
    let line: String =
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WIDEST).collect();
    let marks = "`".repeat(longest_run(&line) + 1);
    if line.starts_with('`') || line.ends_with('`') {
        format!("{marks} {line} {marks}")
    } else {
        format!("{marks}{line}{marks}")
    }
}

/// A fenced block of the first lines, with a fence that nothing in it can close.
pub fn fence<'l>(language: &str, lines: impl Iterator<Item = &'l str>, most: usize) -> String {
    let mut lines = lines.peekable();
    let mut quoted: Vec<String> =
        lines.by_ref().take(most).map(|line| line.chars().take(WIDEST).collect()).collect();
    let more = lines.count();
    if more > 0 {
        quoted.push(format!("… {more} more lines"));
    }
    let marks =
        "`".repeat(quoted.iter().map(|line| longest_run(line)).max().unwrap_or(0).max(2) + 1);
    format!("{marks}{language}\n{}\n{marks}\n", quoted.join("\n"))
}

/// The word for a fence around a file of this name.
pub fn language(name: &str) -> &str {
    match folder::ending(name) {
        "rs" => "rust",
        "py" => "python",
        "js" | "mjs" | "jsx" => "javascript",
        "ts" | "tsx" => "typescript",
        "md" => "markdown",
        "yml" => "yaml",
        ending if ending.len() <= 10 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            ending
        }
        _ => "",
    }
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}
