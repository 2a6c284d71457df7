//! Queued prompts, compaction and the person's own shell commands.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::{
    ClientId, Command, CompactionResult, EventKind, Problem, ProblemKind, PromptTiming,
    QueueCommand, QueuedPrompt, Reply, SessionCommand, TurnCommand, TurnId, TurnOutcome,
    UnqueueReason, Usage, UserPrompt,
};
use crate::tui::messages::Asked;
use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::{queued, unqueued, waiting};

fn end(fixture: &mut Fixture) {
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
}

#[test]
fn up_in_an_empty_composer_shows_the_queue_with_the_cursor_on_the_last() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    for prompt in ["one", "two", "three", "four"] {
        fixture.event(queued(prompt));
    }
    assert_snapshot!("queued", fixture.picture());
    fixture.cmds();
    fixture.press(KeyCode::Up);
    fixture.picture();
    assert_snapshot!("queue_dialog", fixture.picture());
    fixture.press(KeyCode::Enter);
    let four = waiting("four").id;
    assert!(
        matches!(fixture.turns().as_slice(), [TurnCommand::Queue(QueueCommand::TakeBack(id))] if *id == four)
    );
    fixture.event(unqueued(&["four"], UnqueueReason::TakenBack));
    fixture.reply(Reply::Unqueued(waiting("four")));
    fixture.assert_shows(["│ four", sentences::QUEUED_THREE, "joins this turn: one"]);
    fixture.press(KeyCode::Up);
    assert!(fixture.turns().is_empty(), "with a text in the composer, up is the history's");
}

#[test]
fn a_prompt_of_another_screen_is_shown_and_not_changed_here() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    let theirs = QueuedPrompt { by: Some(ClientId(9)), ..waiting("of another screen") };
    fixture.event(EventKind::Queued(theirs.clone()));
    fixture.press(KeyCode::Up);
    fixture.picture();
    fixture.cmds();
    for key in ['x', 's', '+', 'e'] {
        fixture.press(KeyCode::Char(key));
        assert!(fixture.turns().is_empty(), "{key}");
    }
    // Its screen is gone.
    fixture.event(EventKind::Requeued(vec![QueuedPrompt { by: None, ..theirs.clone() }]));
    fixture.picture();
    fixture.press(KeyCode::Char('x'));
    let dropped = QueueCommand::Drop(theirs.id);
    assert!(
        matches!(fixture.turns().as_slice(), [TurnCommand::Queue(command)] if *command == dropped)
    );
}

#[test]
fn a_key_of_its_own_queues_for_after_the_turn_and_shows_the_queue_when_nothing_is_typed() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.text("then test");
    assert_snapshot!("enter_or_later", fixture.picture());
    fixture.cmds();
    fixture.ctrl('g');
    let sent = fixture.turns();
    let [TurnCommand::Submit(prompt)] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((&*prompt.text, prompt.timing), ("then test", PromptTiming::NextTurn));
    fixture.event(EventKind::Queued(QueuedPrompt {
        timing: PromptTiming::NextTurn,
        ..waiting("then test")
    }));
    fixture.event(queued("and this"));
    fixture.ctrl('g');
    fixture.picture();
    assert_snapshot!("queue_of_both", fixture.picture());
    fixture.press(KeyCode::Esc);
    for typed in ["!ls", "/compact"] {
        fixture.text(typed);
        fixture.cmds();
        fixture.ctrl('g');
        assert!(fixture.turns().is_empty(), "{typed} is no prompt");
        fixture.ctrl('u');
    }
}

#[test]
fn all_that_waits_comes_back_when_the_turn_is_ended_by_hand() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(queued("one"));
    fixture.event(queued("two"));
    fixture.event(unqueued(&["one", "two"], UnqueueReason::TurnEnded));
    assert!(!fixture.shows("joins this turn:") && fixture.shows("│ one") && fixture.shows("│ two"));
}

#[test]
fn an_exclamation_mark_first_runs_a_command_of_one_s_own() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("!git status -s");
    assert_snapshot!("own_command", fixture.picture());
    fixture.cmds();
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Turn(_, TurnCommand::Shell { line }), Command::Session(SessionCommand::Remember(kept))]
            if line == "git status -s" && kept == "!git status -s"),
        "{sent:?}"
    );
    assert!(!fixture.shows("your own command"));
    fixture.press(KeyCode::Up);
    assert!(
        fixture.shows("│ !git status -s") && fixture.shows("your own command"),
        "the history keeps it"
    );
}

