//! Compaction: the model sums the conversation up, and the summary stands for it from then on. Nothing is deleted from the log.

use std::sync::Arc;

use crate::base::text::head;
use crate::protocol::{
    CompactionResult, Compactor, EventKind, Failure, Item, ItemKind, ModelRequest, ModelRequestId,
    Notice, Problem, ProblemKind, Record, Reply, ReplyResult, RequestPurpose, RetryAdvice,
    ToolChoice, TurnOutcome,
};

use super::context_usage::fixed;
use super::effect::{EffectQueue, SessionEffect};
use super::reconnect::{NextAttempt, RetryDecision};
use super::server_compaction::{GivenUp, is_refusal};
use super::shortened::{lean, tail};
use super::step::Step;
use super::turn::{Phase, Turn, is_environment_note, is_permissions_note};
use super::{Session, not_now};

/// How to sum up.
const REQUEST: &str = include_str!("../../assets/prompts/compact.md");
/// What stands before a summary.
const PREFACE: &str = include_str!("../../assets/prompts/summary.md");
const WITHOUT_BEGINNING: &str = "The conversation was too long to be summed up as a whole: its beginning is left out of the summary";
/// Of a summary, in bytes: some 30,000 tokens.
const LONGEST: usize = 128 * 1024;

/// What a turn has to do with compaction.
#[derive(Debug, Default)]
pub(super) struct Compaction {
    /// Before the next request.
    pub(super) due: Option<CompactionScope>,
    /// Of the step that runs.
    relief: ContextRelief,
    purpose: CompactionPurpose,
    /// Whom the request that runs asks.
    asked: Compactor,
    /// The server was asked in vain, in this turn.
    is_server_tried: bool,
    /// The step that waits for the summary was asked for before, and is counted.
    is_step_counted: bool,
}

/// How much of the conversation the model is given to sum up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CompactionScope {
    /// Without long outputs: the whole did not fit.
    Lean,
    /// Of that, the end alone: it did not fit either.
    Tail,
    Whole,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum ContextRelief {
    /// It was summed up.
    Given,
    /// And made shorter beyond that: there is no more to do.
    Shrunk,
    #[default]
    None,
}

/// What the turn is for.
#[derive(Debug, Default, PartialEq, Eq)]
enum CompactionPurpose {
    #[default]
    Answer,
    /// Asked for by hand: the turn ends with the summary.
    Summary,
}

impl Compaction {
    /// The conversation did not fit although it was summed up: whether it may be made shorter still, which it may be once.
    pub(super) fn may_shrink(&mut self, failure: &Failure) -> bool {
        let may = failure.problem.kind == ProblemKind::ContextLength
            && self.relief == ContextRelief::Given;
        if may {
            self.relief = ContextRelief::Shrunk;
        }
        may
    }

    /// A step came to its end.
    pub(super) fn renew(&mut self) {
        self.relief = ContextRelief::None;
    }

    /// The conversation did not fit: whether it is to be summed up first.
    pub(super) fn may_relieve(&mut self, failure: &Failure) -> bool {
        let may = failure.problem.kind == ProblemKind::ContextLength
            && self.relief == ContextRelief::None;
        if may {
            self.due = Some(CompactionScope::Whole);
            self.is_step_counted = true;
        }
        may
    }
}

impl Session {
    /// By hand: at once, or before the next request of the running turn.
    pub(super) fn compact(&mut self, effects: &mut EffectQueue) -> ReplyResult {
        if let Some(turn) = &mut self.turn {
            turn.compaction.due = Some(CompactionScope::Whole);
            return Ok(Reply::Done);
        }
        if self.foldable() == 0 {
            return Err(not_now("There is nothing to summarize yet"));
        }
        let mut turn = self.open_turn("/compact", None, effects);
        turn.compaction = Compaction {
            due: Some(CompactionScope::Whole),
            purpose: CompactionPurpose::Summary,
            ..Compaction::default()
        };
        self.request(&mut turn, effects);
        self.turn = Some(turn);
        Ok(Reply::Done)
    }

    /// Whether the next request is to wait for a summary.
    pub(super) fn needs_summary(&self, turn: &Turn) -> Option<CompactionScope> {
        if turn.compaction.due.is_some() {
            return turn.compaction.due.filter(|_| self.foldable() > 0);
        }
        let window = self.settings.context?;
        let full = self.estimate().saturating_mul(100)
            >= window.saturating_mul(u64::from(self.config.compact_at));
        (full && turn.compaction.relief == ContextRelief::None && self.foldable() > 0)
            .then_some(CompactionScope::Whole)
    }

