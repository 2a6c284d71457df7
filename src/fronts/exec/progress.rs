//! Progress on stderr, one short line each.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::base::{Console, text};
use crate::protocol::{
    ActionKind, Approval, ApprovalMode, ApprovalSubject, CallId, CallOutput, Citation,
    CompactionResult, DiffKind, Effort, EventKind, FileDiff, Item, ItemKind, Limit, Limits, Notice,
    Retry, ServiceTier, SessionSettings, Todo, TodoState, ToolResult, in_shell,
};

use super::nobody;

/// The longest line in columns.
const COLUMNS: usize = 120;
/// Columns for the title if the reason of a refusal or failure follows.
const TITLE: usize = 60;

#[derive(Debug, Default)]
pub struct ProgressWriter {
    calls: HashMap<CallId, Call>,
    settings: Option<SessionSettings>,
    mode: ApprovalMode,
    /// The last reported percentage; a limit is reported once for each step of ten.
    last_percent: f64,
    /// Advice that was already printed.
    hinted: HashSet<String>,
}

/// A running call.
#[derive(Debug)]
struct Call {
    tool: String,
    is_command: bool,
    printed: Printed,
}

/// How much of a call was printed before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Printed {
    Command,
    Nothing,
    Refused,
}

impl ProgressWriter {
    pub fn show(&mut self, event: &EventKind, console: &mut Console) {
        for line in self.lines(event) {
            let line = text::clean_line(&line);
            match event {
                // The advice, or the time, stands at the end of the line, which must not be cut.
                EventKind::Approval(_) | EventKind::LimitHold(_) | EventKind::Notice(_) => {
                    console.note(&line)
                }
                // A cut address leads nowhere.
                EventKind::ItemDone(Item { kind: ItemKind::Assistant { .. }, .. }) => {
                    console.note(&line)
                }
                _ => console.note(&text::cut(&line, COLUMNS)),
            }
        }
    }

    fn lines(&mut self, event: &EventKind) -> Vec<String> {
        match event {
            EventKind::Approval(approval) => self.refused(approval),
            EventKind::Snapshot(view) => {
                let printed = [
                    view.settings.clone().map(EventKind::Settings),
                    view.session_mode.map(EventKind::SessionMode),
                ];
                printed.iter().flatten().filter_map(|event| self.line(event)).collect()
            }
            EventKind::Asked { call, question, .. } => {
                self.note(call, Printed::Refused);
                vec![
                    format!("There is nobody here to answer: {}", question.text),
                    nobody::ANSWER_FIRST.into(),
                ]
            }
            EventKind::ItemDone(Item { kind: ItemKind::Assistant { citations, .. }, .. }) => {
                let pages = citations.iter().enumerate();
                pages
                    .map(|(at, Citation { title, url })| {
                        let title = text::cut(title, COLUMNS);
                        format!("[{}] {title} {url}", at + 1).replace("  ", " ")
                    })
                    .collect()
            }
            EventKind::CallEnded { call, output } => {
                match (self.calls.remove(call), done_changes(event)) {
                    (call, []) => ended(call, output).into_iter().collect(),
                    (_, diffs) => diffs.iter().map(change_line).collect(),
                }
            }
            _ => self.line(event).into_iter().collect(),
        }
    }

