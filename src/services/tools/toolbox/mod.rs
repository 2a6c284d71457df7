//! The tools as the engine sees them: offered as a list, understood and run one call at a time.

pub mod aliases;
mod bound_call;
pub mod patch_command;
pub mod shared_editor;
pub mod table;
pub mod tool_source;

use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::protocol::{
    CallOutput, CallResult, Confinement, Editor, Grant, Location, PlannedAction, SandboxOpenings,
    Target, ToolCall, ToolDefinition,
};
use crate::sandbox;

use super::definition::AsyncToolContext;
use super::files::skill;
use super::jobs::exec_command::{self, Begun};
use super::jobs::{Jobs, write_stdin};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::blocking_work::run_blocking;
use crate::tools::call::surroundings::{CallSurroundings, ProgressSink, ToolboxSetup};
use crate::tools::folder::read_files::ReadFiles;
use bound_call::BoundCall;
use shared_editor::SharedEditor;
use table::{TOOLS, ToolFunction, find, is_built_in};
use tool_source::{ExternalTool, SourceTools, ToolSource, ToolSources, find_tools};

/// The tools, bound to one folder.
#[derive(Clone, Debug)]
pub struct Toolbox {
    setup: Arc<ToolboxSetup>,
    call_slots: Arc<Semaphore>,
    read_files: Arc<ReadFiles>,
    /// The openings of the sandbox for commands.
    grants: SandboxOpenings,
    sources: ToolSources,
    jobs: Jobs,
    editor: SharedEditor,
    /// The tools that the model is offered; `None` for all there are.
    offered: Option<Arc<[ToolDefinition]>>,
}

/// Calls that run at once; a response may hold thousands, and each takes a thread or a few.
const AT_ONCE: usize = 8;

impl Toolbox {
    /// Touches nothing; a folder that is not there makes every call answer so.
    pub fn new(setup: ToolboxSetup) -> Self {
        Self {
            setup: Arc::new(setup),
            call_slots: Arc::new(Semaphore::new(AT_ONCE)),
            read_files: Arc::default(),
            grants: SandboxOpenings::default(),
            sources: ToolSources::new(&[], is_built_in),
            jobs: Jobs::default(),
            editor: SharedEditor::new(None),
            offered: None,
        }
    }

    /// The commands that its calls started.
    pub fn jobs(&self) -> &Jobs {
        &self.jobs
    }

    /// Whether what a command in the sandbox destroys is kept first. Blocks where that was not
    /// tried yet.
    pub fn keeps_contents(&self) -> bool {
        sandbox::keeps_contents(&self.setup.program)
    }

    /// With tools from elsewhere besides.
    pub fn with_sources(self, sources: &[Arc<dyn ToolSource>]) -> Self {
        Self { sources: ToolSources::new(sources, is_built_in), ..self }
    }

    /// With the editor whose open files they are to work on.
    pub fn with_editor(self, editor: Option<Arc<dyn Editor>>) -> Self {
        Self { editor: SharedEditor::new(editor), ..self }
    }

    /// A command changed a file from what one digest tells (SHA-256 in hexadecimal digits) to what
    /// the other does, where that is known: an editor that shows the first still has not noticed.
    /// `real` is a path without links.
    pub fn changed_by_command(&self, real: &Path, before: &str, after: Option<&str>) {
        self.editor.changed_by_command(real, before, after);
    }

    /// The same tools, with so much open to commands in the sandbox.
    pub fn opening(&self, grants: SandboxOpenings) -> Self {
        Self { grants, ..self.clone() }
    }

    /// The same tools, for a model that is offered only these: it is told of no others.
    pub fn offering(&self, offered: Arc<[ToolDefinition]>) -> Self {
        Self { offered: Some(offered), ..self.clone() }
    }

