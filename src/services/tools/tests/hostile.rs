//! A folder made by somebody who means harm: files that never end, rules that never end, names that
//! lie.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use crate::protocol::{CallId, CallOutput, ToolCall};
use crate::tools::Toolbox;
use crate::workspace::branch;

/// Longer than any of these may take; a test that runs into it has found something that never ends.
const PATIENCE: Duration = Duration::from_secs(20);

fn within<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || done.send(work()));
    ended.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{what} does not end"))
}

fn call(folder: &Path, name: &str, arguments: &serde_json::Value) -> CallOutput {
    let (folder, label) =
        (folder.to_owned(), format!("{name} {arguments}").chars().take(200).collect::<String>());
    let call = ToolCall {
        id: CallId::from("call_1"),
        name: name.into(),
        arguments: arguments.to_string(),
    };
    within(&label, move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Toolbox::of(folder, Vec::new()).answer(&call))
    })
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn everything() -> [(&'static str, serde_json::Value); 4] {
    [
        ("list", serde_json::json!({})),
        ("glob", serde_json::json!({"pattern": "**/*"})),
        ("grep", serde_json::json!({"pattern": "needle"})),
        ("read", serde_json::json!({"filePath": "not-there.txt"})),
    ]
}

#[test]
fn ignore_rules_that_never_end_cost_no_more_than_the_rules() {
    let deep = format!("{}a{}\n", "{".repeat(100_000), "}".repeat(100_000));
    type Trap<'a> = (&'a str, Box<dyn Fn(&Path) + 'a>);
    let traps: [Trap<'_>; 4] = [
        ("a link to a device", Box::new(|at| symlink("/dev/zero", at).unwrap())),
        ("a pipe", Box::new(pipe)),
        ("braces by the thousand", Box::new(|at| fs::write(at, &deep).unwrap())),
        ("a giant", Box::new(|at| fs::File::create(at).unwrap().set_len(40 << 30).unwrap())),
    ];
    for (trap, set) in &traps {
        for place in
            [".gitignore", ".ignore", "sub/.gitignore", ".git/info/exclude", "../.gitignore"]
        {
            let dir = tempfile::tempdir().unwrap();
            let folder = dir.path().join("in");
            fs::create_dir_all(folder.join("sub")).unwrap();
            fs::write(folder.join("a.txt"), "needle").unwrap();
            if place.starts_with("../") {
                fs::create_dir(dir.path().join(".git")).unwrap();
            }
            fs::create_dir_all(folder.join(place).parent().unwrap()).unwrap();
            set(&folder.join(place));
            for (tool, arguments) in everything() {
                let output = call(&folder, tool, &arguments);
                assert!(
                    tool == "read" || output.ok && output.text.contains("a.txt"),
                    "{trap} at {place}: {tool}: {}",
                    output.text
                );
            }
        }
    }
}

#[test]
fn a_repository_that_is_a_trap_has_no_branch() {
    for trap in ["pipe", "device", "head-pipe", "head-device", "worktree"] {
        let dir = tempfile::tempdir().unwrap();
        let (git, folder) = (dir.path().join(".git"), dir.path().join("in"));
        fs::create_dir(&folder).unwrap();
        match trap {
            "pipe" => pipe(&git),
            "device" => symlink("/dev/zero", &git).unwrap(),
            "worktree" => fs::write(&git, "gitdir: /dev/zero\n").unwrap(),
            _ => fs::create_dir(&git).unwrap(),
        }
        match trap {
            "head-pipe" => pipe(&git.join("HEAD")),
            "head-device" => symlink("/dev/zero", git.join("HEAD")).unwrap(),
            _ => {}
        }
        let inside = folder.clone();
        assert_eq!(within(trap, move || branch(&inside)), None, "{trap}");
        fs::write(folder.join("a.txt"), "needle").unwrap();
        assert!(call(&folder, "list", &serde_json::json!({})).text.contains("a.txt"), "{trap}");
    }
}

#[test]
fn what_is_no_file_is_never_opened_nor_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    pipe(&dir.path().join("pipe"));
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
    symlink("/proc/self/environ", dir.path().join("environ")).unwrap();
    symlink("/dev/zero", dir.path().join("zero")).unwrap();
    for name in ["pipe", "socket", "environ", "zero"] {
        for (tool, arguments) in [
            ("read", serde_json::json!({ "filePath": name })),
            ("grep", serde_json::json!({"pattern": "x", "path": name})),
            ("list", serde_json::json!({ "path": name })),
        ] {
            assert!(!call(dir.path(), tool, &arguments).ok, "{tool} {name}");
        }
    }
    for (tool, arguments) in everything() {
        call(dir.path(), tool, &arguments);
    }
}

