//! Short notes have rows of their own, one at a time, and dialogs keep their keys.

use std::time::Duration;

use crossterm::event::KeyCode;

use super::Fixture;
use super::fixture::{answer, models, plus, start};
use crate::protocol::{
    Agent, ApprovalMode, BrowserLaunch, EventKind, Job, JobId, PortHolder, Problem, ProblemKind,
    Sandbox, SignInStep, Surroundings, TurnId, TurnOutcome,
};
use crate::tui::StartInfo;
use crate::tui::app::toast::Tone;
use crate::tui::messages::Msg;
use crate::tui::terminal::Copied;
use crate::tui::tests::asks::approvals::command;
use crate::tui::tests::sentences;

const SIZES: [(u16, u16); 3] = [(60, 18), (80, 24), (120, 40)];
const LONG: &str = "The credentials could not be written: the disk of `/home/me/.local/share/codling` is full. Free some disk space; what was said here is kept";

/// A start over SSH, with a banner.
fn narrow() -> StartInfo {
    let surroundings = Surroundings {
        ssh: true,
        ssh_host: Some("203.0.113.7".into()),
        utf8: true,
        ..Surroundings::default()
    };
    StartInfo { surroundings, banner: Some("demo: a stand-in, not OpenAI".into()), ..start() }
}

/// A screen with an account and an open conversation, in the smallest window.
fn fixture() -> Fixture {
    let mut fixture = Fixture::with(narrow(), 60, 18);
    fixture.opened("/home/me/project", Some("main"));
    fixture.accounts(vec![plus()]);
    fixture.event(models());
    fixture.mode(Agent::Build, ApprovalMode::Ask, Sandbox::Absent);
    fixture
}

fn typed(command: &str) -> Fixture {
    let mut fixture = fixture();
    fixture.enter(command);
    fixture.after(Duration::from_secs(1));
    fixture
}

/// Opens a sign-in method, counted from the top of the list.
fn at_way(way: u8) -> Fixture {
    let mut fixture = typed("/connect");
    fixture.press(KeyCode::Enter);
    fixture.press(KeyCode::Char(char::from(b'1' + way)));
    fixture.press(KeyCode::Enter);
    fixture
}

fn listening(fixture: &mut Fixture) {
    let expires = fixture.now() + Duration::from_secs(600);
    let url = format!("https://auth.openai.com/oauth/authorize?state={}", "s".repeat(300));
    let busy = Some(PortHolder { port: 1455, pid: Some(4711), name: Some("opencode".into()) });
    let opened = BrowserLaunch::Failed;
    fixture.sign_in(SignInStep::Browser { url, port: 1457, opened, expires, busy, deaf: None });
}

fn problem() -> Problem {
    Problem::new(
        ProblemKind::SignIn,
        "The workspace of this account does not allow signing in with a code, or no longer does",
    )
    .with_next("Ask its administrator to turn on device codes, or sign in with the browser")
}

/// Every dialog with keys of its own, and some of those keys.
fn dialogs() -> Vec<(&'static str, Fixture, Vec<&'static str>)> {
    let mut all = vec![
        ("providers", typed("/connect"), vec!["enter connect", "ctrl+d disconnect", "esc close"]),
        ("models", typed("/models"), vec!["enter use it", "left/right", "esc close"]),
        ("modes", typed("/approvals"), vec!["up/down choose", "enter use it", "tab rules"]),
        ("sessions", typed("/sessions"), vec!["enter open", "tab all folders", "ctrl+d delete"]),
    ];
    let mut full = typed("/approvals");
    full.presses([KeyCode::Down, KeyCode::Down, KeyCode::Enter]);
    all.push(("modes, full", full, vec!["y yes, never ask", "esc back"]));
    let mut rules = typed("/approvals");
    rules.press(KeyCode::Tab);
    all.push(("rules", rules, vec!["tab modes"]));
    let mut asked = typed("/connect");
    asked.ctrl('d');
    all.push(("providers, asked", asked, vec!["enter connect", "ctrl+d disconnect"]));
    let mut ways = typed("/connect");
    ways.press(KeyCode::Enter);
    all.push(("ways", ways, vec!["up/down choose", "enter go on", "esc back"]));
    let mut browser = at_way(0);
    listening(&mut browser);
    let refusal = "That address belongs to another sign-in, which was begun earlier or elsewhere";
    let refusal = Problem::new(ProblemKind::SignIn, refusal)
        .with_next("Open the link above again, approve, and paste the address it ends on");
    browser.sign_in(SignInStep::PasteRefused(refusal));
    all.push(("browser", browser, vec!["u copy link", "d use a code", "› http"]));
    for (name, way, keys) in [
        ("browser, failed", 0, vec!["enter try again", "d use a code", "esc back"]),
        ("code, failed", 1, vec!["enter try again", "b use the browser", "esc back"]),
        ("key, refused", 2, vec!["enter try again", "tab show", "esc back"]),
    ] {
        let mut fixture = at_way(way);
        fixture.sign_in(SignInStep::Failed(problem()));
        all.push((name, fixture, keys));
    }
    let mut code = at_way(1);
    let expires = code.now() + Duration::from_secs(600);
    let url = "https://auth.openai.com/codex/device".into();
    code.sign_in(SignInStep::Code { url, code: "ABCD-12345".into(), expires });
    code.sign_in(SignInStep::Retrying(problem()));
    all.push(("code", code, vec!["c copy code", "r new code", "ABCD-12345"]));
    let mut jobs = typed("");
    for number in 1..9 {
        jobs.event(EventKind::JobStarted(Job {
            id: JobId(number),
            call: "c".into(),
            turn: TurnId(1),
            title: format!("serve {number}"),
            tail: "line\n".repeat(20),
        }));
    }
    jobs.enter("/jobs");
    all.push(("jobs", jobs, vec!["up/down choose", "x stop it"]));
    all
}

