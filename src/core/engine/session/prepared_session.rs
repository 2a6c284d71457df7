//! A session made ready beside the loop: all that opening one reads, follows and tries out on the
//! disk. A folder that does not answer holds up this session alone.

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::{Advice, text};
use crate::config::AllowedRules;
use crate::extensions::SkillFolders;
use crate::protocol::{
    Agent, Direction, FileChange, ItemKind, JobId, KeepFrom, ModelRef, Notice, OnUsageLimit,
    Record, SaveState, SessionEditor, SessionId, SessionMode, SessionPlace, SessionSettings,
    SessionView, SettingsCommand, Tuning, TurnId, with_left_turns,
};
use crate::sandbox::{self, ProbeResult};
use crate::session::{Session, SessionInput};
use crate::store::{LogOrigin, RecordedSession, SessionLog};
use crate::tools::{ToolSource, Toolbox, ToolboxSetup};
use crate::undo::SnapshotStore;
use crate::workspace;

use super::super::link::session_handle::SessionHandle;
use super::super::services::Services;
use super::super::work::client_tools::ClientTools;
use super::super::work::undo;
use super::mcp_servers::McpServers;
use super::model_settings::{
    ModelChoice, ModelSelection, change_notice, default_model, facts, settings_for,
};
use super::open_session::{EngineDefaults, OpenSession, closed_hosts, instructions, remark};
use super::preparation::Preparation;
use super::session_extensions::SessionExtensions;

/// Ready to be run.
pub(crate) struct PreparedSession {
    pub(crate) id: SessionId,
    /// The one that was asked for, where this is a copy because another program has that.
    pub(crate) copy_of: Option<SessionId>,
    pub(crate) folder: PathBuf,
    pub(crate) guidance: PathBuf,
    pub(crate) home: Option<PathBuf>,
    pub(crate) session: Session,
    pub(crate) models: ModelSelection,
    pub(crate) toolbox: Toolbox,
    pub(crate) client_tools: Option<ClientTools>,
    pub(crate) mcp: McpServers,
    pub(crate) snapshots: SnapshotStore,
    pub(crate) allowed: AllowedRules,
    pub(crate) live: PathBuf,
    pub(crate) extensions: SessionExtensions,
    pub(crate) log: SessionLog,
    /// Whether its log is written at once.
    pub(crate) is_kept: bool,
    pub(crate) view: SessionView,
    pub(crate) notices: Vec<Notice>,
    /// The undo that the log ends in the middle of.
    pub(crate) begun: Option<(TurnId, Direction, Vec<FileChange>)>,
}

impl PreparedSession {
    /// Reads, follows and tries out what the session stands on; `opening` has its log. Blocks on
    /// the disk for as long as that takes.
    pub(crate) fn new(preparation: Preparation, opening: OpenSession) -> Self {
        let Preparation { services, defaults, options, presence, sender, .. } = preparation;
        let defaults = defaults.opened(&options);
        let client_tools = (!options.tools.is_empty()).then(|| {
            let link = SessionHandle::new(opening.id.clone(), sender.clone());
            ClientTools::new(&options.tools, link)
        });
        let editor = options.editor.as_ref().map(|SessionEditor(editor)| Arc::clone(editor));
        let (mcp, mut told) =
            McpServers::load(&services, &defaults, &opening.real_folder, &options.mcp_servers);
        let extensions = opening.extensions(&defaults);
        if defaults.trusts_project {
            told.extend(extensions.trust_all());
        }
        let brought = (client_tools.as_ref(), &mcp, &extensions);
        let toolbox = toolbox(&opening, &services, &defaults, brought).with_editor(editor);
        let snapshots = opening.snapshots(&services, &defaults);
        let allowed = opening.allowed(&defaults);
        let kept_rules = allowed.read();
        let found = sandbox::found(&services.program);
        let mode = SessionMode {
            agent: Agent::Build,
            approval_mode: options.mode.unwrap_or(defaults.mode),
            sandbox: found.sandbox,
        };
        let rules = kept_rules.as_ref().map(Vec::clone).unwrap_or_default();
        let words = instructions(&options);
        let mut config = opening.session_config(
            &defaults,
            toolbox.definitions(),
            (mcp.rules(), rules),
            mode,
            presence,
            words,
        );
        if config.on_usage_limit != OnUsageLimit::Wait {
            config.on_usage_limit = options.on_usage_limit;
        }
        let models = services.all_models();
        let choice =
            if opening.model.is_some() { ModelChoice::Person } else { ModelChoice::Default };
        let model = opening
            .model
            .clone()
            .or_else(|| default_model(&models))
            .unwrap_or_else(|| ModelRef::openai("gpt-5.5"));
        let (settings, unfulfilled) =
            settings_for(&models, model, opening.effort.clone(), opening.tuning);
        config.compaction.small_model = defaults
            .small_model
            .clone()
            .map(|small| settings_for(&models, small, None, Tuning::default()).0);
        let mut session = match &opening.past {
            Some((past, _)) => Session::resume(config, settings.clone(), &past.records),
            None => Session::new(config, settings.clone()),
        };
        if let Some(presence) = options.presence {
            let set = SessionInput::Settings(SettingsCommand::Presence(presence));
            // Nothing is asked yet.
            drop(session.handle(set));
        }
        // Another model than the one that was asked last may lack something.
        let losses = session.losses(&facts(&models, &settings.model));
        let mut notices: Vec<Notice> = change_notice(losses, unfulfilled).into_iter().collect();
        notices.extend(told);
        // An earlier conversation has been told already.
        if opening.past.is_none() {
            let sandbox = session.session_mode().sandbox;
            notices.extend(remark(sandbox));
            notices.extend(closed_hosts(session.grants(), sandbox));
        }
        if let Err(error) = &kept_rules {
            notices.push(Notice {
                message: text::sentence(&error.to_string()).into_owned(),
                next: error.next_step(),
            });
        }
        if let Some((past, origin)) = &opening.past {
            notices.extend(remarks_on_past(past, origin));
        }
        let begun = opening.past.as_ref().and_then(|(past, _)| undo::cut_off(&past.records));
        let live = defaults.live();
        let mut view = view_of(&opening, &session, settings, found);
        view.parent = options.parent;
        view.mcp = mcp.statuses();
        let is_kept = options.keep_from == KeepFrom::Start;
        if is_kept {
            view.saved = SaveState::OnDisk;
        }
        Self {
            id: opening.id,
            copy_of: None,
            folder: opening.folder,
            guidance: defaults.guidance,
            home: defaults.home,
            session,
            models: ModelSelection {
                choice,
                effort: opening.effort,
                tuning: opening.tuning,
                models: models.into(),
            },
            toolbox,
            client_tools,
            mcp,
            snapshots,
            allowed,
            live,
            extensions,
            log: opening.log,
            is_kept,
            view,
            notices,
            begun,
        }
    }
}

