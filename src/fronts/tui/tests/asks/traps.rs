//! Hostile text in approvals: none of its control sequences acts.

use std::time::Duration;

use crossterm::event::KeyCode;

use super::approvals::command;
use crate::protocol::{
    Approval, ApprovalSubject, AskId, Completeness, EventKind, Question, QuestionOption, Reply,
    Rule, RuleSubject, Ruling, Selection, TurnId, TurnOutcome, UndoPreview,
};
use crate::tui::tests::Fixture;
use crate::tui::tests::calls::undo;
use crate::tui::tests::hostile::{HOSTILE, changes, check};

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
            let mut fixture = Fixture::connected(width, height);
            fixture.ask("go");
            for approval in approvals(bad) {
                fixture.event(EventKind::Approval(approval));
                check(&mut fixture, "an approval", bad);
                (0..3).for_each(|_| fixture.press(KeyCode::PageDown));
                check(&mut fixture, "the end of an approval", bad);
                fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
            }
            let options = vec![QuestionOption { label: bad.into(), description: bad.into() }];
            fixture.event(EventKind::Asked {
                id: AskId(9),
                call: "q".into(),
                question: Question {
                    text: bad.into(),
                    options,
                    selection: Selection::Any,
                    ..Question::default()
                },
            });
            fixture.after(Duration::from_secs(1));
            fixture.text(" x");
            check(&mut fixture, "a question", bad);
            fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
            let steps = vec![undo::changed_since(bad)];
            fixture.reply(Reply::UndoPreview(Some(UndoPreview {
                prompt: bad.into(),
                steps,
                ..undo::preview()
            })));
            check(&mut fixture, "what undoing does", bad);
            fixture.after(Duration::from_secs(1));
            fixture.press(KeyCode::Esc);
            fixture.text("@");
            fixture.reply(Reply::Files {
                paths: [bad.to_owned()].into(),
                whole: Completeness::Truncated,
            });
            check(&mut fixture, "a file to mention", bad);
            fixture.press(KeyCode::Tab);
            check(&mut fixture, "a mentioned file", bad);
        }
    }
}
