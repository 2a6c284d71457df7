//! `exec_command`: a command line that runs for as long as it takes; its call is answered after a
//! while, done or not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::phrases::shorten;
use crate::protocol::{
    CallResult, Confinement, PlannedAction, RequestedConfinement, ToolAudience, ToolEffects,
};
use crate::sandbox::{self, KillSwitchHandle};

use super::Jobs;
use super::answer::{MOST_TOKENS, TOKENS, answer};
use super::job::Job;
#[cfg(unix)]
use super::screen::{COLUMNS, ROWS};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};
use crate::tools::shell::{
    CommandContext, NotReady, RequestedLine, ShellChoice, Stage, is_known, planned, ready, reason,
    title,
};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "exec_command",
    description: codling_assets::tools::EXEC_COMMAND,
    parameters: r#"{
  "type": "object",
  "properties": {
    "cmd": { "type": "string", "description": "A command line or a script of several lines" },
    "workdir": { "type": "string", "description": "The folder to start in, instead of `cd`" },
    "shell": { "type": "string", "description": "`bash` or `zsh` instead of the user's own shell" },
    "login": { "type": "boolean", "description": "Whether the shell reads the user's profile; true by default" },
    "tty": { "type": "boolean", "description": "Give it a terminal, so that `write_stdin` can type into it" },
    "yield_time_ms": { "type": "integer", "description": "How long to wait for it before answering; 10000 by default, at most 30000" },
    "max_output_tokens": { "type": "integer", "description": "Longer output is cut in the middle; 10000 by default" },
    "sandbox_permissions": { "type": "string", "enum": ["use_default", "require_escalated"], "description": "`require_escalated` asks the user to run it outside of the sandbox" },
    "justification": { "type": "string", "description": "One short sentence for the user who may have to approve it: what the command is for" }
  },
  "required": ["cmd"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Runs,
    audience: ToolAudience::CodexTrained,
};

/// Names of the shell that every system has.
const SH: [&str; 3] = ["sh", "/bin/sh", "/usr/bin/sh"];
/// How long it is waited for.
const WAIT: u64 = 10_000;
const LEAST: u64 = 250;
const LONGEST: u64 = 30_000;
/// A command that was forgotten does not run for ever.
const LIMIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// The job that a call asks for.
#[derive(Debug)]
pub struct RequestedJob {
    line: String,
    workdir: String,
    shell: Option<String>,
    is_login: bool,
    pub in_terminal: bool,
    pub wait: Duration,
    pub tokens: u64,
    wanted: RequestedConfinement,
    reason: Option<String>,
}

impl RequestedJob {
    /// Takes the arguments of `exec_command`, with its defaults and limits.
    ///
    /// # Errors
    ///
    /// Refuses an argument that is missing, unknown or of the wrong kind, and a shell that is not
    /// known.
    pub fn of(arguments: &mut Arguments) -> Result<Self, ToolRefusal> {
        let line = arguments.text("cmd")?;
        let workdir = arguments.optional_text("workdir")?.unwrap_or_else(|| ".".to_owned());
        let shell = arguments.optional_text("shell")?;
        // `bash` reads what is written for a smaller shell, and as it is judged.
        let shell =
            shell.map(|shell| if SH.contains(&&*shell) { "bash".to_owned() } else { shell });
        if let Some(shell) = shell.as_ref().filter(|shell| !is_known(shell)) {
            let wanted = "`bash`, `zsh` or `ksh`";
            return Err(ToolRefusal::WrongArgument {
                name: "shell",
                wanted,
                found: format!("`{}`", shorten(shell, 40)),
            });
        }
        let is_login = arguments.optional_flag("login")?.unwrap_or(true);
        let in_terminal = arguments.optional_flag("tty")?.unwrap_or_default();
        let wait = arguments.optional_amount("yield_time_ms")?.unwrap_or(WAIT);
        let tokens = tokens(arguments)?;
        let wanted = match arguments.optional_text("sandbox_permissions")?.as_deref() {
            None | Some("use_default") => RequestedConfinement::AsUsual,
            Some("require_escalated") => RequestedConfinement::Unconfined,
            Some(other) => {
                return Err(ToolRefusal::WrongArgument {
                    name: "sandbox_permissions",
                    wanted: "`use_default` or `require_escalated`",
                    found: format!("`{}`", shorten(other, 40)),
                });
            }
        };
        let reason = arguments.optional_text("justification")?.map(|text| reason(&text));
        // Policy decides how much "always" would allow.
        let _suggested = arguments.optional_value(&["prefix_rule"]);
        arguments.end()?;
        let wait = Duration::from_millis(wait.clamp(LEAST, LONGEST));
        Ok(Self { line, workdir, shell, is_login, in_terminal, wait, tokens, wanted, reason })
    }

