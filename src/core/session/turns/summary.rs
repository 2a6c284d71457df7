//! Compaction: the model sums the conversation up, and the summary stands for it from then on.
//! Nothing is deleted from the log.

use std::sync::Arc;

use crate::base::text::head;
use crate::protocol::{
    CompactionResult, EventKind, Failure, Item, ItemKind, ModelRequest, ModelRequestId, Notice,
    Problem, ProblemKind, Record, RequestPurpose, SessionSettings, ToolChoice, TurnOutcome,
};
use crate::session::sentences::{NOT_SUMMARIZED, WITHOUT_BEGINNING};

use super::super::context::Parts;
use super::super::conversation::{Conversation, GivenUp, lean, tail, tokens};
use super::super::effect::SessionEffect;
use super::compaction::{CompactionPurpose, CompactionScope, ContextRelief, Summarizer};
use super::reconnect::{NextAttempt, RetryDecision};
use super::step::Step;
use super::turn::{Flow, Phase, Turn};

/// The instructions for a summary.
const REQUEST: &str = codling_assets::prompts::COMPACT;
/// The words before what the person wants a summary to keep.
const FOCUS: &str = "The user asked for this summary and wants it to keep above all:";
/// The words before a summary.
const PREFACE: &str = codling_assets::prompts::SUMMARY;
/// The longest summary, in bytes: some 30,000 tokens.
const LONGEST: usize = 128 * 1024;

impl Turn {
    /// The summary that the next request has to wait for.
    pub(super) fn due_summary(&self, parts: &Parts) -> Option<CompactionScope> {
        let settings = &parts.context.settings;
        let is_foldable = || parts.conversation.foldable(&settings.model) > 0;
        if self.compaction.due.is_some() {
            return self.compaction.due.filter(|_| is_foldable());
        }
        let limit = settings.context?.saturating_mul(u64::from(parts.context.compaction.at));
        let is_full = parts.cautious_estimate().saturating_mul(100) >= limit;
        (is_full && self.compaction.relief == ContextRelief::None && is_foldable())
            .then_some(CompactionScope::Whole)
    }

    /// Asks for the summary.
    pub(super) fn request_summary(&mut self, scope: CompactionScope, parts: &mut Parts) {
        let scope = match self.summarizer(scope, parts) {
            Summarizer::Model | Summarizer::Server => fitting(scope, parts),
            // It was chosen because the whole fits.
            Summarizer::SmallModel => scope,
        };
        let before = self.compaction.due.replace(scope);
        self.compaction.asked = self.summarizer(scope, parts);
        let Parts { context, conversation, effects, ids, .. } = parts;
        let settings = match (self.compaction.asked, &context.compaction.small_model) {
            (Summarizer::SmallModel, Some(small)) => small,
            _ => &context.settings,
        };
        if !matches!(self.phase, Phase::Compacting(_)) {
            effects.emit(EventKind::Compacting);
        }
        if scope == CompactionScope::Tail && before != Some(scope) {
            let message = WITHOUT_BEGINNING.to_owned();
            effects.emit(EventKind::Notice(Notice { message, next: None }));
        }
        conversation.keep_settings(&context.settings, effects);
        let request = ids.request();
        self.phase = Phase::Compacting(Step::new(request));
        let past = conversation.items_to_fold(&settings.model);
        let lean_past = || past.iter().filter_map(lean).collect();
        let mut items: Vec<Arc<Item>> = match scope {
            CompactionScope::Lean => lean_past(),
            CompactionScope::Tail => tail(lean_past(), settings.context),
            CompactionScope::Whole => past,
        };
        let (purpose, tool_choice) = match self.compaction.asked {
            Summarizer::Model | Summarizer::SmallModel => {
                let request = match &*self.compaction.focus {
                    "" => REQUEST.to_owned(),
                    focus => format!("{REQUEST}\n{FOCUS}\n\n{focus}\n"),
                };
                items.push(Arc::new(conversation.item(ItemKind::user(request))));
                (RequestPurpose::Answer, ToolChoice::None)
            }
            Summarizer::Server => (RequestPurpose::Compaction, ToolChoice::Auto),
        };
        let SessionSettings { model, effort, tuning, patches, .. } = settings.clone();
        // The conversation's server wants its own words again; another has no use for them.
        let turn_state =
            self.state.clone().filter(|_| self.compaction.asked != Summarizer::SmallModel);
        let prompt = ModelRequest {
            tool_choice,
            purpose,
            model,
            effort,
            tuning,
            patches,
            ..context.model_request(items, conversation.notes(), turn_state)
        };
        effects.push(SessionEffect::RequestModel(request, Box::new(prompt)));
    }

