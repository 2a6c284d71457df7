//! The tools as the engine sees them: offered as a list, understood and run one call at a time.

mod bound_call;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{Semaphore, oneshot};

use crate::net::Net;
use crate::protocol::{
    CallOutput, CallResult, Confinement, Editor, Grant, LineEdits, Location, PlannedAction,
    SandboxOpenings, Target, ToolCall, ToolDefinition,
};
use crate::sandbox::{self, LossListener, TraceSpec};

use super::aliases;
use super::arguments::Arguments;
use super::jobs::exec_command::{self, Begun};
use super::jobs::{Jobs, write_stdin};
use super::on_a_thread::on_a_thread;
use super::open_files::UnsavedTexts;
use super::read_files::ReadFiles;
use super::refusal::ToolRefusal;
use super::shared_editor::SharedEditor;
use super::shell::repositories::KnownRepositories;
use super::tool_definitions::{AsyncToolContext, TOOLS, ToolFunction, find};
use super::tool_source::{SourceTools, ToolSource, ToolSources};
use bound_call::BoundCall;

/// The tools, bound to one folder.
#[derive(Clone, Debug)]
pub struct Toolbox {
    setup: Arc<ToolboxSetup>,
    seats: Arc<Semaphore>,
    read_files: Arc<ReadFiles>,
    /// What is open to commands in the sandbox.
    grants: SandboxOpenings,
    sources: ToolSources,
    jobs: Jobs,
    editor: SharedEditor,
}

/// What the tools of a session work with.
#[derive(Debug)]
pub struct ToolboxSetup {
    pub folder: PathBuf,
    /// Files that hold credentials: never read, never written.
    pub private: Vec<PathBuf>,
    /// The program's own folders, which commands that are kept in cannot read but for the outputs: conversations and logs.
    pub own: Vec<PathBuf>,
    /// Where long outputs are kept, made when there is one; the model may read there.
    pub outputs: PathBuf,
    /// Other folders that may be read: an earlier session's outputs, that this one's words name.
    pub lent: Vec<PathBuf>,
    /// Folders that are not opened to commands for writing, whatever the settings say.
    pub closed: Vec<PathBuf>,
    /// Where what commands write to caches is kept.
    pub kept_caches: Option<PathBuf>,
    /// What `~` means in a path.
    pub home: Option<PathBuf>,
    pub net: Net,
    /// Variables that no command gets: those that hold keys.
    pub withheld: Vec<String>,
    /// What starts commands: this program itself, as `sandbox::program` names it.
    pub program: PathBuf,
}

/// What a command is to heed, and what is to be told of it.
#[derive(Debug, Default)]
pub struct CallSurroundings {
    /// What is to be known of its processes, and kept of what they destroy.
    pub trace: Option<TraceSpec>,
    /// Hears whether a command that destroys what could not be kept may go on; without it, such a command is ended.
    pub losses: Option<LossListener>,
    /// What it must leave alone in the folder.
    pub repositories: KnownRepositories,
    /// Hears, once all of a command has ended, what a person has to know of what it left: also where nobody waits for its result any more.
    pub ended: Option<oneshot::Sender<Option<String>>>,
    /// Hears what was in the editor alone of files that the call writes over.
    pub unsaved: UnsavedTexts,
    /// How its command line is edited before it runs.
    pub edits: LineEdits,
}

/// Hears the last lines of what a running call has put out so far.
pub type ProgressSink = Arc<dyn Fn(String) + Send + Sync>;

/// Calls that run at once; a response may hold thousands, and each takes a thread or a few.
const AT_ONCE: usize = 8;

impl Toolbox {
    /// Touches nothing; a folder that is not there makes every call answer so.
    pub fn new(setup: ToolboxSetup) -> Self {
        Self {
            setup: Arc::new(setup),
            seats: Arc::new(Semaphore::new(AT_ONCE)),
            read_files: Arc::default(),
            grants: SandboxOpenings::default(),
            sources: ToolSources::default(),
            jobs: Jobs::default(),
            editor: SharedEditor::new(None),
        }
    }