    fn line(&mut self, event: &EventKind) -> Option<String> {
        match event {
            EventKind::CallPlanned { call, action } => {
                if let Some(call) = self.calls.get_mut(call) {
                    call.is_command = matches!(action.kind, ActionKind::Command { .. });
                }
                None
            }
            EventKind::CallRunning { call, title } => {
                self.calls.get(call).is_some_and(|call| call.is_command).then(|| {
                    self.note(call, Printed::Command);
                    format!("$ {title}")
                })
            }
            EventKind::CallStarted(call) => {
                self.calls.insert(
                    call.id.clone(),
                    Call { tool: call.name.clone(), is_command: false, printed: Printed::Nothing },
                );
                None
            }
            EventKind::Compacted(Some(CompactionResult { before, after })) => {
                Some(format!("Summarized: about {before} tokens became {after}"))
            }
            EventKind::Compacted(None) => Some("The conversation could not be summarized".into()),
            EventKind::Compacting => Some("Summarizing the conversation".into()),
            EventKind::ItemDone(Item { kind: ItemKind::Reasoning { summary }, .. }) => {
                headline(summary)
            }
            EventKind::ItemDone(Item { kind: ItemKind::WebSearch(search), .. }) => {
                Some(search.sentence())
            }
            EventKind::LimitHold(Some(hold)) => {
                Some(format!("{}. Waiting until then", hold.problem.message))
            }
            EventKind::Limits(limits) => self.limits(limits),
            EventKind::Notice(Notice { message, next }) => Some(match next {
                Some(next) => format!("{message}. {}", in_shell(next)),
                None => message.clone(),
            }),
            EventKind::Resumed => Some("Reconnected".into()),
            EventKind::Retrying(Retry { attempt, of, wait, problem }) => {
                Some(format!("Reconnecting {attempt}/{of}{}: {}", after(*wait), problem.message))
            }
            EventKind::Settings(settings) => self.model(settings),
            EventKind::SessionMode(session_mode) => {
                let before = std::mem::replace(&mut self.mode, session_mode.approval_mode);
                (before != session_mode.approval_mode)
                    .then(|| format!("Approval mode: {}", session_mode.approval_mode.as_str()))
            }
            EventKind::Todos(todos) => plan(todos),
            _ => None,
        }
    }

    fn refused(&mut self, approval: &Approval) -> Vec<String> {
        self.note(&approval.call, Printed::Refused);
        let what = match &approval.subject {
            ApprovalSubject::Change(_) => format!("{} {}", approval.tool, approval.title),
            ApprovalSubject::Command(_) | ApprovalSubject::Loss(_) => {
                format!("$ {}", approval.title)
            }
            ApprovalSubject::External { arguments, .. } => {
                format!("{} {arguments}", approval.title)
            }
            ApprovalSubject::Fetch(url) => url.clone(),
            ApprovalSubject::Input { command, text } => {
                format!("{} into {command}", text.escape_debug())
            }
            ApprovalSubject::Look(paths) => format!("{} {}", approval.tool, paths.join(", ")),
        };
        let refused = format!("Refused {}: {}", text::cut(&what, TITLE), approval.why);
        let mut lines = vec![text::cut(&text::clean_line(&refused), COLUMNS).into_owned()];
        let hint = nobody::way_around(approval);
        if self.hinted.insert(hint.clone()) {
            lines.push(hint);
        }
        lines
    }

    fn note(&mut self, call: &CallId, printed: Printed) {
        if let Some(call) = self.calls.get_mut(call) {
            call.printed = printed;
        }
    }

    fn model(&mut self, settings: &SessionSettings) -> Option<String> {
        if self.settings.as_ref() == Some(settings) {
            return None;
        }
        self.settings = Some(settings.clone());
        let fast = (settings.tuning.tier == ServiceTier::Fast).then(|| "fast".to_owned());
        let asked: Vec<String> =
            settings.effort.iter().map(Effort::to_string).chain(fast).collect();
        Some(match asked.is_empty() {
            true => settings.model.to_string(),
            false => format!("{} ({})", settings.model, asked.join(", ")),
        })
    }

    /// A limit of the plan is reported from 80 percent on.
    fn limits(&mut self, limits: &Limits) -> Option<String> {
        let fullest = [limits.primary, limits.secondary]
            .into_iter()
            .flatten()
            .max_by(|a, b| a.used_percent.total_cmp(&b.used_percent))?;
        let step = (fullest.used_percent / 10.0).floor() * 10.0;
        if step < 80.0 || step <= self.last_percent {
            return None;
        }
        self.last_percent = step;
        Some(format!("{:.0}% of {} is used", fullest.used_percent, window(&fullest)))
    }
}

fn window(limit: &Limit) -> String {
    match limit.window_minutes {
        Some(minutes) if minutes >= 24 * 60 => {
            format!("the plan's limit for {} days", minutes / (24 * 60))
        }
        Some(minutes) if minutes >= 60 => format!("the plan's limit for {} hours", minutes / 60),
        Some(minutes) => format!("the plan's limit for {minutes} minutes"),
        None => "the plan's limit".into(),
    }
}

