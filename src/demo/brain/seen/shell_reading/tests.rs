//! Commands that read, run by a real shell in real folders.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::*;

/// The output of a call, by way of its command and the answer of a client that ran it.
fn run(folder: &Path, tool: &str, arguments: &Value) -> String {
    let line = command(tool, arguments);
    let ran = Command::new("sh").args(["-c", &line]).current_dir(folder).output().unwrap();
    let (found, read) = meant(&line).unwrap_or_else(|| panic!("{line}"));
    assert_eq!(found, tool, "{line}");
    let body = String::from_utf8([ran.stdout, ran.stderr].concat()).unwrap();
    let standing = format!("Process exited with code {}", ran.status.code().unwrap());
    let answer = JobAnswer { standing: &standing, notes: Vec::new(), body: &body, is_cut: false };
    output(tool, &read, &answer)
}

#[test]
fn a_file_of_any_name_is_read_and_known_again() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "a.md",
        "it's here.txt",
        "''",
        "a\nb",
        "-n",
        "--help",
        "$HOME `id` $(id)",
        "back\\slash \"quoted\"",
        "*",
        "ä; rm x & | > y # z",
        "~",
    ] {
        std::fs::write(folder.path().join(name), "  one\ntwo: 2").unwrap();
        let arguments = json!({ "filePath": name });
        let read = run(folder.path(), "read", &arguments);
        assert_eq!(super::super::folder::numbered_lines(&read), ["  one", "two: 2"], "{name}");
        assert_eq!(meant(&command("read", &arguments)), Some(("read", arguments)));
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    let missing = run(folder.path(), "read", &json!({ "filePath": "gone.md" }));
    assert!(missing.contains("gone.md") && missing.contains("No such file"), "{missing}");
}

#[test]
fn a_folder_is_listed_without_what_is_hidden_or_made() {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        "README.md",
        "docs/README.txt",
        "src/a b.rs",
        ".git/config",
        ".env",
        "target/x",
        "src/target",
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "x").unwrap();
    }
    let glob = |pattern: &str| {
        let listed = run(folder.path(), "glob", &json!({ "pattern": pattern }));
        let mut paths: Vec<String> = listed.lines().map(str::to_owned).collect();
        paths.sort();
        paths
    };
    assert_eq!(glob("**/*"), ["README.md", "docs/README.txt", "src/a b.rs", "src/target"]);
    assert_eq!(glob("README*"), ["README.md", "docs/README.txt"]);
    assert_eq!(glob("docs/READ*"), ["docs/README.txt"]);
    assert_eq!(glob("{README.m*,a b.rs}"), ["README.md", "src/a b.rs"]);
    assert_eq!(glob("it's"), ["No files are here"]);
}

#[test]
fn matches_come_under_their_files_and_a_literal_is_no_expression() {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("a.md", "a.b: it's 'c'\nno\na-b a.b"),
        ("src/b.txt", "axb\n3: a.b"),
        (".git/index", "a.b"),
        ("target/c.md", "a.b"),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let grep = |arguments: Value| {
        let text = run(folder.path(), "grep", &arguments);
        let mut files: Vec<String> =
            text.split("\n\n").map(|file| file.trim_end().into()).collect();
        files.sort();
        files.join("\n\n")
    };
    let literal = "a.md\n  1: a.b: it's 'c'\n  3: a-b a.b\n\nsrc/b.txt\n  2: 3: a.b";
    assert_eq!(grep(json!({ "pattern": r"a\.b" })), literal);
    assert_eq!(grep(json!({ "pattern": "^a.b$", "path": "src" })), "src/b.txt\n  1: axb");
    assert_eq!(grep(json!({ "pattern": "it's 'c'" })), "a.md\n  1: a.b: it's 'c'");
    assert_eq!(grep(json!({ "pattern": r"a\-b", "include": "a.md" })), "a.md\n  3: a-b a.b");
    assert_eq!(grep(json!({ "pattern": "axb", "include": "src/b.txt" })), "src/b.txt\n  1: axb");
    assert_eq!(grep(json!({ "pattern": "-e fig" })), "No lines match `-e fig`");
}

#[test]
fn what_was_cut_ends_with_its_last_whole_line_and_says_so() {
    let answer = JobAnswer {
        standing: "Process exited with code 0",
        notes: Vec::new(),
        body: "     1\tone\n     2\ttw\n… 40 tokens left out …\ne\n    90\tend\n",
        is_cut: true,
    };
    assert_eq!(
        output("read", &Value::Null, &answer),
        "     1\tone\n\n(there is more, which was cut)\n"
    );
    let many: String = (0..LISTED).map(|number| format!("./{number}.rs\n")).collect();
    let answer = JobAnswer { body: &many, is_cut: false, ..answer };
    assert!(output("glob", &Value::Null, &answer).ends_with("which was cut)\n"));
    let failed = JobAnswer {
        body: "",
        standing: "Process ended by signal 9",
        notes: vec!["A note"],
        is_cut: false,
    };
    assert_eq!(output("read", &Value::Null, &failed), "Process ended by signal 9\nA note");
}

#[test]
fn other_commands_stand_for_no_call() {
    for line in ["cat a.md", "cat -n -- a b", "find . -name x", "grep -rn x", "cat -n -- 'a", ""] {
        assert_eq!(meant(line), None, "{line}");
    }
}
