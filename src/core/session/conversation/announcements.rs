//! Announcements: who works and what may be done, as the model was told last.

use crate::protocol::{Agent, ContextNoteKind, Presence, SandboxOpenings, SessionMode};

use super::permissions_note::permissions;

const PLAN: &str = codling_assets::prompts::PLAN;
const BUILD: &str = codling_assets::prompts::BUILD;

/// The words that the model was told last.
#[derive(Debug)]
pub(super) struct Announcements {
    /// The agent that the model believes itself to be, if that is known.
    agent: Option<Agent>,
    /// The permissions, in these words.
    permissions: Option<String>,
}

impl Default for Announcements {
    fn default() -> Self {
        Self { agent: Some(Agent::Build), permissions: None }
    }
}

impl Announcements {
    /// Takes over a note of an earlier run, which may have ended with another agent.
    pub(super) fn recall(&mut self, note: ContextNoteKind, text: &str) {
        match note {
            ContextNoteKind::Permissions => self.permissions = Some(text.to_owned()),
            ContextNoteKind::Agent(agent) => self.agent = Some(agent),
            // It may have told the agent.
            ContextNoteKind::Unknown => self.agent = None,
            _ => {}
        }
    }

    /// Forgets the agent: a summary that stands for the conversation does not tell it.
    pub(super) fn forget_agent(&mut self) {
        self.agent = Some(Agent::Build);
    }

    /// The permissions, where they differ from those that were told last.
    pub(super) fn permissions(
        &mut self,
        mode: SessionMode,
        presence: Presence,
        openings: &SandboxOpenings,
    ) -> Option<String> {
        let text = permissions(mode, presence, openings);
        let before = self.permissions.replace(text.clone());
        (before.as_ref() != Some(&text)).then_some(text)
    }

    /// The words about the agent, where it is another one.
    pub(super) fn agent(&mut self, agent: Agent) -> Option<(Agent, &'static str)> {
        let before = self.agent.replace(agent);
        let text = match agent {
            Agent::Build => BUILD,
            Agent::Plan => PLAN,
        };
        (before != Some(agent)).then_some((agent, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resumed_model_is_told_who_works_where_that_is_another_or_not_known() {
        for (notes, agent, announced) in [
            (&[][..], Agent::Build, false),
            (&[ContextNoteKind::Agent(Agent::Plan)], Agent::Plan, false),
            (&[ContextNoteKind::Agent(Agent::Plan)], Agent::Build, true),
            (&[ContextNoteKind::Interrupted], Agent::Build, false),
            (&[ContextNoteKind::Environment], Agent::Build, false),
            // A log of the first version does not say what its notes are about.
            (&[ContextNoteKind::Unknown], Agent::Build, true),
        ] {
            let mut announcements = Announcements::default();
            notes.iter().for_each(|kind| announcements.recall(*kind, ""));
            assert_eq!(announcements.agent(agent).is_some(), announced, "{notes:?}");
            assert_eq!(announcements.agent(agent), None);
        }
    }
}
