//! Jobs beside the conversation.

use crate::fronts::tui::tests::Fixture;
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
        let mut fixture = Fixture::connected(columns, 24);
        fixture.ask("serve it");
        fixture.event(job(1, "serve"));
        fixture.event(job(2, "watch"));
        assert!(fixture.shows(says), "{}", fixture.picture());
    }
}
