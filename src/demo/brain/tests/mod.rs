//! Conversations with the rule-driven model, as tables and as whole turns.

mod changes;
mod jobs;
mod orders;
mod single_tool;

use serde_json::{Value, json};

use super::answer;
use super::intent::Intent;
use super::seen::conversation::SeenConversation;
use super::seen::folder::{SeenFiles, numbered_lines};
use super::words::replies;
use crate::demo::answer::writer::{Step, write};

fn read(path: &str) -> Intent {
    Intent::Read { path: path.into() }
}

fn search(pattern: &str, path: Option<&str>) -> Intent {
    Intent::Search { pattern: pattern.into(), path: path.map(str::to_owned) }
}

#[test]
fn what_is_asked_is_told_from_the_words() {
    let cases = [
        ("What is this project?", Intent::Look),
        ("have a look around", Intent::Look),
        ("Please summarise the folder I'm in", Intent::Look),
        ("explain this in a table: which files are here, in which folder", Intent::Look),
        ("what's in here", Intent::Look),
        ("find out what this project does", Intent::Look),
        ("look at the README and tell me", read("README")),
        ("read src/main.rs", read("src/main.rs")),
        ("read a.c", read("a.c")),
        ("explain a file, e.g. b.txt", read("b.txt")),
        ("Explain `Cargo.toml`.", read("Cargo.toml")),
        ("what does @src/lib.rs do?", read("src/lib.rs")),
        ("grep for main", search("main", None)),
        ("find all uses of parse_line in src", search("parse_line", Some("src"))),
        ("search for \"two words\" in src/main.rs", search("two words", Some("src/main.rs"))),
        ("show me a table", Intent::Sample),
        ("give me a long answer", Intent::Sample),
        ("hello", Intent::Unknown),
        ("what is 2 + 2?", Intent::Unknown),
        ("", Intent::Unknown),
    ];
    for (prompt, intent) in cases {
        assert_eq!(Intent::read(prompt), intent, "{prompt}");
    }
}

#[test]
fn paths_are_told_from_the_sentences_beside_them() {
    let cases = [
        ("src/main.rs\nREADME.md\nLICENSE", 3, false),
        ("a file.txt\nother folder/x", 2, false),
        ("No files found", 0, false),
        ("No files match `**/*` in src/.", 0, false),
        ("a.rs\n(Results are truncated: showing first 100 results.)", 1, true),
        (
            "a.rs\n(the 100 most recently changed of 1,204 are shown; a narrower `pattern` or a `path` finds the others)",
            1,
            true,
        ),
        ("No files match `**/*` in `.`", 0, false),
        ("a.rs\n[cut at 100 files; give a narrower pattern]", 1, true),
        ("", 0, false),
    ];
    for (output, paths, cut) in cases {
        let listing = SeenFiles::read(output);
        assert_eq!((listing.paths.len(), listing.cut), (paths, cut), "{output}");
    }
}

#[test]
fn numbered_lines_are_read_in_every_common_spelling() {
    for output in [
        "<file>\n00001| a\n00002| b: c\n</file>",
        "1: a\n2: b: c\n\n(End of file)",
        "     1\ta\n     2\tb: c",
        "1→a\n2→b: c",
        "1 │ a\n2 │ b: c",
    ] {
        assert_eq!(numbered_lines(output), ["a", "b: c"], "{output}");
    }
    assert_eq!(
        numbered_lines("9\t    deep\n10|     deep\n(the file ends here, 10 lines)"),
        ["    deep", "    deep"]
    );
    assert!(numbered_lines("There is no such file\nMaybe: main.rs").is_empty());
}

#[test]
fn the_files_worth_reading_are_those_that_say_most() {
    let cases: [(&str, &[&str]); 6] = [
        ("src/main.rs\nCargo.toml\nREADME.md\ndocs/README.md", &["README.md", "Cargo.toml"]),
        ("src/util.py\nsrc/main.py\nREADME.rst", &["README.rst", "src/main.py"]),
        ("deep/er/lib.rs\nb/x.rs", &["b/x.rs"]),
        ("notes.txt\npicture.png", &["notes.txt"]),
        ("picture.png", &[]),
        (
            "/home/me/p/package.json\n/home/me/p/index.js",
            &["/home/me/p/package.json", "/home/me/p/index.js"],
        ),
    ];
    for (output, chosen) in cases {
        assert_eq!(SeenFiles::read(output).worth_reading(), chosen, "{output}");
    }
}

