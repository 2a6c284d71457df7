//! `codling run`, where nobody can be asked: each mode with the real tools, and the files that it
//! reads and writes.

use std::fs;
use std::process::Output;

use codling::demo::{Catalogue, Options, ScriptedAnswer, completed, created, function_call, typed};
use codling::protocol::Usage;
use serde_json::{Value, json};

use super::fixture::{Fixture, Person, wait_dead};
use crate::pty::Look;
use crate::stage::sentences;
use crate::stage::{Account, Stage};

/// An edit, a command that writes in the folder, and one that writes outside it.
fn calls() -> ScriptedAnswer {
    let shell = |call: &str, command: &str| {
        function_call(call, "shell", json!({ "command": command }).to_string())
    };
    let edit =
        json!({ "filePath": "pears.txt", "oldString": "hard", "newString": "soft" }).to_string();
    ScriptedAnswer::sse([
        created(),
        function_call("edit", "edit", edit),
        shell("inside", "touch inside"),
        shell("outside", "touch ../outside"),
        completed(Usage::default()),
    ])
}

fn in_mode(mode: &str) -> (Fixture, Output) {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "hard\n");
    fixture.script([
        Fixture::reads("c0", "pears.txt"),
        calls(),
        ScriptedAnswer::says("That is all."),
    ]);
    let output = fixture.run(&["--approval-mode", mode, "ripen the fruit"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "That is all.\n", "{output:?}");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    fixture.stage.stand.check().unwrap();
    (fixture, output)
}

/// Whether the edit, the command inside and the one outside took effect.
fn done(fixture: &Fixture) -> [bool; 3] {
    [
        fixture.read("pears.txt").unwrap() == "soft\n",
        fixture.read("inside").is_some(),
        fixture.outside().join("outside").exists(),
    ]
}

#[test]
fn a_usage_limit_fails_the_run_unless_it_is_asked_to_wait() {
    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::usage_limit(1)]);
    let output = fixture.run(&["Go"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert_eq!(fixture.stage.stand.responses().len(), 1);

    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::usage_limit(1), ScriptedAnswer::says("Went on.")]);
    let output = fixture.run(&["--wait-for-limit", "Go"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "Went on.\n", "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(told.matches(sentences::WAITING_UNTIL_THEN).count(), 1, "{told}");
    assert_eq!(fixture.stage.stand.responses().len(), 2);
    fixture.stage.stand.check().unwrap();
}

#[test]
fn with_json_the_wait_for_a_limit_has_a_line_with_its_time() {
    let fixture = Fixture::new();
    let folder = fixture.stage.home.path().join("config");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), "wait_for_limit = true\n").unwrap();
    fixture.script([ScriptedAnswer::usage_limit(1), ScriptedAnswer::says("Went on.")]);
    let output = fixture.run(&["--json", "Go"]);
    let lines: Vec<Value> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let at = |kind: &str| lines.iter().position(|line| line["type"] == kind).unwrap();
    assert!(lines[at("limit_wait")]["until_ms"].is_i64(), "{lines:?}");
    assert!(at("limit_wait") < at("limit_passed") && at("limit_passed") < at("message"));
}

#[test]
fn each_mode_does_what_it_may_and_refuses_the_rest_with_a_next_step() {
    let sandboxed =
        codling::sandbox::found(env!("CARGO_BIN_EXE_codling").as_ref()).sandbox.is_present();
    for (mode, may, next) in [
        ("read-only", [false, false, false], ""),
        ("ask", [false, false, false], "--approval-mode auto"),
        ("auto", [true, sandboxed, false], "[permission]"),
        ("full", [true, true, true], ""),
    ] {
        let (fixture, output) = in_mode(mode);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(done(&fixture), may, "{mode}: {told}");
        assert!(told.contains(next), "{mode}: {told}");
        for (call, done) in ["edit", "inside", "outside"].into_iter().zip(may) {
            let text = fixture.output(call);
            let refused = [
                "Nobody can be asked",
                sentences::TOLD_READ_ONLY,
                "Permission denied",
                "Read-only file system",
            ];
            assert_eq!(
                refused.iter().any(|words| text.contains(words)),
                !done,
                "{mode}: {call}: {text}"
            );
        }
    }
}

