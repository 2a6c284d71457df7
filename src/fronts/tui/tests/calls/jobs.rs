//! Jobs beside the conversation.

use crate::fronts::tui::tests::Desk;
use crate::protocol::{EventKind, Job, JobId, TurnId};

pub fn job(number: u64, title: &str) -> EventKind {
    EventKind::JobStarted(Job {
        id: JobId(number),
        call: format!("c{number}").as_str().into(),
        turn: TurnId(1),
        title: title.into(),
        tail: "listening on 8080".into(),
    })
}

#[test]
fn the_status_line_counts_them_behind_the_model_and_how_long_it_thinks() {
    for (columns, says) in [(120, "(medium) · 2 running"), (60, "2 running")] {
        let mut desk = Desk::connected(columns, 24);
        desk.ask("serve it");
        desk.event(job(1, "serve"));
        desk.event(job(2, "watch"));
        assert!(desk.shows(says), "{}", desk.picture());
    }
}