    pub(super) fn estimate(&self) -> u64 {
        let fixed = fixed(&self.config.instructions, &self.config.tools);
        self.for_form_in_use(self.context_usage.estimate(fixed))
    }

    /// Asks for the summary.
    pub(super) fn compaction(
        &mut self,
        turn: &mut Turn,
        scope: CompactionScope,
        effects: &mut EffectQueue,
    ) {
        if !matches!(turn.phase, Phase::Compacting(_)) {
            effects.tell(EventKind::Compacting);
        }
        self.keep_settings(effects);
        let request = self.names.request();
        turn.compaction.due = Some(scope);
        turn.compaction.asked = match scope {
            CompactionScope::Whole
                if self.is_server_asked() && !turn.compaction.is_server_tried =>
            {
                Compactor::Server
            }
            _ => Compactor::Model,
        };
        turn.phase = Phase::Compacting(Step::new(request));
        let mut past = self.in_use();
        past.truncate(past.len() - self.pending());
        let past = self.for_model_in_use(past);
        let mut items: Vec<Arc<Item>> = match scope {
            CompactionScope::Lean => past.iter().filter_map(lean).collect(),
            CompactionScope::Tail => {
                tail(past.iter().filter_map(lean).collect(), self.settings.context)
            }
            CompactionScope::Whole => past,
        };
        let (purpose, tool_choice) = match turn.compaction.asked {
            Compactor::Model => {
                let id = self.names.item();
                items.push(Arc::new(Item { id, kind: ItemKind::user(REQUEST), wire: None }));
                (RequestPurpose::Answer, ToolChoice::None)
            }
            Compactor::Server => (RequestPurpose::Compaction, ToolChoice::Auto),
        };
        let prompt = ModelRequest {
            session: self.config.id.clone(),
            model: self.settings.model.clone(),
            effort: self.settings.effort.clone(),
            tuning: self.settings.tuning,
            patches: self.settings.patches,
            instructions: self.config.instructions.clone(),
            items,
            tools: self.tools(),
            web_search: self.config.web_search,
            tool_choice,
            purpose,
            schema: None,
            turn_state: turn.state.clone(),
        };
        effects.push(SessionEffect::RequestModel(request, Box::new(prompt)));
    }

    pub(super) fn end_compaction(&mut self, mut turn: Turn, step: Step, effects: &mut EffectQueue) {
        turn.retries.succeeded();
        let summary = match (turn.compaction.asked, step.compaction()) {
            (Compactor::Model, _) => self.summary_in_words(&step.text()),
            (Compactor::Server, Some(sealed)) => Some(Arc::new(sealed)),
            // It answered, as if nothing had been asked.
            (Compactor::Server, None) => {
                return self.compact_by_model(turn, step.request, GivenUp::ForGood, effects);
            }
        };
        turn.compaction.due = None;
        turn.compaction.relief = ContextRelief::Given;
        if std::mem::take(&mut turn.compaction.is_step_counted) {
            turn.retries.resend();
        }
        let Some(summary) = summary else {
            effects.tell(EventKind::Compacted(None));
            let problem = Problem::new(ProblemKind::BadRequest, "The model gave no summary")
                .with_next("Try again with `/compact`");
            return match turn.compaction.purpose {
                CompactionPurpose::Summary => self.fail_turn(turn.id, problem, effects),
                CompactionPurpose::Answer => self.sample_on(turn, effects),
            };
        };
        let before = self.estimate();
        self.fold(&summary);
        // What was there was counted by the server, what is there now is estimated: no summary makes it longer.
        let compaction = CompactionResult { before, after: self.estimate().min(before) };
        effects.append(Record::Compacted { summary, compaction });
        effects.tell(EventKind::Compacted(Some(compaction)));
        effects.tell(EventKind::ContextUsed(compaction.after));
        self.tell_mode(effects);
        self.tell_progress(effects);
        match turn.compaction.purpose {
            CompactionPurpose::Summary => self.end_turn(turn.id, TurnOutcome::Done, effects),
            CompactionPurpose::Answer => self.sample_on(turn, effects),
        }
    }

    /// A summary of the model's; `None` where it says nothing.
    fn summary_in_words(&mut self, text: &str) -> Option<Arc<Item>> {
        // One that did not want to end would leave no room for anything else.
        let text = Some(head(text.trim(), LONGEST)).filter(|text| !text.is_empty())?;
        let kind = ItemKind::user(format!("{}\n\n{text}", PREFACE.trim_end()));
        Some(Arc::new(Item { id: self.names.item(), kind, wire: None }))
    }

