//! Queued prompts, compaction and the person's own shell commands.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::fronts::tui::messages::Asked;
use crate::fronts::tui::tests::Desk;
use crate::fronts::tui::tests::desk::{queued, unqueued, waiting};
use crate::protocol::{
    Command, CompactionResult, EventKind, Problem, ProblemKind, Reply, SessionCommand, TurnCommand,
    TurnId, TurnOutcome, UnqueueReason, Usage, UserPrompt,
};

fn turns(desk: &mut Desk) -> Vec<TurnCommand> {
    desk.sent()
        .into_iter()
        .filter_map(
            |command| if let Command::Turn(_, command) = command { Some(command) } else { None },
        )
        .collect()
}

fn end(desk: &mut Desk) {
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
}

#[test]
fn up_in_an_empty_composer_takes_the_prompt_back_that_was_queued_last() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    for prompt in ["one", "two", "three", "four"] {
        desk.event(queued(prompt));
    }
    assert_snapshot!("queued", desk.picture());
    desk.cmds();
    desk.press(KeyCode::Up);
    assert!(matches!(turns(&mut desk).as_slice(), [TurnCommand::Unqueue]));
    desk.event(unqueued(&["four"], UnqueueReason::TakenBack));
    desk.reply(Reply::Unqueued(waiting("four")));
    assert!(
        desk.shows("│ four")
            && desk.shows("queued: three · up takes it back")
            && desk.shows("queued: one")
    );
    desk.press(KeyCode::Up);
    assert!(turns(&mut desk).is_empty(), "with a text in the composer, up is the history's");
}

#[test]
fn all_that_waits_comes_back_when_the_turn_is_ended_by_hand() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.event(queued("one"));
    desk.event(queued("two"));
    desk.event(unqueued(&["one", "two"], UnqueueReason::TurnEnded));
    assert!(!desk.shows("queued:") && desk.shows("│ one") && desk.shows("│ two"));
}

#[test]
fn an_exclamation_mark_first_runs_a_command_of_one_s_own() {
    let mut desk = Desk::connected(80, 24);
    desk.text("!git status -s");
    assert_snapshot!("own_command", desk.picture());
    desk.cmds();
    desk.press(KeyCode::Enter);
    let sent = desk.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Turn(_, TurnCommand::Shell { line }), Command::Session(SessionCommand::Remember(kept))]
            if line == "git status -s" && kept == "!git status -s"),
        "{sent:?}"
    );
    assert!(!desk.shows("your own command"));
    desk.press(KeyCode::Up);
    assert!(
        desk.shows("│ !git status -s") && desk.shows("your own command"),
        "the history keeps it"
    );
}

#[test]
fn a_command_of_one_s_own_waits_for_the_end_of_a_turn() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.cmds();
    desk.text("!ls");
    desk.press(KeyCode::Enter);
    assert!(
        desk.cmds().is_empty() && desk.shows("│ !ls") && desk.shows("Not while a turn is running")
    );
    end(&mut desk);
    desk.press(KeyCode::Enter);
    assert!(matches!(turns(&mut desk).as_slice(), [TurnCommand::Shell { .. }]));
    desk.text("!  ");
    desk.press(KeyCode::Enter);
    assert!(desk.cmds().is_empty(), "nothing to run");
}

#[test]
fn a_command_of_one_s_own_may_be_the_first_thing_of_all() {
    // The session is not open yet: the command reaches the engine after the opening.
    let mut desk = Desk::new(80, 24);
    desk.cmds();
    desk.text("!ls");
    desk.press(KeyCode::Enter);
    assert!(matches!(turns(&mut desk).as_slice(), [TurnCommand::Shell { .. }]));
}

#[test]
fn summing_up_is_asked_for_shown_and_interrupted() {
    let mut desk = Desk::connected(80, 24);
    desk.text("/compact");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("There is nothing to summarize yet"));
    desk.ask("go");
    desk.cmds();
    desk.ctrl('x');
    desk.text("c");
    assert!(turns(&mut desk).is_empty() && desk.shows("then summarize"));
    end(&mut desk);
    desk.ctrl('x');
    desk.text("c");
    assert!(matches!(turns(&mut desk).as_slice(), [TurnCommand::Compact]));
    desk.event(EventKind::Compacting);
    assert!(
        desk.shows("Summarizing the conversation · esc to interrupt") && desk.app.wakes().is_some()
    );
    desk.presses([KeyCode::Esc, KeyCode::Esc]);
    assert!(matches!(turns(&mut desk).as_slice(), [TurnCommand::Interrupt]));
    desk.event(EventKind::Compacted(Some(CompactionResult { before: 200_000, after: 4_000 })));
    assert!(!desk.shows("Summarizing"));
    desk.after(Duration::from_secs(20));
    assert_eq!(desk.app.wakes(), None);
}

#[test]
fn an_estimate_moves_the_figure_between_two_answers() {
    let mut desk = Desk::connected(100, 24);
    desk.ask("go");
    desk.event(EventKind::Usage(Usage { input: 136_000, ..Usage::default() }));
    assert!(desk.shows("context 50%"));
    desk.event(EventKind::ContextUsed(204_000));
    assert!(desk.shows("context 75%"));
    desk.event(EventKind::Usage(Usage { input: 27_000, output: 200, ..Usage::default() }));
    assert!(desk.shows("context 10%"));
}

#[test]
fn init_sends_a_prompt_and_keeps_what_was_being_typed() {
    let mut desk = Desk::connected(80, 24);
    desk.text("half a thought");
    desk.ctrl('p');
    desk.text("agents.md");
    desk.press(KeyCode::Enter);
    assert!(
        matches!(turns(&mut desk).as_slice(), [TurnCommand::Submit(UserPrompt { text, .. })] if text.contains("write an `AGENTS.md`"))
    );
    assert!(desk.shows("│ half a thought"));
}

#[test]
fn the_engine_is_told_once_that_the_first_prompt_is_being_written() {
    let mut desk = Desk::connected(80, 24);
    desk.text("/st");
    assert_eq!(desk.got_ready(), 0, "a command of the screen's needs no look at the folder");
    desk.ctrl('c');
    desk.text("why does it");
    assert_eq!(desk.got_ready(), 1);
    desk.ctrl('c');
    desk.text("again");
    assert_eq!(desk.got_ready(), 0);
}

#[test]
fn a_prompt_that_is_refused_comes_back_and_nothing_goes_on() {
    let mut desk = Desk::connected(80, 24);
    desk.text("why does it fail?");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("esc to interrupt") && !desk.shows("│ why does it fail?"));
    let problem = || Problem::new(ProblemKind::Internal, "There is no such conversation");
    desk.answered(Asked::Prompt("ses_before".into()), Err(problem()));
    assert!(desk.shows("esc to interrupt"), "of a conversation that is closed");
    desk.answered(Asked::Prompt("ses_test".into()), Err(problem()));
    assert!(desk.shows("│ why does it fail?") && desk.shows("There is no such conversation"));
    assert!(!desk.shows("esc to interrupt"), "{}", desk.picture());
    // While a turn runs only the prompt comes back.
    desk.ctrl('c');
    desk.ask("go");
    desk.text("and this");
    desk.press(KeyCode::Enter);
    desk.answered(Asked::Prompt("ses_test".into()), Err(problem()));
    assert!(desk.shows("│ and this") && desk.shows("esc to interrupt"));
}
