//! The session mode: which agent works and what may happen without asking (the approval mode).
//! Evaluates actions by it, by the rules and by the openings of the sandbox.

use std::path::Path;

use crate::policy::{self, Decision, NamedFiles, PolicyConfig};
use crate::protocol::{
    ActionKind, Agent, AllowedHost, ApprovalMode, Confinement, EventKind, Grant, Hazard, LineEdits,
    Notice, PlannedAction, Rule, Ruling, SandboxOpening, SandboxOpenings, SecretAccess,
    SessionMode,
};

use super::super::effect::{EffectQueue, SnapshotScope};

/// The facts that decide what may happen without asking.
#[derive(Debug)]
pub struct Permissions {
    pub(super) policy: PolicyConfig,
    mode: SessionMode,
    /// Rules that the person allowed for this session, or in this folder for all.
    pub(super) learned: Vec<Rule>,
    /// Those of the folder that were not seen in its file yet.
    pub(super) unwritten: Vec<Rule>,
    /// Those that hold in the folder for all sessions.
    pub(super) kept: Vec<Rule>,
    warned: FullModeWarning,
}

/// Whether the person was told that nothing can keep a command in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FullModeWarning {
    NotYet,
    Once,
}

impl Permissions {
    pub fn new(policy: PolicyConfig, mode: SessionMode, kept: Vec<Rule>) -> Self {
        Self {
            policy,
            mode,
            learned: kept.clone(),
            unwritten: Vec::new(),
            kept,
            warned: FullModeWarning::NotYet,
        }
    }

    pub fn mode(&self) -> SessionMode {
        self.mode
    }

    /// Whether everything may run, so that nothing is asked.
    pub fn is_full(&self) -> bool {
        self.mode.approval_mode == ApprovalMode::Full
    }

    /// The openings of the sandbox.
    pub fn grants(&self) -> &SandboxOpenings {
        &self.policy.grants
    }

    pub fn folder(&self) -> &Path {
        &self.policy.folder
    }

    pub fn set_agent(&mut self, agent: Agent, effects: &mut EffectQueue) {
        self.mode.agent = agent;
        effects.emit(EventKind::SessionMode(self.mode));
    }

    pub fn set_mode(&mut self, mode: ApprovalMode, effects: &mut EffectQueue) {
        self.mode.approval_mode = mode;
        effects.emit(EventKind::SessionMode(self.mode));
    }

    /// Opens the sandbox for this session.
    pub fn open(&mut self, openings: &[SandboxOpening], effects: &mut EffectQueue) {
        if !openings.is_empty() {
            let grants = &mut self.policy.grants;
            openings.iter().cloned().for_each(|opening| grants.add(opening));
            effects.emit(EventKind::SandboxOpened(grants.within(self.mode.sandbox)));
        }
    }

    /// Closes one opening for this session.
    pub fn close(&mut self, opening: &SandboxOpening, effects: &mut EffectQueue) {
        self.policy.grants.remove(opening);
        effects.emit(EventKind::SandboxOpened(self.policy.grants.within(self.mode.sandbox)));
        effects.emit(EventKind::Notice(Notice {
            message: format!("Closed to commands in the sandbox: `{}`", opening.in_words()),
            next: None,
        }));
    }

    pub fn evaluate(&self, action: &PlannedAction) -> Decision {
        policy::evaluate(&self.policy, &self.learned, &self.mode, action)
    }

    /// The ruling on a call that came several times in a row; in full mode it is not asked about.
    pub fn evaluate_repeat(&self) -> Option<Ruling> {
        let ruling = policy::evaluate_repeat(&self.policy, &self.learned);
        (ruling != Ruling::Ask || !self.is_full()).then_some(ruling)
    }

    /// Whether a command is known to only read, and runs without asking.
    pub fn only_looks(&self, action: &PlannedAction) -> bool {
        policy::only_reads(&self.policy, action)
            && matches!(self.evaluate(action), Decision::Allow(_))
    }

