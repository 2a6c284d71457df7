//! Names of what a command deletes by its own words, as people read them: `` `~/precious` ``,
//! `untracked files`.

use super::super::shell::ShellWord;
use super::operands;

/// Names that are told of one command.
const MOST: usize = 8;

/// Empty where it deletes nothing that is known.
pub fn of(name: &str, words: &[ShellWord]) -> Vec<String> {
    let args = &words[1..];
    match name {
        "rm" | "rmdir" | "unlink" | "shred" | "srm" | "trash" => named(operands(args)),
        "find" | "gfind" if args.iter().any(|word| word.text == "-delete") => {
            let below = args.iter().take_while(|word| !word.text.starts_with(['-', '(', '!']));
            let below: Vec<String> = below.map(quoted).collect();
            let below = if below.is_empty() { "`.`".to_owned() } else { below.join(", ") };
            vec![format!("what `find` finds below {below}")]
        }
        "git" => git(args),
        _ => Vec::new(),
    }
}

fn git(args: &[ShellWord]) -> Vec<String> {
    let mut words =
        operands(args).skip_while(|word| !["clean", "rm"].contains(&word.text.as_str()));
    match words.next().map(|word| word.text.as_str()) {
        Some("clean")
            if !args.iter().any(|word| ["-n", "--dry-run"].contains(&word.text.as_str())) =>
        {
            vec!["untracked files".to_owned()]
        }
        Some("rm") => named(words),
        _ => Vec::new(),
    }
}

fn named<'a>(operands: impl Iterator<Item = &'a ShellWord>) -> Vec<String> {
    let mut names: Vec<String> = operands
        .map(|word| match word.text.as_str() {
            // Words that a wrapper adds when it runs.
            "…" => "what it is given".to_owned(),
            text if text.contains("{}") || text.ends_with('…') => "what it finds".to_owned(),
            _ => quoted(word),
        })
        .collect();
    match names.len() {
        0 => names.push("what it is given".to_owned()),
        count if count > MOST => {
            names.truncate(MOST);
            names.push(format!("{} more", count - MOST));
        }
        _ => {}
    }
    names
}

fn quoted(word: &ShellWord) -> String {
    format!("`{}`", word.text)
}
