//! How the session works now: which agent, what may happen without asking, and what a person said "always" to. Decides no call.

use crate::protocol::{Agent, EventKind, Item, ItemKind, Mode, Notice, Patches, Presence, Rule, Stance, ToolSort, ToolSpec};

use super::Session;
use super::effect::Effects;

const PLAN: &str = include_str!("../../assets/prompts/plan.md");
const BUILD: &str = include_str!("../../assets/prompts/build.md");

#[derive(Debug)]
pub(super) struct Bearing {
    pub(super) stance: Stance,
    /// What the person allowed for this session, or in this folder for all.
    pub(super) learned: Vec<Rule>,
    /// Whom the model believes itself to be.
    told: Agent,
    warned: Warned,
}

/// Whether the person was told that nothing can keep a command in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Warned {
    NotYet,
    Once,
}

impl Bearing {
    pub(super) fn new(stance: Stance, learned: Vec<Rule>) -> Self {
        Self { stance, learned, told: Agent::Build, warned: Warned::NotYet }
    }

    /// An earlier conversation may have ended with another agent.
    pub(super) fn recall(&mut self, remark: &Item) {
        if let ItemKind::User { text, .. } = &remark.kind {
            match text.as_str() {
                PLAN => self.told = Agent::Plan,
                BUILD => self.told = Agent::Build,
                _ => {}
            }
        }
    }

    /// The summary that stands for the conversation does not tell it.
    pub(super) fn forget(&mut self) {
        self.told = Agent::Build;
    }

    /// What the model is to be told of a change.
    pub(super) fn news(&mut self) -> Option<&'static str> {
        let agent = self.stance.agent;
        let before = std::mem::replace(&mut self.told, agent);
        (before != agent).then_some(match agent {
            Agent::Build => BUILD,
            Agent::Plan => PLAN,
        })
    }

    /// What is said once, when a command would be kept in and cannot be.
    pub(super) fn warning(&mut self) -> Option<Notice> {
        let kept_in = matches!(self.stance.mode, Mode::ReadOnly | Mode::Auto);
        if self.stance.sandbox.is_present() || !kept_in || self.warned == Warned::Once {
            return None;
        }
        self.warned = Warned::Once;
        Some(Notice {
            message: "This system has no sandbox for commands, so they ask first".into(),
            next: Some("A sandbox needs Landlock and seccomp (Linux 5.13 or newer) or `sandbox-exec` (macOS)".into()),
        })
    }
}

impl Session {
    pub(super) fn set_agent(&mut self, agent: Agent, effects: &mut Effects) {
        self.bearing.stance.agent = agent;
        effects.tell(EventKind::Stance(self.bearing.stance));
        self.weigh_again(effects);
    }

    pub(super) fn set_mode(&mut self, mode: Mode, effects: &mut Effects) {
        self.bearing.stance.mode = mode;
        effects.tell(EventKind::Stance(self.bearing.stance));
        self.weigh_again(effects);
    }

    /// The tools that this model and this agent have, and that can work in this mode and with whom there is to ask.
    pub(super) fn tools(&self) -> std::sync::Arc<[ToolSpec]> {
        let (stance, patches) = (self.bearing.stance, self.settings.patches);
        self.charter.tools.iter().filter(|tool| is_offered(tool, stance, patches, self.charter.presence)).copied().collect()
    }
}

fn is_offered(tool: &ToolSpec, stance: Stance, patches: Patches, presence: Presence) -> bool {
    use crate::protocol::Audience::{Editors, Everyone, Patchers};
    let fits = match tool.audience {
        Everyone => true,
        Editors => patches == Patches::Never,
        Patchers => patches != Patches::Never,
    };
    let reads = stance.agent == Agent::Plan || stance.mode == Mode::ReadOnly;
    let works = match tool.sort {
        ToolSort::Asks => presence == Presence::Attended,
        ToolSort::Changes => !reads,
        ToolSort::Looks | ToolSort::Runs => true,
    };
    fits && works
}
