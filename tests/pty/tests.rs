//! The harness, tested with small programs.

use super::{Look, Replies, Setup};

#[test]
fn what_is_typed_appears_where_the_cursor_was() {
    let terminal = Setup::new("cat").start();
    terminal.type_text("wide 漢字 end");
    terminal.wait_for("漢字 end");
    let screen = terminal.screen();
    assert_eq!((screen.find("end"), screen.cursor()), (Some((10, 0)), Some((13, 0))));
    terminal.press("enter").press("ctrl+d");
    assert_eq!(terminal.wait_exit().code, 0);
    assert_eq!(terminal.screen().lines()[1], "wide 漢字 end");
}

#[test]
fn colours_can_be_asked_for() {
    let terminal =
        Setup::sh("printf 'plain \\033[1;31mred\\033[0m \\033[?25l'; read -r line").start();
    terminal.wait_until("the cursor is hidden", |screen| screen.cursor().is_none());
    let screen = terminal.screen();
    let red = screen.cell_of("red").unwrap();
    assert_eq!((red.fgcolor(), red.bold()), (vt100::Color::Idx(1), true));
    assert_eq!(screen.cell_of("plain").unwrap().fgcolor(), vt100::Color::Default);
}

#[test]
fn a_question_is_answered_as_the_terminal_would() {
    let ask = "stty -icanon -echo; printf 'ask \\033[c'; answer=$(dd bs=1 count=9 2>/dev/null); stty icanon echo; printf '%s' \"$answer\" | od -An -c";
    let terminal = Setup::sh(ask).replies(Replies::kitty()).start();
    terminal.wait_exit();
    assert!(
        terminal.screen().shows("033   [   ?   6   2   ;   5   2   c"),
        "{:?}",
        terminal.screen().lines()
    );
    assert_eq!(terminal.leftovers(), Vec::<String>::new());
}

#[test]
fn a_frame_is_seen_when_it_is_whole() {
    let script = "stty -echo; printf '\\033[?2026hone '; read -r line; printf 'two\\033[?2026l'; read -r line";
    let terminal = Setup::sh(script).start();
    terminal.wait_raw(0, b"one ");
    assert!(
        terminal.see(|screen| screen.shows("one"), std::time::Duration::from_millis(50)).is_none()
    );
    terminal.press("enter");
    terminal.wait_for("one two");
}

#[test]
fn a_silent_terminal_answers_nothing() {
    let ask =
        "stty -icanon -echo; printf '\\033[c\\033[?u\\033]11;?\\007'; dd bs=1 count=1 2>/dev/null";
    let terminal = Setup::sh(ask).replies(Replies::silent()).start();
    terminal.wait_raw(0, b"\x07");
    terminal.type_text("!");
    terminal.wait_for("!");
    assert_eq!(terminal.screen().lines()[0], "!");
}

#[test]
fn what_a_program_leaves_switched_on_is_found() {
    let terminal =
        Setup::sh("stty -echo; printf '\\033[?1049h\\033[?25l\\033[?2004h\\033[>1u'").start();
    terminal.wait_exit();
    let leftovers = terminal.leftovers();
    assert_eq!(
        leftovers[..4],
        ["alternate screen", "bracketed paste", "hidden cursor", "kitty keyboard"]
    );
    assert!(leftovers[4].starts_with("settings of the line"), "{leftovers:?}");
    let tidy = Setup::sh("printf '\\033[?1049h\\033[?25l\\033[?25h\\033[?1049l'").start();
    tidy.wait_exit();
    assert_eq!(tidy.leftovers(), Vec::<String>::new());
}

#[test]
fn a_paste_is_bracketed_when_the_program_asked_for_it() {
    let terminal = Setup::sh("printf '\\033[?2004h'; stty -echo; echo ready; od -An -c").start();
    terminal.wait_for("ready");
    terminal.paste("a").press("enter").press("ctrl+d");
    terminal.wait_for("033   [   2   0   0   ~   a 033   [   2   0   1   ~");
    let terminal = Setup::new("cat").start();
    terminal.paste("plain");
    terminal.wait_for("plain");
    assert_eq!(terminal.raw_since(0), b"plain");
}

#[test]
fn a_new_size_reaches_the_program_and_the_screen() {
    let terminal = Setup::sh("while read -r line; do stty size; done").size(100, 30).start();
    terminal.press("enter");
    terminal.wait_for("30 100");
    terminal.resize(60, 18).press("enter");
    terminal.wait_for("18 60");
    assert_eq!(terminal.screen().lines().len(), 18);
}

#[test]
fn the_end_of_a_program_is_told_by_code_or_by_signal() {
    let terminal = Setup::sh("exit 7").start();
    assert_eq!((terminal.wait_exit().code, terminal.is_running()), (7, false));
    let terminal = Setup::sh("echo ready; exec cat").start();
    terminal.wait_for("ready");
    assert!(terminal.is_running());
    terminal.signal("TERM");
    assert!(terminal.wait_exit().signal.is_some());
}

#[test]
fn a_program_gets_a_fresh_home_and_nothing_of_our_environment() {
    let terminal = Setup::sh("env | sort; pwd; cat a/note")
        .file("a/note", "left here\n")
        .env("GREETING", "hello")
        .start();
    terminal.wait_exit();
    let lines = terminal.screen().lines();
    let names: Vec<&str> =
        lines.iter().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    // The shell sets `_`, the pty library `SHELL`.
    let names: Vec<&str> =
        names.into_iter().filter(|name| !["_", "SHELL"].contains(name)).collect();
    assert_eq!(names, ["GREETING", "HOME", "LANG", "PATH", "PWD", "TERM"]);
    assert!(lines.contains(&"left here".to_owned()), "{lines:?}");
}

#[test]
#[should_panic(
    expected = "waited in vain until `never` is on the screen. The screen (it ended: Exit { code: 3, signal: None }):\nlast words"
)]
fn a_wait_for_what_never_comes_shows_the_screen() {
    let terminal = Setup::sh("echo last words; exit 3").start();
    terminal.wait_exit();
    terminal.wait_for("never");
}
