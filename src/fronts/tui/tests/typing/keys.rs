//! Keys that belong to no dialog.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::fronts::tui::StartInfo;
use crate::fronts::tui::messages::{Cmd, Focus, Msg};
use crate::fronts::tui::terminal::Copied;
use crate::fronts::tui::tests::Desk;
use crate::fronts::tui::tests::desk::{answer, call, called, delta, start, user};
use crate::protocol::{
    Command, Event, EventKind, OpenOptions, Problem, ProblemKind, SessionCommand, TurnCommand,
    TurnId, TurnOutcome, UserPrompt,
};

#[test]
fn ctrl_c_clears_the_composer_first_and_leaves_only_when_pressed_twice_on_an_empty_one() {
    let mut desk = Desk::connected(80, 24);
    desk.text("half a thought");
    desk.ctrl('c');
    assert!(!desk.shows("half a thought") && desk.cmds().is_empty());
    desk.ctrl('c');
    assert!(desk.shows("ctrl+c again to quit") && desk.cmds().is_empty());
    desk.after(Duration::from_secs(3));
    assert!(!desk.shows("ctrl+c again"));
    desk.ctrl('c');
    assert!(desk.cmds().is_empty());
    desk.ctrl('c');
    assert!(matches!(desk.cmds().as_slice(), [Cmd::Quit]));
}

fn interrupts(cmds: &[Cmd]) -> bool {
    matches!(cmds, [Cmd::Send(Command::Turn(_, TurnCommand::Interrupt))])
}

#[test]
fn ctrl_c_interrupts_a_running_turn_then_clears_and_then_leaves() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut desk = Desk::connected(width, height);
        desk.ask("go");
        desk.text("half a thought");
        desk.cmds();
        desk.ctrl('c');
        assert!(interrupts(&desk.cmds()) && desk.shows("half a thought"));
        assert!(desk.shows("Interrupting · ctrl+c twice to quit"), "{}", desk.picture());
        // A turn that does not end cannot hold the person up.
        desk.ctrl('c');
        assert!(desk.cmds().is_empty() && !desk.shows("half a thought"));
        desk.ctrl('c');
        assert!(desk.cmds().is_empty() && desk.shows("ctrl+c again to quit"));
        desk.ctrl('c');
        assert!(matches!(desk.cmds().as_slice(), [Cmd::Quit]));
        desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Interrupted });
        desk.ask("again");
        desk.cmds();
        desk.ctrl('c');
        assert!(interrupts(&desk.cmds()), "the next turn is another one");
    }
}

#[test]
fn ctrl_c_interrupts_a_turn_that_waits_for_an_answer() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.event(EventKind::Approval(crate::fronts::tui::tests::asks::approvals::command(
        "c",
        "cargo test",
    )));
    desk.after(Duration::from_secs(1));
    desk.cmds();
    desk.ctrl('c');
    assert!(interrupts(&desk.cmds()));
}

#[test]
fn leaving_names_the_commands_that_end_with_it() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut desk = Desk::connected(width, height);
        desk.ask("serve it");
        for (number, title) in [(1, "npm run dev"), (2, "make watch")] {
            desk.event(crate::fronts::tui::tests::calls::jobs::job(number, title));
        }
        desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
        desk.ctrl('c');
        assert!(desk.shows("ctrl+c again to quit, which ends `npm run dev`"), "{}", desk.picture());
        assert!(
            desk.app.farewell().iter().any(|line| line.contains("`npm run dev` and `make watch`"))
        );
        desk.text("/new");
        desk.press(KeyCode::Enter);
        assert!(desk.shows("Ended with the conversation before: `npm run dev`"));
    }
}

#[test]
fn where_the_terminal_never_tells_of_its_focus_the_bell_rings_ten_seconds_after_the_last_key() {
    for (seconds, rings) in [(9, 0), (10, 1), (600, 1)] {
        let mut desk = Desk::connected(80, 24);
        desk.ask("one");
        desk.cmds();
        desk.after(Duration::from_secs(seconds));
        desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
        let cmds = desk.cmds();
        let bells = cmds.iter().filter(|cmd| matches!(cmd, Cmd::Notify(_))).count();
        assert_eq!(bells, rings, "after {seconds} s");
    }
    let mut desk = Desk::connected(80, 24);
    desk.msg(Msg::Focus(Focus::Gained));
    desk.after(Duration::from_secs(600));
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    assert!(desk.cmds().is_empty(), "it is looked at, and the terminal says so");
}