    /// The commands that its calls started.
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Whether what a command in the sandbox destroys is kept first. Blocks where that was not tried yet.
    pub fn keeps_contents(&self) -> bool {
        sandbox::keeps_contents(&self.setup.program)
    }

    /// With tools from elsewhere besides.
    pub fn with_sources(self, sources: &[Arc<dyn ToolSource>]) -> Self {
        Self { sources: ToolSources::new(sources), ..self }
    }

    /// With the editor whose open files they are to work on.
    pub fn with_editor(self, editor: Option<Arc<dyn Editor>>) -> Self {
        Self { editor: SharedEditor::new(editor), ..self }
    }

    /// A command changed a file from what one digest tells (SHA-256 in hexadecimal digits) to what the other does, where that is known: an editor
    /// that shows the first still has not noticed. `real` is a path without links.
    pub fn changed_by_command(&self, real: &Path, before: &str, after: Option<&str>) {
        self.editor.changed_by_command(real, before, after);
    }

    /// The same tools, with so much open to commands in the sandbox.
    pub fn opening(&self, grants: SandboxOpenings) -> Self {
        Self { grants, ..self.clone() }
    }

    /// All there are now: the built-in ones in alphabetical order, then those of the sources, by name. What comes or goes among the latter leaves the
    /// order of the others as it is, so that prompt caches survive.
    pub fn definitions(&self) -> Arc<[ToolDefinition]> {
        TOOLS
            .iter()
            .map(|tool| self.editor.offered(tool.spec.owned()))
            .chain(self.sources.tools().into_iter().map(|tool| tool.definition()))
            .collect()
    }

    /// What tells of other tools than there were when this was made; one for each source.
    pub fn news(&self) -> Vec<SourceTools> {
        self.sources.news()
    }

    /// What a call would do. A call that cannot be understood is answered at once. Changes nothing.
    pub async fn preview(&self, call: &ToolCall) -> Result<PlannedAction, CallOutput> {
        if let Some(tool) = self.sources.find(&call.name) {
            return tool.preview(call);
        }
        let meant = aliases::meant(call);
        let call = meant.as_ref().unwrap_or(call);
        let tool = find(call, || self.sources.names())?;
        let bound = BoundCall::new(self, tool, call, Grant::within(Confinement::ReadOnly));
        let seat = self.editor.preview_seat().await;
        let action = on_a_thread(&call.name, move |stop| {
            let _seat = seat;
            bound.attempt(stop, tool.action)
        });
        let action = action.await??;
        let verb = if action.verb.is_empty() { tool.verb.into() } else { action.verb };
        Ok(PlannedAction { verb, ..action })
    }

    /// What a command of the person's own does, in this folder.
    pub fn own_command(&self, line: &str) -> PlannedAction {
        let path = self.setup.folder.clone();
        let folder = Target { path, shown: ".".to_owned(), location: Location::Inside };
        super::shell::own_action(line, folder)
    }

