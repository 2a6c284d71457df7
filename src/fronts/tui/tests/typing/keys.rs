//! Keys that belong to no dialog.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::{
    Command, Event, EventKind, OpenOptions, Problem, ProblemKind, SessionCommand, TurnCommand,
    TurnId, TurnOutcome, UserPrompt,
};
use crate::tui::messages::{Cmd, Focus, Msg};
use crate::tui::terminal::Copied;
use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::{answer, call, called, delta, start, user};
use crate::tui::{ScreenEnd, StartInfo};

#[test]
fn ctrl_c_clears_the_composer_first_and_leaves_only_when_pressed_twice_on_an_empty_one() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("half a thought");
    fixture.ctrl('c');
    assert!(!fixture.shows("half a thought") && fixture.cmds().is_empty());
    fixture.ctrl('c');
    assert!(fixture.shows(sentences::LEAVE_AGAIN) && fixture.cmds().is_empty());
    fixture.after(Duration::from_secs(3));
    assert!(!fixture.shows("ctrl+c again"));
    fixture.ctrl('c');
    assert!(fixture.cmds().is_empty());
    fixture.ctrl('c');
    assert!(matches!(fixture.cmds().as_slice(), [Cmd::Leave(..)]));
}

fn interrupts(cmds: &[Cmd]) -> bool {
    matches!(cmds, [Cmd::Send(Command::Turn(_, TurnCommand::Interrupt))])
}

#[test]
fn ctrl_c_interrupts_a_running_turn_then_clears_and_then_leaves() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = Fixture::connected(width, height);
        fixture.ask("go");
        fixture.text("half a thought");
        fixture.cmds();
        fixture.ctrl('c');
        assert!(interrupts(&fixture.cmds()) && fixture.shows("half a thought"));
        fixture.assert_shows([sentences::INTERRUPTING]);
        // A turn that does not end cannot hold the person up.
        fixture.ctrl('c');
        assert!(fixture.cmds().is_empty() && !fixture.shows("half a thought"));
        fixture.ctrl('c');
        assert!(fixture.cmds().is_empty() && fixture.shows(sentences::LEAVE_AGAIN));
        fixture.ctrl('c');
        assert!(matches!(fixture.cmds().as_slice(), [Cmd::Leave(..)]));
        fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted });
        fixture.ask("again");
        fixture.cmds();
        fixture.ctrl('c');
        assert!(interrupts(&fixture.cmds()), "the next turn is another one");
    }
}

#[test]
fn ctrl_c_interrupts_a_turn_that_waits_for_an_answer() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture
        .event(EventKind::Approval(crate::tui::tests::asks::approvals::command("c", "cargo test")));
    fixture.after(Duration::from_secs(1));
    fixture.cmds();
    fixture.ctrl('c');
    assert!(interrupts(&fixture.cmds()));
}

#[test]
fn leaving_names_the_commands_that_end_with_it() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = Fixture::connected(width, height);
        fixture.ask("serve it");
        for (number, title) in [(1, "npm run dev"), (2, "make watch")] {
            fixture.event(crate::tui::tests::calls::jobs::job(number, title));
        }
        fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
        fixture.ctrl('c');
        fixture.assert_shows([sentences::LEAVING_ENDS]);
        assert!(
            fixture
                .app
                .farewell(ScreenEnd::Asked)
                .iter()
                .any(|line| line.contains("`npm run dev` and `make watch`"))
        );
        fixture.enter("/new");
        assert!(fixture.shows(sentences::ENDED_BEFORE));
    }
}

#[test]
fn where_the_terminal_never_tells_of_its_focus_the_bell_rings_ten_seconds_after_the_last_key() {
    for (seconds, rings) in [(9, 0), (10, 1), (600, 1)] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.ask("one");
        fixture.cmds();
        fixture.after(Duration::from_secs(seconds));
        fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
        let cmds = fixture.cmds();
        let bells = cmds.iter().filter(|cmd| matches!(cmd, Cmd::Notify(_))).count();
        assert_eq!(bells, rings, "after {seconds} s");
    }
    let mut fixture = Fixture::connected(80, 24);
    fixture.msg(Msg::Focus(Focus::Gained));
    fixture.after(Duration::from_secs(600));
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    assert!(fixture.cmds().is_empty(), "it is looked at, and the terminal says so");
}

