//! A usage limit on the screen: the offer to wait, the wait, and what ends them.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::base::Timestamp;
use crate::protocol::{
    ApprovalResponse, AskId, Command, EventKind, LimitHold, LimitStage, OnUsageLimit, OpenOptions,
    Problem, ProblemKind, SessionCommand, SessionView, TurnCommand, TurnId, TurnOutcome,
};
use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::NOON;

const LETTER_ALONE: Duration = Duration::from_millis(200);

fn hold(stage: LimitStage, until: Timestamp) -> LimitHold {
    let kind = ProblemKind::UsageLimit { resets: Some(until) };
    let problem = Problem::new(kind, "The plan's usage limit is reached; it resets at 14:20")
        .with_next(
            "Upgrade to Pro, buy credits on chatgpt.com/settings/usage, or try again at 14:20",
        );
    LimitHold { until, stage, problem }
}

fn until() -> Timestamp {
    NOON + Duration::from_secs(8_400)
}

/// A turn that offers to wait until 14:20, once keys count.
fn offered(width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("go");
    fixture.event(EventKind::LimitHold(Some(hold(LimitStage::Offered(AskId(3)), until()))));
    fixture.after(Duration::from_millis(400));
    fixture.cmds();
    fixture
}

fn decisions(fixture: &mut Fixture) -> Vec<ApprovalResponse> {
    let sent = fixture.sent().into_iter();
    sent.filter_map(|command| match command {
        Command::Turn(_, TurnCommand::Decide { ask: AskId(3), decision }) => Some(decision),
        _ => None,
    })
    .collect()
}

#[test]
fn the_offer_names_the_time_and_what_else_could_be_done() {
    assert_snapshot!("limit_offer", offered(80, 24).picture());
    assert_snapshot!("limit_offer_small", offered(60, 18).picture());
}

#[test]
fn y_and_enter_wait_and_n_ends_the_turn() {
    for (key, answer) in [
        (KeyCode::Char('y'), ApprovalResponse::Once),
        (KeyCode::Enter, ApprovalResponse::Once),
        (KeyCode::Char('n'), ApprovalResponse::No),
    ] {
        let mut fixture = offered(80, 24);
        fixture.press(key);
        fixture.after(LETTER_ALONE);
        assert_eq!(decisions(&mut fixture), [answer], "{key:?}");
        fixture.press(key);
        fixture.after(LETTER_ALONE);
        assert_eq!(decisions(&mut fixture), [], "it is answered once");
    }
}

#[test]
fn a_word_is_no_answer_to_the_offer() {
    let mut fixture = offered(80, 24);
    for letter in "now".chars() {
        fixture.press(KeyCode::Char(letter));
    }
    fixture.after(LETTER_ALONE);
    assert_eq!(decisions(&mut fixture), []);
}

#[test]
fn keys_on_their_way_when_the_offer_comes_are_no_answer() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(EventKind::LimitHold(Some(hold(LimitStage::Offered(AskId(3)), until()))));
    fixture.press(KeyCode::Enter);
    fixture.press(KeyCode::Char('y'));
    fixture.after(LETTER_ALONE);
    assert_eq!(decisions(&mut fixture), []);
}

#[test]
fn an_offer_that_was_answered_elsewhere_or_ended_with_its_turn_is_gone() {
    let mut fixture = offered(80, 24);
    fixture.event(EventKind::AskResolved { id: AskId(3), by: None });
    fixture.event(EventKind::LimitHold(Some(hold(LimitStage::Waiting, until()))));
    fixture.assert_hides(["Go on at"]);
    let mut fixture = offered(80, 24);
    let outcome = TurnOutcome::Failed(hold(LimitStage::Waiting, until()).problem);
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome });
    assert!(!fixture.shows("Go on at") && fixture.shows("usage limit is"));
    assert_eq!(fixture.app.wakes(), None);
}

/// A turn that waits until 14:20.
fn waiting(width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("go");
    fixture.event(EventKind::LimitHold(Some(hold(LimitStage::Waiting, until()))));
    fixture
}

#[test]
fn the_wait_counts_down_and_the_composer_queues() {
    let mut fixture = waiting(80, 24);
    assert_snapshot!("limit_wait", fixture.picture());
    assert_snapshot!("limit_wait_small", waiting(60, 18).picture());
    fixture.enter("and then");
    let sent = fixture.sent();
    let is_submit = |command: &Command| matches!(command, Command::Turn(_, TurnCommand::Submit(_)));
    assert!(sent.iter().any(is_submit), "{sent:?}");
}

#[test]
fn the_screen_wakes_when_the_time_that_is_shown_changes_and_not_before() {
    let mut fixture = waiting(80, 24);
    let mut wakes = 0;
    while let Some(at) = fixture.app.wakes() {
        let left = until().since(fixture.now());
        assert!(at > fixture.now());
        let next = at.since(fixture.now());
        let step = if left <= Duration::from_secs(60) { 1 } else { 60 };
        assert_eq!(next, Duration::from_secs(step), "{left:?}");
        fixture.after(next);
        wakes += 1;
    }
    assert_eq!(wakes, 139 + 60);
    fixture.assert_shows(["Goes on now"]);
    fixture.event(EventKind::LimitHold(None));
    assert!(fixture.shows("Working") && !fixture.shows("Goes on"));
}

#[test]
fn esc_twice_ends_the_wait() {
    let mut fixture = waiting(80, 24);
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows("esc again to"));
    fixture.press(KeyCode::Esc);
    let sent = fixture.sent();
    let ends = |command: &Command| matches!(command, Command::Turn(_, TurnCommand::Interrupt));
    assert!(sent.iter().any(ends), "{sent:?}");
    fixture.assert_shows(["Interrupting"]);
}

#[test]
fn a_screen_that_comes_later_shows_the_offer_and_the_wait() {
    for (stage, shown) in [
        (LimitStage::Offered(AskId(3)), "Go on at 14:20?"),
        (LimitStage::Waiting, "Goes on at 14:20, in 2 h 20 min"),
    ] {
        let mut fixture = Fixture::connected(80, 24);
        let view = SessionView {
            turn: Some(TurnId(1)),
            limit: Some(hold(stage, until())),
            ..fixture.app.talk.session.clone()
        };
        fixture.event(EventKind::Snapshot(view.into()));
        fixture.assert_shows([shown]);
    }
}

#[test]
fn whatever_a_screen_opens_may_offer_to_wait() {
    let fixture = Fixture::connected(80, 24);
    let offers = |options: &OpenOptions| options.on_usage_limit == OnUsageLimit::Offer;
    let first = fixture.app.begin();
    let opens = first.iter().any(|command| {
        matches!(command, Command::Session(SessionCommand::Open { options, .. }) if offers(options))
    });
    assert!(opens, "{first:?}");
}