    /// Who is asked for a summary of so much.
    fn summarizer(&self, scope: CompactionScope, parts: &Parts) -> Summarizer {
        let Parts { context, conversation, .. } = parts;
        // The server takes no words on what to keep.
        let is_server_asked = self.compaction.focus.is_empty()
            && conversation.is_server_asked(&context.settings.model);
        if scope == CompactionScope::Whole && is_server_asked && !self.compaction.is_server_tried {
            return Summarizer::Server;
        }
        let fits = |small: &SessionSettings| {
            let limit = small.context.map(|tokens| tokens / 100 * u64::from(context.compaction.at));
            limit.is_none_or(|limit| parts.cautious_estimate() <= limit)
        };
        let has_small_model = context.compaction.small_model.as_ref().is_some_and(fits);
        if has_small_model && !self.compaction.is_small_model_tried {
            Summarizer::SmallModel
        } else {
            Summarizer::Model
        }
    }

    /// Takes the summary, which stands for the conversation from now on.
    pub(super) fn end_summary(&mut self, step: &Step, parts: &mut Parts) -> Flow {
        self.retries.succeeded();
        let summary = match (self.compaction.asked, step.compaction()) {
            (Summarizer::Model | Summarizer::SmallModel, _) => {
                summary_in_words(&step.text(), parts.conversation)
            }
            (Summarizer::Server, Some(sealed)) => Some(Arc::new(sealed)),
            // It answered, as if nothing had been asked.
            (Summarizer::Server, None) => return self.sum_up_by_model(GivenUp::ForGood, parts),
        };
        self.compaction.due = None;
        self.compaction.is_place_known = false;
        self.compaction.focus.clear();
        self.compaction.relief = ContextRelief::Given;
        let is_by_hand = self.compaction.purpose == CompactionPurpose::Summary;
        if let Some(summary) = summary {
            take_summary(summary, parts);
        } else {
            parts.effects.emit(EventKind::Compacted(None));
            if is_by_hand {
                let problem = Problem::new(ProblemKind::BadRequest, "The model gave no summary");
                let problem = problem.with_next("Try again with `/compact`");
                return Flow::Ends(TurnOutcome::Failed(problem));
            }
        }
        if is_by_hand {
            return Flow::Ends(TurnOutcome::Done);
        }
        self.request(parts);
        Flow::Waits
    }

    /// Asks the model, where the server was asked in vain.
    fn sum_up_by_model(&mut self, given_up: GivenUp, parts: &mut Parts) -> Flow {
        parts.conversation.give_up_server(given_up, parts.effects);
        self.compaction.is_server_tried = true;
        self.request_summary(CompactionScope::Whole, parts);
        Flow::Waits
    }

    /// Asks the conversation's model at once, where the small one was asked in vain.
    fn sum_up_without_small_model(&mut self, failure: Failure, parts: &mut Parts) -> Flow {
        self.compaction.is_small_model_tried = true;
        let small = parts.context.compaction.small_model.as_ref();
        let small = small.map(|small| small.model.to_string()).unwrap_or_default();
        let message = format!(
            "`{small}` could not sum the conversation up ({}): `{}` does it",
            failure.problem.message, parts.context.settings.model
        );
        parts.effects.emit(EventKind::Notice(Notice { message, next: failure.problem.next }));
        self.request_summary(self.compaction.due.unwrap_or(CompactionScope::Whole), parts);
        Flow::Waits
    }