#[test]
fn a_second_esc_within_two_seconds_interrupts_the_running_turn() {
    let mut desk = Desk::connected(80, 24);
    desk.press(KeyCode::Esc);
    desk.ask("go");
    desk.cmds();
    desk.press(KeyCode::Esc);
    assert!(desk.shows("esc again to interrupt") && desk.cmds().is_empty());
    desk.after(Duration::from_millis(2_100));
    desk.press(KeyCode::Esc);
    assert!(desk.cmds().is_empty(), "the first one was too long ago");
    desk.after(Duration::from_millis(500));
    desk.press(KeyCode::Esc);
    assert!(matches!(desk.sent().as_slice(), [Command::Turn(_, TurnCommand::Interrupt)]));
}

#[test]
fn esc_does_nothing_while_nothing_runs() {
    let mut desk = Desk::connected(80, 24);
    desk.presses([KeyCode::Esc, KeyCode::Esc, KeyCode::Esc]);
    assert!(desk.cmds().is_empty());
}

#[test]
fn enter_sends_the_prompt_and_remembers_it() {
    let mut desk = Desk::connected(80, 24);
    desk.text("  ");
    desk.press(KeyCode::Enter);
    assert!(desk.cmds().is_empty(), "blanks are no prompt");
    desk.ctrl('c');
    desk.text("look around");
    desk.press(KeyCode::Enter);
    let sent = desk.sent();
    assert!(
        matches!(sent.as_slice(), [
            Command::Turn(session, TurnCommand::Submit(UserPrompt { text, .. })),
            Command::Session(SessionCommand::Remember(kept)),
        ] if session.as_str() == "ses_test" && text == "look around" && kept == "look around"),
        "{sent:?}"
    );
    assert!(desk.shows("Working · 0 s · esc to interrupt"));
}

#[test]
fn a_prompt_typed_while_not_connected_is_kept_and_connect_says_why_it_opened() {
    let mut desk = Desk::not_connected(80, 24);
    desk.text("explain this");
    desk.press(KeyCode::Enter);
    assert!(desk.sent().is_empty(), "nothing may leave");
    assert_snapshot!("not_connected_prompt_kept", desk.picture());
    desk.press(KeyCode::Esc);
    assert!(desk.shows("│ explain this"));
}

#[test]
fn a_prompt_sent_before_the_accounts_were_known_comes_back() {
    let mut desk = Desk::new(80, 24);
    desk.text("too early");
    desk.press(KeyCode::Enter);
    desk.event(user("too early"));
    let problem = Problem::new(ProblemKind::NotSignedIn, "Nobody is signed in")
        .with_next("`/connect` signs in");
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Failed(problem) });
    assert!(desk.shows("Connect a provider") && desk.shows("your prompt is kept"));
    // Text typed in the first moment was meant for the composer.
    desk.text("!");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("Connect a provider"));
    desk.after(Duration::from_secs(1));
    desk.press(KeyCode::Esc);
    assert!(desk.shows("│ too early!"), "{}", desk.picture());
}

#[test]
fn slash_opens_a_menu_that_narrows_as_one_types() {
    let mut desk = Desk::connected(80, 24);
    desk.text("/");
    assert_snapshot!("slash_menu", desk.picture());
    desk.text("co");
    assert!(desk.shows("/connect") && desk.shows("/copy") && !desk.shows("/models"));
    desk.press(KeyCode::Esc);
    assert!(!desk.shows("/connect"), "esc closes the menu and keeps the text");
    assert!(desk.shows("│ /co"));
    desk.text("n");
    desk.press(KeyCode::Tab);
    assert!(desk.shows("│ /connect"));
    desk.press(KeyCode::Enter);
    assert!(desk.shows("Connect a provider"));
}

#[test]
fn a_menu_longer_than_its_room_keeps_the_chosen_command_in_sight() {
    let mut desk = Desk::with(StartInfo { banner: Some("a stand-in".into()), ..start() }, 60, 18);
    desk.text("/");
    assert!(desk.shows("› /connect"));
    desk.press(KeyCode::Up);
    assert!(
        desk.shows("› /exit") && !desk.shows("/connect") && desk.shows("a stand-in"),
        "{}",
        desk.picture()
    );
}