    pub fn title(&self) -> String {
        title(&self.line)
    }
}

/// `max_output_tokens`.
///
/// # Errors
///
/// Refuses what is no whole number.
pub fn tokens(arguments: &mut Arguments) -> Result<u64, ToolRefusal> {
    let tokens = arguments.optional_amount("max_output_tokens")?;
    Ok(tokens.filter(|tokens| *tokens > 0).unwrap_or(TOKENS).min(MOST_TOKENS))
}

/// Plans a call of `exec_command`.
///
/// # Errors
///
/// Refuses wrong arguments and a working folder that cannot be resolved.
pub fn action(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let RequestedJob { line, workdir, reason, wanted, .. } = RequestedJob::of(arguments)?;
    Ok(planned(line, context.folder.target(&workdir)?, wanted, reason))
}

/// The outcome of starting a job.
pub enum Begun {
    /// It was not started, and this is why.
    Answered(Box<CallResult>),
    Job(BegunJob),
}

/// A job that runs, and that its call still waits for: letting go of it ends the job.
pub struct BegunJob {
    job: Arc<Job>,
    began: Instant,
    wait: Duration,
    tokens: u64,
    is_answered: bool,
}

/// Starts the command. `command` is what it needs besides.
///
/// # Errors
///
/// Refuses a working folder that is none, and fails if the job's thread or its terminal cannot be
/// made. A command that must not run is answered instead.
pub fn begin(
    requested: &RequestedJob,
    context: &ToolContext<'_>,
    jobs: &Jobs,
    confinement: Confinement,
    command: impl FnOnce(KillSwitchHandle) -> CommandContext,
) -> Result<Begun, ToolRefusal> {
    let (held, kill_switch) = sandbox::kill_switch()
        .map_err(|error| ToolRefusal::NoThread { reason: error.to_string() })?;
    let line = RequestedLine {
        line: &requested.line,
        workdir: &requested.workdir,
        title: requested.title(),
        limit: LIMIT,
        shell: ShellChoice { shell: requested.shell.as_deref(), is_bare: !requested.is_login },
        stage: if requested.in_terminal { Stage::Terminal } else { Stage::Nowhere },
    };
    let ready = match ready(line, context, command(kill_switch)) {
        Ok(ready) => ready,
        Err(NotReady::Answer(answer)) => return Ok(Begun::Answered(answer)),
        Err(NotReady::Refusal(refusal)) => return Err(refusal),
    };
    let began = Instant::now();
    let (call, title) = (context.call.clone(), ready.title.clone());
    #[cfg(unix)]
    let (terminal, end) = match requested.in_terminal {
        true => {
            let (terminal, end) = sandbox::Terminal::open(ROWS, COLUMNS)
                .map_err(|error| ToolRefusal::NoPseudoTerminal { reason: error.to_string() })?;
            (Some(terminal), Some(end))
        }
        false => (None, None),
    };
    #[cfg(not(unix))]
    if requested.in_terminal {
        let reason = "commands have one on Linux and macOS".to_owned();
        return Err(ToolRefusal::NoPseudoTerminal { reason });
    }
    let job = jobs.enter(|id| {
        let job = Job::new(id, call, (title, requested.line.clone()), confinement, held);
        #[cfg(unix)]
        let job = match terminal {
            Some(terminal) => job.in_terminal(terminal),
            None => job,
        };
        job
    })?;
    let started = job.start(
        ready,
        #[cfg(unix)]
        end,
    );
    if let Err(refusal) = started {
        jobs.forget(job.id);
        return Err(refusal);
    }
    let RequestedJob { wait, tokens, .. } = *requested;
    Ok(Begun::Job(BegunJob { job, began, wait, tokens, is_answered: false }))
}

impl BegunJob {
    /// Answers after a while; from then on the job goes on when the call is dropped.
    pub async fn answer(mut self, jobs: &Jobs) -> CallResult {
        self.job.wait(self.wait).await;
        self.is_answered = true;
        let title = self.job.title.clone();
        let answer = answer(&self.job, title, self.began.elapsed(), self.tokens, None);
        if answer.output.result.job().is_none() {
            jobs.forget(self.job.id);
        }
        answer
    }
}

impl Drop for BegunJob {
    fn drop(&mut self) {
        if !self.is_answered {
            self.job.stop();
        }
    }
}