    /// Asks again for a summary that did not come, with less in it or later.
    pub(super) fn fail_summary(
        &mut self,
        request: ModelRequestId,
        failure: Failure,
        parts: &mut Parts,
    ) -> Flow {
        let scope = self.compaction.due;
        if self.compaction.asked == Summarizer::SmallModel {
            return self.sum_up_without_small_model(failure, parts);
        }
        let shorter = match scope {
            Some(CompactionScope::Whole) => Some(CompactionScope::Lean),
            Some(CompactionScope::Lean) => Some(CompactionScope::Tail),
            Some(CompactionScope::Tail) | None => None,
        };
        if failure.problem.kind == ProblemKind::ContextLength
            && let Some(shorter) = shorter
        {
            self.request_summary(shorter, parts);
            return Flow::Waits;
        }
        if self.leave_out_refused(&failure, parts) {
            self.request_summary(scope.unwrap_or(CompactionScope::Whole), parts);
            return Flow::Waits;
        }
        let is_server = self.compaction.asked == Summarizer::Server;
        if is_server && failure.problem.kind == ProblemKind::BadRequest {
            // The server did not take the question; it could have answered.
            return self.sum_up_by_model(GivenUp::ForGood, parts);
        }
        match self.retries.decide(&failure, parts.context.reconnect) {
            RetryDecision::GiveUp if is_server => self.sum_up_by_model(GivenUp::ThisTime, parts),
            RetryDecision::GiveUp => {
                let message = format!("{NOT_SUMMARIZED}: {}", failure.problem.message);
                let flow = self.hold_or_end(Problem { message, ..failure.problem }, parts);
                if let Flow::Ends(_) = flow {
                    parts.effects.emit(EventKind::Compacted(None));
                }
                flow
            }
            RetryDecision::Renew => {
                self.renew(request, parts.effects);
                Flow::Waits
            }
            RetryDecision::Wait(next) => {
                self.wait(NextAttempt::Request, failure.problem, next, parts);
                Flow::Waits
            }
        }
    }
}

/// As much of the past as the model's window holds by our own estimate: a request with more in it
/// is sure to be refused.
fn fitting(scope: CompactionScope, parts: &Parts) -> CompactionScope {
    let Parts { context, conversation, .. } = parts;
    let Some(window) = context.settings.context else { return scope };
    let model = &context.settings.model;
    let all = || parts.cautious_estimate().saturating_sub(conversation.pending_tokens(model));
    if scope == CompactionScope::Tail || scope == CompactionScope::Whole && all() <= window {
        return scope;
    }
    let past = conversation.items_to_fold(model);
    let lean_past: Vec<Arc<Item>> = past.iter().filter_map(lean).collect();
    let is_small = parts.fixed_tokens().saturating_add(tokens(&lean_past)) <= window;
    if is_small { CompactionScope::Lean } else { CompactionScope::Tail }
}

/// Puts the summary in the place of the conversation, and tells the model where the work stands.
fn take_summary(summary: Arc<Item>, parts: &mut Parts) {
    let before = parts.estimate();
    parts.conversation.fold(&summary, &parts.context.settings);
    // The server counted the tokens before, and those now are estimated: no summary makes it
    // longer.
    let compaction = CompactionResult { before, after: parts.estimate().min(before) };
    parts.effects.append(Record::Compacted { summary, compaction });
    parts.effects.emit(EventKind::Compacted(Some(compaction)));
    parts.effects.emit(EventKind::ContextUsed(compaction.after));
    parts.announce();
    parts.note_progress();
}

/// A summary of the model's; `None` where it says nothing.
fn summary_in_words(text: &str, conversation: &mut Conversation) -> Option<Arc<Item>> {
    // One that did not want to end would leave no room for anything else.
    let text = Some(head(text.trim(), LONGEST)).filter(|text| !text.is_empty())?;
    let kind = ItemKind::user(format!("{}\n\n{text}", PREFACE.trim_end()));
    Some(Arc::new(conversation.item(kind)))
}
