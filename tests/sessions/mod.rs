//! Conversations that outlive the program: killed in the middle, resumed, listed, opened twice. The
//! real program, with and without a terminal.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by panicking, wherever it goes wrong"
)]

mod crash_loop;
#[cfg(target_os = "linux")]
mod joining;
#[cfg(target_os = "linux")]
mod overview;
#[cfg(target_os = "linux")]
mod queueing;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use codling::demo::{
    ScriptedAnswer, SeenRequest, completed, created, function_call, gate, item_done, text,
};
use codling::protocol::Usage;
use tempfile::TempDir;

use crate::pty::{Look, Setup, Terminal};
use crate::stage::sentences;
use crate::stage::{Account, Stage, until};

/// The limit for any wait on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

struct Fixture {
    stage: Stage,
    folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("notes.md"), "# Notes\n\nTomatoes need sun.\n").unwrap();
        Self { stage: Stage::new(Account::ApiKey), folder }
    }

    fn screen(&self, arguments: &[&str]) -> Terminal {
        let setup = Setup::codling().envs(self.stage.variables()).folder_at(self.folder.path());
        setup.args(arguments.iter().copied()).size(100, 30).start()
    }

    fn plain(&self, arguments: &[&str]) -> Output {
        let mut command =
            self.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), self.folder.path());
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    }

    fn logs(&self) -> Vec<PathBuf> {
        let Ok(listed) = fs::read_dir(self.stage.home.path().join("data/sessions")) else {
            return Vec::new();
        };
        let mut logs: Vec<PathBuf> = listed
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
            .collect();
        logs.sort();
        logs
    }

    fn log(&self) -> String {
        let logs = self.logs();
        assert_eq!(logs.len(), 1, "{logs:?}");
        fs::read_to_string(&logs[0]).unwrap()
    }
}

fn ask(terminal: &Terminal, prompt: &str) {
    terminal.wait_for("Ask anything");
    terminal.type_text(prompt);
    terminal.wait_for(prompt);
    terminal.press("enter");
}

/// Leaves at rest: in a running turn the first key would interrupt it.
fn leave(terminal: &Terminal) {
    terminal.wait_gone("esc to interrupt");
    terminal.press("ctrl+c").press("ctrl+c");
    assert_eq!(terminal.wait_exit().code, 0);
    assert_eq!(terminal.leftovers(), Vec::<String>::new());
}

