//! Logs of conversations that went back: what is read of them, listed, copied and shown.

use std::fs;
use std::sync::Arc;

use super::{Fixture, Record, StoreError, TurnId, user};
use crate::protocol::{ForkPoint, KeepFrom, LeftTurns, SessionSelector, WhenHeld};
use crate::store::RecordedSession;

fn turn(number: u64) -> [Record; 2] {
    [Record::TurnStarted(TurnId(number)), user(&format!("p{number}"))]
}

fn left(before: u64, records: Vec<Record>) -> Record {
    Record::WentBack(Arc::new(LeftTurns { before: TurnId(before), records }))
}

fn went_back(before: u64) -> Record {
    left(before, Vec::new())
}

/// Three turns, back to before the second, and another one.
fn once() -> Vec<Record> {
    [&turn(1)[..], &turn(2), &turn(3), &[went_back(2)], &turn(4)].concat()
}

#[test]
fn a_log_that_went_back_is_only_added_to_and_reads_as_the_branch_it_went_on_with() {
    let fixture = Fixture::new();
    let three = [turn(1), turn(2), turn(3)].concat();
    let before = fixture.with("ses_a", "/x", &three);
    let resume = || fixture.sessions.resume(&"ses_a".into(), &WhenHeld::Refuse).unwrap();
    resume().log.append(&[went_back(2)]).unwrap();
    resume().log.append(&turn(4)).unwrap();
    let after = fs::read(fixture.path("ses_a")).unwrap();
    assert!(after.starts_with(&before));
    let (summary, past) = fixture.sessions.read(&"ses_a".into()).unwrap();
    let branch = left(2, [turn(2), turn(3)].concat());
    assert_eq!(past.records, [&turn(1)[..], &[branch], &turn(4)].concat());
    assert_eq!((summary.prompts, summary.branches, &*summary.title), (2, 1, "p1"));
    let branches = fixture.sessions.branches(&"ses_a".into()).unwrap();
    assert_eq!((branches[0].prompts, &*branches[0].prompt), (2, "p3"));
    assert_eq!(branches[0].left, Some(fixture.clock.now()));
    let timeline: Vec<_> = past.timeline().into_iter().map(|it| (it.turn.0, it.prompt)).collect();
    assert_eq!(timeline, [(1, "p1".to_owned()), (4, "p4".to_owned())]);
    assert!(past.timeline().iter().all(|turn| turn.began == Some(fixture.clock.now())));
    assert_eq!(past.clone().back_to(TurnId(2)), None, "that turn was left");
    let rest = left(1, [turn(1), turn(2), turn(3), turn(4)].concat());
    assert_eq!(past.back_to(TurnId(1)), Some(vec![rest]), "all that was left, in its order");
}

#[test]
fn a_conversation_that_went_back_to_its_beginning_is_still_found_by_its_words_and_its_name() {
    let fixture = Fixture::new();
    let records = [&turn(1)[..], &turn(2), &[went_back(1)]].concat();
    fixture.with("ses_a", "/x", &records);
    let latest = SessionSelector::Latest("/x".into());
    assert_eq!(fixture.sessions.find(&latest).unwrap().0, "ses_a".into());
    let listed = || fixture.sessions.list().unwrap().summaries().remove(0);
    assert_eq!((listed().prompts, listed().branches, &*listed().title), (0, 1, "p1"));
    let named = [&turn(1)[..], &[Record::Title("mine".into())], &turn(2), &[went_back(1)]].concat();
    fixture.with("ses_b", "/y", &named);
    let (summary, past) = fixture.sessions.read(&"ses_b".into()).unwrap();
    assert_eq!((&*summary.title, summary.is_named), ("mine", true));
    assert_eq!(past.records[0], Record::Title("mine".into()), "a name is no branch's");
}

