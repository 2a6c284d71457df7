//! The person's own command for news (`notify`): told in JSON what waits for them in a session, and
//! how a turn ended. It runs beside everything else, without a terminal.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;
#[cfg(unix)]
use tokio::time::timeout;

use crate::base::redact;
#[cfg(unix)]
use crate::base::start;
use crate::base::text::{clean, clean_line, head};
use crate::engine::work::spawn;
use crate::protocol::{
    Ask, ChildNews, EventKind, Notice, ProblemKind, SessionView, TranscriptEntry, TurnOutcome,
};

use super::super::link::session_handle::SessionHandle;
use super::owned_work::WorkLimit;

/// How long the command may run.
const LIMIT: Duration = Duration::from_secs(10);

/// Bytes of a text that it is told.
const LONGEST: usize = 2_000;

/// Commands at a time; what comes meanwhile waits.
const AT_A_TIME: usize = 4;

/// Starts the command. All clones are the same one.
#[derive(Clone)]
pub(crate) struct Notifier {
    /// The program and its arguments; empty for none.
    command: Arc<[String]>,
    /// This program, which starts it apart.
    own: PathBuf,
    limit: WorkLimit,
    /// Whether its failure was told.
    has_failed: Arc<AtomicBool>,
}

impl Notifier {
    pub(crate) fn new(command: Arc<[String]>, own: PathBuf) -> Self {
        let (limit, has_failed) = (WorkLimit::new(AT_A_TIME), Arc::default());
        Self { command, own, limit, has_failed }
    }

    /// Tells an event, which the view has taken in already, if it is one to tell.
    pub(crate) fn tell(&self, event: &EventKind, view: &SessionView, link: &SessionHandle) {
        if self.command.is_empty() {
            return;
        }
        let Some((kind, text)) = news(event, view) else { return };
        let argument = argument(kind, &text, view);
        let command: Vec<String> = self.command.iter().cloned().chain([argument]).collect();
        let (own, link, has_failed) =
            (self.own.clone(), link.clone(), Arc::clone(&self.has_failed));
        let told = self.limit.keep(async move {
            let Err(why) = run(own, &command).await else { return };
            if !has_failed.swap(true, Ordering::Relaxed) {
                let name = command.first().map(|name| clean_line(name).into_owned());
                let name = name.unwrap_or_default();
                link.announce(Notice {
                    message: format!("`notify` could not start `{name}`: {why}"),
                    next: Some("Give a program that is found, and its arguments, as a list".into()),
                });
            }
        });
        drop(spawn(told));
    }
}

/// The kind of news and the words that go with it; `None` for what is not told. A session that
/// works for another one leaves it to that.
fn news(event: &EventKind, view: &SessionView) -> Option<(&'static str, String)> {
    if view.parent.is_some() {
        return None;
    }
    let of_ask = |ask: &Ask| match ask {
        Ask::Approval(approval) => ("approval", approval.title.clone()),
        Ask::Question { question, .. } => ("question", question.text.clone()),
    };
    match event {
        EventKind::Approval(approval) => Some(("approval", approval.title.clone())),
        EventKind::Asked { question, .. } => Some(("question", question.text.clone())),
        EventKind::Child { news: ChildNews::Ask(ask), .. } => Some(of_ask(ask)),
        // The turn has not ended: it asks whether it is to go on at the reset.
        EventKind::LimitHold(Some(hold)) if hold.offer().is_some() => {
            Some(("limit", hold.problem.message.clone()))
        }
        EventKind::TurnEnded { outcome, .. } => match outcome {
            TurnOutcome::Done | TurnOutcome::MaxSteps => Some(("turn-ended", answer(view))),
            TurnOutcome::Failed(problem) => match problem.kind {
                ProblemKind::UsageLimit { .. } => Some(("limit", problem.message.clone())),
                _ => Some(("turn-ended", problem.message.clone())),
            },
            // The person who stopped it knows.
            TurnOutcome::Interrupted => None,
        },
        _ => None,
    }
}