fn toolbox(
    opening: &OpenSession,
    services: &Services,
    defaults: &EngineDefaults,
    (client_tools, mcp, extensions): (Option<&ClientTools>, &McpServers, &SessionExtensions),
) -> Toolbox {
    let SkillFolders { has_skills, own: skill_folders } = extensions.skill_folders();
    let own = client_tools.map(|tools| Arc::new(tools.clone()) as Arc<dyn ToolSource>);
    let sources: Vec<_> =
        services.tool_sources.iter().cloned().chain(own).chain(mcp.tool_sources()).collect();
    let toolbox = Toolbox::new(ToolboxSetup {
        folder: opening.folder.clone(),
        private: services
            .private(&defaults.config_file())
            .into_iter()
            .chain(mcp.private())
            .collect(),
        own: defaults.hidden(),
        hidden: defaults.hidden_places.to_vec(),
        outputs: services.sessions.outputs(&opening.id),
        lent: opening
            .past
            .as_ref()
            .map(|(past, _)| services.sessions.outputs_before(past))
            .unwrap_or_default()
            .into_iter()
            .chain(skill_folders)
            .collect(),
        skills: has_skills.then(|| extensions.places()),
        closed: defaults.closed(),
        kept_caches: Some(defaults.kept_caches()),
        home: defaults.home.clone(),
        net: services.net.clone(),
        withheld: services.key_variables(),
        program: services.program.clone(),
    })
    .with_sources(&sources);
    if let Some(last) = opening.past.as_ref().and_then(|(past, _)| last_job(&past.records)) {
        toolbox.jobs().begin_after(last);
    }
    toolbox
}

/// The highest number that a command which went on was known by.
fn last_job(records: &[Record]) -> Option<JobId> {
    let outputs = with_left_turns(records).filter_map(|record| match record {
        Record::Item(item) => match &item.kind {
            ItemKind::Output { output, .. } => output.result.job(),
            _ => None,
        },
        _ => None,
    });
    outputs.max()
}

/// As it is when it opens.
fn view_of(
    opening: &OpenSession,
    session: &Session,
    settings: SessionSettings,
    found: ProbeResult,
) -> SessionView {
    let mut view = SessionView::new(opening.id.clone());
    view.place = Some(SessionPlace {
        branch: workspace::branch(&opening.folder),
        folder: opening.folder.clone(),
    });
    view.settings = Some(settings);
    view.session_mode = Some(session.session_mode());
    view.opened = session.grants().within(found.sandbox);
    view.rules = session.rules();
    view.web_search = session.web_search();
    view.compactor = session.compactor();
    view.refused = found.refused;
    if let Some((past, origin)) = &opening.past {
        let saved =
            if *origin == LogOrigin::Itself { SaveState::OnDisk } else { SaveState::NotYet };
        view.replay(&past.records, saved);
    }
    view
}

/// Notices about the parts of a conversation's file that could not be read.
pub(crate) fn damage(past: &RecordedSession) -> Vec<Notice> {
    let mut remarks = Vec::new();
    match past.damage.lines.as_slice() {
        [] => {}
        [line] => remarks
            .push(format!("Line {line} of this conversation's file is damaged, and left out")),
        lines => remarks.push(format!(
            "{} lines of this conversation's file are damaged, and left out",
            lines.len()
        )),
    }
    if past.damage.torn > 0 {
        remarks.push(
            "The last line of this conversation's file was not written to its end, and is left out"
                .into(),
        );
    }
    remarks.into_iter().map(|message| Notice { message, next: None }).collect()
}

/// Notices about an earlier conversation and how it was opened; a copy that was asked for needs
/// none.
fn remarks_on_past(past: &RecordedSession, origin: &LogOrigin) -> Vec<Notice> {
    let mut remarks = damage(past);
    if let LogOrigin::Held(holder) = origin {
        let process = holder.as_ref().map(|holder| format!(" (process {})", holder.process));
        let who = process.unwrap_or_default();
        let message = format!(
            "The conversation is open in another codling{who}: this is a separate copy, and what goes on there does not come here"
        );
        remarks.push(Notice { message, next: None });
    }
    remarks
}
