//! The program without its screen: `codling run` and `codling auth` as a shell sees them, against
//! the stand-in.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by panicking, wherever it goes wrong"
)]

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use codling::demo::{
    Options, ScriptedAnswer, Stand, completed, created, function_call, gate, item_done, stall, text,
};
use codling::protocol::Usage;
use serde_json::Value;

use crate::pty::{self, Look};
use crate::stage::sentences;

/// A stand-in, a fresh home and a folder.
struct Fixture {
    stand: Stand,
    place: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let options =
            Options { auto_approve: Some(Duration::ZERO), interval: 1, ..Options::default() };
        let place = tempfile::tempdir().unwrap();
        std::fs::create_dir(place.path().join("folder")).unwrap();
        std::fs::write(place.path().join("folder/notes.md"), "# Notes\n\nTomatoes need sun.\n")
            .unwrap();
        Self { stand: Stand::start(options).unwrap(), place }
    }

    fn signed_in() -> Self {
        let fixture = Self::new();
        let key = fixture.stand.key();
        assert_eq!(
            fixture.with_stdin(&["auth", "login", "--api-key"], &key).status.code(),
            Some(0)
        );
        fixture
    }

    fn variables(&self) -> [(&'static str, String); 6] {
        let origin = self.stand.origin().to_string();
        [
            ("CODLING_HOME", self.place.path().join("home").display().to_string()),
            ("CODLING_AUTH_ORIGIN", origin.clone()),
            ("CODLING_CHATGPT_ORIGIN", origin.clone()),
            ("CODLING_API_ORIGIN", origin),
            ("OPENCODE_DISABLE_MODELS_FETCH", "1".into()),
            ("LANG", "C.UTF-8".into()),
        ]
    }

    /// The program in an empty environment.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_codling"));
        command
            .args(arguments)
            .env_clear()
            .envs(self.variables())
            .current_dir(self.place.path().join("folder"));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn output(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn with_stdin(&self, arguments: &[&str], stdin: &str) -> Output {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The same on a terminal of 80 columns.
    fn on_terminal(&self, arguments: &[&str]) -> pty::Terminal {
        let setup = pty::Setup::codling().args(arguments.iter().copied());
        self.variables().iter().fold(setup, |setup, (name, value)| setup.env(name, value)).start()
    }

    fn auth_file(&self) -> PathBuf {
        self.place.path().join("home/data/auth.json")
    }
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("ended by a signal: {output:?}"))
}

fn interrupt(child: &Child) {
    assert!(
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success()
    );
}

#[test]
fn a_device_sign_in_serves_list_status_run_and_ends_with_a_logout() {
    let fixture = Fixture::new();
    assert_eq!(code(&fixture.output(&["auth", "status"])), 3);
    let login = fixture.output(&["auth", "login", "--device"]);
    assert_eq!(code(&login), 0, "{login:?}");
    assert!(said(&login.stdout).contains("/codex/device\n"), "{login:?}");
    assert!(said(&login.stdout).contains(sentences::SIGNED_IN_AS_LINE), "{login:?}");

    let list = said(&fixture.output(&["auth", "list"]).stdout);
    assert!(list.lines().nth(1).unwrap().starts_with("openai "), "{list}");
    assert!(list.trim_end().ends_with("in use"), "{list}");
    assert_eq!(code(&fixture.output(&["auth", "status"])), 0);

    fixture.stand.script([ScriptedAnswer::says("Hello there")]);
    let run = fixture.output(&["run", "hello"]);
    assert_eq!((code(&run), said(&run.stdout).as_str()), (0, "Hello there\n"), "{run:?}");

    let saved = std::fs::read_to_string(fixture.auth_file()).unwrap();
    let saved: Value = serde_json::from_str(&saved).unwrap();
    let refresh = saved["openai"]["refresh"].as_str().unwrap();
    assert_eq!(code(&fixture.output(&["auth", "logout"])), 0);
    assert!(fixture.stand.is_revoked(refresh));
    assert_eq!(code(&fixture.output(&["auth", "status"])), 3);
    fixture.stand.check().unwrap();
}

#[test]
fn a_key_from_a_pipe_is_tried_out_before_it_is_saved() {
    let fixture = Fixture::new();
    let refused = fixture.with_stdin(&["auth", "login", "--api-key"], "sk-wrong\n");
    assert_eq!(code(&refused), 1);
    assert!(
        !fixture.auth_file().exists()
            || !std::fs::read_to_string(fixture.auth_file()).unwrap().contains("sk-wrong")
    );
    for output in [&refused.stdout, &refused.stderr] {
        assert!(!said(output).contains("sk-wrong"), "{refused:?}");
    }
    let none = fixture.with_stdin(&["auth", "login", "--api-key"], "\n");
    assert_eq!(code(&none), 2);
    let key = fixture.stand.key();
    assert_eq!(code(&fixture.with_stdin(&["auth", "login", "--api-key"], &format!("{key}\n"))), 0);
    let unchecked =
        fixture.with_stdin(&["auth", "login", "--api-key", "--unchecked"], "sk-saved-as-it-is");
    assert_eq!(code(&unchecked), 0);
    assert!(std::fs::read_to_string(fixture.auth_file()).unwrap().contains("sk-saved-as-it-is"));
}

#[test]
fn nobody_signed_in_is_told_at_once_and_nothing_leaves_the_machine() {
    let fixture = Fixture::new();
    let run = fixture.output(&["run", "hello"]);
    assert_eq!((code(&run), said(&run.stdout).as_str()), (3, ""));
    assert!(said(&run.stderr).contains("`codling auth login`"), "{run:?}");
    assert_eq!(fixture.stand.requests().len(), 0);
    assert!(!fixture.place.path().join("home/state/codling.log").exists());
}

#[test]
fn json_lines_tell_a_turn_with_a_tool_from_the_first_to_the_last() {
    let fixture = Fixture::signed_in();
    fixture.stand.script([
        ScriptedAnswer::sse([
            created(),
            text("Let me look."),
            function_call("call_1", "read", r#"{"filePath":"notes.md"}"#),
            completed(Usage::default()),
        ]),
        ScriptedAnswer::says("They need sun."),
    ]);
    let run = fixture.with_stdin(&["run", "--json", "what do tomatoes need?"], "");
    assert_eq!(code(&run), 0, "{run:?}");
    let lines: Vec<Value> =
        said(&run.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], &lines[0]["version"]), ("start", &Value::from(2)));
    assert_eq!((kinds.last(), &lines.last().unwrap()["exit"]), (Some(&"end"), &Value::from(0)));
    let output = lines.iter().find(|line| line["type"] == "output").unwrap();
    assert_eq!((&output["call"], &output["ok"]), (&Value::from("call_1"), &Value::from(true)));
    assert!(output["text"].as_str().unwrap().contains("Tomatoes need sun."));
    let messages: Vec<&Value> =
        lines.iter().filter(|line| line["type"] == "message").map(|line| &line["text"]).collect();
    assert_eq!(messages, ["Let me look.", "They need sun."]);
    fixture.stand.check().unwrap();
}

