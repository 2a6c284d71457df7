//! The loop while a folder does not answer.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use tokio::sync::mpsc;

use super::engine_loop::EngineLoop;
use super::link::client::{self, Door, FromClient};
use super::*;
use crate::config::{Env, Flags, Settings, load};
use crate::protocol::{
    Command, Event, EventKind, ForkPoint, OpenOptions, Presence, Reply, SessionCommand, SessionId,
    SignInPatience, Surroundings, TurnCommand, TurnOutcome,
};

/// How long anything may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

const HALF_AN_ANSWER: &str = concat!(
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n",
    "data: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n",
    "data: {\"type\":\"response.output_item.added\",\"output_index\":0,",
    "\"item\":{\"type\":\"message\",\"id\":\"m\",\"role\":\"assistant\",\"content\":[]}}\n\n",
    "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"output_index\":0,",
    "\"content_index\":0,\"delta\":\"Half an ans\"}\n\n",
);

/// A disk that answers for one folder only once it is told to.
#[derive(Default)]
struct Stall {
    answers: Mutex<bool>,
    changed: Condvar,
}

impl Stall {
    fn follow(&self, folder: &Path) -> PathBuf {
        if folder.ends_with("stalled") {
            let answers = self.answers.lock().unwrap();
            drop(self.changed.wait_while(answers, |answers| !*answers).unwrap());
        }
        folder.to_owned()
    }

    fn end(&self) {
        *self.answers.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

fn open(id: &str, folder: &Path) -> Command {
    Command::Session(SessionCommand::Open {
        id: id.into(),
        folder: folder.to_owned(),
        options: OpenOptions::default(),
    })
}

/// The settings of a person who has a key, and a server at this origin.
fn settings(home: &Path, origin: &str) -> Settings {
    let home = home.to_str().unwrap();
    let env = [
        ("HOME", home),
        ("CODLING_HOME", home),
        ("CODLING_API_ORIGIN", origin),
        ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
        ("CODLING_AUTH_ORIGIN", origin),
        ("CODLING_CHATGPT_ORIGIN", origin),
        ("OPENAI_API_KEY", "sk-test-0000000000000000"),
    ];
    let env = env.into_iter().fold(Env::default(), |env, (name, value)| env.with(name, value));
    load(&env, None, &Flags::default(), &[]).unwrap().settings
}

/// The next event of this session that is looked for.
async fn wait(inbox: &mut Inbox, session: &SessionId, wanted: impl Fn(&EventKind) -> bool) {
    let found = async {
        loop {
            match inbox.next().await {
                Some(Incoming::Event(Event { session: Some(of), kind, .. }))
                    if of == *session && wanted(&kind) =>
                {
                    return;
                }
                Some(_) => {}
                None => panic!("the engine has ended"),
            }
        }
    };
    tokio::time::timeout(LIMIT, found).await.expect("it never came");
}

#[tokio::test]
async fn a_folder_that_does_not_answer_holds_up_its_own_session_and_nobody_else() {
    let home = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", server.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let mut connection = loop {
            let (mut connection, _) = server.accept().unwrap();
            let mut request = [0; 65_536];
            let length = connection.read(&mut request).unwrap();
            if !request[..length].starts_with(b"GET") {
                break connection;
            }
            // It has no list of models.
            connection
                .write_all(
                    b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                )
                .unwrap();
        };
        connection.write_all(HALF_AN_ANSWER.as_bytes()).unwrap();
        // Until the other end lets go of it.
        let _gone = connection.read(&mut [0; 1]);
    });
    let settings = settings(home.path(), &origin);

    let stall = Arc::new(Stall::default());
    let follow = Arc::clone(&stall);
    let (door, incoming) = mpsc::unbounded_channel();
    let engine = EngineLoop::new(setup(settings))
        .following_links(Arc::new(move |folder| follow.follow(folder)));
    let running = tokio::spawn(engine.run(incoming));
    let facts = ClientFacts {
        presence: Presence::Attended,
        surroundings: Surroundings::default(),
        patience: SignInPatience::Person,
        name: "test".into(),
    };
    let (client, mut inbox) = client::join(ClientId(1), &Door::Front(door.clone()), facts, None);

    let stalled: SessionId = "ses_stalled".into();
    let mut opening = Box::pin(client.request(open("ses_stalled", &home.path().join("stalled"))));
    let session: SessionId = "ses_other".into();
    let soon = async {
        let opened = client.request(open("ses_other", home.path())).await;
        assert_eq!(opened, Ok(Reply::Opened(session.clone())));
        let submit = TurnCommand::Submit("Go".into());
        client.request(Command::Turn(session.clone(), submit)).await.unwrap();
        wait(&mut inbox, &session, |kind| matches!(kind, EventKind::TextDelta { .. })).await;
        client.request(Command::Turn(session.clone(), TurnCommand::Interrupt)).await.unwrap();
        let is_end = |kind: &EventKind| {
            matches!(kind, EventKind::TurnEnded { outcome: TurnOutcome::Interrupted, .. })
        };
        wait(&mut inbox, &session, is_end).await;
    };
    tokio::select! {
        biased;
        opened = &mut opening => panic!("{opened:?}"),
        () = soon => {}
    }
    // Commands for it wait meanwhile, and are answered in their order.
    let early = client.send(Command::Turn(stalled.clone(), TurnCommand::Interrupt));
    stall.end();
    assert_eq!(opening.await, Ok(Reply::Opened(stalled.clone())));
    loop {
        match tokio::time::timeout(LIMIT, inbox.next()).await.unwrap() {
            Some(Incoming::Reply(request, result)) if request == early => {
                assert_eq!(result, Ok(Reply::Done));
                break;
            }
            Some(_) => {}
            None => panic!("the engine has ended"),
        }
    }
    door.send(FromClient::End).unwrap_or_else(|_gone| panic!("it runs"));
    running.await.unwrap();
    serving.join().unwrap();
}

