//! `shell`: a command line in the person's shell, listened to while it runs.

pub(super) mod answer;
pub(super) mod blocked;
pub(super) mod bounds;
mod environment;
mod git_environment;
mod neighbour_secrets;
pub mod output;
pub mod output_room;
pub mod plain_text;
mod profile;
mod progress;
mod protected_files;
pub(super) mod repositories;
pub mod standalone_command;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::oneshot;

use crate::protocol::{
    ActionKind, CallId, CallResult, Confinement, Grant, PlannedAction, RequestedConfinement,
    SandboxOpenings, SecretAccess, Target, ToolAudience, ToolCall, ToolEffects,
};
use crate::sandbox::{CommandEnd, CommandSpec, KillSwitchHandle, Loopback, Unkept};

use super::definition::{BuiltInDefinition, ToolContext};
use crate::base::phrases::shorten;
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::call::surroundings::{CallSurroundings, ProgressSink};
use crate::tools::files::patch::program::ProgramOnPath;
use output::CommandOutput;
use output_room::OutputRoom;

use bounds::{BoundCommand, CommandBounds};

pub use environment::{ShellChoice, Stage, is_known};
pub use progress::{PACE, ProgressReporter};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "shell",
    description: codling_assets::tools::SHELL,
    parameters: r#"{
  "type": "object",
  "properties": {
    "command": { "type": "string", "description": "A command line or a script of several lines" },
    "workdir": { "type": "string", "description": "The folder to start in, instead of `cd`" },
    "timeout": { "type": "integer", "minimum": 1, "maximum": 600000, "description": "In milliseconds; 120000 by default" },
    "reason": { "type": "string", "description": "One short sentence for the person who may have to approve it: what the command is for. Give it whenever something is changed" },
    "unconfined": { "type": "boolean", "description": "Ask to run it without the sandbox, where there is no other way; say why in `reason`" }
  },
  "required": ["command"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Runs,
    audience: ToolAudience::Others,
};

const LIMIT: Duration = Duration::from_secs(120);
const LONGEST: Duration = Duration::from_secs(600);
/// Variables that take the meaning from the words by which git leaves files out.
const PATHSPECS: [&str; 4] =
    ["GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_LITERAL_PATHSPECS", "GIT_NOGLOB_PATHSPECS"];
const LEFT_OUT: &str = "Git was told to leave out files that may hold secrets (`.env`, keys, credentials). If they matter, ask the user for them";
const TITLE: usize = 120;
const REASON: usize = 300;

/// The services and bounds that a command needs besides its arguments.
pub struct CommandContext {
    pub call: CallId,
    pub grant: Grant,
    /// The further openings of the sandbox.
    pub grants: SandboxOpenings,
    /// Folders that are not opened to it for writing all the same.
    pub closed: Vec<PathBuf>,
    /// Where what it writes to caches is kept for the folder's next command.
    pub kept_caches: Option<PathBuf>,
    /// The loopback that it shares with the conversation's other commands.
    pub loopback: Loopback,
    pub kill_switch: KillSwitchHandle,
    /// Files and folders that it must not read.
    pub hidden: Vec<PathBuf>,
    /// Where a long output goes, and the room for it.
    pub outputs: PathBuf,
    pub room: OutputRoom,
    /// Folders in what is hidden that it may read all the same.
    pub shown: Vec<PathBuf>,
    /// The program that starts it.
    pub program: PathBuf,
    pub progress: ProgressSink,
    pub surroundings: CallSurroundings,
    /// Variables that it does not get.
    pub withheld: Vec<String>,
}

/// The call for a command that a person typed.
pub fn shell_call(id: CallId, line: &str) -> ToolCall {
    ToolCall { id, name: SPEC.name.to_owned(), arguments: json!({ "command": line }).to_string() }
}

/// Before a command line, for people.
pub const VERB: &str = "$";

/// The planned action of a command that the person typed; `folder` is where it runs.
pub fn own_action(line: &str, folder: Target) -> PlannedAction {
    let wanted = RequestedConfinement::Unconfined;
    let kind = ActionKind::Command { line: line.to_owned(), folder, wanted };
    PlannedAction { verb: VERB.into(), ..PlannedAction::new(line, kind) }
}