#[test]
fn a_path_is_a_prompt_and_an_unknown_command_is_none() {
    let mut desk = Desk::connected(80, 24);
    desk.text("/frobnicate");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("There is no command `/frobnicate`") && desk.sent().is_empty());
    desk.ctrl('c');
    desk.text("/usr/bin is what?");
    desk.press(KeyCode::Enter);
    assert!(
        matches!(desk.sent().first(), Some(Command::Turn(_, TurnCommand::Submit(UserPrompt { text, .. }))) if text == "/usr/bin is what?")
    );
}

#[test]
fn the_palette_finds_every_command_and_runs_it() {
    let mut desk = Desk::connected(80, 24);
    desk.ctrl('p');
    assert_snapshot!("palette", desk.picture());
    desk.text("limits");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("Status"));
    desk.press(KeyCode::Esc);
    desk.ctrl('p');
    desk.text("quit codling");
    desk.press(KeyCode::Enter);
    assert!(desk.cmds().iter().any(|cmd| matches!(cmd, Cmd::Quit)));
}

#[test]
fn leader_chords_reach_their_commands_and_other_keys_end_them() {
    let mut desk = Desk::connected(80, 24);
    desk.ctrl('x');
    assert!(desk.shows("ctrl+x …"));
    desk.text("m");
    assert!(desk.shows("Choose a model"));
    desk.press(KeyCode::Esc);
    desk.ctrl('x');
    desk.text("z");
    assert!(!desk.shows("ctrl+x …") && !desk.shows("│ z"), "the key after ctrl+x is never text");
    desk.ctrl('x');
    desk.ctrl('q');
    assert!(desk.cmds().iter().any(|cmd| matches!(cmd, Cmd::Quit)));
}

#[test]
fn question_mark_is_help_only_where_it_would_not_be_text() {
    let mut desk = Desk::connected(80, 24);
    desk.text("?");
    assert_snapshot!("help", desk.picture());
    desk.press(KeyCode::Esc);
    desk.text("why?");
    assert!(desk.shows("│ why?"));
}

#[test]
fn copying_says_what_was_tried_and_printing_is_the_way_out() {
    let mut desk = Desk::connected(80, 24);
    desk.ctrl('x');
    desk.text("y");
    assert!(desk.cmds().is_empty() && desk.shows("There is no answer yet"));
    desk.ask("q");
    desk.event(answer("a", "forty-two"));
    desk.cmds();
    desk.ctrl('x');
    desk.text("y");
    assert!(matches!(desk.cmds().as_slice(), [Cmd::Copy(text)] if text == "forty-two"));
    desk.msg(Msg::Copied(Copied::SentThroughTmux));
    assert!(desk.shows("through tmux") && !desk.shows("Copied"));
    desk.msg(Msg::Copied(Copied::TooLong { bytes: 90_000, most: 56_000 }));
    assert!(desk.shows("Not copied: it has 90000 bytes"));
    desk.ctrl('x');
    desk.text("t");
    assert!(matches!(desk.cmds().as_slice(), [Cmd::Print(text)] if text == "forty-two"));
}

#[test]
fn the_bell_rings_only_for_a_person_who_looks_elsewhere() {
    let mut desk = Desk::connected(80, 24);
    let end = || EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done };
    desk.ask("one");
    desk.cmds();
    desk.event(end());
    assert!(desk.cmds().is_empty());
    desk.msg(Msg::Focus(Focus::Lost));
    desk.event(end());
    assert!(matches!(desk.cmds().as_slice(), [Cmd::Notify(_)]));
    desk.msg(Msg::Focus(Focus::Gained));
    desk.event(end());
    assert!(desk.cmds().is_empty());
}

#[test]
fn a_toast_goes_by_itself_and_then_nothing_wakes_the_program() {
    let mut desk = Desk::connected(80, 24);
    assert_eq!(desk.app.wakes(), None, "an idle screen sleeps");
    desk.ctrl('o');
    assert_snapshot!("toast", desk.picture());
    let until = desk.app.wakes().unwrap();
    desk.after(until.since(desk.now()));
    assert!(!desk.shows("will be shown"));
    assert_eq!(desk.app.wakes(), None);
}

#[test]
fn a_new_conversation_closes_the_old_one_and_keeps_the_model() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("old");
    desk.cmds();
    desk.text("/new");
    desk.press(KeyCode::Enter);
    let sent = desk.sent();
    assert!(
        matches!(sent.as_slice(), [
            Command::Session(SessionCommand::Close(_)),
            Command::Session(SessionCommand::Open { options: OpenOptions { model: Some(model), effort: Some(effort), .. }, .. }),
        ] if model.id.as_str() == "gpt-6.1-sol" && effort.0 == "medium"),
        "{sent:?}"
    );
    assert!(desk.shows("a coding client for your terminal"));
}

