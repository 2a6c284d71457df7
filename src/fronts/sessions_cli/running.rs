//! Conversations that living codlings have open, listed and stopped from another shell.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::base::Console;
use crate::base::text::{self, phrases};
use crate::engine::live::{self, LiveAnswers, Stopped};
use crate::protocol::{Exit, LiveState, PromptPlace, SessionId, Unjoined};

use super::commands::short;

/// The form of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListForm {
    /// One array of objects, for programs.
    Json,
    /// Two lines each, for people.
    Text,
}

/// Columns of the words of a conversation.
const WORDS: usize = 100;

/// Prints the sessions that living programs have open: two lines each, or an array of objects.
pub fn list_running(
    state: &Path,
    home: Option<&Path>,
    form: ListForm,
    console: &mut Console,
) -> Exit {
    let LiveAnswers { answered: all, silent } = match live::sessions(state, None) {
        Ok(all) => all,
        Err(error) => return unreadable(&error, console),
    };
    report_silent(&silent, console);
    match form {
        ListForm::Json => {
            let all: Vec<Value> = all.iter().map(as_json).collect();
            console.line(&format!("{:#}", Value::Array(all)));
        }
        ListForm::Text if all.is_empty() && silent.is_empty() => {
            console.note("No conversation is open")
        }
        ListForm::Text => {
            for one in &all {
                console.line(&head(one, home));
                console.line(&format!("    {}", words(one)));
            }
        }
    }
    console.flush();
    Exit::Done
}

/// Interrupts the turn of a session; `part` is a part of its id.
pub fn stop_session(state: &Path, part: &str, console: &mut Console) -> Exit {
    let LiveState { session, jobs, .. } = match the_one(state, part, console) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    match live::stop(state, &session) {
        Ok(Stopped::Turn) => console.note(&format!("The turn in {session} is being interrupted")),
        Ok(Stopped::Nothing) => console.note(&format!("No turn is in progress in {session}")),
        Err(error) => return unreadable(&error, console),
    }
    if jobs > 0 {
        let go = if jobs == 1 { "goes on" } else { "go on" };
        let count = phrases::count(jobs as u64, "command");
        console.note(&format!("{count} {go} there: `codling jobs` lists and stops them"));
    }
    Exit::Done
}

/// Queues a prompt in a session for after its running turn; `part` is a part of its id, and
/// `screen` names the person's terminal for the others.
pub fn queue_prompt(
    state: &Path,
    (part, text): (&str, &str),
    screen: &str,
    console: &mut Console,
) -> Exit {
    if text.trim().is_empty() {
        console.problem("The prompt is empty", Some("Write it after the id"));
        return Exit::Usage;
    }
    let LiveState { session, .. } = match the_one(state, part, console) {
        Ok(found) => found,
        Err(exit) => return exit,
    };
    match live::queue(state, &session, text.to_owned(), screen) {
        Ok(Some(PromptPlace::Queued(_))) => {
            console.note(&format!("Queued in {session} for after the turn that is running"));
            Exit::Done
        }
        Ok(_) => {
            console.note(&format!("Sent to {session}: no turn was running"));
            Exit::Done
        }
        Err(problem) => {
            console.problem(&problem.message, problem.next.as_deref());
            Exit::after(&problem.kind)
        }
    }
}

/// The one open session whose id has this part; otherwise says which there are none or many of.
fn the_one(state: &Path, part: &str, console: &mut Console) -> Result<LiveState, Exit> {
    let LiveAnswers { answered: mut all, silent } = match live::sessions(state, Some(part)) {
        Ok(all) => all,
        Err(error) => return Err(unreadable(&error, console)),
    };
    report_silent(&silent, console);
    if all.len() == 1 {
        return all.pop().ok_or(Exit::Failed);
    }
    let part = text::clean_line(part);
    if !all.is_empty() {
        let what = format!("Several open conversations have `{part}` in their id");
        console.problem(&what, Some("Name more of it"));
        return Err(Exit::Usage);
    }
    if silent.is_empty() {
        let what = format!("No codling has a conversation `{part}` open");
        console.problem(&what, Some(LISTS_THEM));
    }
    Err(Exit::Failed)
}

const LISTS_THEM: &str = "`codling sessions list --running` lists those that are open";

fn head(one: &LiveState, home: Option<&Path>) -> String {
    let LiveState { session, process, folder, branch, activity, seconds, jobs, .. } = one;
    let since = seconds.map(|seconds| format!(" {}", lasted(seconds))).unwrap_or_default();
    let folder = short(Path::new(folder), home);
    let branch = branch.as_ref().map(|branch| format!(" ({branch})")).unwrap_or_default();
    let jobs = (*jobs > 0).then(|| format!("  {}", phrases::count(*jobs as u64, "command")));
    let (activity, jobs) = (activity.words(), jobs.unwrap_or_default());
    format!("{session}  {activity}{since}  pid {process}  {folder}{branch}{jobs}")
}

/// The title and the last words.
fn words(one: &LiveState) -> String {
    let title = text::cut(&one.title, 60);
    let last = Some(&*one.last).filter(|last| !last.is_empty() && *last != one.title);
    let last = last.map(|last| format!(" · {last}")).unwrap_or_default();
    text::cut(&format!("{title}{last}"), WORDS).into_owned()
}

fn as_json(one: &LiveState) -> Value {
    json!({
        "session": one.session.as_str(),
        "state": one.activity.as_str(),
        "seconds": one.seconds,
        "pid": one.process,
        "folder": one.folder,
        "branch": one.branch,
        "title": one.title,
        "last": one.last,
        "jobs": one.jobs,
    })
}

/// Names the sessions that did not answer, and why.
pub(super) fn report_silent(silent: &[(SessionId, Unjoined)], console: &mut Console) {
    for (session, why) in silent {
        console.note(&format!("Another codling has {session} open. {}", why.words()));
    }
}

pub(super) fn unreadable(error: &io::Error, console: &mut Console) -> Exit {
    let (what, next) = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            ("The folder of the open conversations belongs to another user".to_owned(), None)
        }
        _ => (
            format!("The open conversations cannot be asked: {error}"),
            Some("`codling attach` joins one"),
        ),
    };
    console.problem(&what, next);
    Exit::Failed
}

/// `5 s`, `3 min`, `2 h`.
pub(super) fn lasted(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}
