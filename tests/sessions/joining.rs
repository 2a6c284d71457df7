//! A conversation that outlives its terminal: lost, left on purpose, joined, taken over. The real
//! program on real terminals.

use std::fs;

use codling::demo::{ScriptedAnswer, completed, created, function_call, gate, item_done, text};
use codling::protocol::Usage;

use crate::pty::{Look, Setup, Terminal};
use crate::stage::{find, sentences, until};

use super::{Fixture, LIMIT, ask, held, leave};

/// Waits until the program has let go of its terminal.
fn rests_without_screen(holder: &Terminal) {
    let input = format!("/proc/{}/fd/0", holder.pid());
    until(LIMIT, "the terminal let go of", || {
        fs::read_link(&input).is_ok_and(|to| to.as_os_str() == "/dev/null")
    });
}

/// The signs of the status line and of a turn that was cut off.
const JOINED: &str = "· joined";
const CUT_OFF: &str = "Interrupted";

#[test]
fn a_lost_terminal_costs_no_turn_and_another_picks_it_up() {
    let fixture = Fixture::new();
    let holder = held(&fixture);
    // The kernel says it twice where a shell had started the program, and the shell does, too.
    for _ in 0..3 {
        holder.signal("HUP");
    }
    let other = fixture.screen(&["attach"]);
    other.wait_for("Half an answer");
    other.wait_for(JOINED);
    fixture.stage.stand.open("more");
    other.wait_for("and the rest.");
    // The holder hands over and ends, as nothing runs there any more.
    other.wait_gone(JOINED);
    assert_eq!(holder.wait_exit().code, 0);
    assert!(!other.screen().shows(CUT_OFF));
    fixture.stage.stand.script([ScriptedAnswer::says("Two.")]);
    ask(&other, "second");
    other.wait_for("Two.");
    leave(&other);
    assert_eq!(fixture.logs().len(), 1, "no copy was made");
    let live = fs::read_dir(fixture.stage.home.path().join("state/live")).unwrap();
    assert_eq!(live.count(), 0, "no socket is left");
    fixture.stage.stand.check().unwrap();
}

#[test]
fn a_terminal_that_is_lost_at_rest_leaves_neither_a_socket_nor_a_lock() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([ScriptedAnswer::says("One.")]);
    let screen = fixture.screen(&[]);
    ask(&screen, "first");
    screen.wait_for("One.");
    screen.wait_gone("esc to interrupt");
    screen.hang_up_thrice();
    assert_eq!(screen.wait_exit().code, 129);
    let home = fixture.stage.home.path();
    assert_eq!(fs::read_dir(home.join("state/live")).unwrap().count(), 0);
    let sessions = fs::read_dir(home.join("data/sessions")).unwrap();
    let names = sessions.map(|it| it.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| name.ends_with(".open")).count(), 0);
}

#[test]
fn what_waits_for_a_person_is_answered_on_another_screen_which_then_takes_it_over() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([
        ScriptedAnswer::sse([
            created(),
            function_call("c1", "write", r#"{"filePath":"new.md","content":"x"}"#),
            completed(Usage::default()),
        ]),
        ScriptedAnswer::sse([
            created(),
            text("Half"),
            gate("more"),
            text(" done."),
            item_done(),
            completed(Usage::default()),
        ]),
    ]);
    let holder = fixture.screen(&[]);
    ask(&holder, "write it");
    holder.wait_for("new.md");
    holder.wait_for("once");
    let other = fixture.screen(&["--continue", "--take"]);
    other.wait_for("once");
    other.wait_for(JOINED);
    holder.wait_for("Taken over from");
    // It goes on without a screen, as its turn waits for an answer.
    other.wait_until("what is asked takes keys", |screen| {
        screen.lines().iter().any(|line| line.starts_with('│') && line.contains("› "))
    });
    other.type_text("y");
    other.wait_for("Half");
    assert!(holder.is_running());
    fixture.stage.stand.open("more");
    other.wait_for("Half done.");
    assert_eq!(holder.wait_exit().code, 0);
    other.wait_gone(JOINED);
    assert_eq!(fs::read_to_string(fixture.folder.path().join("new.md")).unwrap(), "x");
    leave(&other);
    fixture.stage.stand.check().unwrap();
}

