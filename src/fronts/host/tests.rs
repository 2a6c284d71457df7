//! Continuations between a scripted engine and a front with one machine.

use std::sync::Arc;

use tokio::sync::mpsc::unbounded_channel;

use super::*;
use crate::engine::{Incoming, scripted};
use crate::protocol::{
    AccountCommand, Command, EventKind, Problem, ProblemKind, Reply, SessionCommand, SessionId,
    SessionSelector, SessionView, WhenHeld,
};

struct TestFront {
    host: Host<Self>,
    log: Log,
}

#[derive(Debug, Default)]
struct Log(Vec<&'static str>);

impl Front for TestFront {
    type Outside = Host<Self>;

    fn outside(&mut self) -> &mut Host<Self> {
        &mut self.host
    }

    fn host(outside: &mut Host<Self>) -> &mut Host<Self> {
        outside
    }
}

impl Machine for Log {
    type Front = TestFront;

    fn of(front: &mut TestFront) -> (&mut Self, &mut Host<TestFront>) {
        (&mut front.log, &mut front.host)
    }
}

fn resume() -> SessionCommand {
    SessionCommand::Resume {
        which: SessionSelector::Named("ses_1".into()),
        when_held: WhenHeld::Refuse,
        options: Default::default(),
    }
}

#[tokio::test]
async fn an_answer_a_first_snapshot_and_a_result_go_to_the_machine_that_waits() {
    let (client, mut inbox, mut script) = scripted::engine();
    let (jobs, mut results) = unbounded_channel();
    let mut front = TestFront { host: Host::new(client, jobs), log: Log::default() };
    let limits = Command::Account(AccountCommand::Limits);
    Log::ask(&mut front.host, limits, |log, _, reply| {
        assert!(reply.is_err());
        log.0.push("answered");
    });
    Log::open(&mut front.host, resume(), |log, _, view| {
        assert_eq!(view.unwrap().id, SessionId::new("ses_1"));
        log.0.push("opened");
    });
    Log::on_thread(
        &mut front.host,
        || 7,
        |log, _, seven| {
            assert_eq!(seven, Some(7));
            log.0.push("worked");
        },
    );
    assert!(!front.host.is_idle());
    let failed = Problem::new(ProblemKind::Network, "It failed");
    script.try_next().unwrap().answer(Err(failed));
    let session = SessionId::new("ses_1");
    script.try_next().unwrap().answer(Ok(Reply::Opened(session.clone())));
    let snapshot = || EventKind::Snapshot(Arc::new(SessionView::new(SessionId::new("ses_1"))));
    script.emit(Some(session.clone()), snapshot());
    script.emit(Some(session), EventKind::Title("later".into()));
    let mut left = Vec::new();
    while let Some(incoming) = inbox.try_next() {
        left.extend(Host::receive(&mut front, incoming));
    }
    assert_eq!(front.log.0, ["answered", "opened"]);
    assert!(matches!(left[..], [ref event] if matches!(event.kind, EventKind::Title(_))));
    assert!(front.host.is_idle());
    results.recv().await.unwrap()(&mut front);
    assert_eq!(front.log.0.last(), Some(&"worked"));
    // A snapshot that was not waited for stands for lost events.
    script.emit(Some(SessionId::new("ses_1")), snapshot());
    let Some(incoming @ Incoming::Event(_)) = inbox.try_next() else { panic!("no snapshot") };
    assert!(Host::receive(&mut front, incoming).is_some());
}

#[test]
fn a_session_that_does_not_open_is_no_snapshot() {
    let (client, mut inbox, mut script) = scripted::engine();
    let (jobs, _results) = unbounded_channel();
    let mut front = TestFront { host: Host::new(client, jobs), log: Log::default() };
    Log::open(&mut front.host, resume(), |log, _, view| {
        assert_eq!(view.unwrap_err().kind, ProblemKind::Config);
        log.0.push("refused");
    });
    let refused = Problem::new(ProblemKind::Config, "There is none");
    script.try_next().unwrap().answer(Err(refused));
    let incoming = inbox.try_next().unwrap();
    assert!(Host::receive(&mut front, incoming).is_none());
    assert_eq!(front.log.0, ["refused"]);
}