/// A client that runs the calls with a table of outputs until an answer comes without one. Gives
/// the texts of all steps.
fn turn(prompt: &str, tools: &[&str], run: impl Fn(&str, &Value) -> String) -> Vec<String> {
    let mut input = vec![
        json!({ "type": "message", "role": "user", "content": [{ "type": "input_text", "text": prompt }] }),
    ];
    // A name with a star is of a tool that takes free text.
    let tool = |name: &&str| match name.strip_suffix('*') {
        Some(name) => json!({ "type": "custom", "name": name }),
        None => json!({ "type": "function", "name": name, "parameters": {} }),
    };
    let tools: Vec<Value> = tools.iter().map(tool).collect();
    let mut texts = Vec::new();
    for _step in 0..9 {
        let items = items(&json!({ "input": input, "tools": tools }));
        let mut outputs = Vec::new();
        let mut text = String::new();
        for item in &items {
            match item["type"].as_str().unwrap() {
                "message" => text.push_str(item["content"][0]["text"].as_str().unwrap()),
                "function_call" => {
                    let name = item["name"].as_str().unwrap();
                    let arguments: Value =
                        serde_json::from_str(item["arguments"].as_str().unwrap()).unwrap();
                    text.push_str(&format!("\n>> {name} {arguments}"));
                    outputs.push(json!({ "type": "function_call_output", "call_id": item["call_id"], "output": run(name, &arguments) }));
                }
                "custom_tool_call" => {
                    let (name, input) = (item["name"].as_str().unwrap(), &item["input"]);
                    text.push_str(&format!("\n>> {name}\n{}", input.as_str().unwrap()));
                    outputs.push(json!({ "type": "custom_tool_call_output", "call_id": item["call_id"], "output": run(name, input) }));
                }
                _ => {}
            }
        }
        texts.push(text);
        if outputs.is_empty() {
            return texts;
        }
        input.extend(items);
        input.extend(outputs);
        crate::demo::server::check::calls_have_outputs(&input).unwrap();
    }
    panic!("no end: {texts:?}");
}

/// The answer of `exec_command` and `write_stdin`.
fn ran(standing: &str, body: &str) -> String {
    format!("Wall time: 0.0120 seconds\n{standing}\nOutput:\n{body}")
}

/// The items an answer is made of.
fn items(body: &Value) -> Vec<Value> {
    let steps = write(&answer(body), 1);
    let bytes: Vec<u8> = steps
        .iter()
        .flat_map(
            |step| if let Step::Send(track) = step { track.bytes.to_vec() } else { Vec::new() },
        )
        .collect();
    let text = String::from_utf8(bytes).unwrap();
    let events = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str::<Value>(data).unwrap());
    events
        .filter(|event| event["type"] == "response.output_item.done")
        .map(|event| event["item"].clone())
        .collect()
}

fn folder(tool: &str, arguments: &Value) -> String {
    match (tool, arguments["filePath"].as_str()) {
        ("glob", _) => "src/main.rs\nREADME.md\nCargo.toml\nsrc/lib.rs\n".into(),
        ("read", Some("README.md")) => "1| # Fishing\n2| \n3| Catches `cod`.\n".into(),
        ("read", Some("Cargo.toml")) => "1| [package]\n2| name = \"fishing\"\n".into(),
        _ => "There is no such file".into(),
    }
}

#[test]
fn asked_about_the_folder_it_looks_reads_and_answers_from_what_came_back() {
    let texts = turn("What is this project?", &["read", "glob", "grep", "list"], folder);
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].ends_with(">> glob {\"pattern\":\"**/*\"}"), "{}", texts[0]);
    assert_eq!(
        texts[1],
        "4 files here. I will read `README.md` and `Cargo.toml`.\n>> read {\"filePath\":\"README.md\"}\n>> read {\"filePath\":\"Cargo.toml\"}"
    );
    for said in [
        "**4 files**",
        "| Rust | 2 |",
        "first heading is **Fishing**",
        "Catches `cod`.",
        "```toml\n[package]\nname = \"fishing\"\n```",
    ] {
        assert!(texts[2].contains(said), "{said}: {}", texts[2]);
    }
}

#[test]
fn the_folder_is_looked_at_by_commands_where_that_is_what_there_is() {
    let texts = turn("What is this project?", changes::CODEX, |_, arguments| {
        let body = match arguments["cmd"].as_str().unwrap() {
            "cat -n -- README.md" => "     1\t# Fishing\n     2\t\n     3\tCatches `cod`.\n",
            "cat -n -- Cargo.toml" => "     1\t[package]\n     2\tname = \"fishing\"\n",
            line if line.starts_with("find . ") => {
                "./src/main.rs\n./README.md\n./Cargo.toml\n./src/lib.rs\n"
            }
            line => panic!("{line}"),
        };
        ran("Process exited with code 0", body)
    });
    let own = turn("What is this project?", &["read", "glob"], folder);
    assert_eq!(texts.last(), own.last(), "the answers are the same");
    let gone = turn("read gone.rs", changes::CODEX, |_, _| {
        ran("Process exited with code 1", "cat: gone.rs: No such file or directory\n")
    });
    assert!(
        gone[1].contains(&format!("`exec_command` {}", replies::NO_LINES))
            && gone[1].contains("No such file"),
        "{}",
        gone[1]
    );
}