#[test]
fn a_command_of_one_s_own_waits_for_the_end_of_a_turn() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.cmds();
    fixture.enter("!ls");
    assert!(
        fixture.cmds().is_empty()
            && fixture.shows("│ !ls")
            && fixture.shows(sentences::NOT_IN_A_TURN)
    );
    end(&mut fixture);
    fixture.press(KeyCode::Enter);
    assert!(matches!(fixture.turns().as_slice(), [TurnCommand::Shell { .. }]));
    fixture.enter("!  ");
    assert!(fixture.cmds().is_empty(), "nothing to run");
}

#[test]
fn a_command_of_one_s_own_may_be_the_first_thing_of_all() {
    // The session is not open yet: the command reaches the engine after the opening.
    let mut fixture = Fixture::new(80, 24);
    fixture.cmds();
    fixture.enter("!ls");
    assert!(matches!(fixture.turns().as_slice(), [TurnCommand::Shell { .. }]));
}

#[test]
fn summing_up_is_asked_for_shown_and_interrupted() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.enter("/compact");
    assert!(fixture.shows(sentences::NOTHING_TO_SUMMARIZE));
    fixture.ask("go");
    fixture.cmds();
    fixture.ctrl('x');
    fixture.text("c");
    assert!(fixture.turns().is_empty() && fixture.shows("then summarize"));
    end(&mut fixture);
    fixture.ctrl('x');
    fixture.text("c");
    assert!(matches!(fixture.turns().as_slice(), [TurnCommand::Compact { .. }]));
    fixture.event(EventKind::Compacting);
    assert!(fixture.shows(sentences::SUMMARIZING) && fixture.app.wakes().is_some());
    fixture.presses([KeyCode::Esc, KeyCode::Esc]);
    assert!(matches!(fixture.turns().as_slice(), [TurnCommand::Interrupt]));
    fixture.event(EventKind::Compacted(Some(CompactionResult { before: 200_000, after: 4_000 })));
    assert!(!fixture.shows("Summarizing"));
    fixture.after(Duration::from_secs(20));
    assert_eq!(fixture.app.wakes(), None);
}

#[test]
fn an_estimate_moves_the_figure_between_two_answers() {
    let mut fixture = Fixture::connected(100, 24);
    fixture.ask("go");
    fixture.event(EventKind::Usage(Usage { input: 136_000, ..Usage::default() }));
    assert!(fixture.shows("context 50%"));
    fixture.event(EventKind::ContextUsed(204_000));
    assert!(fixture.shows("context 75%"));
    fixture.event(EventKind::Usage(Usage { input: 27_000, output: 200, ..Usage::default() }));
    assert!(fixture.shows("context 10%"));
}

#[test]
fn init_sends_a_prompt_and_keeps_what_was_being_typed() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("half a thought");
    fixture.ctrl('p');
    fixture.enter("agents.md");
    assert!(
        matches!(fixture.turns().as_slice(), [TurnCommand::Submit(UserPrompt { text, .. })] if text.contains("write an `AGENTS.md`"))
    );
    assert!(fixture.shows("│ half a thought"));
}

#[test]
fn the_engine_is_told_once_that_the_first_prompt_is_being_written() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("/st");
    assert_eq!(fixture.got_ready(), 0, "a command of the screen's needs no look at the folder");
    fixture.ctrl('c');
    fixture.text("why does it");
    assert_eq!(fixture.got_ready(), 1);
    fixture.ctrl('c');
    fixture.text("again");
    assert_eq!(fixture.got_ready(), 0);
}

#[test]
fn a_prompt_that_is_refused_comes_back_and_nothing_goes_on() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.enter("why does it fail?");
    assert!(fixture.shows("esc to interrupt") && !fixture.shows("│ why does it fail?"));
    let problem = || Problem::new(ProblemKind::Internal, "There is no such conversation");
    fixture.answered(Asked::Prompt("ses_before".into()), Err(problem()));
    assert!(fixture.shows("esc to interrupt"), "of a conversation that is closed");
    fixture.answered(Asked::Prompt("ses_test".into()), Err(problem()));
    assert!(fixture.shows("│ why does it fail?") && fixture.shows("no such conversation"));
    fixture.assert_hides(["esc to interrupt"]);
    // While a turn runs only the prompt comes back.
    fixture.ctrl('c');
    fixture.ask("go");
    fixture.enter("and this");
    fixture.answered(Asked::Prompt("ses_test".into()), Err(problem()));
    assert!(fixture.shows("│ and this") && fixture.shows("esc to interrupt"));
}