    /// All there are now: the built-in ones in alphabetical order, then those of the sources, by
    /// name. What comes or goes among the latter leaves the order of the others as it is, so that
    /// prompt caches survive.
    pub fn definitions(&self) -> Arc<[ToolDefinition]> {
        let (has_skills, external) = (self.setup.skills.is_some(), self.sources.tools());
        TOOLS
            .iter()
            .filter(|tool| has_skills || tool.spec.name != skill::SPEC.name)
            .filter(|tool| !external.is_empty() || tool.spec.name != find_tools::SPEC.name)
            .map(|tool| match tool.run {
                ToolFunction::Finding => find_tools::definition(&external),
                _ => self.editor.offered(tool.spec.owned()),
            })
            .chain(external.iter().cloned().map(ExternalTool::definition))
            .collect()
    }

    fn offered(&self) -> Arc<[ToolDefinition]> {
        self.offered.clone().unwrap_or_else(|| self.definitions())
    }

    /// Receivers, one for each source, that report when its tools change.
    pub fn news(&self) -> Vec<SourceTools> {
        self.sources.news()
    }

    /// Plans a call. A call that cannot be understood is answered at once. Changes nothing.
    ///
    /// # Errors
    ///
    /// Fails with the answer for the model if there is no such tool, if its arguments are wrong, or
    /// if it can be seen already that the call will be refused.
    pub async fn preview(&self, call: &ToolCall) -> Result<PlannedAction, CallOutput> {
        let resolved = self.resolved(call);
        let call = resolved.as_ref().unwrap_or(call);
        if let Some(tool) = self.sources.find(&call.name) {
            return tool.preview(call);
        }
        let tool = find(call, || self.offered())?;
        let bound = BoundCall::new(self, tool, call, Grant::within(Confinement::ReadOnly));
        let slot = self.editor.preview_slot().await;
        let action = run_blocking(&call.name, move |stop| {
            let _slot = slot;
            bound.attempt(stop, tool.action)
        });
        let action = action.await??;
        let verb = if action.verb.is_empty() { tool.verb.into() } else { action.verb };
        Ok(PlannedAction { verb, ..action })
    }

    /// The call that is meant, by the name of its tool; `None` where it is meant as it stands, or
    /// no tool is. It is planned, decided about and run as this one.
    fn resolved(&self, call: &ToolCall) -> Option<ToolCall> {
        if self.sources.find(&call.name).is_some() {
            return None;
        }
        let plain = call.plain_name();
        if plain != call.name && self.sources.find(plain).is_some() {
            return Some(call.renamed(plain));
        }
        aliases::meant(call)
    }

    /// The planned action of a command that the person typed, in this folder.
    pub fn own_command(&self, line: &str) -> PlannedAction {
        let path = self.setup.folder.clone();
        let folder = Target { path, shown: ".".to_owned(), location: Location::Inside };
        super::shell::own_action(line, folder)
    }

