//! What is going on, on stderr, one short line each. Never touches stdout.

use std::collections::HashMap;
use std::time::Duration;

use crate::base::{Console, text};
use crate::protocol::{CallId, CallOutput, EventKind, Item, ItemKind, Limit, Limits, Notice, SessionSettings, in_shell};

/// Longest line of progress, in columns.
const COLUMNS: usize = 120;

#[derive(Debug, Default)]
pub struct Progress {
    /// The tool of each call that runs.
    tools: HashMap<CallId, String>,
    settings: Option<SessionSettings>,
    /// Percents that were told, so that a limit is told once for each step of ten.
    told: f64,
}

impl Progress {
    pub fn tell(&mut self, event: &EventKind, console: &mut Console) {
        let Some(line) = self.line(event) else { return };
        let line = text::clean_line(&line);
        match event {
            // What it says last is the way out.
            EventKind::Notice(_) => console.note(&line),
            _ => console.note(&text::cut(&line, COLUMNS)),
        }
    }

    fn line(&mut self, event: &EventKind) -> Option<String> {
        match event {
            EventKind::CallStarted(call) => {
                self.tools.insert(call.id.clone(), call.name.clone());
                None
            }
            EventKind::CallEnded { call, output } => Some(ended(self.tools.remove(call), output)),
            EventKind::ItemDone(Item { kind: ItemKind::Reasoning { summary }, .. }) => headline(summary),
            EventKind::Limits(limits) => self.limits(limits),
            EventKind::Notice(Notice { message, next }) => Some(match next {
                Some(next) => format!("{message}. {}", in_shell(next)),
                None => message.clone(),
            }),
            EventKind::Resumed => Some("Connected again".into()),
            EventKind::Retrying { attempt, of, wait, problem } => {
                Some(format!("Reconnecting {attempt}/{of}{}: {}", after(*wait), problem.message))
            }
            EventKind::Settings(settings) => self.model(settings),
            _ => None,
        }
    }

    fn model(&mut self, settings: &SessionSettings) -> Option<String> {
        if self.settings.as_ref() == Some(settings) {
            return None;
        }
        self.settings = Some(settings.clone());
        Some(match &settings.effort {
            Some(effort) => format!("{} ({effort})", settings.model),
            None => settings.model.to_string(),
        })
    }

    /// A plan's limit is worth a line from 80 percent on.
    fn limits(&mut self, limits: &Limits) -> Option<String> {
        let fullest = [limits.primary, limits.secondary].into_iter().flatten().max_by(|a, b| a.used_percent.total_cmp(&b.used_percent))?;
        let step = (fullest.used_percent / 10.0).floor() * 10.0;
        if step < 80.0 || step <= self.told {
            return None;
        }
        self.told = step;
        Some(format!("{:.0}% of {} is used", fullest.used_percent, window(&fullest)))
    }
}

fn window(limit: &Limit) -> String {
    match limit.window_minutes {
        Some(minutes) if minutes >= 24 * 60 => format!("the plan's limit for {} days", minutes / (24 * 60)),
        Some(minutes) if minutes >= 60 => format!("the plan's limit for {} hours", minutes / 60),
        Some(minutes) => format!("the plan's limit for {minutes} minutes"),
        None => "the plan's limit".into(),
    }
}

fn ended(tool: Option<String>, output: &CallOutput) -> String {
    let tool = tool.unwrap_or_else(|| "tool".into());
    let state = if output.ok { "" } else { " failed:" };
    format!("{tool}{state} {}", output.title).trim_end().to_owned()
}

/// The first line of a summary of thoughts, which is its title.
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
