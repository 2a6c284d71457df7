//! The context of a session: its facts, settings and tools, which everything in it reads and only
//! the router changes; and the parts that a turn works with.

use std::collections::HashSet;
use std::sync::Arc;

use crate::policy::PolicyConfig;
use crate::protocol::{
    ContextReport, Item, ItemId, ModelRequest, OnUsageLimit, Patches, Presence, RequestPurpose,
    Rule, SessionId, SessionMode, SessionSettings, ToolAudience, ToolChoice, ToolDefinition,
    ToolEffects, ToolFace, WebAccess,
};

use super::changes::Changes;
use super::conversation::{Conversation, fixed_tokens};
use super::deferral;
use super::effect::EffectQueue;
use super::ids::IdSource;
use super::instructions::Instructions;
use super::jobs::Jobs;
use super::permissions::Permissions;
use super::turns::{CompactionConfig, ReconnectConfig};

/// How answers to questions with names are told to the model: each name, and what was answered.
pub(super) type AnswerForm = fn(&[(String, String)]) -> String;

/// The values that a session is opened with.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    pub id: SessionId,
    pub instructions: Instructions,
    /// All tools there are now; the model, the mode and the presence decide which are offered.
    pub tools: Arc<[ToolDefinition]>,
    /// The provider's own web search, as long as the session is open: a head that changes would
    /// cost the prompt cache.
    pub web_search: Option<WebAccess>,
    /// The tools that the settings ask for; `None` for those that fit the model.
    pub tool_face: Option<ToolFace>,
    /// Requests to the model in one turn, at the most; the last is made without tools, to sum up.
    pub max_steps: u32,
    pub policy: PolicyConfig,
    /// The rules that the person allowed in this folder once and for all.
    pub kept_rules: Vec<Rule>,
    pub compaction: CompactionConfig,
    pub reconnect: ReconnectConfig,
    pub on_usage_limit: OnUsageLimit,
    /// The mode it begins in.
    pub session_mode: SessionMode,
    /// Decides which tools are offered, and at first whether anybody answers.
    pub presence: Presence,
    /// Words for the answers to questions that the model called by names.
    pub answers: fn(&[(String, String)]) -> String,
}

/// The facts that a session was opened with, its settings, and its tools.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) id: SessionId,
    pub(super) instructions: Instructions,
    pub(super) web_search: Option<WebAccess>,
    pub(super) tool_face: Option<ToolFace>,
    pub(super) max_steps: u32,
    pub(super) compaction: CompactionConfig,
    pub(super) reconnect: ReconnectConfig,
    pub(super) on_usage_limit: OnUsageLimit,
    /// As it was opened: tools that come and go would cost the prompt cache.
    pub(super) offers_questions: bool,
    /// Whether anybody answers what is asked now.
    pub(super) presence: Presence,
    pub(super) answers: AnswerForm,
    pub(super) settings: SessionSettings,
    pub(super) tools: Arc<[ToolDefinition]>,
}

impl Context {
    pub(super) fn tool_face(&self) -> ToolFace {
        self.tool_face.unwrap_or_else(|| ToolFace::of(self.settings.patches))
    }

    /// The system prompt for the tools that this model has.
    fn instructions(&self) -> Arc<str> {
        self.instructions.text(self.tool_face(), self.settings.patches, self.offers_questions)
    }

    /// The tools that this model has, and that can work with whom there is to ask.
    ///
    /// An agent or a mode that changes nothing is offered them too, and is refused them: a head
    /// that changes would cost the prompt cache. Where the sources have too many, those are offered
    /// that were found in these items.
    pub(super) fn offered_tools(&self, items: &[Arc<Item>]) -> Arc<[ToolDefinition]> {
        let patches = self.settings.patches;
        let face = self.tool_face();
        let is_offered = |tool: &&ToolDefinition| {
            fits(tool.audience, face, patches)
                && (tool.effects != ToolEffects::Asks || self.offers_questions)
        };
        deferral::offered(self.tools.iter().filter(is_offered), self.settings.context, items)
    }

    /// A request with these items, for an answer with any tool.
    pub(super) fn model_request(
        &self,
        items: Vec<Arc<Item>>,
        notes: HashSet<ItemId>,
        turn_state: Option<String>,
    ) -> ModelRequest {
        ModelRequest {
            session: self.id.clone(),
            model: self.settings.model.clone(),
            effort: self.settings.effort.clone(),
            tuning: self.settings.tuning,
            patches: self.settings.patches,
            instructions: self.instructions(),
            tools: self.offered_tools(&items),
            items,
            notes,
            web_search: self.web_search,
            purpose: RequestPurpose::Answer,
            tool_choice: ToolChoice::Auto,
            schema: None,
            turn_state,
        }
    }
}

fn fits(audience: ToolAudience, face: ToolFace, patches: Patches) -> bool {
    match audience {
        ToolAudience::CodexTrained => face == ToolFace::Codex,
        ToolAudience::Editors => face == ToolFace::Own && patches == Patches::Never,
        ToolAudience::Everyone => true,
        ToolAudience::Others => face == ToolFace::Own,
        ToolAudience::Patchers => face == ToolFace::Codex || patches != Patches::Never,
    }
}

/// Everything that a turn reads and changes besides itself.
pub(super) struct Parts<'a> {
    pub(super) context: &'a Context,
    pub(super) conversation: &'a mut Conversation,
    pub(super) permissions: &'a mut Permissions,
    pub(super) changes: &'a mut Changes,
    pub(super) jobs: &'a mut Jobs,
    pub(super) ids: &'a mut IdSource,
    pub(super) effects: &'a mut EffectQueue,
}

impl Parts<'_> {
    /// Tells the model who works from here on, what may be done and which jobs have ended, where
    /// it believes something else.
    pub(super) fn announce(&mut self) {
        let jobs = self.jobs.take_news();
        let (mode, openings) = (self.permissions.mode(), self.permissions.grants());
        let presence = self.context.presence;
        self.conversation.announce(mode, presence, openings, jobs, self.effects);
    }

    /// Tells the model behind a summary where the work stands.
    pub(super) fn note_progress(&mut self) {
        let (changed, jobs) = (self.changes.changed(), self.jobs.list());
        let folder = self.permissions.folder();
        self.conversation.note_progress(&changed, folder, jobs, self.effects);
    }

    /// The tokens of the conversation for the model in use.
    pub(super) fn estimate(&self) -> u64 {
        self.conversation.estimate(self.fixed_tokens(), &self.context.settings.model)
    }

    /// The same, or our own estimate of it all where that is more: a server may count too little.
    /// For what must not fail: a person is shown what the server counted.
    pub(super) fn cautious_estimate(&self) -> u64 {
        let own = self.conversation.own_estimate(self.fixed_tokens(), &self.context.settings.model);
        own.max(self.estimate())
    }

    /// The tokens of every request besides the conversation, as a rule of thumb.
    pub(super) fn fixed_tokens(&self) -> u64 {
        fixed_tokens(&self.context.instructions(), &self.context.offered_tools(&[]))
    }

    /// Reports on the context of the model in use.
    pub(super) fn context_report(&self) -> ContextReport {
        let Context { settings, .. } = self.context;
        let tools = self.context.offered_tools(&self.conversation.items_for(&settings.model));
        ContextReport {
            size: settings.context,
            used: self.estimate(),
            compacted_at: self.context.compaction.at,
            parts: self.conversation.parts(&self.context.instructions(), &tools, &settings.model),
        }
    }
}