#[test]
fn a_second_esc_within_two_seconds_interrupts_the_running_turn() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.press(KeyCode::Esc);
    fixture.ask("go");
    fixture.cmds();
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows(sentences::INTERRUPT_AGAIN) && fixture.cmds().is_empty());
    fixture.after(Duration::from_millis(2_100));
    fixture.press(KeyCode::Esc);
    assert!(fixture.cmds().is_empty(), "the first one was too long ago");
    fixture.after(Duration::from_millis(500));
    fixture.press(KeyCode::Esc);
    assert!(matches!(fixture.sent().as_slice(), [Command::Turn(_, TurnCommand::Interrupt)]));
}

#[test]
fn esc_does_nothing_while_nothing_runs() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.presses([KeyCode::Esc, KeyCode::Esc, KeyCode::Esc]);
    assert!(fixture.cmds().is_empty());
}

#[test]
fn enter_sends_the_prompt_and_remembers_it() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.enter("  ");
    assert!(fixture.cmds().is_empty(), "blanks are no prompt");
    fixture.ctrl('c');
    fixture.enter("look around");
    let sent = fixture.sent();
    assert!(
        matches!(sent.as_slice(), [
            Command::Turn(session, TurnCommand::Submit(UserPrompt { text, .. })),
            Command::Session(SessionCommand::Remember(kept)),
        ] if session.as_str() == "ses_test" && text == "look around" && kept == "look around"),
        "{sent:?}"
    );
    assert!(fixture.shows("Working · 0 s · esc to interrupt"));
}

#[test]
fn a_prompt_typed_while_not_connected_is_kept_and_connect_says_why_it_opened() {
    let mut fixture = Fixture::not_connected(80, 24);
    fixture.enter("explain this");
    assert!(fixture.sent().is_empty(), "nothing may leave");
    assert_snapshot!("not_connected_prompt_kept", fixture.picture());
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows("│ explain this"));
}

#[test]
fn a_prompt_sent_before_the_accounts_were_known_comes_back() {
    let mut fixture = Fixture::new(80, 24);
    fixture.enter("too early");
    fixture.event(user("too early"));
    let problem = Problem::new(ProblemKind::NotSignedIn, "Nobody is signed in")
        .with_next("`/connect` signs in");
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Failed(problem) });
    assert!(fixture.shows("Connect a provider") && fixture.shows(sentences::PROMPT_KEPT));
    // Text typed in the first moment was meant for the composer.
    fixture.enter("!");
    assert!(fixture.shows("Connect a provider"));
    fixture.after(Duration::from_secs(1));
    fixture.press(KeyCode::Esc);
    fixture.assert_shows(["│ too early!"]);
}

#[test]
fn slash_opens_a_menu_that_narrows_as_one_types() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("/");
    assert_snapshot!("slash_menu", fixture.picture());
    fixture.text("co");
    assert!(fixture.shows("/connect") && fixture.shows("/copy") && !fixture.shows("/models"));
    fixture.press(KeyCode::Esc);
    assert!(!fixture.shows("/connect"), "esc closes the menu and keeps the text");
    assert!(fixture.shows("│ /co"));
    fixture.text("n");
    fixture.press(KeyCode::Tab);
    assert!(fixture.shows("│ /connect"));
    fixture.press(KeyCode::Enter);
    assert!(fixture.shows("Connect a provider"));
}

#[test]
fn a_menu_longer_than_its_room_keeps_the_chosen_command_in_sight() {
    let mut fixture =
        Fixture::with(StartInfo { banner: Some("a stand-in".into()), ..start() }, 60, 18);
    fixture.text("/");
    assert!(fixture.shows("› /connect"));
    fixture.press(KeyCode::Up);
    fixture.assert_shows(["› /exit", "a stand-in"]);
    fixture.assert_hides(["/connect"]);
}

#[test]
fn a_path_is_a_prompt_and_an_unknown_command_is_none() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.enter("/frobnicate");
    assert!(fixture.shows(sentences::UNKNOWN_COMMAND) && fixture.sent().is_empty());
    fixture.ctrl('c');
    fixture.enter("/usr/bin is what?");
    assert!(
        matches!(fixture.sent().first(), Some(Command::Turn(_, TurnCommand::Submit(UserPrompt { text, .. }))) if text == "/usr/bin is what?")
    );
}

#[test]
fn the_palette_finds_every_command_and_runs_it() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ctrl('p');
    assert_snapshot!("palette", fixture.picture());
    fixture.enter("limits");
    assert!(fixture.shows("Status"));
    fixture.press(KeyCode::Esc);
    fixture.ctrl('p');
    fixture.enter("quit codling");
    assert!(fixture.cmds().iter().any(|cmd| matches!(cmd, Cmd::Leave(..))));
}