    /// The action with the files that it is found to name.
    pub fn named_by_look(&self, action: PlannedAction) -> PlannedAction {
        policy::named_by_look(&self.policy, action)
    }

    /// The look for copies that a command has to wait for: of the files it removes, or of the whole
    /// folder where the list is empty. `None` if it needs none.
    pub fn copies_needed(&self, action: &PlannedAction) -> Option<Vec<NamedFiles>> {
        let ActionKind::Command { .. } = action.kind else { return None };
        match self.evaluate(action) {
            // A person who is asked is told first which files undo could not bring back.
            Decision::Ask { .. } => Some(Vec::new()),
            // Whether it is asked about depends on whether undo could bring them back.
            Decision::Allow(grant) if grant.confinement == Confinement::Folder => {
                Some(policy::losses(&self.policy, action)).filter(|removes| !removes.is_empty())
            }
            _ => None,
        }
    }

    /// Openings of the sandbox with which the action would not have to leave it.
    pub fn openings(
        &self,
        action: &PlannedAction,
        unreached: &[AllowedHost],
    ) -> Vec<SandboxOpening> {
        policy::openings(&self.policy, &self.learned, &self.mode, action, unreached)
    }

    /// The action as it would run in the sandbox, with all that is open now.
    pub fn kept_in(&self, action: &PlannedAction) -> Option<(PlannedAction, Grant)> {
        policy::kept_in(&self.policy, &self.learned, &self.mode, action)
    }

    /// The strictest approval mode that would not ask.
    pub fn freer_mode(&self, action: &PlannedAction) -> Option<ApprovalMode> {
        policy::freer_mode(&self.policy, &self.learned, &self.mode, action)
    }

    /// The parts of the action that a person should see.
    pub fn hazards(&self, action: &PlannedAction) -> Vec<Hazard> {
        policy::hazards(&self.policy, action)
    }

    /// Whether a command that was kept in may be offered without that.
    pub fn may_lift(&self, grant: Grant) -> bool {
        grant.confinement != Confinement::Free
            && self.mode.agent == Agent::Build
            && self.mode.approval_mode != ApprovalMode::ReadOnly
    }

    /// The files that are looked at before and after the action.
    pub fn snapshot_scope(&self, action: &PlannedAction, grant: Grant) -> SnapshotScope {
        match &action.kind {
            ActionKind::Change { targets, .. } => {
                SnapshotScope::Files(targets.iter().map(|target| target.path.clone()).collect())
            }
            // A command that only reads leaves nothing to take back.
            ActionKind::Command { .. }
                if grant.confinement != Confinement::ReadOnly
                    && !policy::only_reads(&self.policy, action) =>
            {
                SnapshotScope::Folder
            }
            // A tool of another server may change anything here.
            ActionKind::External { read_only: false, .. } => SnapshotScope::Folder,
            _ => SnapshotScope::None,
        }
    }

    /// The edits of a command line before it runs.
    pub fn line_edits(&self, action: &PlannedAction, grant: Grant) -> LineEdits {
        match grant.committed {
            SecretAccess::Plain => policy::line_edits(&self.policy, action),
            SecretAccess::All => LineEdits::default(),
        }
    }

    /// The notice that nothing can keep a command in which should be: told once.
    pub fn warning(&mut self) -> Option<Notice> {
        let is_kept_in =
            matches!(self.mode.approval_mode, ApprovalMode::ReadOnly | ApprovalMode::Auto);
        if self.mode.sandbox.is_present() || !is_kept_in || self.warned == FullModeWarning::Once {
            return None;
        }
        self.warned = FullModeWarning::Once;
        Some(Notice {
            message: "This system has no sandbox for commands, so they ask first".into(),
            next: Some("A sandbox needs Landlock and seccomp (Linux 5.13 or newer) or `sandbox-exec` (macOS)".into()),
        })
    }
}