/// A call that was printed before is printed again only if it failed, with the first line of the
/// reason.
fn ended(call: Option<Call>, output: &CallOutput) -> Option<String> {
    let (tool, printed) =
        call.map_or(("tool".into(), Printed::Nothing), |call| (call.tool, call.printed));
    let is_known = match printed {
        Printed::Command => output.ok,
        Printed::Nothing => matches!(output.result, ToolResult::Plan(_)),
        Printed::Refused => true,
    };
    let why = output.for_people();
    let printed = match (output.ok, why.lines().map(str::trim).find(|line| !line.is_empty())) {
        (true, _) => format!("{tool} {}", output.title),
        (false, None) => format!("{tool} failed: {}", output.title),
        (false, Some(why)) if output.title.is_empty() || output.title == tool => {
            format!("{tool} failed: {why}")
        }
        (false, Some(why)) => format!("{tool} failed: {}: {why}", text::cut(&output.title, TITLE)),
    };
    (!is_known).then(|| printed.trim_end().to_owned())
}

/// The progress of the model's plan and its current step.
fn plan(todos: &[Todo]) -> Option<String> {
    let live = || todos.iter().filter(|todo| todo.state != TodoState::Dropped);
    let done = live().filter(|todo| todo.state == TodoState::Done).count();
    let now = live()
        .find(|todo| todo.state == TodoState::Doing)
        .or_else(|| live().find(|todo| todo.state == TodoState::Open));
    let at = now.map(|todo| format!(": {}", todo.text)).unwrap_or_default();
    (!todos.is_empty()).then(|| format!("Plan {done}/{}{at}", live().count()))
}

/// The first line of a reasoning summary, which is its title.
fn headline(summary: &str) -> Option<String> {
    let line = summary.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.trim_matches(['*', '#', ' ']).to_owned())
}

fn after(wait: Duration) -> String {
    match wait.as_secs_f64() {
        seconds if seconds < 0.1 => String::new(),
        seconds if seconds < 10.0 => format!(" in {seconds:.1} s"),
        seconds => format!(" in {seconds:.0} s"),
    }
}

/// A line in git's letters (A added, D deleted, M modified, R renamed): `M src/a.rs +3 −1`.
fn change_line(diff: &FileDiff) -> String {
    let (letter, path) = match &diff.kind {
        DiffKind::Added => ('A', diff.path.clone()),
        DiffKind::Deleted => ('D', diff.path.clone()),
        DiffKind::Moved { from } => ('R', format!("{from} → {}", diff.path)),
        DiffKind::Updated => ('M', diff.path.clone()),
    };
    let count = |sign, lines| if lines == 0 { String::new() } else { format!(" {sign}{lines}") };
    format!("{letter} {path}{}{}", count('+', diff.added), count('−', diff.removed))
}

/// The diffs of a call that ran; empty for a refused one, though it has a preview.
pub fn done_changes(event: &EventKind) -> &[FileDiff] {
    match event {
        EventKind::CallEnded {
            output: CallOutput { ok: true, result: ToolResult::Edits(diffs), .. },
            ..
        } => diffs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_says_why_in_its_first_line() {
        let call = |printed| Some(Call { tool: "read".into(), is_command: false, printed });
        for (output, expected) in [
            (CallOutput::text("a.rs", "1: fn"), "read a.rs"),
            (
                CallOutput::refusal("a.rs", "\n`a.rs` is not there\nLook elsewhere"),
                "read failed: a.rs: `a.rs` is not there",
            ),
            (CallOutput::refusal("a.rs", ""), "read failed: a.rs"),
            (CallOutput::refusal("", "No path"), "read failed: No path"),
            (CallOutput::refusal("read", "No path"), "read failed: No path"),
        ] {
            assert_eq!(ended(call(Printed::Nothing), &output).as_deref(), Some(expected));
            assert_eq!(ended(call(Printed::Refused), &output), None);
        }
    }
}