/// Plans a call of `shell`.
///
/// # Errors
///
/// Refuses wrong arguments and a working folder that cannot be resolved.
pub fn action(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let RequestedCommand { line, workdir, reason, wanted, .. } = RequestedCommand::of(arguments)?;
    Ok(planned(line, context.folder.target(&workdir)?, wanted, reason))
}

/// The planned action of a command of the model's.
pub fn planned(
    line: String,
    folder: Target,
    wanted: RequestedConfinement,
    reason: Option<String>,
) -> PlannedAction {
    let title = title(&line);
    PlannedAction {
        reason,
        ..PlannedAction::new(title, ActionKind::Command { line, folder, wanted })
    }
}

/// A command that is understood, before it is known whether it can be started.
#[derive(Debug)]
pub struct RequestedLine<'a> {
    pub line: &'a str,
    pub workdir: &'a str,
    /// In one line.
    pub title: String,
    pub limit: Duration,
    pub shell: ShellChoice<'a>,
    pub stage: Stage,
}

/// A command that can be started.
pub struct ReadyCommand {
    pub title: String,
    pub spec: CommandSpec,
    /// There was too much in its folders to find all repositories that are to be kept from it.
    pub is_unsearched: bool,
    pub output: CommandOutput,
    pub program: PathBuf,
    pub kill_switch: KillSwitchHandle,
    pub progress: ProgressSink,
    /// Hears, once all of it has ended, what a person has to know of what it left.
    pub ended: Option<oneshot::Sender<Option<String>>>,
    /// For the person, with what has to be known of its end.
    pub notice: Option<String>,
    /// For the model: what git was told to leave out of what it shows.
    pub left_out: Option<&'static str>,
}

/// Why a command is not started.
pub enum NotReady {
    /// It is answered.
    Answer(Box<CallResult>),
    Refusal(ToolRefusal),
}

impl From<ToolRefusal> for NotReady {
    fn from(refusal: ToolRefusal) -> Self {
        Self::Refusal(refusal)
    }
}

/// Finds out all that a command needs.
///
/// # Errors
///
/// Fails with [`NotReady::Refusal`] if the working folder cannot be used, and with
/// [`NotReady::Answer`] if the command must not run as it is.
pub fn ready(
    requested: RequestedLine<'_>,
    context: &ToolContext<'_>,
    mut command: CommandContext,
) -> Result<ReadyCommand, NotReady> {
    let RequestedLine { line, workdir, title, limit, shell, stage } = requested;
    let answered = |answer: CallResult| Err(NotReady::Answer(Box::new(answer)));
    let workdir = context.folder.subfolder(Some(workdir))?.real;
    let edited =
        command.surroundings.edits.apply(line, |place| fs::symlink_metadata(place).is_ok());
    let grant = command.grant;
    let is_plain = grant.secrets == SecretAccess::Plain;
    let quiet = match is_plain && git_environment::names_git(line) {
        true => git_environment::quiet(line, &workdir),
        false => Ok(Vec::new()),
    };
    let quiet = match quiet {
        Ok(quiet) => quiet,
        Err(why) => return answered(answer::refused(title, &why)),
    };
    if is_plain && grant.confinement != Confinement::Free {
        match protected_files::find(context.folder.path()) {
            Ok(found) => command.hidden.extend(found),
            Err(protected_files::TooMuch) => return answered(answer::unhidden(title)),
        }
    }
    let home = std::env::home_dir();
    let bounds = CommandBounds {
        folder: context.folder.path(),
        grant,
        repositories: command.surroundings.repositories,
        openings: &command.grants,
        closed: &command.closed,
        hidden: command.hidden,
        shown: command.shown,
        home: home.as_deref(),
        kept_caches: command.kept_caches,
        loopback: Some(command.loopback),
        withheld: &command.withheld,
        program: &command.program,
        stage,
    };
    let own_shell = std::env::var_os("SHELL");
    let words = environment::shell(&edited, own_shell.as_deref(), &shell, grant.confinement);
    let BoundCommand { spec, is_unsearched } = bounds.spec(words, workdir, limit);
    let mut spec = CommandSpec { trace: command.surroundings.trace, ..spec };
    let mut notice = None;
    if grant.confinement != Confinement::Free && !shell.is_bare {
        let mut login =
            profile::variables(own_shell.as_deref(), &shell, &command.withheld, &command.program);
        notice = login.notice.take();
        let own = std::mem::take(&mut spec.variables);
        spec.variables = login.passed(grant.confinement, &command.withheld);
        spec.variables.extend(own);
    }
    spec.variables.extend(quiet);
    if command.surroundings.edits.leaves_out {
        spec.variables.extend(PATHSPECS.map(|name| (name.into(), None)));
    }
    let folder = context.folder.path();
    if let Some(patching) =
        ProgramOnPath::for_line(line, &command.outputs, &command.program, folder)
    {
        patching.lead(&mut spec.variables);
        spec.shown.push(patching.codling);
    }
    Ok(ReadyCommand {
        title,
        spec,
        is_unsearched,
        output: CommandOutput::new(command.outputs, &command.call, command.room),
        program: command.program,
        kill_switch: command.kill_switch,
        progress: command.progress,
        ended: command.surroundings.ended,
        left_out: command.surroundings.edits.leaves_out.then_some(LEFT_OUT),
        notice,
    })
}