    /// Runs one call that was allowed. Whatever the call holds, there is an output. Dropping the future stops the work soon after, and ends what it
    /// started.
    pub async fn run(
        &self,
        call: &ToolCall,
        grant: Grant,
        progress: ProgressSink,
        around: CallSurroundings,
    ) -> CallResult {
        if let Some(tool) = self.sources.find(&call.name) {
            let _seat = Arc::clone(&self.seats).acquire_owned().await.ok();
            return tool.run(call).await.into();
        }
        let meant = aliases::meant(call);
        let call = meant.as_ref().unwrap_or(call);
        let tool = match find(call, || self.sources.names()) {
            Ok(tool) => tool,
            Err(output) => return output.into(),
        };
        // Never closed; were it, a call would only not have to wait.
        let seat = Arc::clone(&self.seats).acquire_owned().await.ok();
        match tool.run {
            ToolFunction::Awaited(run) => {
                let _seat = seat;
                let answer = |refusal: &ToolRefusal| {
                    CallOutput::refusal(tool.spec.name, refusal.sentence(tool.spec.parameters))
                };
                let arguments = match Arguments::parse(&call.arguments) {
                    Ok(arguments) => arguments,
                    Err(refusal) => return answer(&refusal).into(),
                };
                let title = arguments.subject();
                let context =
                    AsyncToolContext { call: &call.id, setup: &self.setup, reach: grant.paths };
                let output =
                    run(arguments, context).await.unwrap_or_else(|refusal| answer(&refusal));
                CallResult::from(match title {
                    Some(title) if !output.ok => CallOutput { title, ..output },
                    _ => output,
                })
            }
            ToolFunction::Blocking(run) => {
                let bound = BoundCall::new(self, tool, call, grant);
                let output = on_a_thread(&call.name, move |stop| {
                    // Held by the work itself: it may go on for a moment when nobody waits for it any more, and is not done before.
                    let (_seat, around) = (seat, around);
                    bound.attempt_saving(stop, &around.unsaved, run)
                });
                CallResult::from(output.await.unwrap_or_else(Err).unwrap_or_else(|refusal| refusal))
            }
            ToolFunction::Commanding(run) => {
                let (held, kill_switch) = match sandbox::kill_switch() {
                    Ok(pair) => pair,
                    Err(error) => {
                        let text = format!("No command can be started: {error}");
                        return CallOutput::refusal(tool.spec.name, text).into();
                    }
                };
                let bound = BoundCall::new(self, tool, call, grant);
                let ran = on_a_thread(&call.name, move |stop| {
                    let _seat = seat;
                    let command = bound.command(kill_switch, progress, around);
                    bound.attempt(stop, |arguments, context| run(arguments, context, command))
                });
                let ran = ran.await.unwrap_or_else(Err).unwrap_or_else(CallResult::from);
                drop(held);
                ran
            }
            ToolFunction::Starting => {
                let _seat = seat;
                let bound = BoundCall::new(self, tool, call, grant);
                let begun = on_a_thread(&call.name, move |stop| {
                    bound.attempt(stop, |arguments, context| {
                        let asked = exec_command::RequestedJob::of(arguments)?;
                        let command = |kill_switch| bound.command(kill_switch, progress, around);
                        exec_command::begin(&asked, context, grant.confinement, command)
                    })
                });
                match begun.await.unwrap_or_else(Err) {
                    Ok(Begun::Job(begun)) => begun.answer(&self.jobs).await,
                    Ok(Begun::Answered(answer)) => *answer,
                    Err(refusal) => refusal.into(),
                }
            }
            ToolFunction::Visiting => {
                let _seat = seat;
                let answer = |refusal: ToolRefusal| {
                    let text = refusal.sentence(tool.spec.parameters);
                    CallResult::from(CallOutput::refusal(tool.spec.name, text))
                };
                match Arguments::parse(&call.arguments) {
                    Ok(arguments) => {
                        write_stdin::run(arguments, &self.jobs).await.unwrap_or_else(answer)
                    }
                    Err(refusal) => answer(refusal),
                }
            }
        }
    }
}

#[cfg(test)]
impl Toolbox {
    /// For tests: with an editor that is not waited for long.
    pub fn hurrying(self, patience: super::open_files::EditorPatience) -> Self {
        Self { editor: self.editor.hurrying(patience), ..self }
    }

    /// For tests: in a folder, with nothing else.
    pub fn of(folder: impl Into<PathBuf>, private: Vec<PathBuf>) -> Self {
        let folder = folder.into();
        let outputs = folder.join(".outputs");
        // The tests' own program is no supervisor: it would run tests.
        let (net, program) = (
            Net::new(crate::net::NetSettings { ca_file: None, node_ca_file: None }),
            "/not/there".into(),
        );
        Self::new(ToolboxSetup {
            folder,
            private,
            own: Vec::new(),
            outputs,
            lent: Vec::new(),
            closed: Vec::new(),
            kept_caches: None,
            home: None,
            withheld: Vec::new(),
            net,
            program,
        })
    }

    /// For tests: runs a call that may reach no farther than the folder.
    pub async fn answer(&self, call: &ToolCall) -> CallOutput {
        self.run(
            call,
            Grant::within(Confinement::Folder),
            Arc::new(drop),
            CallSurroundings::default(),
        )
        .await
        .output
    }
}