#[test]
fn leaving_with_detach_gives_the_shell_its_prompt_and_fg_brings_the_screen_back() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([ScriptedAnswer::sse([
        created(),
        text("Half an answer"),
        gate("more"),
        text(" and the rest."),
        item_done(),
        completed(Usage::default()),
    ])]);
    let program = env!("CARGO_BIN_EXE_codling");
    let script = format!(
        "set -m; {program}; echo \"left $?\"; read -r line; fg >/dev/null; echo \"ended $?\""
    );
    let setup = Setup::sh(&script).envs(fixture.stage.variables());
    let terminal = setup.folder_at(fixture.folder.path()).size(100, 30).start();
    ask(&terminal, "what do tomatoes need?");
    assert!(fixture.stage.stand.wait_reached("more"));
    terminal.type_text("/detach").press("enter");
    terminal.wait_for("codling attach ses_");
    terminal.wait_for("left 148");
    assert_eq!(terminal.leftovers(), Vec::<String>::new());
    terminal.press("enter");
    terminal.wait_for("Half an answer");
    fixture.stage.stand.open("more");
    terminal.wait_for("and the rest.");
    assert!(!terminal.screen().shows(CUT_OFF) && !terminal.screen().shows(JOINED));
    terminal.type_text("/exit").press("enter");
    terminal.wait_for("ended 0");
    assert_eq!(terminal.wait_exit().code, 0);
}

#[test]
fn without_job_control_a_screen_that_was_left_does_not_come_back() {
    let fixture = Fixture::new();
    fixture.stage.stand.script([ScriptedAnswer::sse([
        created(),
        text("Half an answer"),
        gate("more"),
        text(" and the rest."),
        item_done(),
        completed(Usage::default()),
    ])]);
    let script = format!("{}; echo \"ended $?\"", env!("CARGO_BIN_EXE_codling"));
    let setup = Setup::sh(&script).envs(fixture.stage.variables());
    let terminal = setup.folder_at(fixture.folder.path()).size(100, 30).start();
    ask(&terminal, "what do tomatoes need?");
    assert!(fixture.stage.stand.wait_reached("more"));
    terminal.type_text("/detach").press("enter");
    terminal.wait_for("codling attach ses_");
    let other = fixture.screen(&["attach"]);
    other.wait_for(JOINED);
    fixture.stage.stand.open("more");
    // It is handed over by one without a screen alone.
    other.wait_gone(JOINED);
    terminal.wait_for("ended 0");
    leave(&other);
}

#[test]
fn a_holder_that_is_killed_or_told_to_end_leaves_the_conversation_to_the_screen_that_joined() {
    for (signal, code) in [("KILL", None), ("TERM", Some(0))] {
        let fixture = Fixture::new();
        let holder = held(&fixture);
        let other = fixture.screen(&["--continue"]);
        other.wait_for("Half an answer");
        other.wait_for(JOINED);
        // Without its screen, TERM ends it as well as a person would.
        holder.signal("HUP");
        rests_without_screen(&holder);
        holder.signal(signal);
        let left = holder.wait_exit();
        if let Some(code) = code {
            assert_eq!(left.code, code, "{signal}");
        }
        other.wait_gone(JOINED);
        other.wait_for(CUT_OFF);
        fixture.stage.stand.script([ScriptedAnswer::says("Two.")]);
        ask(&other, "second");
        other.wait_for("Two.");
        leave(&other);
        assert_eq!(fixture.logs().len(), 1, "{signal}");
    }
}