fn out(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_turn_killed_in_the_middle_is_gone_on_with_and_its_tool_is_not_run_again() {
    let fixture = Fixture::new();
    let call = || function_call("call_1", "read", r#"{"filePath":"notes.md"}"#);
    fixture.stage.stand.script([
        ScriptedAnswer::sse([
            created(),
            text("Let me look."),
            item_done(),
            call(),
            completed(Usage::default()),
        ]),
        ScriptedAnswer::sse([created(), text("They need"), gate("never")]),
    ]);
    let terminal = fixture.screen(&[]);
    ask(&terminal, "what do tomatoes need?");
    assert!(fixture.stage.stand.wait_reached("never"));
    terminal.wait_for("They need");
    until(LIMIT, "the words on the disk", || fixture.log().contains("They need"));
    terminal.signal("KILL");
    terminal.wait_exit();
    assert!(fixture.log().contains("Tomatoes need sun."), "the step before is on the disk");

    fixture.stage.stand.script([ScriptedAnswer::says("Sun, as I said.")]);
    let terminal = fixture.screen(&["--continue"]);
    for words in ["what do tomatoes need?", "Let me look.", "read", "They need", "Interrupted"] {
        terminal.wait_for(words);
    }
    ask(&terminal, "and now?");
    terminal.wait_for("Sun, as I said.");
    let last = fixture.stage.stand.responses().pop().unwrap();
    let outputs = last.input().iter().filter(|item| item["type"] == "function_call_output").count();
    assert_eq!(outputs, 1, "{:#?}", last.input());
    assert!(last.body.contains(sentences::SESSION_CUT_OFF), "{}", last.body);
    let said = last.input().iter().filter(|it| it.to_string().contains("They need")).count();
    assert_eq!(said, 1, "{:#?}", last.input());
    leave(&terminal);
    terminal.wait_for("codling --continue");
    fixture.stage.stand.check().unwrap();
}

#[test]
fn a_program_killed_at_any_step_leaves_a_log_that_opens() {
    let fixture = Fixture::new();
    for step in 0..6 {
        let gates: Vec<String> = (0..=step).map(|number| format!("gate {step}.{number}")).collect();
        let scripts = gates.iter().enumerate().map(|(number, name)| {
            let call = format!("c{step}_{number}");
            ScriptedAnswer::sse([
                created(),
                gate(name),
                text("ok "),
                item_done(),
                // Different calls, because the third equal one in a row would ask.
                function_call(
                    &call,
                    "read",
                    format!(r#"{{"filePath":"notes.md","limit":{}}}"#, number + 1),
                ),
                completed(Usage::default()),
            ])
        });
        fixture.stage.stand.script(scripts.collect::<Vec<_>>());
        let mut command =
            fixture.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), fixture.folder.path());
        let mut child = if step == 0 {
            command.args(["run", "go"])
        } else {
            command.args(["run", "--continue", "on"])
        }
        .spawn()
        .unwrap();
        for name in &gates[..step] {
            assert!(fixture.stage.stand.wait_reached(name));
            fixture.stage.stand.open(name);
        }
        assert!(fixture.stage.stand.wait_reached(&gates[step]));
        child.kill().unwrap();
        child.wait().unwrap();
        // Everything sent was on the disk before: the prompt of the request that hung, and all
        // before it.
        let log = fixture.log();
        assert!(
            log.ends_with('\n')
                && log.matches("\"type\":\"output\"").count() == (0..=step).sum::<usize>(),
            "{step}: {log}"
        );
    }
    fixture.stage.stand.script([ScriptedAnswer::says("Done.")]);
    assert_eq!(out(&fixture.plain(&["run", "--continue", "end"])), "Done.\n");
    // The server's laws hold for all of it: each call has one output.
    fixture.stage.stand.check().unwrap();
}

#[test]
fn a_run_goes_on_with_the_last_and_with_one_by_name() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([
        ScriptedAnswer::says("One."),
        ScriptedAnswer::says("Two."),
        ScriptedAnswer::says("Three."),
    ]);
    out(&fixture.plain(&["run", "first"]));
    assert_eq!(out(&fixture.plain(&["run", "-c", "second"])), "Two.\n");
    let id = fixture.logs()[0].file_stem().unwrap().to_str().unwrap().to_owned();
    let lines = out(&fixture.plain(&["run", "--json", "--resume", &id[id.len() - 8..], "third"]));
    assert!(lines.lines().next().unwrap().contains(&format!("\"session\":\"{id}\"")), "{lines}");
    let body = fixture.stage.stand.responses().pop().unwrap().body;
    for words in ["first", "One.", "second", "Two.", "third"] {
        assert!(body.contains(words), "{words} {body}");
    }
    let none = fixture.plain(&["run", "--resume", "nothing", "x"]);
    assert_eq!(none.status.code(), Some(2), "{none:?}");
    fixture.stage.stand.check().unwrap();
}

#[test]
fn no_prompt_leaves_no_file_and_a_signal_ends_the_turn_and_saves() {
    let fixture = Fixture::new();
    leave(&{
        let terminal = fixture.screen(&[]);
        terminal.wait_for("Ask anything");
        terminal
    });
    assert_eq!(fixture.logs(), Vec::<PathBuf>::new());

    fixture.stage.stand.script([ScriptedAnswer::sse([created(), text("Half a"), gate("never")])]);
    let terminal = fixture.screen(&[]);
    ask(&terminal, "go");
    terminal.wait_for("Half a");
    terminal.signal("TERM");
    assert_eq!(terminal.wait_exit().code, 143);
    let log = fixture.log();
    assert!(
        log.contains("Half a") && log.trim_end().ends_with("\"outcome\":\"interrupted\"}"),
        "{log}"
    );
}