#[test]
fn dialogs_keep_their_keys_in_the_smallest_window_with_a_note_and_a_refusal_too() {
    for said in [None, Some("Signed in"), Some(LONG)] {
        for (name, mut fixture, keys) in dialogs() {
            if let Some(said) = said {
                fixture.app.say(Tone::Warn, said);
            }
            let picture = fixture.picture().replace('\u{a0}', " ");
            for key in keys {
                assert!(picture.contains(key), "{key} of {name}, {said:?}:\n{picture}");
            }
            if let Some(said) = said {
                assert!(picture.contains(&said[..9]), "the note at {name}:\n{picture}");
            }
        }
    }
}

#[test]
fn the_note_after_a_sign_in_covers_no_row_of_the_list_that_comes_with_it() {
    for (width, height) in SIZES {
        let mut fixture = Fixture::with(narrow(), width, height);
        fixture.accounts(Vec::new());
        fixture.text("/connect");
        fixture.presses([KeyCode::Enter, KeyCode::Enter, KeyCode::Enter]);
        fixture.sign_in(SignInStep::Completed(plus()));
        fixture.event(models());
        let picture = fixture.picture().replace('\u{a0}', " ");
        for part in ["Signed in", "Choose a model", "enter use it", "esc close", "└──"] {
            assert!(picture.contains(part), "{part} at {width}x{height}:\n{picture}");
        }
    }
}

#[test]
fn a_note_takes_rows_of_its_own_from_the_top_of_the_conversation() {
    for (width, height) in SIZES {
        let mut fixture = Fixture::connected(width, height);
        fixture.ask("count");
        let lines: String = (0..60).map(|n| format!("line {n}\n\n")).collect();
        fixture.event(answer("a", &lines));
        fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
        let before = fixture.picture();
        fixture.app.say(Tone::Plain, "There is nothing to redo");
        fixture.app.settle();
        // It takes the empty activity row, so that nothing moves.
        let with = fixture.picture();
        assert!(with.contains(sentences::NOTE_NOTHING_TO_REDO), "{with}");
        for row in before.lines().filter(|row| !row.is_empty()) {
            assert!(with.contains(row), "{row} at {width}x{height}:\n{with}");
        }
        fixture.app.say(Tone::Warn, LONG);
        fixture.app.settle();
        let with = fixture.picture();
        for part in ["line 59", "The credentials could not", "Build", "┌──", "└──"] {
            assert!(with.contains(part), "{part} at {width}x{height}:\n{with}");
        }
        assert!(!with.contains("nothing to redo"), "one at a time:\n{with}");
    }
}

#[test]
fn a_note_waits_while_what_is_asked_needs_all_rows() {
    let mut fixture = Fixture::connected(60, 18);
    fixture.ask("go");
    let lines: Vec<String> = (0..30).map(|n| format!("echo {n}")).collect();
    fixture.event(EventKind::Approval(command("c", &lines.join("\n"))));
    fixture.after(Duration::from_secs(1));
    let before = fixture.picture();
    fixture.app.say(Tone::Warn, LONG);
    fixture.after(Duration::from_millis(1));
    assert_eq!(fixture.picture(), before);
    fixture.after(Duration::from_secs(60));
    fixture.text("n");
    fixture.after(Duration::from_secs(1));
    fixture.assert_shows(["The credentials could not"]);
    fixture.after(Duration::from_secs(13));
    fixture.assert_hides(["The credentials could not"]);
}

#[test]
fn a_note_beside_a_code_to_be_scanned_leaves_it_whole() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut fixture = Fixture::with(narrow(), width, height);
        fixture.accounts(Vec::new());
        fixture.text("/connect");
        fixture.presses([KeyCode::Enter, KeyCode::Enter, KeyCode::Enter]);
        let expires = fixture.now() + Duration::from_secs(600);
        let url = "https://auth.openai.com/codex/device".into();
        fixture.sign_in(SignInStep::Code { url, code: "ABCD-12345".into(), expires });
        let before = fixture.picture();
        fixture.msg(Msg::Copied(Copied::Sent));
        let with = fixture.picture();
        assert!(with.contains(sentences::SENT_TO_TERMINAL), "{with}");
        for row in before.lines().filter(|row| !row.is_empty()) {
            assert!(with.contains(row), "{row} at {width}x{height}:\n{with}");
        }
        fixture.text("f");
        let alone = fixture.picture();
        assert!(!alone.contains(sentences::SENT_TO_TERMINAL), "{alone}");
    }
}

#[test]
fn the_first_screen_has_room_for_a_note_at_every_size() {
    for (width, height) in SIZES {
        let mut fixture = Fixture::with(narrow(), width, height);
        fixture.accounts(Vec::new());
        let before = fixture.picture();
        fixture.app.say(Tone::Warn, LONG);
        let with = fixture.picture();
        assert!(with.contains("The credentials could not"), "{with}");
        for row in before.lines().filter(|row| !row.is_empty()) {
            assert!(with.contains(row), "{row} at {width}x{height}:\n{with}");
        }
    }
}