#[test]
fn a_holder_that_was_suspended_is_named_and_wakes_to_the_same_conversation() {
    let fixture = Fixture::new();
    let holder = held(&fixture);
    let joined = fixture.screen(&["--continue"]);
    joined.wait_for(JOINED);
    holder.signal("STOP");
    joined.type_text("second").press("enter");
    joined.wait_for(&format!("kill -CONT {}", holder.pid()));
    let late = fixture.screen(&["attach"]);
    late.wait_for(sentences::OPEN_ELSEWHERE);
    late.wait_for(&format!("process {}", holder.pid()));
    late.press("esc");
    late.wait_gone(sentences::OPEN_ELSEWHERE);
    leave(&late);
    holder.signal("CONT");
    fixture.stage.stand.script([ScriptedAnswer::says("Two.")]);
    fixture.stage.stand.open("more");
    joined.wait_for("Two.");
    leave(&joined);
    holder.wait_for("Two.");
    leave(&holder);
}

#[test]
fn with_keep_running_off_everything_ends_with_the_terminal() {
    let fixture = Fixture::new();
    let config = fixture.stage.home.path().join("config");
    fs::create_dir_all(&config).unwrap();
    fs::write(config.join("config.toml"), "keep_running = \"off\"\n").unwrap();
    let holder = held(&fixture);
    holder.signal("HUP");
    assert_eq!(holder.wait_exit().code, 129);
    let other = fixture.screen(&["--continue"]);
    other.wait_for(CUT_OFF);
    leave(&other);
}

#[test]
fn a_socket_that_is_a_link_or_another_program_s_is_not_joined_and_is_told() {
    let fixture = Fixture::new();
    let holder = held(&fixture);
    let live = fixture.stage.home.path().join("state/live");
    let socket = fs::read_dir(&live).unwrap().next().unwrap().unwrap().path();
    let strange = std::os::unix::net::UnixListener::bind(live.join("strange")).unwrap();
    fs::remove_file(&socket).unwrap();
    std::os::unix::fs::symlink("strange", &socket).unwrap();
    let other = fixture.screen(&["--continue"]);
    other.wait_for(sentences::OPEN_ELSEWHERE);
    other.press("esc");
    other.wait_gone(sentences::OPEN_ELSEWHERE);
    leave(&other);
    drop(strange);
    fixture.stage.stand.open("more");
    holder.wait_for("and the rest.");
    leave(&holder);
    assert!(socket.symlink_metadata().is_ok(), "what is not its own stays");
}

#[test]
fn a_flood_of_connections_and_frames_that_are_none_stop_nobody() {
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    let fixture = Fixture::new();
    let holder = held(&fixture);
    let live = fixture.stage.home.path().join("state/live");
    let socket = fs::read_dir(&live).unwrap().next().unwrap().unwrap().path();
    for _ in 0..1_000 {
        drop(UnixStream::connect(&socket).unwrap());
    }
    // One of another wire is told this one's, as soon as there is room.
    let wire = find(LIMIT, "an answer", || {
        let mut newer = UnixStream::connect(&socket).ok()?;
        newer.write_all(b"join 99 a newer one\n").ok()?;
        let mut told = String::new();
        newer.read_to_string(&mut told).ok()?;
        Some(told.strip_prefix("codling ")?.split(' ').next()?.to_owned())
    });
    let silent: Vec<UnixStream> = (0..8).map(|_| UnixStream::connect(&socket).unwrap()).collect();
    for frame in [&[0xff, 0xff, 0xff, 0x7f][..], &[9, 0, 0, 0, 1], &[1, 0, 0, 0, 0xff]] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(format!("join {wire} nobody\n").as_bytes()).unwrap();
        stream.write_all(frame).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        // It is let go of.
        let _ended = stream.read_to_end(&mut Vec::new());
    }
    let other = fixture.screen(&["attach"]);
    other.wait_for(JOINED);
    fixture.stage.stand.open("more");
    other.wait_for("and the rest.");
    drop(silent);
    leave(&other);
    holder.wait_for("and the rest.");
    leave(&holder);
}