/// A conversation in the middle of a turn in another program.
fn held(fixture: &Fixture) -> Terminal {
    fixture.stage.stand.script([ScriptedAnswer::sse([
        created(),
        text("Half an answer"),
        gate("more"),
        text(" and the rest."),
        item_done(),
        completed(Usage::default()),
    ])]);
    let holder = fixture.screen(&[]);
    ask(&holder, "what do tomatoes need?");
    assert!(fixture.stage.stand.wait_reached("more"));
    until(LIMIT, "the words on the disk", || fixture.log().contains("Half an answer"));
    holder
}

/// The same, where it cannot be joined: as with an older codling, there is no socket.
fn held_apart(fixture: &Fixture) -> Terminal {
    let holder = held(fixture);
    fs::remove_dir_all(fixture.stage.home.path().join("state/live")).unwrap();
    holder
}

#[test]
fn a_conversation_that_another_codling_has_open_is_watched_and_copied() {
    let fixture = Fixture::new();
    let holder = held_apart(&fixture);
    let other = fixture.screen(&["--continue"]);
    other.wait_for(sentences::OPEN_ELSEWHERE);
    for words in [&*format!("process {}", holder.pid()), "terminal /dev/", "Wait", "Watch"] {
        other.wait_for(words);
    }
    assert!(!other.screen().shows("Interrupted"));
    other.press("down");
    other.press("enter");
    other.wait_for("Half an answer");
    other.wait_for("Working in process");
    fixture.stage.stand.open("more");
    other.wait_for("and the rest.");
    other.wait_for("Open in process");
    assert!(!other.screen().shows("Interrupted"));
    other.press("esc");
    other.wait_for("esc close");
    other.press("up");
    other.press("enter");
    other.wait_for(sentences::IS_A_COPY);
    until(LIMIT, "the copy is kept before it is asked anything", || fixture.logs().len() == 2);
    fixture.stage.stand.script([ScriptedAnswer::says("Two.")]);
    ask(&other, "second");
    other.wait_for("Two.");
    fixture.stage.stand.script([ScriptedAnswer::says("Three.")]);
    ask(&holder, "third");
    holder.wait_for("Three.");
    assert!(!holder.screen().shows("Two."));
    leave(&other);
    leave(&holder);
}

#[test]
fn whoever_waits_has_the_conversation_as_soon_as_the_other_codling_ends() {
    let fixture = Fixture::new();
    let holder = held_apart(&fixture);
    let other = fixture.screen(&["--continue"]);
    other.wait_for(sentences::OPEN_ELSEWHERE);
    other.press("enter");
    other.wait_for("Waiting for");
    fixture.stage.stand.open("more");
    holder.wait_for("and the rest.");
    // The log is written beside the screen; the whole answer is in it when its turn ended.
    until(LIMIT, "the answer on the disk", || fixture.log().contains("and the rest."));
    holder.wait_gone("esc to interrupt");
    holder.signal("KILL");
    holder.wait_exit();
    other.wait_for("and the rest.");
    fixture.stage.stand.script([ScriptedAnswer::says("Two.")]);
    ask(&other, "second");
    other.wait_for("Two.");
    assert_eq!(fixture.logs().len(), 1, "it is the conversation itself");
    leave(&other);
    let files = fs::read_dir(fixture.stage.home.path().join("data/sessions")).unwrap();
    let notes =
        files.filter(|file| file.as_ref().unwrap().path().extension() == Some("open".as_ref()));
    assert_eq!(notes.count(), 0, "nobody has it open any more");
}

