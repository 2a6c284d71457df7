//! Going back to before a turn: the files first where they go back as well, then the conversation,
//! which the engine reads from the log.

use std::sync::Arc;

use crate::protocol::{
    EventKind, GoBackPart, ItemKind, LeftPrompt, LeftTurns, Problem, ProblemKind, Record, Reply,
    ReplyResult, Requester, SaveState, SessionView, TurnId, WentBack,
};

use super::Session;
use super::effect::{EffectQueue, SessionEffect, not_now};
use super::input::UndoneFiles;
use super::resume::PastSession;

/// One that is on its way.
#[derive(Debug)]
pub(super) struct GoingBack {
    before: TurnId,
    asker: Option<Requester>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Files are taken back, and the conversation stays.
    Files,
    /// Files are taken back, and the conversation follows.
    FilesFirst,
    /// The log is read.
    Words,
}

/// Files that a sentence names.
const NAMED: usize = 4;

impl Session {
    /// Begins to go back, or refuses.
    pub(super) fn go_back(
        &mut self,
        asker: Option<Requester>,
        before: TurnId,
        part: GoBackPart,
        effects: &mut EffectQueue,
    ) {
        let mark = effects.mark();
        if let Some(problem) = self.hinder_going_back(before) {
            return effects.reply(mark, asker, Err(problem));
        }
        let (stage, steps) = match part {
            GoBackPart::Words => (Stage::Words, Vec::new()),
            GoBackPart::Both(steps) if steps.is_empty() => (Stage::Words, steps),
            GoBackPart::Both(steps) => (Stage::FilesFirst, steps),
            GoBackPart::Files(steps) => (Stage::Files, steps),
        };
        match stage {
            Stage::Words => effects.push(SessionEffect::LookBack(before)),
            Stage::Files | Stage::FilesFirst => self.changes.undo_since(before, steps, effects),
        }
        self.going_back = Some(GoingBack { before, asker, stage });
    }

    /// Asks what taking back the files would do, or refuses.
    pub(super) fn preview_going_back(
        &mut self,
        asker: Option<Requester>,
        before: TurnId,
        effects: &mut EffectQueue,
    ) {
        let mark = effects.mark();
        match self.hinder_going_back(before) {
            Some(problem) => effects.reply(mark, asker, Err(problem)),
            None => self.changes.preview_since(asker, before, effects),
        }
    }

    /// The reason why the conversation cannot go back now.
    fn hinder_going_back(&self, before: TurnId) -> Option<Problem> {
        if self.turns.is_running() {
            let problem = not_now("The conversation can go back once the turn has ended");
            return Some(problem.with_next("esc interrupts it"));
        }
        if self.going_back.is_some() {
            return Some(not_now("The conversation is going back already"));
        }
        let problem = self.jobs.hinder_undo(before)?;
        Some(problem.with_next("Stop it with `/jobs`, then `/rewind`"))
    }

    /// Takes the files that were taken back, where that was a part of going back; gives it back
    /// where it was not.
    pub(super) fn files_went_back(
        &mut self,
        undone: UndoneFiles,
        effects: &mut EffectQueue,
    ) -> Option<UndoneFiles> {
        let is_part =
            |going: &mut GoingBack| going.before == undone.turn && going.stage != Stage::Words;
        let Some(going) = self.going_back.take_if(is_part) else { return Some(undone) };
        let kept = undone.kept.clone();
        self.changes.undone_since(undone, effects);
        let GoingBack { before, asker, stage } = going;
        let mark = effects.mark();
        match stage {
            Stage::Files => effects.reply(mark, asker, Ok(Reply::Done)),
            _ if kept.is_empty() => {
                effects.push(SessionEffect::LookBack(before));
                self.going_back = Some(GoingBack { before, asker, stage: Stage::Words });
            }
            _ => effects.reply(mark, asker, Err(kept_problem(&kept))),
        }
        None
    }

    /// Goes back, with the log as it reads from now on; or refuses, where it cannot be read or a
    /// turn began meanwhile.
    pub(super) fn looked_back(
        &mut self,
        before: TurnId,
        records: Result<Vec<Record>, Problem>,
        effects: &mut EffectQueue,
    ) {
        let Some(GoingBack { asker, .. }) = self.going_back.take_if(|it| it.before == before)
        else {
            return;
        };
        let hindrance = self.hinder_going_back(before);
        let result = match (records, hindrance) {
            (_, Some(problem)) | (Err(problem), None) => Err(problem),
            (Ok(records), None) => self.follow_branch(before, &records, effects),
        };
        effects.reply(effects.mark(), asker, result);
    }

    fn follow_branch(
        &mut self,
        before: TurnId,
        records: &[Record],
        effects: &mut EffectQueue,
    ) -> ReplyResult {
        let past = PastSession::read(records, &self.context, self.compactor());
        let mut conversation = past.conversation;
        conversation.follow(&self.conversation);
        self.conversation = conversation;
        self.changes.recall_news(past.changes);
        self.turns.recall(past.last);
        let mut view = SessionView::new(self.context.id.clone());
        view.replay(records, SaveState::OnDisk);
        effects.append(Record::WentBack(Arc::new(LeftTurns { before, records: Vec::new() })));
        effects.emit(EventKind::WentBack(Arc::new(WentBack {
            before,
            transcript: view.transcript,
            title: view.title,
            usage: view.usage,
        })));
        let left = records.iter().rev().find_map(|record| match record {
            Record::WentBack(left) => Some(prompt_of(left)),
            _ => None,
        });
        Ok(Reply::WentBack(left.unwrap_or_default()))
    }
}

/// The prompts of the first turn that was left, those that joined it while it ran among them.
fn prompt_of(left: &LeftTurns) -> LeftPrompt {
    let begins = |record: &&Record| **record == Record::TurnStarted(left.before);
    let mut records = left.records.iter().skip_while(|record| !begins(record)).skip(1);
    let mut prompt = LeftPrompt::default();
    for record in records.by_ref().take_while(|it| !matches!(it, Record::TurnStarted(_))) {
        let Record::Item(item) = record else { continue };
        if let ItemKind::User { text, images } = &item.kind {
            if !prompt.text.is_empty() {
                prompt.text.push_str("\n\n");
            }
            prompt.text.push_str(text);
            prompt.images.extend_from_slice(images);
        }
    }
    prompt
}

/// Files that stayed as they are keep the conversation where it is: whoever wants both would have
/// neither as it was.
fn kept_problem(kept: &[(String, String)]) -> Problem {
    let named: Vec<String> =
        kept.iter().take(NAMED).map(|(file, why)| format!("{file} ({why})")).collect();
    let more = match kept.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "Some files stayed as they are, and so did the conversation: {}{more}",
        named.join(", ")
    );
    Problem::new(ProblemKind::NotNow, message).with_next("`/rewind` can go back in words alone")
}
