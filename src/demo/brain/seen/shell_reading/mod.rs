//! Looking at files with commands that every Unix has, for a model that has a command line and no
//! tools that read: the command of a call, and the call of a command. Runs nothing.

use serde_json::{Value, json};

use super::job_answer::JobAnswer;

/// Paths that one listing holds, at the most.
const LISTED: usize = 300;
/// Folders that hold what was made or fetched, beside the hidden ones.
const LEFT_OUT: [&str; 2] = ["node_modules", "target"];
const HIDDEN: &str = ".?*";

/// The command that does what a call of `read`, `grep` or `glob` would.
pub fn command(tool: &str, arguments: &Value) -> String {
    let text = |name: &str| arguments[name].as_str().unwrap_or_default();
    match tool {
        "glob" => find(text("pattern")),
        "grep" => grep(text("pattern"), text("path"), text("include")),
        _ => format!("cat -n -- {}", quoted(text("filePath"))),
    }
}

/// The call that a command of ours stands for: its tool, and those of its arguments that are told
/// again.
pub fn meant(command: &str) -> Option<(&'static str, Value)> {
    let words = words(command)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["cat", "-n", "--", path] => Some(("read", json!({ "filePath": path }))),
        ["find", ".", "(", "-name", HIDDEN, ..] => Some(("glob", Value::Null)),
        ["grep", "-rHnIF" | "-rHnIE", .., "-e", pattern, "--", _path] => {
            Some(("grep", json!({ "pattern": pattern })))
        }
        _ => None,
    }
}

/// The output of a command, in the form of the tool that it stands for.
pub fn output(tool: &str, arguments: &Value, answer: &JobAnswer<'_>) -> String {
    let body = whole_lines(answer);
    if body.trim().is_empty() && tool == "grep" && answer.standing.ends_with("code 1") {
        let pattern = arguments["pattern"].as_str().unwrap_or_default();
        return format!("No lines match `{pattern}`");
    }
    if body.trim().is_empty() && answer.standing.ends_with("code 0") {
        return if tool == "glob" { "No files are here".into() } else { String::new() };
    }
    if body.trim().is_empty() {
        return [&[answer.standing], &answer.notes[..]].concat().join("\n");
    }
    let mut text = match tool {
        "glob" => paths(body),
        "grep" => hits(body),
        _ => body.to_owned(),
    };
    if answer.is_cut || tool == "glob" && body.lines().count() >= LISTED {
        text.push_str("\n(there is more, which was cut)\n");
    }
    text
}

/// A word of a command line, whatever is in it.
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Files whose name fits, or whose path does where the pattern has folders.
fn find(pattern: &str) -> String {
    let left_out: String =
        LEFT_OUT.iter().map(|name| format!(" -o -type d -name {name}")).collect();
    let test = |pattern: &str| match pattern.contains('/') {
        true => format!("-path {}", quoted(&format!("./{pattern}"))),
        false => format!("-name {}", quoted(pattern)),
    };
    let names = pattern.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let tests: Vec<String> = match names {
        Some(names) => names.split(',').map(test).collect(),
        None if pattern == "**/*" => Vec::new(),
        None => vec![test(pattern)],
    };
    let named = match &tests[..] {
        [] => String::new(),
        tests => format!(r" \( {} \)", tests.join(" -o ")),
    };
    format!(
        r"find . \( -name '{HIDDEN}'{left_out} \) -prune -o -type f{named} -print | head -n {LISTED}"
    )
}

fn grep(pattern: &str, path: &str, include: &str) -> String {
    let (kind, pattern) = match literal(pattern) {
        Some(text) => ('F', text),
        None => ('E', pattern.to_owned()),
    };
    let left_out: String = LEFT_OUT.iter().map(|name| format!(" --exclude-dir={name}")).collect();
    // A path with folders in it says where the file is.
    let (path, named) = match (path, include) {
        ("", "") => (".", String::new()),
        ("", include) if include.contains('/') => (include, String::new()),
        ("", include) => (".", format!(" --include={}", quoted(include))),
        (path, _) => (path, String::new()),
    };
    format!(
        "grep -rHnI{kind} --exclude-dir='{HIDDEN}'{left_out}{named} -e {} -- {}",
        quoted(&pattern),
        quoted(path)
    )
}

/// The text that a pattern stands for, where it is no more than text.
fn literal(pattern: &str) -> Option<String> {
    let mut text = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.push(letters.next().filter(|next| !next.is_alphanumeric())?),
            '.' | '^' | '$' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => {
                return None;
            }
            letter => text.push(letter),
        }
    }
    Some(text)
}

/// The words of a command line as `quoted` spells them; `None` where a quote stays open.
fn words(command: &str) -> Option<Vec<String>> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ' ' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        '\'' => break,
                        letter => word.push(letter),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(letters.next()?),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Some(words)
}

/// The output before the cut in the middle, without the line that was cut in two.
fn whole_lines<'a>(answer: &JobAnswer<'a>) -> &'a str {
    let body = answer.body;
    if !answer.is_cut {
        return body;
    }
    let first_part = body.find("\n… ").map_or(body, |at| &body[..at]);
    first_part.rfind('\n').map_or("", |at| &first_part[..=at])
}

/// `./a/b` is told as `a/b`, and what is no path in brackets.
fn paths(body: &str) -> String {
    let shown = |line: &str| match line.strip_prefix("./") {
        Some(path) => format!("{path}\n"),
        None => format!("({line})\n"),
    };
    body.lines().map(shown).collect()
}

/// `a.md:1:apple` is told under the name of the file.
fn hits(body: &str) -> String {
    let (mut text, mut last) = (String::new(), "");
    for line in body.lines() {
        let Some((path, number, found)) = hit(line) else {
            text.push_str(&format!("({line})\n"));
            continue;
        };
        if path != last {
            let between = if last.is_empty() { "" } else { "\n" };
            text.push_str(&format!("{between}{path}\n"));
            last = path;
        }
        text.push_str(&format!("  {number}: {found}\n"));
    }
    text
}

/// The path, the number and the text of a line that matches.
fn hit(line: &str) -> Option<(&str, &str, &str)> {
    let (at, _) = line.match_indices(':').find(|(at, _)| number(&line[at + 1..]).is_some())?;
    let (number, found) = number(&line[at + 1..])?;
    let path = line[..at].strip_prefix("./").unwrap_or(&line[..at]);
    Some((path, number, found))
}

fn number(text: &str) -> Option<(&str, &str)> {
    let (number, rest) = text.split_once(':')?;
    (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        .then_some((number, rest))
}

#[cfg(test)]
mod tests;