#[test]
fn a_folder_too_large_to_be_listed_is_asked_for_the_names_that_say_most() {
    let texts = turn("what is this project?", &["read", "glob"], |tool, arguments| {
        match arguments["pattern"].as_str() {
        Some("**/*") => {
            "src/a.rs\nsrc/b.rs\n(the 2 most recently changed of 1,204 are shown; a narrower `pattern` finds the others)".into()
        }
        Some(names) if names.contains("README") => "vendor/x/README.md\nREADME.md".into(),
        _ => folder(tool, arguments),
    }
    });
    assert_eq!(texts.len(), 4, "{texts:?}");
    assert!(
        texts[2].starts_with("More than 2 files here. I will read `README.md` and `src/a.rs`."),
        "{}",
        texts[2]
    );
    assert!(
        texts[3].contains("more than 2 files") && texts[3].contains("**Fishing**"),
        "{}",
        texts[3]
    );
}

#[test]
fn a_tool_that_failed_is_said_to_have_failed() {
    let texts =
        turn("read missing.rs", &["read"], |_, _| "There is no file `missing.rs` here".into());
    assert!(
        texts[1].contains(replies::NO_LINES)
            && texts[1].contains("There is no file `missing.rs` here"),
        "{}",
        texts[1]
    );
    let texts = turn("look at this folder", &["glob", "read"], |_, _| {
        "The folder could not be read.".into()
    });
    assert_eq!(texts.len(), 2);
    assert!(
        texts[1].contains(replies::NO_FILES) && texts[1].contains("The folder could not be read."),
        "{}",
        texts[1]
    );
}

#[test]
fn matches_are_quoted_in_a_fence_they_cannot_close() {
    let texts = turn("grep for fence", &["grep"], |_, arguments| {
        assert_eq!(*arguments, json!({ "pattern": "fence" }));
        "a.md:1: ```` fence".into()
    });
    assert!(texts[1].contains("`````\na.md:1: ```` fence\n`````"), "{}", texts[1]);
}

#[test]
fn without_tools_it_says_so_and_calls_none() {
    let texts = turn("what is this project?", &[], folder);
    assert_eq!(texts, [replies::no_tool("glob")]);
}

#[test]
fn anything_else_is_answered_with_what_it_is_and_can_do() {
    let texts = turn("hello", &["read", "glob"], folder);
    assert!(texts[0].contains(replies::HELP.trim_end()), "{}", texts[0]);
    let texts = turn("show me a markdown table", &["read", "glob"], folder);
    for part in ["\n## ", "\n1. ", "\n|:--", "\n```rust", "](https://"] {
        assert!(texts[0].contains(part), "{part:?}");
    }
}

#[test]
fn each_prompt_is_looked_at_anew_and_what_a_client_adds_is_not_a_prompt() {
    let user = |text: &str| json!({ "role": "user", "content": text });
    let input = json!([
        user("what is this project?"),
        { "type": "function_call", "call_id": "call_demo_1", "name": "glob", "arguments": "{}" },
        { "type": "function_call_output", "call_id": "call_demo_1", "output": "a.rs" },
        user("look at the files again"),
        user("<environment>hello</environment>"),
        user("(The turn before this message was interrupted by the user.)"),
        user("The user switched to Build. Carry the plan out."),
        user("# Where you work\n\nFolder: /hello"),
    ]);
    let items =
        items(&json!({ "input": input, "tools": [{ "type": "function", "name": "glob" }] }));
    assert_eq!(
        (items[2]["name"].as_str(), items[2]["call_id"].as_str()),
        (Some("glob"), Some("call_demo_2")),
        "{items:?}"
    );
}

#[test]
fn a_sealed_summary_is_read_again_by_whoever_sealed_it() {
    let prompt = json!({"type": "message", "role": "user", "content": "what is this?"});
    let asked = json!({"input": [prompt, {"type": "compaction_trigger"}]});
    let sealed = items(&asked).into_iter().find(|item| item["type"] == "compaction").unwrap();
    assert!(!sealed.to_string().contains("what is this?"), "{sealed}");
    let summed = SeenConversation::read(&json!({"input": [sealed]}));
    assert_eq!((summed.prompt.as_str(), summed.is_sealed), ("what is this?", false));
}