#[test]
fn late_events_of_a_closed_conversation_change_nothing() {
    let mut desk = Desk::connected(80, 24);
    desk.msg(Msg::Engine(Box::new(Event {
        session: Some("ses_old".into()),
        seq: 0,
        kind: answer("a", "ghost"),
    })));
    assert!(!desk.shows("ghost"));
}

#[test]
fn a_prompt_that_was_answered_never_comes_back() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("answered");
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    let problem = Problem::new(ProblemKind::NotSignedIn, "The sign-in has ended")
        .with_next("`/connect` signs in");
    desk.refuse(problem);
    assert!(
        desk.shows("The sign-in has ended")
            && !desk.shows("Connect a provider")
            && !desk.shows("│ answered")
    );
}

#[test]
fn a_prompt_is_written_on_in_an_editor_and_stays_where_that_fails() {
    let mut desk = Desk::connected(80, 24);
    desk.text("a first line");
    desk.ctrl('x');
    desk.text("e");
    assert!(
        matches!(desk.cmds().as_slice(), [Cmd::Edit { editor, text }] if editor == "vi" && text == "a first line")
    );
    desk.msg(Msg::Edited(Ok("a first line\nand \u{1b}[2Ja second".into())));
    assert!(desk.shows("│ a first line") && desk.shows("│ and ␛[2Ja second"));
    desk.msg(Msg::Edited(Err(
        "the editor `vi` ended with exit status: 1, so the text stays as it was".into(),
    )));
    assert!(
        desk.shows("The editor `vi` ended with exit status: 1") && desk.shows("│ and ␛[2Ja second")
    );
    let mut desk = Desk::with(StartInfo { editor: None, ..start() }, 80, 24);
    desk.ctrl('x');
    desk.text("e");
    assert!(desk.cmds().is_empty() && desk.shows("set `VISUAL` or `EDITOR`"));
}

#[test]
fn every_key_after_ctrl_x_is_shown_at_any_width() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        for begun in [false, true] {
            let mut desk = Desk::connected(width, height);
            if begun {
                desk.ask("go");
            }
            desk.ctrl('x');
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
                    desk.shows(&key.replace(' ', "\u{a0}")),
                    "{key} at {width}x{height}: {}",
                    desk.picture()
                );
            }
        }
    }
}

#[test]
fn a_question_mark_alone_asks_for_help_and_before_text_is_text() {
    let mut desk = Desk::connected(80, 24);
    desk.text("?");
    assert!(desk.shows("Help"));
    desk.press(KeyCode::Esc);
    assert!(!desk.shows("Help") && desk.shows("Ask anything"));
    desk.text("?why is the sky blue");
    assert!(!desk.shows("Help") && desk.shows("│ ?why is the sky blue"), "{}", desk.picture());
    desk.ctrl('c');
    desk.text("? ");
    assert!(desk.shows("│ ? "), "{}", desk.picture());
    desk.ctrl('c');
    desk.text("?");
    desk.msg(Msg::Paste("pasted".into()));
    assert!(desk.shows("│ ?pasted"), "{}", desk.picture());
    desk.ctrl('c');
    desk.press(KeyCode::F(1));
    desk.text("x");
    assert!(desk.shows("Help") && !desk.shows("│ ?x"));
}

#[test]
fn working_says_what_it_waits_for() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    assert!(!desk.shows("silent"));
    desk.after(Duration::from_secs(9));
    assert!(
        desk.shows("Working · 9 s · esc to interrupt · the server has been silent for 9 s"),
        "{}",
        desk.picture()
    );
    desk.event(delta("a", "Well"));
    assert!(!desk.shows("silent"));
    desk.after(Duration::from_secs(4));
    assert!(desk.shows("silent for 4 s"));
    desk.event(call("c", "shell", "{}"));
    assert!(!desk.shows("looking at"));
    desk.after(Duration::from_secs(4));
    assert!(desk.shows("looking at the files") && !desk.shows("silent"), "{}", desk.picture());
    desk.event(EventKind::CallRunning { call: "c".into(), title: "cargo test".into() });
    desk.after(Duration::from_secs(60));
    assert!(
        desk.shows("Working · 1 min 17 s · esc to interrupt · running cargo test"),
        "{}",
        desk.picture()
    );
    desk.event(called("c", "cargo test", "ok"));
    assert!(!desk.shows("running cargo"));
}
