//! Titles for lines that only read: `read src/main.rs 1–200` for `sed -n '1,200p' src/main.rs`.
//! Decides nothing, and gives none to a line that it does not understand as a whole.

use super::super::shell::{self, Node, RedirectKind, ShellStep, Simple};
use super::command_name;

/// Commands that only pass their input on, shorter or in another order.
const FILTERS: [&str; 12] =
    ["cat", "cut", "egrep", "grep", "head", "nl", "rg", "sed", "sort", "tail", "tr", "uniq"];
/// Looks of one line that are named.
const MOST: usize = 4;

/// A look in words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLook {
    /// `read`, `list`, `search` or `look at`.
    pub verb: &'static str,
    /// The files that are looked at.
    pub title: String,
}

/// The looks of all commands of a line as one; `None` if one of them is anything else.
pub fn look(line: &str) -> Option<ShownLook> {
    let steps = shell::parse(line).ok()?;
    let looks: Vec<ShownLook> = steps.iter().map(of_step).collect::<Option<_>>()?;
    let first = looks.first().filter(|_| looks.len() <= MOST)?;
    let is_one = looks.iter().all(|look| look.verb == first.verb);
    let verb = if is_one { first.verb } else { "look at" };
    let titles: Vec<&str> = looks.iter().map(|look| look.title.as_str()).collect();
    Some(ShownLook { verb, title: titles.join(", ") })
}

fn of_step(step: &ShellStep) -> Option<ShownLook> {
    match &step.node {
        Node::Simple(simple) => of_command(simple, None),
        Node::Pipe(nodes) => {
            let all: Vec<&Simple> = nodes
                .iter()
                .map(|node| if let Node::Simple(simple) = node { Some(simple) } else { None })
                .collect::<Option<_>>()?;
            let (first, filters) = all.split_first()?;
            let passes_on = |filter: &&Simple| {
                plain_words(filter).is_some_and(|words| FILTERS.contains(&command_name(words[0])))
            };
            let range = match filters {
                [only] => plain_words(only).and_then(|words| range(&words)),
                _ => None,
            };
            filters.iter().all(passes_on).then(|| of_command(first, range))?
        }
        Node::Compound { .. } => None,
    }
}

/// The words of a command that writes to nothing but its output.
fn plain_words(simple: &Simple) -> Option<Vec<&str>> {
    let is_quiet = |target: &str| target == "/dev/null";
    let writes = simple.redirects.iter().any(|redirect| {
        redirect.way == RedirectKind::Write && !redirect.target.known().is_some_and(is_quiet)
    });
    let words: Vec<&str> = simple.words.iter().map(|word| word.text.as_str()).collect();
    (!writes && !words.is_empty()).then_some(words)
}

/// `filtered` is what a pipe leaves of what is read.
fn of_command(simple: &Simple, filtered: Option<String>) -> Option<ShownLook> {
    let words = plain_words(simple)?;
    let (name, args) = (command_name(words[0]), &words[1..]);
    let named = |options: &[&str]| operands(args, options);
    let look = |verb, title: String| Some(ShownLook { verb, title });
    match name {
        "cat" | "bat" | "head" | "nl" | "tail" => {
            let counted = matches!(name, "head" | "tail");
            let options = if counted { &["-n", "-c", "--lines", "--bytes"][..] } else { &[][..] };
            let files = named(options);
            let range = filtered.or_else(|| range(&words));
            let behind = range.map(|range| format!(" {range}")).unwrap_or_default();
            (!files.is_empty()).then_some(())?;
            look("read", format!("{}{behind}", files.join(", ")))
        }
        "sed" | "gsed" => {
            let range = range(&words)?;
            let files = operands(args, &["-e"]);
            // The script is the first, and a file follows.
            let files = files.get(1..).filter(|files| !files.is_empty())?;
            look("read", format!("{} {range}", files.join(", ")))
        }
        "rg" if args.contains(&"--files") => {
            look("list", within(&named(&["-g", "--glob", "-t", "--type"])))
        }
        "rg" | "grep" | "egrep" | "ag" => {
            let options = [
                "-A",
                "-B",
                "-C",
                "-g",
                "--glob",
                "-t",
                "--type",
                "-m",
                "--max-count",
                "--include",
                "--exclude",
                "--exclude-dir",
                "-T",
                "-d",
            ];
            let rest = named(&options);
            let (pattern, places) = match args.iter().position(|word| *word == "-e") {
                Some(at) => (*args.get(at + 1)?, &rest[..]),
                None => (*rest.first()?, &rest[1..]),
            };
            let places: Vec<&str> =
                places.iter().copied().filter(|place| *place != pattern).collect();
            look("search", format!("{pattern} in {}", within(&places)))
        }
        "ls" | "tree" => look("list", within(&named(&["-L", "-I", "-P"]))),
        "fd" => look("search", named(&["-e", "-t", "-d"]).join(" in "))
            .filter(|look| !look.title.is_empty()),
        "find" => {
            let places: Vec<&str> = args
                .iter()
                .copied()
                .take_while(|word| !word.starts_with(['-', '(', '!']))
                .collect();
            let names =
                args.windows(2).filter(|pair| matches!(pair[0], "-name" | "-iname" | "-path"));
            let names: Vec<&str> = names.map(|pair| pair[1]).collect();
            match names.as_slice() {
                [] => look("list", within(&places)),
                names => look("search", format!("{} in {}", names.join(", "), within(&places))),
            }
        }
        _ => None,
    }
}