#[test]
fn esc_leaves_a_conversation_to_the_other_codling_and_a_run_goes_on_in_a_copy() {
    let fixture = Fixture::new();
    let holder = held_apart(&fixture);
    let other = fixture.screen(&["--continue"]);
    other.wait_for(sentences::OPEN_ELSEWHERE);
    other.press("esc");
    other.wait_gone(sentences::OPEN_ELSEWHERE);
    // A prompt is kept back until the new conversation is open, which its mode tells.
    other.wait_for("Build · ask");
    fixture.stage.stand.script([ScriptedAnswer::says("New.")]);
    ask(&other, "a new one");
    other.wait_for("New.");
    leave(&other);
    let name = fixture.logs().into_iter().next().unwrap();
    let name = name.file_stem().unwrap().to_str().unwrap().to_owned();
    fixture.stage.stand.script([ScriptedAnswer::says("Two.")]);
    let run = fixture.plain(&["run", "--resume", &name, "second"]);
    assert_eq!(out(&run), "Two.\n");
    let told = String::from_utf8_lossy(&run.stderr).into_owned();
    let process = format!("process {}", holder.pid());
    assert!(told.contains("a separate copy") && told.contains(&process), "{told}");
    fixture.stage.stand.open("more");
    holder.wait_for("and the rest.");
    leave(&holder);
    assert_eq!(fixture.logs().len(), 3);
}

#[test]
fn what_cannot_be_opened_is_listed_and_says_why() {
    let fixture = Fixture::new();
    let long_ago = |log: &Path, header: &dyn Fn(&str) -> String| {
        let text = fs::read_to_string(log).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        fs::write(log, format!("{}\n{rest}", header(first))).unwrap();
    };
    for (prompt, answer) in [("first question", "One."), ("second question", "Two.")] {
        fixture.stage.stand.script([ScriptedAnswer::says(answer)]);
        out(&fixture.plain(&["run", prompt]));
    }
    let logs = fixture.logs();
    long_ago(&logs[0], &|first| first[..first.len() / 2].to_owned());
    long_ago(&logs[1], &|first| first.replace("\"version\":2", "\"version\":99"));
    let listed = out(&fixture.plain(&["sessions", "list"]));
    assert!(listed.contains("first question  (damaged"), "{listed}");
    assert!(listed.contains(sentences::FROM_A_NEWER_CODLING), "{listed}");
    let name = |log: &Path| log.file_stem().unwrap().to_str().unwrap().to_owned();
    for (log, why) in [(&logs[0], "first line"), (&logs[1], "newer codling")] {
        let opened = fixture.plain(&["run", "--resume", &name(log), "go on"]);
        assert!(!opened.status.success());
        let told = String::from_utf8_lossy(&opened.stderr).into_owned();
        assert!(told.contains(why), "{told}");
    }
    assert!(out(&fixture.plain(&["sessions", "export", &name(&logs[0])])).contains("One."));
    let terminal = fixture.screen(&["--resume"]);
    terminal.wait_for("first question");
    terminal.wait_for("newer codling");
    terminal.press("esc");
    terminal.wait_gone("Conversations in");
    leave(&terminal);
}

