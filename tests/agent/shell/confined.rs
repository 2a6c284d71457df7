//! Auto mode and the sandbox with the real kernel: the blocked parts of a command, and the person's
//! decision.

use std::io::Write as _;
use std::net::TcpListener;

use codling::demo::ScriptedAnswer;
use codling::protocol::Sandbox;

use crate::agent::fixture::{Fixture, Person};
use crate::stage::needs::demand_sandbox;
use crate::stage::sentences;

const AUTO: [&str; 2] = ["--approval-mode", "auto"];

#[test]
fn a_write_outside_of_the_folder_is_blocked_and_offered_again_without_the_sandbox() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    // Inside a script, which the policy does not read.
    fixture.write("build.sh", "echo inside > in\necho x > ../out\n");
    fixture.script([
        ScriptedAnswer::runs("c1", "sh build.sh"),
        ScriptedAnswer::runs("c2", "sh ./build.sh"),
        ScriptedAnswer::says("The second time it worked."),
    ]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("build it");
    terminal.shows(&[
        "Run this command?",
        "$ sh build.sh",
        sentences::BLOCKED_BY_SANDBOX,
        "without a sandbox",
    ]);
    assert_eq!(fixture.read("in").unwrap(), "inside\n");
    assert!(!fixture.outside().join("out").exists());
    terminal.decide("n");
    terminal.shows(&["Run this command?", "$ sh ./build.sh", sentences::BLOCKED_BY_SANDBOX]);
    let output = fixture.output("c1");
    assert!(output.contains(sentences::TOLD_NOT_UNCONFINED) && output.contains("out"), "{output}");
    assert!(!fixture.outside().join("out").exists());
    terminal.decide("y");
    terminal.wait_for("The second time it worked.");
    assert_eq!(std::fs::read_to_string(fixture.outside().join("out")).unwrap(), "x\n");
    assert!(fixture.output("c2").starts_with("Exit code 0"), "{}", fixture.output("c2"));
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn a_network_call_is_blocked_whatever_makes_it_and_offered_again_without_the_sandbox() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let scripts = [
        ("call.sh", "bash", format!("exec 3<>/dev/tcp/127.0.0.1/{port} || exit 7\n")),
        (
            "call.py",
            "python3",
            format!(
                "import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}))\nexcept OSError as error:\n    raise SystemExit(f'127.0.0.1:{port}: {{error}}')\n"
            ),
        ),
        (
            "call.pl",
            "perl",
            format!(
                "use Socket; socket(my $s, PF_INET, SOCK_STREAM, 0) or die \"socket: $!\"; connect($s, sockaddr_in({port}, inet_aton('127.0.0.1'))) or die \"connect to 127.0.0.1:{port}: $!\";\n"
            ),
        ),
    ];
    let answers = scripts.iter().enumerate().map(|(at, (file, program, text))| {
        fixture.write(file, text);
        ScriptedAnswer::runs(&format!("c{at}"), &format!("{program} {file}"))
    });
    fixture.script(
        answers.chain([ScriptedAnswer::says("One of three got through.")]).collect::<Vec<_>>(),
    );
    let terminal = fixture.open(&AUTO);
    terminal.ask("call home");
    for (at, (file, program, _)) in scripts.iter().enumerate() {
        terminal.shows(&[
            "Run this command?",
            &format!("$ {program} {file}"),
            sentences::BLOCKED_BY_SANDBOX,
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
    fixture.leave(&terminal);
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_port_of_the_machine_is_opened_with_a_key_and_reached_by_the_commands_of_this_conversation() {
    demand_sandbox(Sandbox::shares_network);
    let fixture = Fixture::new();
    // It speaks first, as databases may.
    let database = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = database.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in database.incoming().map_while(Result::ok) {
            let _gone = stream.write_all(b"three rows\n");
        }
    });
    let line = format!("exec 3<>/dev/tcp/127.0.0.1/{port} && cat <&3\n");
    fixture.write("query.sh", &line);
    fixture.script([
        ScriptedAnswer::runs("c1", "bash query.sh"),
        ScriptedAnswer::says("It is there."),
        ScriptedAnswer::runs("c2", "bash ./query.sh"),
        ScriptedAnswer::says("And again."),
        ScriptedAnswer::runs("c3", "bash query.sh"),
        ScriptedAnswer::says("It is closed."),
    ]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("ask the database");
    let words = format!("port {port} of this machine");
    terminal.shows(&["Run this command?", "$ bash query.sh", &format!("only {words}")]);
    terminal.decide("o");
    terminal.shows(&["commands there can:", &format!("reach {words}")]);
    terminal.decide("1");
    terminal.wait_for("It is there.");
    assert!(fixture.output("c1").contains("three rows"), "{}", fixture.output("c1"));
    terminal.ask("once more");
    terminal.wait_for("And again.");
    assert!(fixture.output("c2").contains("three rows"), "{}", fixture.output("c2"));
    terminal.slash("status");
    terminal.shows(&["opened", &words]);
    let close = || {
        terminal.press("esc");
        terminal
            .wait_until("the dialog is gone", |screen| !screen.contents().contains("esc close"));
    };
    close();
    terminal.slash("approvals");
    terminal.wait_for(sentences::MODES_DIALOG);
    terminal.press("tab");
    terminal.shows(&["open", &words, "x close"]);
    terminal.press("x");
    terminal.wait_for(sentences::NO_RULES_YET);
    close();
    terminal.wait_for(sentences::CLOSED_TO_COMMANDS);
    terminal.ask("and now?");
    terminal.shows(&["Run this command?", "$ bash query.sh", &format!("only {words}")]);
    terminal.decide("n");
    terminal.wait_for("It is closed.");
    assert!(!fixture.output("c3").contains("three rows"), "{}", fixture.output("c3"));
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn what_the_law_sees_in_the_line_itself_asks_before_anything_runs() {
    let fixture = Fixture::new();
    fixture.script([
        ScriptedAnswer::runs("c1", "sh -c 'echo x > ../out'"),
        ScriptedAnswer::says("Not done."),
    ]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("write elsewhere");
    terminal.shows(&["Run this command?", "$ sh -c 'echo x > ../out'"]);
    assert!(!terminal.screen().contents().contains(sentences::BLOCKED_BY_SANDBOX));
    terminal.decide("n");
    terminal.wait_for("Not done.");
    assert!(!fixture.outside().join("out").exists());
    assert!(fixture.output("c1").contains("refused this call"), "{}", fixture.output("c1"));
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn a_new_repository_that_an_interrupted_command_left_is_made_harmless_and_that_is_told() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    fixture.write(
        "make.sh",
        "git init -q new\ngit -C new config core.fsmonitor ./x\ntouch made\nsleep 1000\n",
    );
    fixture.script([ScriptedAnswer::runs("c1", "sh make.sh")]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("make it");
    fixture.wait_for("made", |_| true);
    terminal.interrupt();
    terminal.shows(&["■ Interrupted", sentences::SANITIZED_REPOSITORY, "(new/.git/config)"]);
    assert!(
        fixture.read("new/.git/config").is_none()
            && fixture.read("new/.git/config.set-aside").is_some()
    );
    // The file that was set aside belongs to the turn and is undone with it.
    terminal.slash("undo");
    terminal.shows(&[sentences::TAKE_BACK_TURN, "new/.git", "made"]);
    terminal.take_back();
    terminal.wait_for("were taken back");
    assert!(!fixture.folder().join("new").exists() && fixture.read("made").is_none());
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn a_new_repository_that_would_run_something_is_made_harmless_and_both_are_told() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    fixture.write("make.sh", "git init -q new\ngit -C new config core.fsmonitor ./x\n");
    fixture.script([ScriptedAnswer::runs("c1", "sh make.sh"), ScriptedAnswer::says("It is made.")]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("make it");
    terminal.shows(&["It is made.", sentences::SANITIZED_REPOSITORY, "(new/.git/config)"]);
    let output = fixture.output("c1");
    assert!(output.contains("renamed to `*.set-aside` (new/.git/config)"), "{output}");
    assert!(
        fixture.read("new/.git/config").is_none()
            && fixture.read("new/.git/config.set-aside").is_some()
    );
    terminal.rests();
    fixture.leave(&terminal);
}