#[test]
fn a_model_that_nobody_answers_is_offered_no_questions() {
    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::says("Hello."), ScriptedAnswer::says("Hello again.")]);
    fixture.run(&["hello"]);
    let tools = Fixture::tools(&fixture.last());
    assert!(
        tools.contains(&"exec_command".to_owned())
            && !tools.contains(&"request_user_input".to_owned()),
        "{tools:?}"
    );
    // The same conversation with a person at the screen.
    let terminal = fixture.open(&["--continue"]);
    terminal.wait_for("Hello.");
    terminal.ask("hello");
    terminal.wait_for("Hello again.");
    assert!(Fixture::tools(&fixture.last()).contains(&"request_user_input".to_owned()));
    fixture.leave(&terminal);
}

#[test]
fn on_a_screen_it_is_not_the_person_who_said_no() {
    let fixture = Fixture::new();
    let question = ScriptedAnswer::calls("c2", "question", &json!({ "question": "Which tree?" }));
    fixture.script([
        ScriptedAnswer::runs("c1", "touch made"),
        question,
        ScriptedAnswer::says("Nothing was made."),
    ]);
    fixture.run(&["--approval-mode", "ask", "make something"]);
    assert!(
        fixture.output("c2").starts_with(sentences::TOLD_NOBODY_CAN_BE_ASKED),
        "{}",
        fixture.output("c2")
    );
    let terminal = fixture.open(&["--continue"]);
    terminal.shows(&[
        "✗ $ touch made · there was nobody to ask",
        "✗ question Which tree? · there was nobody to ask",
        "Nothing was made.",
    ]);
    assert!(!terminal.screen().shows("you said no"), "{:#?}", terminal.screen().lines());
    fixture.leave(&terminal);
}

#[test]
fn a_program_hears_of_approvals_and_changed_files_in_lines() {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "hard\n");
    fixture.script([
        Fixture::reads("c0", "pears.txt"),
        calls(),
        ScriptedAnswer::says("That is all."),
    ]);
    let output = fixture.run(&["--json", "--approval-mode", "auto", "ripen the fruit"]);
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let of =
        |kind: &str| lines.iter().filter(|line| line["type"] == kind).cloned().collect::<Vec<_>>();
    let approvals = of("approval");
    assert!(
        approvals
            .iter()
            .any(|approval| approval["call"] == "outside" && approval["answer"] == "refused"),
        "{approvals:#?}"
    );
    assert!(approvals.iter().all(|approval| approval["next"].is_string()), "{approvals:#?}");
    let edit = of("output").into_iter().find(|output| output["call"] == "edit").unwrap();
    assert_eq!(
        (&edit["ok"], &edit["diffs"][0]["path"]),
        (&json!(true), &json!("pears.txt")),
        "{edit:#}"
    );
    let changed = of("changed").pop().unwrap();
    assert!(
        changed["files"]
            .as_array()
            .unwrap()
            .iter()
            .any(|file| file.as_str().unwrap().ends_with("pears.txt")),
        "{changed}"
    );
    assert_eq!(lines.last().unwrap()["type"], "end");
}