#[test]
fn conversations_are_searched_renamed_opened_and_deleted_on_the_screen() {
    let fixture = Fixture::new();
    fixture
        .stage
        .stand
        .script([ScriptedAnswer::says("Sun and water."), ScriptedAnswer::says("In autumn.")]);
    out(&fixture.plain(&["run", "what do tomatoes need?"]));
    out(&fixture.plain(&["run", "when are pears ripe?"]));
    let terminal = fixture.screen(&[]);
    terminal.wait_for("Ask anything");
    terminal.press("ctrl+x").type_text("l");
    terminal.wait_for(sentences::SESSIONS_HERE);
    terminal.wait_for("In autumn.");
    terminal.type_text("tomato");
    terminal.wait_for("Sun and water.");
    terminal.wait_gone("In autumn.");
    terminal.press("ctrl+r");
    terminal.wait_for("Title");
    terminal.press("ctrl+u").type_text("red fruit").press("enter");
    terminal.wait_gone("Title");
    terminal.press("ctrl+u");
    terminal.wait_for("red fruit");
    terminal.type_text("pears").press("ctrl+d");
    terminal.wait_for("ctrl+d again to delete");
    terminal.press("ctrl+d");
    terminal.wait_for("Nothing matches");
    terminal.press("ctrl+u");
    terminal.wait_for("red fruit");
    terminal.press("enter");
    terminal.wait_gone(sentences::SESSIONS_HERE);
    terminal.wait_for("Sun and water.");
    for name in ["", "-2"] {
        terminal.type_text("/export").press("enter");
        terminal.wait_for(&format!("{name}.md`"));
        let page = fs::read_dir(fixture.folder.path()).unwrap().map(|file| file.unwrap().path());
        let mut pages: Vec<PathBuf> =
            page.filter(|path| path.to_string_lossy().ends_with(&format!("{name}.md"))).collect();
        pages.retain(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("codling-"))
        });
        let page =
            fs::read_to_string(pages.first().expect("a page beside those that are there")).unwrap();
        assert!(page.starts_with("# red fruit\n") && page.contains("Sun and water."), "{page}");
    }
    leave(&terminal);
    assert!(fixture.log().contains("red fruit"));
}

#[test]
fn sessions_on_a_plain_terminal_are_listed_shown_exported_and_deleted() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([ScriptedAnswer::says("Keep it safe.")]);
    out(&fixture.plain(&["run", "my key is sk-proj-0123456789abcdef0123"]));
    let list = out(&fixture.plain(&["sessions", "list"]));
    let id = list.split_whitespace().next().unwrap().to_owned();
    assert!(id.starts_with("ses_") && list.contains("my key is"), "{list}");
    assert!(
        out(&fixture.plain(&["sessions", "show", &id])).contains("sk-proj-0123456789abcdef0123")
    );
    let page = out(&fixture.plain(&["sessions", "export", &id]));
    assert!(
        page.contains("Keep it safe.") && page.contains("[redacted]") && !page.contains("sk-proj"),
        "{page}"
    );
    assert_eq!(fixture.plain(&["sessions", "delete", "nothing"]).status.code(), Some(2));
    assert_eq!(
        (fixture.plain(&["sessions", "delete", &id]).status.code(), fixture.logs().len()),
        (Some(2), 1),
        "nobody was asked"
    );
    out(&fixture.plain(&["sessions", "delete", "--yes", &id]));
    assert_eq!(fixture.logs(), Vec::<PathBuf>::new());
    assert_eq!(out(&fixture.plain(&["sessions", "list"])), "");
}

#[test]
fn the_request_leaves_only_after_the_prompt_is_on_the_disk() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([ScriptedAnswer::sse([created(), gate("never")])]);
    let mut command =
        fixture.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), fixture.folder.path());
    let mut child = command.args(["run", "a prompt to keep"]).spawn().unwrap();
    assert!(
        fixture.stage.stand.wait_for(SeenRequest::is_responses, Duration::from_secs(20)).is_some()
    );
    let log = fixture.log();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(log.contains("a prompt to keep"), "{log}");
}

#[test]
fn what_of_a_conversation_is_damaged_is_told_with_it() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([ScriptedAnswer::says("Sun.")]);
    let asked = fixture.plain(&["run", "what do tomatoes need?"]);
    assert!(asked.status.success(), "{asked:?}");
    let log = fixture.logs().pop().unwrap();
    let text = fs::read_to_string(&log).unwrap();
    let (first, rest) = text.split_once('\n').unwrap();
    fs::write(&log, format!("{first}\nnonsense\n{rest}")).unwrap();
    let name = log.file_stem().unwrap().to_str().unwrap();
    for command in ["show", "export"] {
        let output = fixture.plain(&["sessions", command, name]);
        assert!(out(&output).contains("Sun."), "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(told.contains("Line 2") && told.contains("damaged"), "{command}: {told}");
    }
}
