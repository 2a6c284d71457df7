//! Pictures that a person attaches: by a path, from the clipboard, from an earlier prompt. They
//! reach the server as pictures, and come back with the conversation.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codling::demo::ScriptedAnswer;

use super::fixture::{Fixture, Person};
use crate::pty::{Look, Setup, Terminal};

/// How long a first look waits before it tries again.
const SOON: Duration = Duration::from_millis(300);

const PNG: [u8; 67] = *b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

/// The pictures of each request, as they were sent.
fn sent(fixture: &Fixture) -> Vec<Vec<String>> {
    let pictures = |request: &codling::demo::SeenRequest| {
        let parts = request
            .input()
            .into_iter()
            .flat_map(|item| item["content"].as_array().cloned().unwrap_or_default());
        parts.filter_map(|part| Some(part["image_url"].as_str()?.to_owned())).collect()
    };
    fixture.stage.stand.responses().iter().map(pictures).collect()
}

fn address() -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(PNG))
}

/// A folder with these scripts as programs, and the variable that has them found first.
fn programs(folder: &Path, scripts: &[(&str, String)]) -> String {
    fs::create_dir(folder).unwrap();
    for (name, script) in scripts {
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    format!("{}:/usr/bin:/bin", folder.display())
}

fn send(terminal: &Terminal, chip: &str) {
    terminal.wait_for(chip);
    terminal.press("enter");
}

#[test]
fn a_pasted_path_is_sent_as_a_picture_and_again_when_the_conversation_goes_on() {
    let fixture = Fixture::new();
    let file = fixture.outside().join("my 中 pic.png");
    fs::write(&file, PNG).unwrap();
    fixture.script([ScriptedAnswer::says("A dot."), ScriptedAnswer::says("Still a dot.")]);
    let chip = "[picture my 中 pic.png 1×1]";
    let terminal = fixture.open(&[]);
    terminal.type_text("what is ").paste(&format!("'{}' ", file.display()));
    send(&terminal, chip);
    terminal.shows(&["A dot.", chip]);
    terminal.rests();
    fixture.leave(&terminal);
    assert_eq!(sent(&fixture), [vec![address()]]);

    // It is kept with the conversation, whatever became of the file.
    fs::remove_file(&file).unwrap();
    let terminal = fixture.open(&["--continue"]);
    terminal.shows(&["A dot.", chip]);
    terminal.ask("and now?");
    terminal.wait_for("Still a dot.");
    terminal.rests();
    assert_eq!(sent(&fixture)[1], [address()]);
    // The prompt comes back from the history with the path, as its file is gone.
    terminal.press("up");
    terminal.wait_for("│ and now?");
    terminal.press("up");
    terminal.wait_for("│ what is /");
    terminal.press("ctrl+c");
    terminal.wait_gone("│ what is /");
    fixture.leave(&terminal);
    let shown = fixture
        .program()
        .args(["sessions", "show", "ses_"])
        .stdout(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert!(String::from_utf8_lossy(&shown.stdout).contains(chip), "{shown:?}");
}

#[test]
fn the_history_of_an_earlier_start_brings_a_picture_back() {
    let fixture = Fixture::new();
    fs::write(fixture.folder().join("a.png"), PNG).unwrap();
    fixture.script([ScriptedAnswer::says("A dot."), ScriptedAnswer::says("The same dot.")]);
    let terminal = fixture.open(&[]);
    terminal.type_text("@a.png");
    terminal.wait_for("› a.png");
    terminal.press("tab");
    send(&terminal, "[picture a.png 1×1]");
    terminal.wait_for("A dot.");
    terminal.rests();
    fixture.leave(&terminal);
    let terminal = fixture.open(&[]);
    // The history may not be there yet at the first press.
    let is_back = |terminal: &Terminal| {
        let seen = terminal.see(|screen| screen.shows("│ [picture a.png 1×1]"), SOON);
        seen.is_some()
    };
    while !is_back(terminal.press("up")) {}
    terminal.press("enter");
    terminal.wait_for("The same dot.");
    terminal.rests();
    assert_eq!(sent(&fixture), [vec![address()], vec![address()]]);
    fixture.leave(&terminal);
}

#[test]
fn the_clipboard_is_read_by_the_program_that_has_a_picture() {
    let fixture = Fixture::new();
    let file = fixture.outside().join("copied.png");
    fs::write(&file, PNG).unwrap();
    let has_none = "exit 1".to_owned();
    let has_one = format!(
        "case \"$*\" in *TARGETS*) echo TARGETS; echo image/png;; *) exec cat '{}';; esac",
        file.display()
    );
    let path =
        programs(&fixture.outside().join("bin"), &[("wl-paste", has_none), ("xclip", has_one)]);
    fixture.script([ScriptedAnswer::says("A dot.")]);
    let terminal = fixture.open_with(&[], |setup: Setup| setup.env("PATH", &path));
    terminal.press("ctrl+v");
    send(&terminal, "[picture clipboard 1×1]");
    terminal.wait_for("A dot.");
    terminal.rests();
    assert_eq!(sent(&fixture), [vec![address()]]);
    fixture.leave(&terminal);
}

#[test]
fn a_program_that_hangs_is_given_up_and_ended_with_all_that_it_started() {
    let fixture = Fixture::new();
    let pids = fixture.outside().join("pids");
    let hangs = format!("sleep 1000 & echo $$ $! > '{}'; wait", pids.display());
    let path = programs(&fixture.outside().join("bin"), &[("wl-paste", hangs)]);
    let terminal = fixture.open_with(&[], |setup: Setup| setup.env("PATH", &path));
    terminal.type_text("look at ");
    terminal.press("ctrl+v");
    // Typing goes on meanwhile.
    terminal.type_text("this");
    terminal.wait_for("wl-paste");
    terminal.wait_for("│ look at this");
    let pids = fs::read_to_string(pids).unwrap();
    super::fixture::wait_dead(&fixture, pids.split_whitespace());
    terminal.press("ctrl+c");
    terminal.wait_gone("│ look at");
    fixture.leave(&terminal);
}

#[test]
fn a_terminal_that_shares_its_clipboard_is_asked_over_ssh() {
    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::says("A dot.")]);
    let terminal = fixture.open_with(&[], |setup| setup.env("SSH_TTY", "/dev/pts/9"));
    let mark = terminal.mark();
    // Without the protocol there is one line that says what to do.
    terminal.press("ctrl+v");
    terminal.wait_for("scp");
    terminal.send(b"\x1b[?5522;1$y");
    terminal.press("ctrl+v");
    terminal.wait_for("[picture clipboard 2 …]");
    terminal.wait_raw(mark, b"\x1b]5522;type=read:id=1;");
    let (one, two) = PNG.split_at(40);
    let data = |bytes: &[u8]| {
        let bytes = STANDARD.encode(bytes);
        format!("\x1b]5522;type=read:id=1:status=DATA:mime=aW1hZ2UvcG5n;{bytes}\x1b\\")
    };
    terminal.send(b"\x1b]5522;type=read:id=1:status=OK\x1b\\\x1b");
    terminal.send(&data(one).as_bytes()[1..]);
    terminal.send(data(two).as_bytes());
    terminal.send(b"\x1b]5522;type=read:id=1:status=DONE\x1b\\");
    send(&terminal, "[picture clipboard 2 1×1]");
    terminal.wait_for("A dot.");
    terminal.rests();
    assert_eq!(sent(&fixture), [vec![address()]]);
    fixture.leave(&terminal);
}

#[test]
fn a_picture_for_a_conversation_that_another_program_holds_is_sent_by_that_one() {
    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::says("Hello."), ScriptedAnswer::says("A dot.")]);
    let holder = fixture.open(&[]);
    holder.ask("hi");
    holder.wait_for("Hello.");
    holder.rests();
    let joined = fixture.open(&["--continue"]);
    joined.wait_for("· joined");
    let file = fixture.outside().join("a.png");
    fs::write(&file, PNG).unwrap();
    joined.paste(&file.to_string_lossy());
    send(&joined, "[picture a.png 1×1]");
    holder.shows(&["[picture a.png 1×1]", "A dot."]);
    joined.wait_for("A dot.");
    holder.rests();
    joined.rests();
    assert_eq!(sent(&fixture)[1], [address()]);
    joined.type_text("/exit").press("enter");
    assert_eq!(joined.wait_exit().code, 0);
    fixture.leave(&holder);
}