#[test]
fn a_list_that_was_kept_counts_anew_where_a_log_went_back_since() {
    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &[turn(1), turn(2), turn(3)].concat());
    fixture.sessions.list().unwrap().keep().unwrap();
    let listed = || {
        let session = fixture.sessions.list().unwrap().summaries().remove(0);
        fixture.sessions.list().unwrap().keep().unwrap();
        (session.prompts, session.branches)
    };
    assert_eq!(listed(), (3, 0));
    let append = |records: &[Record]| {
        let opened = fixture.sessions.resume(&"ses_a".into(), &WhenHeld::Refuse);
        opened.unwrap().log.append(records).unwrap();
    };
    append(&[went_back(2)]);
    assert_eq!(listed(), (1, 1));
    append(&turn(4));
    assert_eq!(listed(), (2, 1), "the rest is counted as it comes");
    let preview = fixture.sessions.preview(&"ses_a".into()).unwrap();
    assert_eq!(preview.prompt, "p4");
    append(&[went_back(4)]);
    let preview = fixture.sessions.preview(&"ses_a".into()).unwrap();
    assert_eq!((listed(), &*preview.prompt), ((1, 2), "p1"));
}

#[test]
fn each_end_of_a_conversation_can_be_copied() {
    let fixture = Fixture::new();
    let records = [once(), vec![went_back(4)], turn(5).to_vec()].concat();
    fixture.with("ses_a", "/x", &records);
    let prompts = |name: &str, at| {
        let fork = fixture.sessions.fork(&"ses_a".into(), &name.into(), at, KeepFrom::Start);
        let past = fork.unwrap().past;
        past.timeline().into_iter().map(|turn| turn.turn.0).collect::<Vec<_>>()
    };
    assert_eq!(prompts("ses_b", ForkPoint::End), [1, 5]);
    assert_eq!(prompts("ses_c", ForkPoint::Branch(0)), [1, 2, 3]);
    assert_eq!(prompts("ses_d", ForkPoint::Branch(1)), [1, 4]);
    assert_eq!(prompts("ses_e", ForkPoint::Before(TurnId(4))), [1]);
    assert_eq!(prompts("ses_f", ForkPoint::Before(TurnId(3))), [1, 2]);
    for at in [ForkPoint::Branch(2), ForkPoint::Before(TurnId(9))] {
        let fork = fixture.sessions.fork(&"ses_a".into(), &"ses_g".into(), at, KeepFrom::Start);
        assert!(matches!(fork, Err(StoreError::NoTurn)));
    }
}

#[test]
fn damage_hides_no_more_of_a_log_that_went_back_than_its_own_lines() {
    let fixture = Fixture::new();
    let text = String::from_utf8(fixture.with("ses_a", "/x", &once())).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = |hidden: usize| {
        let line =
            |(at, line): (usize, &&str)| if at == hidden { "{".into() } else { line.to_string() };
        let text = lines.iter().enumerate().map(line).collect::<Vec<String>>().join("\n");
        let past = RecordedSession::read(format!("{text}\n").as_bytes());
        let turns: Vec<u64> = past.timeline().iter().map(|turn| turn.turn.0).collect();
        (turns, past.damage.lines)
    };
    let line = |part: &str| lines.iter().position(|line| line.contains(part)).unwrap();
    // The beginning of the first turn that is left.
    let began =
        lines.iter().rposition(|line| line.contains("\"turn\":2") && line.contains("started"));
    assert_eq!(without(began.unwrap()).0, [1, 4]);
    let gone = line("words");
    assert_eq!(without(gone), (vec![1, 2, 3, 4], vec![gone + 1]), "which is told");
    let unknown = [&turn(1)[..], &[went_back(9)], &turn(2)].concat();
    fixture.with("ses_b", "/x", &unknown);
    let past = fixture.sessions.read(&"ses_b".into()).unwrap().1;
    assert_eq!(past.timeline().len(), 2);
}

/// A codling from before it could go back skips types that it does not know, in silence. It knows
/// `undone`, and two directions of it: to it this is a damaged line, which it tells.
#[test]
fn a_codling_that_knows_no_going_back_says_that_it_left_a_line_out() {
    let fixture = Fixture::new();
    let text = String::from_utf8(fixture.with("ses_a", "/x", &once())).unwrap();
    let line = text.lines().find(|line| line.contains("words")).unwrap();
    assert!(line.starts_with(r#"{"type":"undone","#), "{line}");
    assert!(line.contains(r#""direction":"words""#), "{line}");
}
