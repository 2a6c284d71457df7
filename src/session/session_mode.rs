//! The session mode: which agent works, what may happen without asking (the approval mode), and
//! what a person said "always" to. Decides no call.

use crate::protocol::{
    Agent, ApprovalMode, ContextNoteKind, EventKind, Notice, Patches, Presence, Rule,
    SandboxOpenings, SessionMode, ToolDefinition, ToolEffects, ToolFace,
};

use super::Session;
use super::effect::EffectQueue;
use super::permissions_note::permissions;

const PLAN: &str = include_str!("../../assets/prompts/plan.md");
const BUILD: &str = include_str!("../../assets/prompts/build.md");

#[derive(Debug)]
pub(super) struct SessionModeTracker {
    pub(super) current: SessionMode,
    /// What the person allowed for this session, or in this folder for all.
    pub(super) learned: Vec<Rule>,
    /// Those of the folder that were not seen in its file yet.
    pub(super) unwritten: Vec<Rule>,
    /// Which of these hold in the folder for all sessions.
    pub(super) kept: Vec<Rule>,
    /// Whom the model believes itself to be, as far as that is known.
    told: Option<Agent>,
    /// What it was told last of what may be done, in these words.
    told_permissions: Option<String>,
    warned: FullModeWarning,
}

/// Whether the person was told that nothing can keep a command in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FullModeWarning {
    NotYet,
    Once,
}

impl SessionModeTracker {
    pub(super) fn new(session_mode: SessionMode, learned: Vec<Rule>) -> Self {
        Self {
            current: session_mode,
            kept: learned.clone(),
            unwritten: Vec::new(),
            learned,
            told: Some(Agent::Build),
            told_permissions: None,
            warned: FullModeWarning::NotYet,
        }
    }

    /// An earlier conversation may have ended with another agent.
    pub(super) fn recall(&mut self, note: ContextNoteKind, is_environment: bool, text: &str) {
        match note {
            ContextNoteKind::Permissions => self.told_permissions = Some(text.to_owned()),
            ContextNoteKind::Agent(agent) => self.told = Some(agent),
            // It may have been that.
            ContextNoteKind::Unknown if !is_environment => self.told = None,
            _ => {}
        }
    }

    /// The summary that stands for the conversation does not tell it.
    pub(super) fn forget(&mut self) {
        self.told = Some(Agent::Build);
    }

    /// What the model is to be told of what may be done, where that is not what it was told last.
    pub(super) fn permission_news(&mut self, openings: &SandboxOpenings) -> Option<String> {
        let text = permissions(self.current, openings);
        let before = self.told_permissions.replace(text.clone());
        (before.as_ref() != Some(&text)).then_some(text)
    }

    /// What the model is to be told of a change.
    pub(super) fn news(&mut self) -> Option<(Agent, &'static str)> {
        let agent = self.current.agent;
        let before = self.told.replace(agent);
        let text = match agent {
            Agent::Build => BUILD,
            Agent::Plan => PLAN,
        };
        (before != Some(agent)).then_some((agent, text))
    }

    /// What is said once, when a command would be kept in and cannot be.
    pub(super) fn warning(&mut self) -> Option<Notice> {
        let kept_in =
            matches!(self.current.approval_mode, ApprovalMode::ReadOnly | ApprovalMode::Auto);
        if self.current.sandbox.is_present() || !kept_in || self.warned == FullModeWarning::Once {
            return None;
        }
        self.warned = FullModeWarning::Once;
        Some(Notice {
            message: "This system has no sandbox for commands, so they ask first".into(),
            next: Some("A sandbox needs Landlock and seccomp (Linux 5.13 or newer) or `sandbox-exec` (macOS)".into()),
        })
    }
}

impl Session {
    pub(super) fn set_agent(&mut self, agent: Agent, effects: &mut EffectQueue) {
        self.mode.current.agent = agent;
        effects.tell(EventKind::SessionMode(self.mode.current));
        self.check_permissions_again(effects);
    }

    pub(super) fn set_mode(&mut self, mode: ApprovalMode, effects: &mut EffectQueue) {
        self.mode.current.approval_mode = mode;
        effects.tell(EventKind::SessionMode(self.mode.current));
        self.check_permissions_again(effects);
    }

    /// The tools that this model has, and that can work with whom there is to ask. An agent or a mode that changes nothing has them too, and is refused
    /// them: a head that changes would cost the prompt cache.
    pub(super) fn tools(&self) -> std::sync::Arc<[ToolDefinition]> {
        let patches = self.settings.patches;
        let face = self.config.tool_face.unwrap_or_else(|| ToolFace::of(patches));
        self.config
            .tools
            .iter()
            .filter(|tool| is_offered(tool, face, patches, self.config.presence))
            .cloned()
            .collect()
    }
}

fn is_offered(tool: &ToolDefinition, face: ToolFace, patches: Patches, presence: Presence) -> bool {
    use crate::protocol::ToolAudience::{CodexTrained, Editors, Everyone, Others, Patchers};
    let fits = match tool.audience {
        CodexTrained => face == ToolFace::Codex,
        Editors => face == ToolFace::Own && patches == Patches::Never,
        Everyone => true,
        Others => face == ToolFace::Own,
        Patchers => face == ToolFace::Codex || patches != Patches::Never,
    };
    fits && (tool.effects != ToolEffects::Asks || presence == Presence::Attended)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Sandbox;

    #[test]
    fn a_resumed_model_is_told_who_works_where_that_is_another_or_not_known() {
        let mode = |agent| SessionMode {
            agent,
            approval_mode: ApprovalMode::Ask,
            sandbox: Sandbox::Landlock,
        };
        for (notes, agent, told) in [
            (&[][..], Agent::Build, false),
            (&[(ContextNoteKind::Agent(Agent::Plan), false)], Agent::Plan, false),
            (&[(ContextNoteKind::Agent(Agent::Plan), false)], Agent::Build, true),
            (&[(ContextNoteKind::Interrupted, false)], Agent::Build, false),
            // A log of the first version does not say what its notes are about.
            (&[(ContextNoteKind::Unknown, true)], Agent::Build, false),
            (&[(ContextNoteKind::Unknown, false)], Agent::Build, true),
        ] {
            let mut tracker = SessionModeTracker::new(mode(agent), Vec::new());
            notes
                .iter()
                .for_each(|(kind, is_environment)| tracker.recall(*kind, *is_environment, ""));
            assert_eq!(tracker.news().is_some(), told, "{notes:?}");
            assert_eq!(tracker.news(), None);
        }
    }
}