/// Blocks until the command and all it started has ended.
///
/// # Errors
///
/// Refuses wrong arguments and a working folder that cannot be used. A command that fails is no
/// error.
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
    command: CommandContext,
) -> Result<CallResult, ToolRefusal> {
    let requested = RequestedCommand::of(arguments)?;
    let line = RequestedLine {
        line: &requested.line,
        workdir: &requested.workdir,
        title: title(&requested.line),
        limit: requested.limit,
        shell: ShellChoice::default(),
        stage: Stage::Nowhere,
    };
    let mut ready = match ready(line, context, command) {
        Ok(ready) => ready,
        Err(NotReady::Answer(answer)) => return Ok(*answer),
        Err(NotReady::Refusal(refusal)) => return Err(refusal),
    };
    let spec = &ready.spec;
    let mut reporter = ProgressReporter::new(ready.progress);
    let began = Instant::now();
    let end = spec.run(&ready.program, ready.kill_switch, &mut |bytes| {
        ready.output.push(bytes);
        reporter.update(&ready.output, Instant::now(), PACE);
    });
    let end = end.missing(ready.is_unsearched);
    let took = began.elapsed();
    let notice = joined(ready.notice, end.warning());
    if let Some(ended) = ready.ended {
        // The receiver may be gone.
        let _unheard = ended.send(notice.clone());
    }
    let summary = ready.output.finish();
    let blame = blocked::blame(spec, &end, &summary);
    let (blocked, unreached) = blame.map(|blame| (blame.why, blame.unreached)).unzip();
    Ok(CallResult {
        output: answer::answer(ready.title, spec, &end, took, (&summary, ready.left_out)),
        blocked,
        loses: loses(&end),
        unreached: unreached.unwrap_or_default(),
        notice,
    })
}

/// The loss that was about to happen: one sentence without a full stop.
pub fn loses(end: &CommandEnd) -> Option<String> {
    end.unkept.as_ref().map(Unkept::sentence)
}

/// Sentences for the person, as one text.
pub fn joined(first: Option<String>, second: Option<String>) -> Option<String> {
    match (first, second) {
        (Some(first), Some(second)) => Some(format!("{first}. {second}")),
        (first, second) => first.or(second),
    }
}

struct RequestedCommand {
    line: String,
    workdir: String,
    limit: Duration,
    reason: Option<String>,
    wanted: RequestedConfinement,
}

impl RequestedCommand {
    fn of(arguments: &mut Arguments) -> Result<Self, ToolRefusal> {
        let line = arguments.text("command")?;
        let workdir = arguments.optional_text("workdir")?.unwrap_or_else(|| ".".to_owned());
        let limit = arguments
            .optional_amount("timeout")?
            .filter(|limit| *limit > 0)
            .map_or(LIMIT, Duration::from_millis)
            .min(LONGEST);
        let reason = arguments.optional_text("reason")?.map(|text| reason(&text));
        let wanted = match arguments.optional_flag("unconfined")? {
            Some(true) => RequestedConfinement::Unconfined,
            Some(false) | None => RequestedConfinement::AsUsual,
        };
        arguments.end()?;
        Ok(Self { line, workdir, limit, reason, wanted })
    }
}

/// The first line that says something.
pub fn title(line: &str) -> String {
    let first = line.lines().map(str::trim).find(|line| !line.is_empty());
    shorten(first.unwrap_or(SPEC.name), TITLE)
}

/// Why, in one line.
pub fn reason(text: &str) -> String {
    shorten(text.trim(), REASON)
}

#[cfg(test)]
mod tests;
