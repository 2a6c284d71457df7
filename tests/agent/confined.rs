//! Auto mode and the sandbox, by the real kernel: what is blocked inside a command, and what a person then decides. Knows nothing of undo.

use std::io::Write as _;
use std::net::TcpListener;

use codling::demo::ScriptedAnswer;

use super::scene::{Person, Place};

/// Says so where there is nothing to see.
pub(super) fn has_sandbox() -> bool {
    let present =
        codling::sandbox::found(env!("CARGO_BIN_EXE_codling").as_ref()).sandbox.is_present();
    if !present {
        let _told = writeln!(std::io::stderr(), "skipped: this system has no sandbox");
    }
    present
}

const AUTO: [&str; 2] = ["--approval-mode", "auto"];

#[test]
fn a_write_outside_of_the_folder_is_blocked_and_offered_again_without_the_sandbox() {
    if !has_sandbox() {
        return;
    }
    let place = Place::new();
    // Behind a script that the eye of the law does not look into.
    place.write("build.sh", "echo inside > in\necho x > ../out\n");
    place.script([
        ScriptedAnswer::runs("c1", "sh build.sh"),
        ScriptedAnswer::runs("c2", "sh ./build.sh"),
        ScriptedAnswer::says("The second time it worked."),
    ]);
    let terminal = place.open(&AUTO);
    terminal.ask("build it");
    terminal.shows(&[
        "Run this command?",
        "$ sh build.sh",
        "The sandbox got in its way",
        "without a sandbox",
    ]);
    assert_eq!(place.read("in").unwrap(), "inside\n");
    assert!(!place.outside().join("out").exists());
    terminal.decide("n");
    terminal.shows(&["Run this command?", "$ sh ./build.sh", "The sandbox got in its way"]);
    let output = place.output("c1");
    assert!(
        output.contains("did not allow it to run again without the sandbox")
            && output.contains("out"),
        "{output}"
    );
    assert!(!place.outside().join("out").exists());
    terminal.decide("y");
    terminal.wait_for("The second time it worked.");
    assert_eq!(std::fs::read_to_string(place.outside().join("out")).unwrap(), "x\n");
    assert!(place.output("c2").starts_with("Exit code 0"), "{}", place.output("c2"));
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn a_network_call_is_blocked_whatever_makes_it_and_offered_again_without_the_sandbox() {
    if !has_sandbox() {
        return;
    }
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let scripts = [
        ("call.sh", "bash", format!("exec 3<>/dev/tcp/127.0.0.1/{port} || exit 7\n")),
        (
            "call.py",
            "python3",
            format!("import socket\nsocket.create_connection(('127.0.0.1', {port}))\n"),
        ),
        (
            "call.pl",
            "perl",
            format!(
                "use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0) or die \"socket: $!\"; connect($s, sockaddr_in({port}, inet_aton('127.0.0.1'))) or die \"connect: $!\";\n"
            ),
        ),
    ];
    let answers = scripts.iter().enumerate().map(|(at, (file, program, text))| {
        place.write(file, text);
        ScriptedAnswer::runs(&format!("c{at}"), &format!("{program} {file}"))
    });
    place.script(
        answers.chain([ScriptedAnswer::says("One of three got through.")]).collect::<Vec<_>>(),
    );
    let terminal = place.open(&AUTO);
    terminal.ask("call home");
    for (at, (file, program, _)) in scripts.iter().enumerate() {
        terminal.shows(&[
            "Run this command?",
            &format!("$ {program} {file}"),
            "The sandbox got in its way",
        ]);
        assert!(listener.accept().is_err(), "{program} reached it");
        terminal.decide(if at == 2 { "y" } else { "n" });
    }
    terminal.wait_for("One of three got through.");
    listener.set_nonblocking(false).unwrap();
    assert!(listener.accept().is_ok());
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "once, and no more");
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn what_the_law_sees_in_the_line_itself_asks_before_anything_runs() {
    let place = Place::new();
    place.script([
        ScriptedAnswer::runs("c1", "sh -c 'echo x > ../out'"),
        ScriptedAnswer::says("Not done."),
    ]);
    let terminal = place.open(&AUTO);
    terminal.ask("write elsewhere");
    terminal.shows(&["Run this command?", "$ sh -c 'echo x > ../out'"]);
    assert!(!terminal.screen().contents().contains("The sandbox got in its way"));
    terminal.decide("n");
    terminal.wait_for("Not done.");
    assert!(!place.outside().join("out").exists());
    assert!(place.output("c1").contains("refused this call"), "{}", place.output("c1"));
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn a_new_repository_that_an_interrupted_command_left_is_made_harmless_and_that_is_told() {
    if !has_sandbox() {
        return;
    }
    let place = Place::new();
    place.write(
        "make.sh",
        "git init -q new\ngit -C new config core.fsmonitor ./x\ntouch made\nsleep 1000\n",
    );
    place.script([ScriptedAnswer::runs("c1", "sh make.sh")]);
    let terminal = place.open(&AUTO);
    terminal.ask("make it");
    place.wait_for("made", |_| true);
    terminal.interrupt();
    terminal.shows(&["■ Interrupted", "would have git run programs", "(new/.git/config)"]);
    assert!(
        place.read("new/.git/config").is_none()
            && place.read("new/.git/config.set-aside").is_some()
    );
    // What was set aside is known as it is now, and goes with the rest.
    terminal.slash("undo");
    terminal.shows(&["Take the changes of this turn back?", "new/.git", "made"]);
    terminal.take_back();
    terminal.wait_for("were taken back");
    assert!(!place.folder().join("new").exists() && place.read("made").is_none());
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn a_new_repository_that_would_run_something_is_made_harmless_and_both_are_told() {
    if !has_sandbox() {
        return;
    }
    let place = Place::new();
    place.write("make.sh", "git init -q new\ngit -C new config core.fsmonitor ./x\n");
    place.script([ScriptedAnswer::runs("c1", "sh make.sh"), ScriptedAnswer::says("It is made.")]);
    let terminal = place.open(&AUTO);
    terminal.ask("make it");
    terminal.shows(&["It is made.", "would have git run programs", "(new/.git/config)"]);
    let output = place.output("c1");
    assert!(output.contains("renamed to `*.set-aside` (new/.git/config)"), "{output}");
    assert!(
        place.read("new/.git/config").is_none()
            && place.read("new/.git/config.set-aside").is_some()
    );
    terminal.rests();
    place.leave(&terminal);
}