/// The last answer since the last prompt.
fn answer(view: &SessionView) -> String {
    let mut entries = view.transcript.entries().iter().rev();
    let last = entries.find_map(|entry| match &**entry {
        TranscriptEntry::Assistant { text, .. } if !text.trim().is_empty() => Some(text.as_str()),
        TranscriptEntry::User { .. } => Some(""),
        _ => None,
    });
    last.unwrap_or_default().trim().to_owned()
}

/// The JSON for the command, without control characters and what looks like a secret.
fn argument(kind: &str, text: &str, view: &SessionView) -> String {
    let shown = |text: &str| redact(head(&clean(text), LONGEST)).into_owned();
    let place = view.place.as_ref();
    let folder = place.map(|place| place.folder.display().to_string()).unwrap_or_default();
    json!({
        "type": kind,
        "session": view.id.as_str(),
        "folder": clean_line(&folder),
        "title": shown(&clean_line(&view.title)),
        "text": shown(text),
    })
    .to_string()
}

/// Runs the command, ten seconds at the most. `Err` says why it was not started.
#[cfg(unix)]
async fn run(own: PathBuf, command: &[String]) -> Result<(), String> {
    use rustix::process::{Pid, Signal, kill_process_group};

    use crate::sandbox;

    let mut command = tokio::process::Command::from(sandbox::apart(&own, command));
    #[expect(clippy::disallowed_methods, reason = "a stop is held back")]
    let child = start::starting(|| command.spawn());
    let mut child = child.map_err(|error| error.to_string())?;
    let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    match timeout(LIMIT, child.wait()).await {
        Ok(Ok(status)) if status.code() == Some(sandbox::NOT_STARTED.into()) => {
            Err("there is no such program, or it may not be run".to_owned())
        }
        Ok(_) => Ok(()),
        Err(_elapsed) => {
            if let Some(group) = group {
                // It may have ended just now.
                let _gone = kill_process_group(group, Signal::KILL);
            }
            let _reaped = child.wait().await;
            Ok(())
        }
    }
}

#[cfg(not(unix))]
async fn run(_own: PathBuf, _command: &[String]) -> Result<(), String> {
    Err("this system has no such commands".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Parent, Problem, Question, SessionPlace, TurnId};

    fn view() -> SessionView {
        let mut view = SessionView::new("ses_1".into());
        view.title = "plant\u{1b}[2J".into();
        view.place = Some(SessionPlace { folder: "/srv/plants".into(), branch: None });
        view
    }

    fn ended(outcome: TurnOutcome) -> EventKind {
        EventKind::TurnEnded { turn: TurnId(1), outcome }
    }

    #[test]
    fn a_question_a_limit_and_the_end_of_a_turn_are_told_and_an_interrupt_is_not() {
        let question = Question { text: "Tea?".into(), ..Question::default() };
        let asked = EventKind::Asked { id: crate::protocol::AskId(1), call: "c".into(), question };
        assert_eq!(news(&asked, &view()), Some(("question", "Tea?".into())));
        let failed = |kind| ended(TurnOutcome::Failed(Problem::new(kind, "No more")));
        let limit = failed(ProblemKind::UsageLimit { resets: None });
        assert_eq!(news(&limit, &view()), Some(("limit", "No more".into())));
        let lost = failed(ProblemKind::Network);
        assert_eq!(news(&lost, &view()), Some(("turn-ended", "No more".into())));
        assert_eq!(news(&ended(TurnOutcome::Done), &view()), Some(("turn-ended", String::new())));
        assert_eq!(news(&ended(TurnOutcome::Interrupted), &view()), None);
        let parent = Some(Parent { session: "ses_0".into(), name: "review".into() });
        assert_eq!(news(&asked, &SessionView { parent, ..view() }), None);
    }

    #[test]
    fn the_argument_is_json_without_control_characters_and_secrets() {
        let secret = "sk-proj-0123456789abcdef0123";
        let told = argument("approval", &format!("echo {secret}\u{7}"), &view());
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(told["folder"], "/srv/plants");
        assert_eq!(told["title"], "plant␛[2J");
        assert_eq!(told["text"], "echo [redacted]␇");
    }
}