#[test]
fn leader_chords_reach_their_commands_and_other_keys_end_them() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ctrl('x');
    assert!(fixture.shows("ctrl+x …"));
    fixture.text("m");
    assert!(fixture.shows("Choose a model"));
    fixture.press(KeyCode::Esc);
    fixture.ctrl('x');
    fixture.text("z");
    assert!(
        !fixture.shows("ctrl+x …") && !fixture.shows("│ z"),
        "the key after ctrl+x is never text"
    );
    fixture.ctrl('x');
    fixture.ctrl('q');
    assert!(fixture.cmds().iter().any(|cmd| matches!(cmd, Cmd::Leave(..))));
}

#[test]
fn question_mark_is_help_only_where_it_would_not_be_text() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("?");
    assert_snapshot!("help", fixture.picture());
    fixture.press(KeyCode::Esc);
    fixture.text("why?");
    assert!(fixture.shows("│ why?"));
}

#[test]
fn copying_says_what_was_tried_and_printing_is_the_way_out() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ctrl('x');
    fixture.text("y");
    assert!(fixture.cmds().is_empty() && fixture.shows(sentences::NO_ANSWER));
    fixture.ask("q");
    fixture.event(answer("a", "forty-two"));
    fixture.cmds();
    fixture.ctrl('x');
    fixture.text("y");
    assert!(matches!(fixture.cmds().as_slice(), [Cmd::Copy(text)] if text == "forty-two"));
    fixture.msg(Msg::Copied(Copied::SentThroughTmux));
    assert!(fixture.shows("through tmux") && !fixture.shows("Copied"));
    fixture.msg(Msg::Copied(Copied::TooLong { bytes: 90_000, most: 56_000 }));
    assert!(fixture.shows(sentences::NOT_COPIED));
    fixture.ctrl('x');
    fixture.text("t");
    assert!(matches!(fixture.cmds().as_slice(), [Cmd::Print(text)] if text == "forty-two"));
}

#[test]
fn the_bell_rings_only_for_a_person_who_looks_elsewhere() {
    let mut fixture = Fixture::connected(80, 24);
    let end = || EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done };
    fixture.ask("one");
    fixture.cmds();
    fixture.event(end());
    assert!(fixture.cmds().is_empty());
    fixture.msg(Msg::Focus(Focus::Lost));
    fixture.event(end());
    assert!(matches!(fixture.cmds().as_slice(), [Cmd::Notify(_)]));
    fixture.msg(Msg::Focus(Focus::Gained));
    fixture.event(end());
    assert!(fixture.cmds().is_empty());
}

#[test]
fn a_toast_goes_by_itself_and_then_nothing_wakes_the_program() {
    let mut fixture = Fixture::connected(80, 24);
    assert_eq!(fixture.app.wakes(), None, "an idle screen sleeps");
    fixture.ctrl('o');
    assert_snapshot!("toast", fixture.picture());
    let until = fixture.app.wakes().unwrap();
    fixture.after(until.since(fixture.now()));
    assert!(!fixture.shows("will be shown"));
    assert_eq!(fixture.app.wakes(), None);
}

#[test]
fn a_new_conversation_closes_the_old_one_and_keeps_the_model() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("old");
    fixture.cmds();
    fixture.enter("/new");
    let sent = fixture.sent();
    assert!(
        matches!(sent.as_slice(), [
            Command::Session(SessionCommand::Close(_)),
            Command::Session(SessionCommand::Open { options: OpenOptions { model: Some(model), effort: Some(effort), .. }, .. }),
        ] if model.id.as_str() == "gpt-6.1-sol" && effort.0 == "medium"),
        "{sent:?}"
    );
    assert!(fixture.shows(sentences::FIRST_SCREEN));
}

#[test]
fn late_events_of_a_closed_conversation_change_nothing() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.msg(Msg::Engine(Box::new(Event {
        session: Some("ses_old".into()),
        seq: 0,
        kind: answer("a", "ghost"),
    })));
    assert!(!fixture.shows("ghost"));
}

#[test]
fn a_prompt_that_was_answered_never_comes_back() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("answered");
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    let problem = Problem::new(ProblemKind::NotSignedIn, "The sign-in has ended")
        .with_next("`/connect` signs in");
    fixture.refuse(problem);
    fixture.assert_shows(["sign-in has ended"]);
    fixture.assert_hides(["Connect a provider", "│ answered"]);
}

