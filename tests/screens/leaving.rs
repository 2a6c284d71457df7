//! Leaving: the terminal is restored, and the caller gets the exit code.

use codling::demo::{ScriptedAnswer, created, stall, text};

use crate::pty::{Look, Replies, Setup, Terminal};
use crate::stage::{Account, Stage};

use super::scene::{Person, Scene, open};

/// Checks that the terminal is as before, on the shell's screen.
fn is_tidy(terminal: &Terminal) {
    assert_eq!(terminal.leftovers(), Vec::<String>::new());
    assert!(!terminal.screen().alternate_screen() && terminal.screen().cursor().is_some());
}

#[test]
fn every_way_out_restores_the_terminal_and_tells_how_it_ended() {
    type Act = fn(&Terminal);
    let ways: [(&str, u32, Act); 7] = [
        ("/exit", 0, |terminal| {
            terminal.type_text("/exit").press("enter");
        }),
        ("the chord", 0, |terminal| {
            terminal.press("ctrl+x").type_text("q");
        }),
        ("ctrl+c twice", 0, |terminal| {
            terminal.press("ctrl+c");
            terminal.wait_for("ctrl+c again to quit");
            terminal.press("ctrl+c");
        }),
        ("SIGTERM", 143, |terminal| {
            terminal.signal("TERM");
        }),
        ("SIGHUP", 129, |terminal| {
            terminal.signal("HUP");
        }),
        ("SIGINT", 130, |terminal| {
            terminal.signal("INT");
        }),
        ("SIGQUIT", 131, |terminal| {
            terminal.signal("QUIT");
        }),
    ];
    for (name, code, act) in ways {
        for replies in [Replies::xterm(), Replies::kitty(), Replies::silent()] {
            let stage = Stage::new(Account::Nobody);
            let terminal = open(&stage, |setup| setup.replies(replies));
            terminal.wait_for("enter to sign in");
            act(&terminal);
            let exit = terminal.wait_exit();
            assert_eq!((exit.code, exit.signal), (code, None), "{name}");
            is_tidy(&terminal);
        }
    }
}

/// Sent from outside, and as the program raises it when memory runs out.
#[cfg(target_os = "linux")]
#[test]
fn an_abort_ends_the_program_only_after_the_terminal_was_restored() {
    type Act = fn(&Terminal);
    let ways: [(&str, Act); 2] = [
        ("SIGABRT", |terminal| {
            terminal.signal("ABRT");
        }),
        ("no memory", |terminal| {
            use rustix::process::{Pid, Resource, Rlimit, prlimit};
            let pid = Pid::from_raw(i32::try_from(terminal.pid()).unwrap());
            let none = Rlimit { current: Some(1), maximum: Some(1) };
            prlimit(pid, Resource::Data, none).unwrap();
            terminal.resize(2000, 1000);
        }),
    ];
    for (name, act) in ways {
        for replies in [Replies::xterm(), Replies::kitty()] {
            let stage = Stage::new(Account::Nobody);
            let terminal = open(&stage, |setup| setup.replies(replies));
            terminal.wait_for("enter to sign in");
            act(&terminal);
            let exit = terminal.wait_exit();
            assert!(
                exit.signal.as_ref().is_some_and(|signal| signal.starts_with("Aborted")),
                "{name}: {exit:?}"
            );
            is_tidy(&terminal);
        }
    }
}

#[test]
fn a_signal_in_the_middle_of_an_answer_or_a_sign_in_ends_both() {
    let scene = Scene::new(Account::ChatGpt);
    scene.stage.stand.script([ScriptedAnswer::sse([created(), text("half"), stall()])]);
    scene.terminal.ask("Go");
    scene.terminal.wait_for("half");
    scene.terminal.signal("TERM");
    assert_eq!(scene.terminal.wait_exit().code, 143);
    is_tidy(&scene.terminal);

    let stage = Stage::new(Account::Nobody);
    let terminal = open(&stage, |setup| setup);
    terminal.connect('1');
    terminal.wait_for("listening on localhost:");
    terminal.signal("INT");
    assert_eq!(terminal.wait_exit().code, 130);
    is_tidy(&terminal);
}

#[test]
fn a_terminal_that_goes_away_ends_the_program() {
    let stage = Stage::new(Account::Nobody);
    let setup = Setup::codling().envs(stage.variables());
    // The last query to the terminal at the start.
    let exit = setup.hang_up_after("\x1b[c");
    assert_eq!((exit.code, exit.signal), (129, None));
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_the_program_where_nobody_reads_the_terminal() {
    let stage = Stage::new(Account::Nobody);
    let unread = Setup::codling().envs(stage.variables()).start_unread("\x1b[c").fill();
    let pid = unread.pid().to_string();
    assert!(
        std::process::Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success()
    );
    assert_eq!(unread.wait_exit(), Some(143));
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_was_started_with_nohup_outlives_a_hang_up() {
    let stage = Stage::new(Account::Nobody);
    let script = format!("trap '' HUP; exec {}", env!("CARGO_BIN_EXE_codling"));
    let terminal = Setup::sh(&script).envs(stage.variables()).start();
    terminal.wait_for("Ask anything");
    terminal.signal("HUP").type_text("still here");
    terminal.wait_for("│ still here");
    terminal.signal("TERM");
    assert_eq!(terminal.wait_exit().code, 143);
}

#[test]
fn ctrl_z_gives_the_terminal_back_to_the_shell_and_fg_paints_all_anew() {
    let stage = Stage::new(Account::Nobody);
    let program = env!("CARGO_BIN_EXE_codling");
    let script = format!(
        "set -m; {program}; echo \"stopped $?\"; read -r line; fg >/dev/null; echo \"ended $?\""
    );
    let home = Setup::sh(&script).envs(stage.variables());
    let terminal = home.start();
    terminal.wait_for("Ask anything");
    terminal.type_text("a draft");
    terminal.wait_for("│ a draft");
    terminal.press("ctrl+z");
    terminal.wait_for("stopped 148");
    is_tidy(&terminal);
    assert!(!terminal.screen().shows("a draft"));
    let mark = terminal.mark();
    terminal.press("enter");
    terminal.wait_for("│ a draft");
    let raw = String::from_utf8(terminal.raw_since(mark)).unwrap();
    assert!(
        raw.contains("\x1b[?1049h") && raw.contains("\x1b[2J") && raw.contains("codling"),
        "{}",
        raw.escape_debug()
    );
    terminal.press("ctrl+c");
    terminal.wait_for("Ask anything");
    terminal.type_text("/exit").press("enter");
    terminal.wait_for("ended 0");
    assert_eq!(terminal.wait_exit().code, 0);
    is_tidy(&terminal);
}

#[test]
fn a_stop_and_a_continuation_by_others_paint_all_anew() {
    let stage = Stage::new(Account::Nobody);
    let terminal = open(&stage, |setup| setup);
    terminal.type_text("a draft");
    terminal.wait_for("│ a draft");
    terminal.signal("STOP");
    let mark = terminal.mark();
    terminal.signal("CONT");
    terminal.wait_raw(mark, b"\x1b[?1049h");
    terminal.wait_raw(mark, "a draft".as_bytes());
    terminal.wait_for("│ a draft");
    terminal.press("ctrl+c");
    terminal.wait_for("Ask anything");
    terminal.leave();
}