#[test]
fn a_schema_and_a_picture_go_in_and_the_last_message_comes_out_in_a_file() {
    let fixture = Fixture::new();
    let picture: [u8; 67] = *b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";
    fs::write(fixture.folder().join("pear.png"), picture).unwrap();
    let schema = json!({
        "type": "object", "properties": { "fruit": { "type": "string" } }, "required": ["fruit"], "additionalProperties": false
    });
    fixture.write("schema.json", &schema.to_string());
    let list = function_call("c1", "list", "{}");
    let answer =
        [vec![created()], typed(r#"{"fruit":"pear"}"#), vec![completed(Usage::default())]].concat();
    fixture.script([
        ScriptedAnswer::sse([created(), list, completed(Usage::default())]),
        ScriptedAnswer::sse(answer),
    ]);
    let arguments = [
        "--output-schema",
        "schema.json",
        "--output-last-message",
        "last.json",
        "-i",
        "pear.png",
        "what is it?",
    ];
    let output = fixture.run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(fixture.read("last.json").unwrap().trim_end(), r#"{"fruit":"pear"}"#);
    for request in fixture.stage.stand.responses() {
        assert_eq!(request.json()["text"]["format"]["schema"], schema, "in each step of the turn");
        let pictures: Vec<Value> = request
            .input()
            .into_iter()
            .filter(|item| item.to_string().contains("data:image/png;base64,"))
            .collect();
        assert_eq!(pictures.len(), 1, "{pictures:#?}");
    }
    fixture.stage.stand.check().unwrap();
}

/// How the model is asked for a first answer by each front, in a home of its own.
fn asked(account: Account, catalogue: Catalogue, flags: &[&str]) -> [Value; 3] {
    ["screen", "run", "eval"].map(|front| {
        let options = Options { catalogue, ..Options::default() };
        let fixture = Fixture::on(Stage::with(account, options));
        fixture.script([ScriptedAnswer::says("Hello.")]);
        match front {
            "screen" => {
                let terminal = fixture.open(flags);
                terminal.ask("hello");
                terminal.wait_for("Hello.");
                fixture.leave(&terminal);
            }
            "run" => assert!(fixture.run(&[flags, &["hello"]].concat()).status.success()),
            _ => {
                fs::create_dir_all(fixture.folder().join("greet/repo")).unwrap();
                fixture.write("greet/task.toml", "prompt = 'hello'\ncheck = 'true'\n");
                let eval = fixture.program().arg("eval").args(flags).arg(".").output().unwrap();
                assert!(eval.status.success(), "{eval:?}");
            }
        }
        let body = fixture.last().json();
        ["model", "reasoning", "text", "service_tier"]
            .map(|name| (name, body[name].clone()))
            .into_iter()
            .collect()
    })
}

#[test]
fn the_model_is_asked_alike_by_a_screen_a_run_and_an_evaluation() {
    for account in [Account::ApiKey, Account::ChatGpt] {
        for catalogue in [Catalogue::Codex, Catalogue::Demo] {
            for flags in [
                &[][..],
                &["--effort", "max", "--verbosity", "high", "--service-tier", "fast"],
                &["--effort", "ultra", "--verbosity", "medium"],
            ] {
                let [screen, run, eval] = asked(account, catalogue, flags);
                assert_eq!(screen, run, "{account:?} {catalogue:?} {flags:?}");
                assert_eq!(screen, eval, "{account:?} {catalogue:?} {flags:?}");
                // Only the plan's list says how a model writes that was told nothing.
                let says_so = account == Account::ChatGpt || !flags.is_empty();
                assert_eq!(screen["text"]["verbosity"].is_string(), says_so, "{screen}");
            }
        }
    }
}

/// Whether the tests were started with the signal ignored, which the programs they start inherit.
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

#[test]
fn a_signal_ends_what_runs_and_says_so() {
    // A program that was started to survive a hang-up, as by `nohup`, does.
    let signals = if ignores_hang_up() { &["INT", "TERM"][..] } else { &["INT", "TERM", "HUP"] };
    for signal in signals {
        let fixture = Fixture::new();
        fixture.script([ScriptedAnswer::runs(
            "c1",
            "sleep 1000 & setsid sleep 1000 & echo $$ $! > pids.tmp; mv pids.tmp pids; wait",
        )]);
        let mut command = fixture.command(&["--approval-mode", "auto", "wait"]);
        let mut child = command.spawn().unwrap();
        let pids = fixture.wait_for("pids", |text| text.ends_with('\n'));
        let sent = std::process::Command::new("kill")
            .args(["-s", *signal, &child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        wait_dead(&fixture, pids.split_whitespace());
        fixture.script([ScriptedAnswer::says("Stopped.")]);
        let output = fixture.run(&["--continue", "and?"]);
        assert_eq!(String::from_utf8_lossy(&output.stdout), "Stopped.\n", "{output:?}");
        assert!(fixture.output("c1").contains("Interrupted"), "{signal}: {}", fixture.output("c1"));
    }
}