#[test]
fn a_prompt_is_written_on_in_an_editor_and_stays_where_that_fails() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("a first line");
    fixture.ctrl('x');
    fixture.text("e");
    assert!(
        matches!(fixture.cmds().as_slice(), [Cmd::Edit { editor, text }] if editor == "vi" && text == "a first line")
    );
    fixture.msg(Msg::Edited(Ok("a first line\nand \u{1b}[2Ja second".into())));
    assert!(fixture.shows("│ a first line") && fixture.shows("│ and ␛[2Ja second"));
    fixture.msg(Msg::Edited(Err(
        "the editor `vi` ended with exit status: 1, so the text stays as it was".into(),
    )));
    assert!(fixture.shows("`vi` ended with exit status: 1") && fixture.shows("│ and ␛[2Ja second"));
    let mut fixture = Fixture::with(StartInfo { editor: None, ..start() }, 80, 24);
    fixture.ctrl('x');
    fixture.text("e");
    assert!(fixture.cmds().is_empty() && fixture.shows(sentences::SET_EDITOR));
}

#[test]
fn every_key_after_ctrl_x_is_shown_at_any_width() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        for begun in [false, true] {
            let mut fixture = Fixture::connected(width, height);
            if begun {
                fixture.ask("go");
            }
            fixture.ctrl('x');
            for key in [
                "n new",
                "l sessions",
                "m models",
                "c compact",
                "u undo",
                "r redo",
                "y copy",
                "t print",
                "e editor",
                "q exit",
            ] {
                assert!(
                    fixture.shows(&key.replace(' ', "\u{a0}")),
                    "{key} at {width}x{height}: {}",
                    fixture.picture()
                );
            }
        }
    }
}

#[test]
fn help_begins_with_ten_keys_and_words_find_their_rows() {
    for by in [KeyCode::F(1), KeyCode::Char('?')] {
        let mut fixture = Fixture::connected(80, 24);
        fixture.press(by);
        assert!(fixture.shows("To begin with"));
        fixture.text("/undo file");
        assert_snapshot!("help_search", fixture.picture());
        fixture.text(" nowhere");
        assert!(fixture.shows("Nothing has these"));
        fixture.press(KeyCode::Esc);
        assert!(fixture.shows("To begin with"), "esc ends the search first");
        fixture.press(KeyCode::Esc);
        assert!(!fixture.shows("To begin with"));
    }
}

#[test]
fn a_question_mark_alone_asks_for_help_and_before_text_is_text() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("?");
    assert!(fixture.shows("Help"));
    fixture.press(KeyCode::Esc);
    assert!(!fixture.shows("Help") && fixture.shows("Ask anything"));
    fixture.text("?why is the sky blue");
    fixture.assert_shows(["│ ?why is the sky blue"]);
    fixture.assert_hides(["Help"]);
    fixture.ctrl('c');
    fixture.text("? ");
    fixture.assert_shows(["│ ? "]);
    fixture.ctrl('c');
    fixture.text("?");
    fixture.msg(Msg::Paste("pasted".into()));
    fixture.assert_shows(["│ ?pasted"]);
    fixture.ctrl('c');
    fixture.press(KeyCode::F(1));
    fixture.text("x");
    assert!(fixture.shows("Help") && !fixture.shows("│ ?x"));
}

#[test]
fn working_says_what_it_waits_for() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    assert!(!fixture.shows("silent"));
    fixture.after(Duration::from_secs(9));
    fixture.assert_shows([sentences::SILENT_SERVER]);
    fixture.event(delta("a", "Well"));
    assert!(!fixture.shows("silent"));
    fixture.after(Duration::from_secs(4));
    assert!(fixture.shows("silent for 4 s"));
    fixture.event(call("c", "shell", "{}"));
    assert!(!fixture.shows("looking at"));
    fixture.after(Duration::from_secs(4));
    fixture.assert_shows([sentences::LOOKING]);
    fixture.assert_hides(["silent"]);
    fixture.event(EventKind::CallRunning { call: "c".into(), title: "cargo test".into() });
    fixture.after(Duration::from_secs(60));
    fixture.assert_shows(["Working · 1 min 17 s · esc to interrupt · running cargo test"]);
    fixture.event(called("c", "cargo test", "ok"));
    assert!(!fixture.shows("running cargo"));
}