    /// The server was asked in vain.
    fn compact_by_model(
        &mut self,
        mut turn: Turn,
        request: ModelRequestId,
        given_up: GivenUp,
        effects: &mut EffectQueue,
    ) {
        self.give_up_server(given_up, effects);
        turn.compaction.is_server_tried = true;
        turn.phase = Phase::Compacting(Step::new(request));
        self.compaction(&mut turn, CompactionScope::Whole, effects);
        self.turn = Some(turn);
    }

    fn sample_on(&mut self, mut turn: Turn, effects: &mut EffectQueue) {
        self.request(&mut turn, effects);
        self.turn = Some(turn);
    }

    pub(super) fn fail_compaction(
        &mut self,
        mut turn: Turn,
        request: ModelRequestId,
        failure: Failure,
        effects: &mut EffectQueue,
    ) {
        let scope = turn.compaction.due;
        let shorter = match scope {
            Some(CompactionScope::Whole) => Some(CompactionScope::Lean),
            Some(CompactionScope::Lean) => Some(CompactionScope::Tail),
            Some(CompactionScope::Tail) | None => None,
        };
        if failure.problem.kind == ProblemKind::ContextLength
            && let Some(shorter) = shorter
        {
            if shorter == CompactionScope::Tail {
                let message = WITHOUT_BEGINNING.to_owned();
                effects.tell(EventKind::Notice(Notice { message, next: None }));
            }
            turn.phase = Phase::Compacting(Step::new(request));
            self.compaction(&mut turn, shorter, effects);
            self.turn = Some(turn);
            return;
        }
        if failure.retry == RetryAdvice::WithoutPictures
            && self.drop_pictures(&failure.problem, effects)
        {
            turn.phase = Phase::Compacting(Step::new(request));
            self.compaction(&mut turn, scope.unwrap_or(CompactionScope::Whole), effects);
            self.turn = Some(turn);
            return;
        }
        if let Some(item) = turn.retries.refused_item(&failure)
            && self.leave_out(&item, &failure.problem, effects)
        {
            turn.phase = Phase::Compacting(Step::new(request));
            self.compaction(&mut turn, scope.unwrap_or(CompactionScope::Whole), effects);
            self.turn = Some(turn);
            return;
        }
        if turn.compaction.asked == Compactor::Server && is_refusal(&failure) {
            return self.compact_by_model(turn, request, GivenUp::ForGood, effects);
        }
        match turn.retries.decide(&failure, self.config.reconnect) {
            RetryDecision::GiveUp if turn.compaction.asked == Compactor::Server => {
                turn.retries.resend();
                self.compact_by_model(turn, request, GivenUp::ThisTime, effects);
            }
            RetryDecision::GiveUp => {
                effects.tell(EventKind::Compacted(None));
                let message = format!(
                    "The conversation could not be summarized: {}",
                    failure.problem.message
                );
                self.fail_turn(turn.id, Problem { message, ..failure.problem }, effects);
            }
            RetryDecision::Renew => {
                turn.phase = Phase::Renewing(request);
                effects.push(SessionEffect::RenewCredential(request));
                self.turn = Some(turn);
            }
            RetryDecision::Wait(next) => {
                self.wait(&mut turn, NextAttempt::Request, failure.problem, next, effects);
                self.turn = Some(turn);
            }
        }
    }

    /// Lets a summary stand for all but the last words about place and permissions, the last prompts, and those that nobody has answered yet.
    pub(super) fn fold(&mut self, summary: &Arc<Item>) {
        let pending = self.history.split_off(self.history.len() - self.pending());
        let past = self.unsealed();
        let stays = |item: &Arc<Item>| is_environment_note(item) || is_permissions_note(item);
        let last = |is_meant: fn(&Item) -> bool| {
            past.iter().chain(&pending).rev().find(|item| is_meant(item)).cloned()
        };
        let notes = [last(is_environment_note), last(is_permissions_note)];
        let prompts = self.last_prompts(&past);
        self.history =
            notes.into_iter().flatten().chain(prompts).chain([Arc::clone(summary)]).collect();
        // What was told about place and permissions since is in front of the summary, and so a part of what it stands for.
        let told = pending.iter().filter(|item| stays(item));
        self.seal(summary, past.iter().chain(told).cloned().collect());
        self.history.extend(pending.into_iter().filter(|item| !stays(item)));
        self.recount();
        self.mode.forget();
    }

    /// How many items at the end are prompts and remarks that came after the model's last word.
    fn pending(&self) -> usize {
        self.history
            .iter()
            .rev()
            .take_while(|item| {
                matches!(item.kind, ItemKind::User { .. }) || self.is_readable_summary(item)
            })
            .count()
    }

    /// How many items a summary would stand for.
    fn foldable(&self) -> usize {
        self.history.len() - self.pending()
    }
}
