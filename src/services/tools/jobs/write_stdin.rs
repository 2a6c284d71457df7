//! `write_stdin`: types into a job, interrupts or ends it, or waits for what it writes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::phrases::shorten;
use crate::protocol::{ActionKind, CallResult, JobId, PlannedAction, ToolAudience, ToolEffects};

use super::Jobs;
use super::answer::answer;
use super::exec_command::tokens;
use super::job::Job;
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "write_stdin",
    description: codling_assets::tools::WRITE_STDIN,
    parameters: r#"{
  "type": "object",
  "properties": {
    "session_id": { "type": "integer", "description": "The session that `exec_command` named" },
    "chars": { "type": "string", "description": "What to type; leave out to wait for output" },
    "yield_time_ms": { "type": "integer", "description": "How long to wait before answering; 250 by default and at most 30000 after typing, 5000 and 300000 without" },
    "max_output_tokens": { "type": "integer", "description": "Longer output is cut in the middle; 10000 by default" }
  },
  "required": ["session_id"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Runs,
    audience: ToolAudience::CodexTrained,
};

/// How long is waited after typing, and without it: the least, and the longest.
const TYPED: [u64; 2] = [250, 30_000];
const WAITED: [u64; 2] = [5_000, 300_000];
/// Letters of what is typed, in a title.
const SHOWN: usize = 60;
/// Ctrl-C, which interrupts a job that has no terminal to type it into.
const INTERRUPT: &str = "\u{3}";
/// Ctrl-\, which ends any job, with all that it started. It is not typed.
const END: &str = "\u{1c}";
/// How long is waited for an end at the least.
const ENDING: Duration = Duration::from_secs(2);
const STILL_RUNS: &str =
    "It was interrupted and still runs. `\\u001c` (Ctrl-\\) ends it, with all that it started";

#[derive(Debug)]
struct RequestedInput {
    job: JobId,
    text: String,
    wait: Duration,
    tokens: u64,
}

impl RequestedInput {
    fn of(arguments: &mut Arguments) -> Result<Self, ToolRefusal> {
        let number = arguments.optional_number("session_id")?;
        let job = JobId(number.ok_or(ToolRefusal::MissingArgument { name: "session_id" })?);
        let text = arguments.optional_text("chars")?.unwrap_or_default();
        let [least, longest] = if text.is_empty() { WAITED } else { TYPED };
        let wait = arguments.optional_amount("yield_time_ms")?.unwrap_or(least);
        let tokens = tokens(arguments)?;
        arguments.end()?;
        let wait = Duration::from_millis(wait.clamp(least, longest));
        Ok(Self { job, text, wait, tokens })
    }

    fn title(&self, command: &str) -> String {
        match self.text.as_str() {
            "" => command.to_owned(),
            INTERRUPT => format!("ctrl-c into {command}"),
            END => format!("ctrl-\\ into {command}"),
            text => format!("{} into {command}", shorten(&shown(text), SHOWN)),
        }
    }
}

/// The typed text in one line: control characters are written as in code, and a line feed at the
/// end is left out.
fn shown(text: &str) -> String {
    let typed = text.strip_suffix('\n').filter(|text| !text.is_empty()).unwrap_or(text);
    let letter = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.into() };
    typed.chars().map(letter).collect()
}

/// Plans a call of `write_stdin`.
///
/// # Errors
///
/// Refuses wrong arguments, and an id that no job has.
pub fn action(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let requested = RequestedInput::of(arguments)?;
    let job = context.jobs.describe(requested.job)?;
    let title = requested.title(&job.title);
    let kind = ActionKind::JobInput {
        job: job.id,
        command: job.line,
        text: requested.text.clone(),
        confinement: job.confinement,
    };
    let verb = match requested.text.as_str() {
        "" => "wait for",
        _ => "type",
    };
    Ok(PlannedAction { verb: verb.into(), ..PlannedAction::new(title, kind) })
}

/// Types, and waits.
///
/// # Errors
///
/// Refuses wrong arguments, an id that no job has, and text for a job without a terminal.
pub async fn run(mut arguments: Arguments, jobs: &Jobs) -> Result<CallResult, ToolRefusal> {
    let requested = RequestedInput::of(&mut arguments)?;
    let job = jobs.find(requested.job)?;
    let began = Instant::now();
    let title = requested.title(&job.title);
    let (mut wait, mut note) = (requested.wait, None);
    match requested.text.as_str() {
        "" => {}
        _ if !job.is_running() => {}
        END => {
            job.stop();
            wait = wait.max(ENDING);
        }
        INTERRUPT if !job.has_terminal() => {
            job.interrupt();
            (wait, note) = (wait.max(ENDING), Some(STILL_RUNS));
        }
        text => write(&job, text).await?,
    }
    job.wait(wait).await;
    Ok(answer(&job, title, began.elapsed(), requested.tokens, note))
}

async fn write(job: &Arc<Job>, text: &str) -> Result<(), ToolRefusal> {
    if !job.has_terminal() {
        return Err(ToolRefusal::NoTerminal { id: job.id.0 });
    }
    let (typed, all) = (Arc::clone(job), text.to_owned());
    let written = tokio::task::spawn_blocking(move || typed.write(&all)).await;
    match written {
        Ok(Ok(taken)) if taken == text.len() => Ok(()),
        Ok(Ok(taken)) => Err(ToolRefusal::NotTyped { taken, all: text.len() }),
        // It has ended in the meantime, which the answer says.
        Ok(Err(_)) | Err(_) => Ok(()),
    }
}
