//! A call of a built-in tool, bound to the session's folder: reads its arguments, opens the folder
//! as far as the call may reach, and answers what the tool refuses.

use super::table::BuiltInTool;
use crate::protocol::{CallOutput, Grant, ToolCall, ToolFace};
use crate::sandbox::KillSwitchHandle;
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::call::stop_signal::StopSignal;
use crate::tools::call::surroundings::{CallSurroundings, ProgressSink, ToolboxSetup};
use crate::tools::definition::ToolContext;
use crate::tools::folder::WorkFolder;
use crate::tools::folder::open_files::UnsavedTexts;
use crate::tools::shell::CommandContext;

use super::Toolbox;

/// The parameter that takes what a model writes as plain text, in tools that have a grammar.
const FREE: &str = "input";

/// Owned, so that it can go to a thread of its own.
pub(super) struct BoundCall {
    toolbox: Toolbox,
    tool: &'static BuiltInTool,
    call: ToolCall,
    grant: Grant,
    face: ToolFace,
}

impl BoundCall {
    pub(super) fn new(
        toolbox: &Toolbox,
        tool: &'static BuiltInTool,
        call: &ToolCall,
        grant: Grant,
    ) -> Self {
        Self { toolbox: toolbox.clone(), tool, call: call.clone(), grant, face: ToolFace::Own }
    }

    /// Answered in the form of other tools.
    pub(super) fn facing(self, face: ToolFace) -> Self {
        Self { face, ..self }
    }

    /// Does the work with what the call was read as, and answers what it refuses. To be called on a
    /// thread that may block; for work that saves nothing through an editor.
    pub(super) fn attempt<T>(
        &self,
        stop: &StopSignal,
        work: impl FnOnce(&mut Arguments, &ToolContext<'_>) -> Result<T, ToolRefusal>,
    ) -> Result<T, CallOutput> {
        self.attempt_saving(stop, &UnsavedTexts::default(), work)
    }

    /// The same, for any work.
    pub(super) fn attempt_saving<T>(
        &self,
        stop: &StopSignal,
        unsaved: &UnsavedTexts,
        work: impl FnOnce(&mut Arguments, &ToolContext<'_>) -> Result<T, ToolRefusal>,
    ) -> Result<T, CallOutput> {
        self.attempt_refusing(stop, unsaved, work).map_err(|(title, refusal)| {
            CallOutput::refusal(title, refusal.sentence(self.tool.spec.parameters))
        })
    }

    /// The same; a refusal comes as what it is, with the title of the call.
    pub(super) fn attempt_refusing<T>(
        &self,
        stop: &StopSignal,
        unsaved: &UnsavedTexts,
        work: impl FnOnce(&mut Arguments, &ToolContext<'_>) -> Result<T, ToolRefusal>,
    ) -> Result<T, (String, ToolRefusal)> {
        let Self { toolbox, tool, call, grant, face } = self;
        let arguments = match tool.spec.grammar {
            Some(_) => Arguments::parse_or_text(&call.arguments, FREE),
            None => Arguments::parse(&call.arguments),
        };
        let mut arguments = arguments.map_err(|refusal| (tool.spec.name.to_owned(), refusal))?;
        let title = arguments.subject().unwrap_or_else(|| tool.spec.name.to_owned());
        let work = || {
            let ToolboxSetup { folder: named, private, hidden, outputs, lent, home, .. } =
                &*toolbox.setup;
            let folder = WorkFolder::open(named)?
                .without(private)
                .hiding(hidden)
                .lending(outputs)
                .at_home(home.as_deref())
                .reaching(grant.paths);
            let folder = lent.iter().fold(folder, |folder, lent| folder.lending(lent));
            let open_files = toolbox.editor.open_files(named, stop, unsaved);
            work(
                &mut arguments,
                &ToolContext {
                    folder: &folder,
                    stop,
                    read_files: &toolbox.read_files,
                    call: &call.id,
                    secrets: grant.secrets,
                    jobs: &toolbox.jobs,
                    open_files: &open_files,
                    face: *face,
                    skills: toolbox.setup.skills.as_deref(),
                },
            )
        };
        work().map_err(|refusal| (title, refusal))
    }

    /// The services and bounds that a command needs besides its arguments.
    pub(super) fn command(
        &self,
        kill_switch: KillSwitchHandle,
        progress: ProgressSink,
        surroundings: CallSurroundings,
    ) -> CommandContext {
        let kill_switch = kill_switch.asking(surroundings.losses.clone());
        let setup = &self.toolbox.setup;
        CommandContext {
            call: self.call.id.clone(),
            grant: self.grant,
            grants: self.toolbox.grants.clone(),
            closed: [&setup.private[..], &setup.closed].concat(),
            kept_caches: setup.kept_caches.clone(),
            loopback: self.toolbox.jobs.loopback(),
            kill_switch,
            hidden: [&setup.private[..], &setup.own, &setup.hidden].concat(),
            shown: std::iter::once(&setup.outputs).chain(&setup.lent).cloned().collect(),
            outputs: setup.outputs.clone(),
            room: self.toolbox.jobs.room(),
            program: setup.program.clone(),
            progress,
            surroundings,
            withheld: setup.withheld.clone(),
        }
    }
}