#[tokio::test]
async fn a_session_that_could_not_be_opened_may_be_opened_again() {
    let home = tempfile::tempdir().unwrap();
    let settings = settings(home.path(), "http://127.0.0.1:9");
    let broken = AtomicBool::new(true);
    let follow = move |folder: &Path| {
        assert!(!broken.swap(false, Ordering::Relaxed), "the first time goes wrong");
        folder.to_owned()
    };
    let (door, incoming) = mpsc::unbounded_channel();
    let engine = EngineLoop::new(setup(settings)).following_links(Arc::new(follow));
    let running = tokio::spawn(engine.run(incoming));
    let facts = ClientFacts {
        presence: Presence::Attended,
        surroundings: Surroundings::default(),
        patience: SignInPatience::Person,
        name: "test".into(),
    };
    let (client, _inbox) = client::join(ClientId(1), &Door::Front(door.clone()), facts, None);

    assert!(client.request(open("ses_1", home.path())).await.is_err());
    let again = tokio::time::timeout(LIMIT, client.request(open("ses_2", home.path()))).await;
    assert_eq!(again.unwrap(), Ok(Reply::Opened("ses_2".into())));
    // Nothing holds the name of the one that failed.
    let fork = SessionCommand::Fork {
        from: "ses_2".into(),
        id: "ses_1".into(),
        at: ForkPoint::End,
        options: OpenOptions::default(),
    };
    let forked = tokio::time::timeout(LIMIT, client.request(Command::Session(fork))).await;
    let problem = forked.unwrap().unwrap_err();
    assert!(!problem.message.contains("open already"), "{problem:?}");
    door.send(FromClient::End).unwrap_or_else(|_gone| panic!("it runs"));
    running.await.unwrap();
}

#[tokio::test]
async fn a_client_that_asks_without_end_is_told_to_wait() {
    let (client, inbox, script) = scripted::engine();
    let ask = || client.send(Command::Session(SessionCommand::Recall));
    let asked: Vec<_> = (0..1_024).map(|_| ask()).collect();
    let one_more = ask();
    let mut inbox = inbox;
    match inbox.try_next() {
        Some(Incoming::Reply(request, Err(problem))) => {
            assert_eq!(request, one_more);
            assert_eq!(problem.kind, crate::protocol::ProblemKind::TooManyRequests);
        }
        other => panic!("{other:?}"),
    }
    // The engine answers every command that it took, even if it ends.
    drop(script);
    for request in asked {
        assert!(matches!(inbox.try_next(), Some(Incoming::Reply(of, Err(_))) if of == request));
    }
    assert!(inbox.try_next().is_none());
}

/// No command is run with it.
fn setup(settings: Settings) -> Setup {
    Setup {
        settings,
        source: None,
        notices: Vec::new(),
        tool_sources: Vec::new(),
        program: "/nowhere".into(),
    }
}