#[test]
fn a_patterns_size_and_depth_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!").unwrap();
    let braces = format!("{}a{}", "{".repeat(200_000), "}".repeat(200_000));
    for pattern in
        [braces.clone(), "{a,b}".repeat(200_000), "[".repeat(100_000), "*".repeat(100_000)]
    {
        for (tool, arguments) in [
            ("glob", serde_json::json!({ "pattern": pattern })),
            ("grep", serde_json::json!({"pattern": "a", "include": pattern})),
        ] {
            let output = call(dir.path(), tool, &arguments);
            assert!(!output.ok && output.text.len() < 1000, "{tool}: {}", output.text.len());
        }
    }
    for pattern in
        ["{a,b}".repeat(100), "{a,{b,{c,{d,e}}}}.txt".into(), "*a*a*a*a*a*a*a*a*b".into()]
    {
        assert!(
            call(dir.path(), "glob", &serde_json::json!({ "pattern": pattern })).ok,
            "{pattern}"
        );
    }
    for pattern in [
        "(".repeat(100_000),
        "(a{1000}){1000}{1000}".into(),
        format!("{}a", "(?i)".repeat(100_000)),
    ] {
        assert!(!call(dir.path(), "grep", &serde_json::json!({ "pattern": pattern })).ok);
    }
    for pattern in ["(a+)+$", "(a|aa)+$", "(.*)*b"] {
        assert!(
            call(dir.path(), "grep", &serde_json::json!({ "pattern": pattern })).ok,
            "{pattern}"
        );
    }
}

#[test]
fn a_name_cannot_pose_as_a_line_of_an_answer() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("in");
    fs::create_dir_all(folder.join("sub\nREADME.md")).unwrap();
    for name in ["a\nsecrets.txt", "b\r\u{1b}[2Kc", "c\u{2028}d\u{85}e", "sub\nREADME.md/f"] {
        fs::write(folder.join(name), "needle\n").unwrap();
    }
    for (tool, arguments) in everything() {
        let output = call(&folder, tool, &arguments);
        for line in output.text.lines() {
            assert!(
                !["secrets.txt", "README.md", "README.md/f"].contains(&line.trim()),
                "{tool}: {:?}",
                output.text
            );
        }
        let odd = |c: char| c.is_control() && c != '\n' || c == '\u{2028}';
        assert!(
            !output.text.contains(odd) && !output.title.contains(odd),
            "{tool}: {:?}",
            output.text
        );
    }
    let missing = call(&folder, "read", &serde_json::json!({"filePath": "a\nsecret.txt"}));
    assert_eq!(missing.text.lines().count(), 1, "{}", missing.text);
    let outside = call(&folder, "read", &serde_json::json!({"filePath": "../x\n\u{1b}]0;t\u{7}"}));
    assert!(!outside.text.contains(char::is_control), "{:?}", outside.text);
}

#[tokio::test]
async fn thousands_of_calls_at_once_run_a_few_at_a_time_and_are_all_answered() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.txt"), "needle").unwrap();
    let toolbox = Toolbox::of(dir.path(), Vec::new());
    let calls = (0..2000).map(|number| {
        let call = ToolCall {
            id: CallId::new(format!("c{number}")),
            name: "grep".into(),
            arguments: r#"{"pattern":"needle"}"#.into(),
        };
        let toolbox = toolbox.clone();
        async move { toolbox.answer(&call).await }
    });
    let answers = tokio::time::timeout(PATIENCE, futures_util::future::join_all(calls))
        .await
        .expect("in time");
    assert!(answers.iter().all(|answer| answer.ok));
}

#[test]
fn credentials_that_lie_in_the_folder_are_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("share/codling");
    fs::create_dir_all(&data).unwrap();
    let files =
        ["auth.json", "auth.json.damaged-20260101T000000Z", ".auth.json.Ab12.tmp", "real.json"];
    for name in files {
        fs::write(data.join(name), "needle rt-secret\n").unwrap();
    }
    symlink("real.json", data.join("linked.json")).unwrap();
    symlink("share/codling/auth.json", dir.path().join("innocent.txt")).unwrap();
    fs::write(data.join("notes.txt"), "needle\n").unwrap();
    let private =
        [data.join("auth.json"), data.join("linked.json"), dir.path().join("not/there.json")];
    let toolbox = Toolbox::of(dir.path(), private.into());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let call = |name: &str, arguments: serde_json::Value| {
        runtime.block_on(toolbox.answer(&ToolCall {
            id: CallId::from("c"),
            name: name.into(),
            arguments: arguments.to_string(),
        }))
    };
    for name in files
        .map(|name| format!("share/codling/{name}"))
        .into_iter()
        .chain(["innocent.txt".into(), "share/codling/linked.json".into()])
    {
        for (tool, arguments) in [
            ("read", serde_json::json!({ "filePath": name })),
            ("grep", serde_json::json!({"pattern": "needle", "path": name})),
        ] {
            let output = call(tool, arguments);
            assert!(
                !output.ok && output.text.contains("holds credentials"),
                "{tool} {name}: {}",
                output.text
            );
        }
    }
    let found = call("grep", serde_json::json!({"pattern": "needle"})).text;
    assert!(found.contains("notes.txt") && !found.contains("secret"), "{found}");
    assert!(call("read", serde_json::json!({"filePath": "share/codling/notes.txt"})).ok);
}
