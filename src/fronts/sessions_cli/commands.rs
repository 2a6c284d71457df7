//! The commands list, show, export and delete.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::auth_cli::EngineQuestion;
use crate::base::{Timestamp, text};
use crate::protocol::{
    Command, Exit, ExportTo, ListDepth, Reply, SessionCommand, SessionSelector, SessionSummary,
    page,
};

/// Which conversations are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListScope {
    /// Those of all folders.
    All,
    /// Those of the current folder.
    Here,
}

/// Whether the person confirmed the deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The person is asked on the terminal.
    Ask,
    /// Confirmed by an option.
    Given,
    /// Not confirmed, and there is no terminal to ask on.
    NobodyToAsk,
}

/// Prints one line each, newest first: id, age, prompts, title, and the folder if it differs.
///
/// `here` is the current folder, with links followed.
pub async fn list(mut engine: EngineQuestion<'_>, here: &Path, scope: ListScope) -> Exit {
    let all = match sessions(&mut engine).await {
        Ok(all) => all,
        Err(exit) => return exit,
    };
    let shown: Vec<&SessionSummary> = all
        .iter()
        .filter(|session| session.says_something())
        .filter(|session| scope == ListScope::All || session.is_of(here))
        .collect();
    if shown.is_empty() {
        engine.console.note(match (scope, all.is_empty()) {
            (ListScope::All, _) | (ListScope::Here, true) => "There are no earlier conversations",
            (ListScope::Here, false) => "There are no earlier conversations in this folder; `--all` shows those of all folders",
        });
        return Exit::Done;
    }
    let now = engine.place.clock.now();
    for session in shown {
        let folder = if scope == ListScope::All {
            format!("  {}", short(&session.folder, engine.place.home.as_deref()))
        } else {
            String::new()
        };
        let title = text::cut(&text::clean_line(&session.title), 60).into_owned();
        let (id, age) = (&session.id, ago(session.changed, now));
        let branches = counted(session.branches, "branch", "branches");
        let branches = (session.branches > 0).then_some(branches.as_str());
        let remarks: Vec<&str> = branches.into_iter().chain(session.remark()).collect();
        let remark = match remarks.as_slice() {
            [] => String::new(),
            all => format!("  ({})", all.join(", ")),
        };
        let count = session.prompts;
        engine.console.line(&format!("{id}  {age:>8}  {count:>3}  {title}{remark}{folder}"));
    }
    engine.console.flush();
    Exit::Done
}

/// Prints the whole conversation as text.
pub async fn show(mut engine: EngineQuestion<'_>, name: String) -> Exit {
    let read = Command::Session(SessionCommand::Read(SessionSelector::Named(name)));
    let answer = engine
        .pick(read, |reply| {
            if let Reply::Read { summary, records } = reply {
                Some((summary, records))
            } else {
                None
            }
        })
        .await;
    match answer {
        Ok((summary, records)) => {
            engine.console.print(&text::clean(&page(&summary, &records)));
            engine.console.flush();
            Exit::Done
        }
        Err(exit) => exit,
    }
}

/// Prints Markdown on stdout, with secrets redacted.
pub async fn export(mut engine: EngineQuestion<'_>, name: String) -> Exit {
    let which = SessionSelector::Named(name);
    let export = Command::Session(SessionCommand::Export { which, to: ExportTo::Text });
    match engine
        .pick(export, |reply| {
            if let Reply::Exported { markdown, .. } = reply { Some(markdown) } else { None }
        })
        .await
    {
        Ok(markdown) => {
            engine.console.print(&markdown);
            engine.console.flush();
            Exit::Done
        }
        Err(exit) => exit,
    }
}

/// Removes a conversation for good after confirmation. `lines` opens the person's input; it is
/// called only to ask.
pub async fn delete(
    mut engine: EngineQuestion<'_>,
    name: String,
    consent: Consent,
    lines: impl FnOnce() -> UnboundedReceiver<String>,
) -> Exit {
    let read = Command::Session(SessionCommand::Read(SessionSelector::Named(name)));
    let summary = match engine
        .pick(
            read,
            |reply| if let Reply::Read { summary, .. } = reply { Some(summary) } else { None },
        )
        .await
    {
        Ok(summary) => summary,
        Err(exit) => return exit,
    };
    let title = text::cut(&text::clean_line(&summary.title), 60).into_owned();
    match consent {
        Consent::Ask => {
            let prompts = counted(summary.prompts, "prompt", "prompts");
            let prompts = match summary.branches {
                0 => prompts,
                count => format!("{prompts}, and {}", counted(count, "branch", "branches")),
            };
            match confirm(&mut engine, &format!("Delete “{title}” ({prompts})? [y/N] "), lines())
                .await
            {
                Ok(true) => {}
                Ok(false) => {
                    engine.console.note("Nothing was deleted");
                    return Exit::Done;
                }
                Err(exit) => return exit,
            }
        }
        Consent::Given => {}
        Consent::NobodyToAsk => {
            let next =
                format!("`codling sessions delete --yes {}` deletes it without asking", summary.id);
            engine.console.problem(
                "Deleting a conversation needs a confirmation, and there is no terminal to ask on",
                Some(&next),
            );
            return Exit::Usage;
        }
    }
    let deletion = Command::Session(SessionCommand::Delete(summary.id.clone()));
    let answer = engine.pick(deletion, |reply| matches!(reply, Reply::Sessions(_)).then_some(()));
    match answer.await {
        Ok(()) => {
            engine.console.note(&format!("Deleted {}: {title}", summary.id));
            Exit::Done
        }
        Err(exit) => exit,
    }
}

/// Asks for a yes; any other answer is a no. A stop changes nothing, and is returned as the exit.
async fn confirm(
    engine: &mut EngineQuestion<'_>,
    question: &str,
    mut lines: UnboundedReceiver<String>,
) -> Result<bool, Exit> {
    engine.console.ask(question);
    let line = tokio::select! {
        biased;
        Some(()) = engine.stops.recv() => {
            engine.console.interrupted();
            engine.console.note("Nothing was deleted");
            return Err(Exit::Interrupted);
        }
        line = lines.recv() => line,
    };
    if line.is_some() {
        engine.console.answered();
    }
    Ok(line
        .is_some_and(|line| ["y", "yes"].iter().any(|yes| line.trim().eq_ignore_ascii_case(yes))))
}

async fn sessions(engine: &mut EngineQuestion<'_>) -> Result<Arc<[SessionSummary]>, Exit> {
    engine
        .pick(Command::Session(SessionCommand::List(ListDepth::All)), |reply| {
            if let Reply::Sessions(sessions) = reply { Some(sessions) } else { None }
        })
        .await
}

/// A folder for people; the home folder is `~`.
pub(super) fn short(folder: &Path, home: Option<&Path>) -> String {
    let shown = match home.and_then(|home| folder.strip_prefix(home).ok()) {
        Some(rest) => format!("~/{}", rest.display()),
        None => folder.display().to_string(),
    };
    text::clean_line(shown.trim_end_matches('/')).into_owned()
}

/// The age of a conversation: `now`, `5 min`, `3 h`, `12 d`.
fn ago(at: Timestamp, now: Timestamp) -> String {
    match now.since(at).as_secs() / 60 {
        0 => "now".into(),
        minutes @ 1..120 => format!("{minutes} min"),
        minutes @ 120..2_880 => format!("{} h", minutes / 60),
        minutes => format!("{} d", minutes / 1_440),
    }
}

/// `1 prompt`, `2 prompts`
fn counted(count: u32, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}