/// Words that are neither options nor what follows one of these.
fn operands<'a>(args: &[&'a str], with_value: &[&str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut args = args.iter();
    while let Some(word) = args.next() {
        if with_value.contains(word) {
            args.next();
        } else if *word == "--" {
            found.extend(args.by_ref().copied());
        } else if !word.starts_with('-') || *word == "-" {
            found.push(*word);
        }
    }
    found
}

fn within(places: &[&str]) -> String {
    if places.is_empty() { ".".to_owned() } else { places.join(", ") }
}

/// Which lines are left: `1–200`.
fn range(words: &[&str]) -> Option<String> {
    let (name, args) = (command_name(words[0]), &words[1..]);
    let number = |word: &str| word.parse::<u64>().ok();
    match name {
        "sed" | "gsed" => {
            if !args.iter().any(|word| matches!(*word, "-n" | "--quiet" | "--silent")) {
                return None;
            }
            let script = operands(args, &["-e"]).first().copied()?.strip_suffix('p')?;
            match script.split_once(',') {
                Some((from, "$")) => number(from).map(|from| format!("{from}–")),
                Some((from, to)) => Some(format!("{}–{}", number(from)?, number(to)?)),
                None => number(script).map(|line| line.to_string()),
            }
        }
        "head" | "tail" => {
            let count = match args.iter().position(|word| matches!(*word, "-n" | "--lines")) {
                Some(at) => args.get(at + 1).copied().and_then(number),
                None => args.iter().find_map(|word| {
                    let word = word.strip_prefix("-n").or_else(|| word.strip_prefix('-'))?;
                    number(word)
                }),
            };
            let count =
                count.or_else(|| args.iter().all(|word| !word.starts_with('-')).then_some(10))?;
            Some(if name == "head" {
                format!("1–{count}")
            } else {
                format!("last {count} lines")
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_look_are_named_by_what_they_look_at() {
        for (line, expected) in [
            ("cat src/main.rs", "read src/main.rs"),
            ("sed -n '1,200p' src/main.rs", "read src/main.rs 1–200"),
            ("sed -n 7p a.txt", "read a.txt 7"),
            ("sed -n '5,$p' a.txt", "read a.txt 5–"),
            ("nl -ba src/a.rs | sed -n '10,20p'", "read src/a.rs 10–20"),
            ("cat -n a b | head -50", "read a, b 1–50"),
            ("head -n 5 a", "read a 1–5"),
            ("head a", "read a 1–10"),
            ("tail -20 log", "read log last 20 lines"),
            ("rg -n 'fn main' src", "search fn main in src"),
            ("rg needle", "search needle in ."),
            ("grep -rn -A 3 needle src tests | head", "search needle in src, tests"),
            ("rg -e one src", "search one in src"),
            ("rg --files -g '*.rs' src", "list src"),
            ("ls -la", "list ."),
            ("ls src tests", "list src, tests"),
            (
                "find . -name '*.rs' -not -path './target/*' | head -20",
                "search *.rs, ./target/* in .",
            ),
            ("find src -type f", "list src"),
            ("cat a && sed -n 1,2p b", "read a, b 1–2"),
            ("ls; cat a", "look at ., a"),
            ("cat a 2>/dev/null", "read a"),
        ] {
            let look = look(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(format!("{} {}", look.verb, look.title), expected, "{line}");
        }
    }

    #[test]
    fn what_is_something_else_is_no_look() {
        for line in [
            "make",
            "cat a > b",
            "cat a | tee b",
            "sed 's/a/b/' c",
            "git status",
            "pwd",
            "for f in a b; do cat $f; done",
            "cat a; make",
            "cat",
            "head",
            "ls; ls; ls; ls; ls",
            "$(ls)",
        ] {
            assert_eq!(look(line), None, "{line}");
        }
    }
}