#[test]
fn what_is_piped_in_joins_the_prompt() {
    let fixture = Fixture::signed_in();
    fixture.stand.script([ScriptedAnswer::says("Fine")]);
    assert_eq!(code(&fixture.with_stdin(&["run", "review this"], "+ a line\n")), 0);
    let body = fixture.stand.responses().pop().unwrap().body;
    assert!(body.contains(r"review this\n\n+ a line"), "{body}");
}

#[test]
fn a_failed_turn_exits_with_one_and_says_what_failed() {
    let fixture = Fixture::signed_in();
    fixture.stand.script([ScriptedAnswer::status(400)
        .header("content-type", "application/json")
        .body(r#"{"error":{"message":"no such thing"}}"#)]);
    let run = fixture.output(&["run", "hello"]);
    assert_eq!(code(&run), 1);
    assert!(said(&run.stderr).lines().any(|line| line.starts_with("codling: ")), "{run:?}");
}

#[test]
fn a_reader_that_leaves_early_ends_the_turn_quietly() {
    let fixture = Fixture::signed_in();
    fixture.stand.script([ScriptedAnswer::sse([
        created(),
        text("first line\n"),
        gate("more"),
        text("more than a pipe holds\n".repeat(10_000)),
        stall(),
    ])]);
    let mut child = fixture.command(&["run", "count"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "first line\n", "the answer is shown while it streams");
    drop(out);
    fixture.stand.open("more");
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{err}");
    assert!(!err.contains("panicked") && !err.contains("codling:"), "{err}");
}

#[test]
fn an_interrupt_ends_the_turn_with_what_was_said_so_far() {
    let fixture = Fixture::signed_in();
    fixture.stand.script([ScriptedAnswer::sse([created(), text("half\n"), stall()])]);
    let mut child = fixture.command(&["run", "--json", "count"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("half") {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "the text comes before the end");
    }
    interrupt(&child);
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(rest.lines().last(), Some(r#"{"type":"end","outcome":"interrupted","exit":130}"#));
}

#[test]
fn an_interrupted_sign_in_changes_nothing() {
    let fixture = Fixture::signed_in();
    let before = std::fs::read(fixture.auth_file()).unwrap();
    fixture.stand.fault("/api/accounts/deviceauth/usercode", ScriptedAnswer::sse([stall()]));
    let child = fixture.command(&["auth", "login", "--device"]).spawn().unwrap();
    assert!(
        fixture
            .stand
            .wait_for(|request| request.path.ends_with("/usercode"), Duration::from_secs(20))
            .is_some()
    );
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 130);
    assert_eq!(said(&output.stderr), sentences::CANCELLED_LINE);
    assert_eq!(std::fs::read(fixture.auth_file()).unwrap(), before);
}

#[test]
fn a_key_typed_on_a_terminal_is_not_seen_and_the_terminal_is_left_as_it_was() {
    let fixture = Fixture::new();
    let key = fixture.stand.key();
    let terminal = fixture.on_terminal(&["auth", "login", "--api-key"]);
    terminal.wait_for("API key:");
    terminal.type_text(&key).press("enter");
    terminal.wait_for(sentences::SIGNED_IN_KEY_PRINTED);
    assert_eq!(terminal.wait_exit().code, 0);
    assert!(!terminal.screen().shows(&key));
    assert_eq!(terminal.leftovers(), Vec::<String>::new());

    let cancelled = fixture.on_terminal(&["auth", "login", "--api-key"]);
    cancelled.wait_for("API key:");
    cancelled.press("ctrl+c");
    assert_eq!(cancelled.wait_exit().code, 130);
    assert!(cancelled.screen().shows(sentences::CANCELLED));
    assert_eq!(cancelled.leftovers(), Vec::<String>::new());
}

#[test]
fn the_three_ways_are_asked_for_on_a_terminal_and_a_code_is_drawn_there() {
    let fixture = Fixture::new();
    let terminal = fixture.on_terminal(&["auth", "login"]);
    terminal.wait_for("Choose 1, 2 or 3");
    terminal.type_text("2").press("enter");
    terminal.wait_for("█▀▀▀▀▀█");
    terminal.wait_for(sentences::SIGNED_IN_AS);
    assert_eq!(terminal.wait_exit().code, 0);
    assert_eq!(terminal.leftovers(), Vec::<String>::new());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_success() {
    let fixture = Fixture::signed_in();
    let full = || Stdio::from(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    fixture.stand.script([ScriptedAnswer::says("Hello")]);
    for arguments in [&["run", "hello"][..], &["auth", "list"], &["--help"]] {
        let output = fixture.command(arguments).stdout(full()).output().unwrap();
        assert_eq!(code(&output), 1, "{arguments:?} {output:?}");
    }
}

#[test]
fn in_one_pipe_progress_and_answer_have_lines_of_their_own() {
    let fixture = Fixture::signed_in();
    let read = function_call("call_1", "read", r#"{"filePath":"notes.md"}"#);
    fixture.stand.script([
        ScriptedAnswer::sse([
            created(),
            text("I will read it."),
            item_done(),
            read,
            completed(Usage::default()),
        ]),
        ScriptedAnswer::says("Tomatoes."),
    ]);
    let (mut pipe, end) = std::io::pipe().unwrap();
    let mut child = fixture
        .command(&["run", "what is here?"])
        .stdout(end.try_clone().unwrap())
        .stderr(end)
        .spawn()
        .unwrap();
    let mut told = String::new();
    pipe.read_to_string(&mut told).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(told.ends_with("\nI will read it.\nread notes.md\n\nTomatoes.\n"), "{told}");
}

#[test]
fn a_credential_file_that_cannot_be_read_is_told_by_every_command_and_left_alone() {
    for (text, told) in [
        ("{\"openai\": {\n  oops", "line 2, column 3"),
        (r#"{"auth_mode":"apikey","OPENAI_API_KEY":"sk-1"}"#, "Codex"),
    ] {
        let fixture = Fixture::new();
        let file = fixture.place.path().join("home/data/auth.json");
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        for arguments in
            [&["auth", "list"][..], &["auth", "status"], &["auth", "logout"], &["run", "hello"]]
        {
            let output = fixture.output(arguments);
            let err = String::from_utf8(output.stderr).unwrap();
            assert_eq!(
                (output.status.code(), output.stdout.len()),
                (Some(1), 0),
                "{arguments:?}: {err}"
            );
            assert!(
                err.contains(told) && err.contains("`codling auth login`"),
                "{arguments:?}: {err}"
            );
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn the_last_message_is_left_in_a_file_beside_the_answer_and_only_where_there_is_one() {
    let fixture = Fixture::signed_in();
    fixture.stand.script([
        ScriptedAnswer::says("First"),
        ScriptedAnswer::says("Second"),
        ScriptedAnswer::error(400, "bad", "no"),
    ]);
    let file = fixture.place.path().join("folder/last.md");
    for (form, expected, exit) in [
        (&["hello"][..], "First", 0),
        (&["--json", "hello"], "Second", 0),
        (&["hello"], "Second", 1),
    ] {
        let run = fixture.output(&[&["run", "--output-last-message", "last.md"], form].concat());
        assert_eq!(
            (code(&run), std::fs::read_to_string(&file).unwrap().as_str()),
            (exit, expected),
            "{run:?}"
        );
        assert_eq!(said(&run.stderr).contains(sentences::NO_LAST_MESSAGE), exit == 1, "{run:?}");
    }
}

#[test]
fn files_that_were_typed_wrong_end_a_run_before_anything_is_asked() {
    let fixture = Fixture::signed_in();
    let before = fixture.stand.requests().len();
    std::fs::write(fixture.place.path().join("folder/list.json"), "[]").unwrap();
    for (typed, message) in [
        (["--output-schema", "list.json"], "The schema `"),
        (["--output-schema", "none.json"], "cannot be read"),
        (["--output-last-message", "none/last.md"], sentences::NO_FOLDER_FOR_MESSAGE),
        (["--image", "notes.md"], "is not a PNG"),
        (["--image", "."], "cannot be read"),
        (["--approval-mode", "yolo"], "`read-only`"),
    ] {
        let run = fixture.output(&[&["run"], &typed[..], &["hello"]].concat());
        assert_eq!(code(&run), 2, "{run:?}");
        assert!(said(&run.stderr).contains(message), "{message}: {run:?}");
    }
    assert_eq!(fixture.stand.requests().len(), before);
}

#[test]
fn a_shell_completes_commands_options_models_modes_and_conversations() {
    let fixture = Fixture::signed_in();
    assert_eq!(code(&fixture.output(&["run", "what is in notes.md?"])), 0);
    let completed = |words: &[&str]| {
        let index = (words.len() - 1).to_string();
        let mut command = fixture.command(&["--"]);
        command.args(words).env("CODLING_COMPLETE", "bash").env("_CLAP_IFS", "\n");
        let output = command.env("_CLAP_COMPLETE_INDEX", index).output().unwrap();
        said(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let has = |words: &[&str], expected: &str| {
        let found = completed(words);
        assert!(found.iter().any(|word| word == expected), "{words:?}: {found:?}");
        found
    };
    has(&["codling", "se"], "sessions");
    has(&["codling", "--res"], "--resume");
    has(&["codling", "run", "--approval-mode", ""], "read-only");
    // The list that the account was last offered.
    has(&["codling", "-m", "gpt"], "gpt-5-codling-demo");
    has(&["codling", "guide", "und"], "undo");
    let sessions = completed(&["codling", "sessions", "show", "ses_"]);
    let [session] = &sessions[..] else { panic!("{sessions:?}") };
    assert_eq!(code(&fixture.output(&["sessions", "show", session])), 0);
    for shell in ["bash", "fish", "zsh"] {
        let printed = fixture.output(&["completion", shell]);
        assert_eq!(code(&printed), 0);
        assert!(said(&printed.stdout).contains("CODLING_COMPLETE"), "{shell}");
    }
    assert_eq!(code(&fixture.output(&["completion", "tcsh"])), 2);
}
