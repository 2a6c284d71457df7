//! Jobs beside the conversation.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::{
    Command, EventKind, Job, JobId, JobPorts, Problem, ProblemKind, Reply, SessionId, TurnCommand,
    TurnId,
};
use crate::tui::messages::Asked;
use crate::tui::tests::Fixture;

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
        fixture.assert_shows([says]);
    }
}

/// How often the ports were asked for since the last look, up to the time that has passed.
fn asked(fixture: &mut Fixture, after: Duration) -> usize {
    fixture.after(after);
    let sent = fixture.sent();
    sent.iter().filter(|it| matches!(it, Command::Turn(_, TurnCommand::JobPorts))).count()
}

fn ports() -> Vec<JobPorts> {
    let many = (8_000..8_064).collect();
    vec![
        JobPorts { job: JobId(1), ports: vec![3_000, 24_678] },
        JobPorts { job: JobId(3), ports: many },
    ]
}

#[test]
fn the_dialog_shows_the_ports_of_each_command_however_little_room_there_is() {
    for (columns, rows) in [(80, 24), (60, 18)] {
        let mut fixture = Fixture::connected(columns, rows);
        fixture.event(job(1, "npm run dev"));
        fixture.event(job(2, "cargo watch --exec check"));
        fixture
            .event(job(3, "./serve --every-port --and-a-name-that-is-much-too-long-for-its-row"));
        fixture.enter("/jobs");
        let before = fixture.picture();
        assert!(!before.contains("listens on"), "{before}");
        assert_eq!(asked(&mut fixture, Duration::ZERO), 1);
        let session = fixture.app.talk.id().clone();
        fixture.answered(Asked::JobPorts(session), Ok(Reply::JobPorts(ports())));
        assert_snapshot!(format!("job_ports_{columns}x{rows}"), fixture.picture());
    }
}

#[test]
fn ports_are_asked_for_while_they_are_looked_at_and_one_answer_at_a_time() {
    let mut fixture = Fixture::connected(80, 24);
    let pause = Duration::from_secs(2);
    let session = fixture.app.talk.id().clone();
    let answer = |fixture: &mut Fixture, of: &SessionId, result| {
        fixture.answered(Asked::JobPorts(of.clone()), result);
    };
    fixture.enter("/jobs");
    assert!(fixture.shows("Nothing is running"));
    assert_eq!((asked(&mut fixture, pause), fixture.app.wakes()), (0, None));
    fixture.event(job(1, "npm run dev"));
    fixture.picture();
    assert_eq!(asked(&mut fixture, Duration::ZERO), 1);
    assert_eq!((asked(&mut fixture, pause), fixture.app.wakes()), (0, None), "it is not answered");

    answer(&mut fixture, &"ses_other".into(), Ok(Reply::JobPorts(ports())));
    fixture.assert_hides(["listens on"]);
    answer(&mut fixture, &session, Ok(Reply::JobPorts(ports())));
    fixture.assert_shows(["npm run dev  listens on 3000, 24678"]);
    assert_eq!(fixture.app.wakes(), Some(fixture.now() + pause));
    assert_eq!(asked(&mut fixture, pause / 2), 0);
    assert_eq!(asked(&mut fixture, pause / 2), 1);

    // A failure is no news, and what was known may be wrong by now.
    let problem = Problem::new(ProblemKind::NotNow, "The conversation is gone");
    answer(&mut fixture, &session, Err(problem));
    fixture.assert_hides(["listens on", "is gone"]);
    fixture.press(KeyCode::Esc);
    assert_eq!((asked(&mut fixture, pause), fixture.app.wakes()), (0, None));
}
