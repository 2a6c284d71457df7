//! The commands against a recording engine with scripted answers.

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use std::path::Path;

use super::{Consent, ListScope, delete, list};
use crate::auth_cli::{CredentialFile, EngineQuestion};
use crate::base::{Clock, Console, Reader, Timestamp, recording};
use crate::engine::scripted;
use crate::protocol::{
    Command, Exit, Problem, ProblemKind, Reply, ReplyResult, SessionCommand, SessionSummary,
};

const DAY: i64 = 86_400_000;

fn summary(id: &str, folder: &str, title: &str, changed: i64) -> SessionSummary {
    SessionSummary {
        id: id.into(),
        folder: folder.into(),
        title: title.into(),
        is_named: false,
        created: Timestamp(0),
        changed: Timestamp(changed),
        prompts: 2,
        branches: 0,
        failure: None,
        is_open_elsewhere: false,
        activity: None,
    }
}

/// Runs a command against an engine that gives every command this answer.
async fn with_desk(
    answer: impl Fn(&SessionCommand) -> ReplyResult,
    command: impl AsyncFnOnce(EngineQuestion<'_>) -> Exit,
) -> (Exit, String, String) {
    let (mut console, out, err): (Console, _, _) =
        recording::console(Reader::Program, Reader::Program);
    let (client, inbox, mut script) = scripted::engine();
    let (_stop, stops) = unbounded_channel();
    let place = CredentialFile {
        clock: Clock::standing(Timestamp(10 * DAY)),
        zone: jiff::tz::TimeZone::UTC,
        home: Some("/home/me".into()),
        columns: None,
        surroundings: Default::default(),
    };
    let engine = EngineQuestion { client: &client, inbox, stops, console: &mut console, place };
    let answer = |command: &Command| match command {
        Command::Session(command) => answer(command),
        other => panic!("{other:?}"),
    };
    let mut asked = Vec::new();
    let exit = tokio::select! {
        exit = command(engine) => exit,
        () = script.answering(&mut asked, answer) => unreachable!("the client is there"),
    };
    (exit, out.text(), err.text())
}

fn two(_: &SessionCommand) -> ReplyResult {
    let sessions = [
        summary("ses_b", "/srv/plants", "why\u{1b}[2J?", 9 * DAY),
        summary("ses_a", "/home/me/shed", "tools", 4 * DAY),
    ];
    Ok(Reply::Sessions(sessions.into()))
}

#[tokio::test]
async fn the_list_holds_this_folders_or_all() {
    let (exit, out, _) = with_desk(two, async |client| {
        list(client, Path::new("/srv/plants"), ListScope::Here).await
    })
    .await;
    assert_eq!((exit, out.as_str()), (Exit::Done, "ses_b      24 h    2  why␛[2J?\n"));
    let (_, out, _) =
        with_desk(two, async |client| list(client, Path::new("/srv/plants"), ListScope::All).await)
            .await;
    assert_eq!(
        out,
        "ses_b      24 h    2  why␛[2J?  /srv/plants\nses_a       6 d    2  tools  ~/shed\n"
    );
}

#[tokio::test]
async fn what_cannot_be_deleted_says_why() {
    let answer = |command: &SessionCommand| match command {
        SessionCommand::Delete(_) => {
            Err(Problem::new(ProblemKind::Internal, "The conversation is open")
                .with_next("Leave it first"))
        }
        _ => Ok(Reply::Read { summary: summary("ses_a", "/x", "tools", 0), records: Vec::new() }),
    };
    let (exit, out, err) = with_desk(answer, async |client| {
        delete(client, "a".into(), Consent::Given, no_lines).await
    })
    .await;
    assert_eq!((exit, out.as_str()), (Exit::Failed, ""));
    assert!(err.contains("The conversation is open") && err.contains("Leave it first"), "{err}");
}

fn no_lines() -> UnboundedReceiver<String> {
    unbounded_channel().1
}

#[tokio::test]
async fn only_a_yes_deletes() {
    let answer = |command: &SessionCommand| match command {
        SessionCommand::Delete(_) => Ok(Reply::Sessions(Vec::new().into())),
        _ => Ok(Reply::Read {
            summary: summary("ses_a", "/x", "tools\u{1b}[2J", 0),
            records: Vec::new(),
        }),
    };
    for (typed, deleted) in
        [("y", true), (" YES ", true), ("n", false), ("", false), ("yesterday", false)]
    {
        let lines = || {
            let (sender, lines) = unbounded_channel();
            sender.send(typed.to_owned()).unwrap();
            lines
        };
        let (exit, out, err) =
            with_desk(answer, async |client| delete(client, "a".into(), Consent::Ask, lines).await)
                .await;
        let last = if deleted { "Deleted ses_a: tools␛[2J\n" } else { "Nothing was deleted\n" };
        assert_eq!(
            (exit, out.as_str(), err),
            (Exit::Done, "", format!("Delete “tools␛[2J” (2 prompts)? [y/N] {last}"))
        );
    }
    let (_, _, err) =
        with_desk(answer, async |client| delete(client, "a".into(), Consent::Ask, no_lines).await)
            .await;
    assert!(err.ends_with("\nNothing was deleted\n"), "{err}");
    let (exit, _, err) = with_desk(answer, async |client| {
        delete(client, "a".into(), Consent::NobodyToAsk, no_lines).await
    })
    .await;
    assert!(exit == Exit::Usage && err.contains("`codling sessions delete --yes ses_a`"), "{err}");
}
