//! Orders, read from the words a person would type.

use crate::demo::brain::intent::Intent;

fn swap(from: &str, to: &str, path: Option<&str>) -> Intent {
    Intent::Swap { from: from.into(), to: to.into(), path: path.map(str::to_owned) }
}

fn create(path: &str, text: &str) -> Intent {
    Intent::Create { path: path.into(), text: text.into() }
}

fn run(command: &str) -> Intent {
    Intent::Run { command: command.into() }
}

fn start(command: &str) -> Intent {
    Intent::Start { command: command.into() }
}

fn keys(text: &str) -> Intent {
    Intent::Type { text: text.into() }
}

fn ask(text: &str, options: &[&str]) -> Intent {
    Intent::Ask {
        text: text.into(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
    }
}

#[test]
fn an_order_begins_with_its_verb() {
    let cases = [
        ("rename apple to pear", swap("apple", "pear", None)),
        ("Please rename `parse_line` to `read_line`.", swap("parse_line", "read_line", None)),
        ("rename the word apple to pear", swap("apple", "pear", None)),
        ("replace apple with pear in notes.md", swap("apple", "pear", Some("notes.md"))),
        (
            "replace \"two words\" with \"three\" in src/a.rs",
            swap("two words", "three", Some("src/a.rs")),
        ),
        ("change colour to color everywhere", swap("colour", "color", None)),
        ("rename a.md to b.md", Intent::Move { from: "a.md".into(), to: "b.md".into() }),
        ("rename apple to apple", Intent::Unknown),
        ("create notes.md with Some text", create("notes.md", "Some text")),
        ("create a file docs/x.txt with the text \"a\\nb\"", create("docs/x.txt", "a\nb")),
        ("make a plan to rename apple to pear", Intent::Plan),
        ("plan the work", Intent::Plan),
        ("delete old.txt", Intent::Delete { path: "old.txt".into() }),
        ("run cargo test --all", run("cargo test --all")),
        ("run `ls -l | wc`", run("ls -l | wc")),
        ("$ ls", run("ls")),
        ("fetch https://example.com/a", Intent::Fetch { url: "https://example.com/a".into() }),
        ("read https://example.com.", Intent::Fetch { url: "https://example.com".into() }),
        (
            "ask me which fruit I like: apples, pears or figs",
            ask("Which fruit I like?", &["apples", "pears", "figs"]),
        ),
        ("search the web for rust releases.", Intent::Web { query: "rust releases".into() }),
        ("look on the web for \"a b\"", Intent::Web { query: "a b".into() }),
        ("ask me tea or coffee", ask("Which one?", &["tea", "coffee"])),
        ("ask me what I want", ask("What I want?", &[])),
        ("ask me something", ask("Something?", &[])),
        ("fix something", Intent::Tidy),
        ("fix the bug in main.rs", Intent::Tidy),
        ("tidy up", Intent::Tidy),
        ("tell me a long story of 300 kB", Intent::Story { kilobytes: 300 }),
        ("tell me a story of 90000kb", Intent::Story { kilobytes: 4000 }),
        ("now run", Intent::Unknown),
        ("start `python3 -i`", start("python3 -i")),
        ("please start sleep 100", start("sleep 100")),
        ("type `print(\"a\")` into it", keys("print(\"a\")")),
        ("Type hello into it.", keys("hello")),
        ("type faster", Intent::Unknown),
        ("what does it say?", Intent::Listen),
        ("What does it say now?", Intent::Listen),
        ("wait for it", Intent::Wait),
        ("what does it say about cod?", Intent::Unknown),
        ("how do I rename a file?", Intent::Look),
    ];
    for (prompt, intent) in cases {
        assert_eq!(Intent::read(prompt), intent, "{prompt}");
    }
}

#[test]
fn no_prompt_is_too_odd() {
    for prompt in [
        "rename",
        "rename to",
        "replace with",
        "ask",
        "ask me",
        "create",
        "create x.md",
        "tell story",
        "$ ",
        "run ``",
    ] {
        Intent::read(prompt);
        Intent::read(&format!("{prompt} é ☃ \u{202e}"));
    }
}
