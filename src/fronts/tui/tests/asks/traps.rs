//! Hostile text in approvals: none of its control sequences acts.

use std::time::Duration;

use crossterm::event::KeyCode;

use super::approvals::command;
use crate::fronts::tui::tests::Desk;
use crate::fronts::tui::tests::calls::undo;
use crate::fronts::tui::tests::hostile::{HOSTILE, changes, check};
use crate::protocol::{
    Approval, ApprovalSubject, AskId, Completeness, EventKind, Question, QuestionOption, Reply,
    Rule, RuleSubject, Ruling, Selection, TurnId, TurnOutcome, UndoPreview,
};

fn approvals(bad: &str) -> Vec<Approval> {
    let wishes = [
        ApprovalSubject::Command(bad.into()),
        ApprovalSubject::Change(changes(bad)),
        ApprovalSubject::External { server: bad.into(), tool: bad.into(), arguments: bad.into() },
        ApprovalSubject::Fetch(bad.into()),
        ApprovalSubject::Look(vec![bad.into()]),
    ];
    let asked = |(at, subject)| Approval {
        title: bad.into(),
        subject,
        place: Some(bad.into()),
        why: bad.into(),
        reason: Some(bad.into()),
        learn: [Rule::new(RuleSubject::Shell, bad, Ruling::Allow)].into(),
        opens: [].into(),
        ..command(&format!("c{at}"), "")
    };
    wishes.into_iter().enumerate().map(asked).collect()
}

#[test]
fn no_strangers_words_act_in_what_is_asked() {
    for bad in HOSTILE {
        for (width, height) in [(60, 18), (200, 60)] {
            let mut desk = Desk::connected(width, height);
            desk.ask("go");
            for approval in approvals(bad) {
                desk.event(EventKind::Approval(approval));
                check(&mut desk, "an approval", bad);
                (0..3).for_each(|_| desk.press(KeyCode::PageDown));
                check(&mut desk, "the end of an approval", bad);
                desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
            }
            let options = vec![QuestionOption { label: bad.into(), description: bad.into() }];
            desk.event(EventKind::Asked {
                id: AskId(9),
                call: "q".into(),
                question: Question {
                    text: bad.into(),
                    options,
                    selection: Selection::Any,
                    ..Question::default()
                },
            });
            desk.after(Duration::from_secs(1));
            desk.text(" x");
            check(&mut desk, "a question", bad);
            desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
            let steps = vec![undo::changed_since(bad)];
            desk.reply(Reply::UndoPreview(Some(UndoPreview {
                prompt: bad.into(),
                steps,
                ..undo::preview()
            })));
            check(&mut desk, "what undoing does", bad);
            desk.after(Duration::from_secs(1));
            desk.press(KeyCode::Esc);
            desk.text("@");
            desk.reply(Reply::Files {
                paths: [bad.to_owned()].into(),
                whole: Completeness::Truncated,
            });
            check(&mut desk, "a file to mention", bad);
            desk.press(KeyCode::Tab);
            check(&mut desk, "a mentioned file", bad);
        }
    }
}