    /// Runs one call that was allowed. Whatever the call holds, there is an output. Dropping the
    /// future stops the work soon after, and ends what it started.
    pub async fn run(
        &self,
        call: &ToolCall,
        grant: Grant,
        progress: ProgressSink,
        surroundings: CallSurroundings,
    ) -> CallResult {
        let resolved = self.resolved(call);
        let call = resolved.as_ref().unwrap_or(call);
        if let Some(tool) = self.sources.find(&call.name) {
            let _slot = Arc::clone(&self.call_slots).acquire_owned().await.ok();
            let heard = (progress, surroundings.elicitor);
            return tool.run(call, heard, &self.setup.outputs).await.into();
        }
        let tool = match find(call, || self.offered()) {
            Ok(tool) => tool,
            Err(output) => return output.into(),
        };
        // Never closed; were it, a call would only not have to wait.
        let slot = Arc::clone(&self.call_slots).acquire_owned().await.ok();
        match tool.run {
            ToolFunction::Awaited(run) => {
                let _slot = slot;
                let arguments = match Arguments::parse(&call.arguments) {
                    Ok(arguments) => arguments,
                    Err(refusal) => return tool.spec.refused(&refusal).into(),
                };
                let title = arguments.subject();
                let context = AsyncToolContext {
                    call: &call.id,
                    setup: &self.setup,
                    path_scope: grant.paths,
                };
                let output = run(arguments, context).await;
                let output = output.unwrap_or_else(|refusal| tool.spec.refused(&refusal));
                CallResult::from(match title {
                    Some(title) if !output.ok => CallOutput { title, ..output },
                    _ => output,
                })
            }
            ToolFunction::Finding => {
                let _slot = slot;
                let found = Arguments::parse(&call.arguments)
                    .and_then(|mut arguments| find_tools::run(&mut arguments, &self.sources));
                found.unwrap_or_else(|refusal| tool.spec.refused(&refusal)).into()
            }
            ToolFunction::Blocking(run) => {
                let bound = BoundCall::new(self, tool, call, grant).facing(surroundings.face);
                let output = run_blocking(&call.name, move |stop| {
                    // Held by the work itself: it may go on for a moment when nobody waits for it
                    // any more, and is not done before.
                    let (_slot, surroundings) = (slot, surroundings);
                    bound.attempt_saving(stop, &surroundings.unsaved, run)
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
                let ran = run_blocking(&call.name, move |stop| {
                    let _slot = slot;
                    let command = bound.command(kill_switch, progress, surroundings);
                    bound.attempt(stop, |arguments, context| run(arguments, context, command))
                });
                let ran = ran.await.unwrap_or_else(Err).unwrap_or_else(CallResult::from);
                drop(held);
                ran
            }
            ToolFunction::Starting => {
                let _slot = slot;
                let bound = BoundCall::new(self, tool, call, grant);
                let jobs = self.jobs.clone();
                let begun = run_blocking(&call.name, move |stop| {
                    bound.attempt(stop, |arguments, context| {
                        let asked = exec_command::RequestedJob::of(arguments)?;
                        let command =
                            |kill_switch| bound.command(kill_switch, progress, surroundings);
                        exec_command::begin(&asked, context, &jobs, grant.confinement, command)
                    })
                });
                match begun.await.unwrap_or_else(Err) {
                    Ok(Begun::Job(begun)) => begun.answer(&self.jobs).await,
                    Ok(Begun::Answered(answer)) => *answer,
                    Err(refusal) => refusal.into(),
                }
            }
            ToolFunction::Visiting => {
                let _slot = slot;
                let visited = match Arguments::parse(&call.arguments) {
                    Ok(arguments) => write_stdin::run(arguments, &self.jobs).await,
                    Err(refusal) => Err(refusal),
                };
                visited.unwrap_or_else(|refusal| tool.spec.refused(&refusal).into())
            }
        }
    }
}

#[cfg(test)]
impl Toolbox {
    /// For tests: with an editor that is not waited for long.
    pub fn hurrying(self, patience: crate::tools::folder::open_files::EditorPatience) -> Self {
        Self { editor: self.editor.hurrying(patience), ..self }
    }

    /// For tests: why a call of a tool that works on files is refused.
    pub fn refusal(
        &self,
        call: &ToolCall,
        grant: Grant,
    ) -> Option<crate::tools::call::refusal::ToolRefusal> {
        let tool = find(call, || [].into()).ok()?;
        let ToolFunction::Blocking(run) = tool.run else { return None };
        let (stop, unsaved) = Default::default();
        let bound = BoundCall::new(self, tool, call, grant);
        bound.attempt_refusing(&stop, &unsaved, run).err().map(|(_title, refusal)| refusal)
    }

    /// For tests: in a folder that has skills.
    pub fn with_skills_of(folder: &Path) -> Self {
        let places = crate::extensions::ExtensionPlaces::new(folder, folder, None, folder);
        let toolbox = Self::of(folder, Vec::new());
        let mut setup = Arc::into_inner(toolbox.setup).unwrap();
        setup.skills = Some(Arc::new(places));
        Self::new(setup)
    }

    /// For tests: in a folder, with nothing else.
    pub fn of(folder: impl Into<std::path::PathBuf>, private: Vec<std::path::PathBuf>) -> Self {
        let folder = folder.into();
        let outputs = folder.join(".outputs");
        // The tests' own program is no supervisor: it would run tests.
        let (net, program) = (
            crate::net::Net::new(crate::net::NetSettings { ca_file: None, node_ca_file: None }),
            "/not/there".into(),
        );
        Self::new(ToolboxSetup {
            folder,
            private,
            own: Vec::new(),
            hidden: Vec::new(),
            outputs,
            lent: Vec::new(),
            skills: None,
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
