//! The change log: what each turn changed in files, and which of it was taken back by undo. Touches none of them.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use crate::protocol::{
    ChosenStep, Direction, EventKind, FileChange, Problem, Record, Reply, ReplyResult, Requester,
    ReviewedState, TurnFiles, TurnId, UndoPreview, UndoTurn,
};

use super::effect::{EffectQueue, SessionEffect};
use super::{Session, not_now};

/// In the order of the turns.
#[derive(Debug, Default)]
pub(super) struct ChangeLog {
    turns: Vec<TurnChanges>,
    /// The first line of what each turn began with: a call of it may tell what it changed long after.
    prompts: BTreeMap<TurnId, String>,
    /// Records of calls by their ids.
    ids: HashSet<String>,
    /// How often something was taken back.
    undos: u64,
    /// What the model is still to be told.
    news: Vec<String>,
    /// Turns of which the present look found nothing left.
    found_over: HashSet<TurnId>,
    /// Whoever waits to hear what an undo would do.
    asker: Option<Requester>,
}

#[derive(Debug)]
struct TurnChanges {
    turn: TurnId,
    /// The first line of what the turn began with.
    prompt: String,
    files: TurnFiles,
    pass: Pass,
    /// Taken back at least in parts, as the n-th of all that were. `None` where other turns changed files since: then it is made again only where a
    /// person chooses it.
    taken_back: Option<u64>,
}

/// Whether `/undo` means this turn, or goes on to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    NotYet,
    /// A person skipped it, or took back what they wanted of it.
    GoneOver,
}

impl ChangeLog {
    pub(super) fn begin(&mut self, turn: TurnId, prompt: &str) {
        let line = prompt.trim().lines().next().unwrap_or_default();
        self.prompts.entry(turn).or_insert_with(|| line.to_owned());
    }

    pub(super) fn note(&mut self, turn: TurnId, id: &str, files: &[FileChange]) {
        self.ids.insert(id.to_owned());
        for earlier in &mut self.turns {
            earlier.taken_back = None;
        }
        match self.turns.iter_mut().find(|changes| changes.turn == turn) {
            Some(changes) => {
                changes.files.add(files);
                changes.pass = Pass::NotYet;
            }
            None => {
                let prompt = self.prompts.get(&turn).cloned().unwrap_or_default();
                // A command that went on may tell of an earlier turn.
                let at = self.turns.partition_point(|changes| changes.turn < turn);
                let mut of_turn = TurnFiles::default();
                of_turn.add(files);
                let changes = TurnChanges {
                    turn,
                    prompt,
                    files: of_turn,
                    pass: Pass::NotYet,
                    taken_back: None,
                };
                self.turns.insert(at, changes);
            }
        }
    }

    /// Where something was changed that was not taken back.
    pub(super) fn changed(&self) -> Vec<PathBuf> {
        let standing = self.turns.iter().flat_map(|turn| turn.files.standing());
        standing.map(|change| change.path).collect()
    }

    /// Whether what a call changed is recorded already.
    pub(super) fn recorded(&self) -> HashSet<String> {
        self.ids.clone()
    }

    /// What was taken back, or made again, as it was done. Without any, all of the turn: an older log says no more.
    pub(super) fn mark(&mut self, turn: TurnId, direction: Direction, done: &[FileChange]) {
        self.undos += 1;
        let undos = self.undos;
        let Some(changes) = self.turns.iter_mut().find(|changes| changes.turn == turn) else {
            return;
        };
        changes.files.mark(direction, done);
        let is_taken_back = changes.files.has(Direction::Redo);
        changes.taken_back = is_taken_back.then_some(undos);
        // What was made again is what undo means next, also where only some of it was.
        changes.pass = match direction {
            Direction::Undo if is_taken_back => Pass::GoneOver,
            Direction::Undo | Direction::Redo => Pass::NotYet,
        };
    }

    /// One look at a time: whoever asked before is told that another took its place.
    fn wait(&mut self, asker: Option<Requester>, effects: &mut EffectQueue) {
        self.answer(
            Err(not_now("Another look at the changes took the place of this one")),
            effects,
        );
        self.asker = asker;
        self.found_over.clear();
    }

    fn answer(&mut self, result: ReplyResult, effects: &mut EffectQueue) {
        effects.reply(effects.mark(), self.asker.take(), result);
    }

    fn skip(&mut self, turn: TurnId) {
        if let Some(changes) = self
            .turns
            .iter_mut()
            .find(|changes| changes.turn == turn && changes.pass == Pass::NotYet)
        {
            changes.pass = Pass::GoneOver;
        }
    }

    /// What the model is to be told of what happened to its changes.
    pub(super) fn take_news(&mut self) -> Vec<String> {
        std::mem::take(&mut self.news)
    }

    pub(super) fn add_news(&mut self, direction: Direction, files: &[String], kept: &[String]) {
        let act = match direction {
            Direction::Redo => "has made again",
            Direction::Undo => "took back",
        };
        let named =
            if files.is_empty() { String::new() } else { format!(": {}", files.join(", ")) };
        let kept = if kept.is_empty() {
            String::new()
        } else {
            format!("; these stayed as they are: {}", kept.join(", "))
        };
        self.news.push(format!("(The user {act} changes of an earlier turn{named}{kept}. Read files again before you rely on them.)"));
    }

    /// The turn that is meant where none is named.
    fn next(&self, direction: Direction) -> Option<&TurnChanges> {
        let mut turns = self.turns.iter().filter(|changes| changes.files.has(direction));
        match direction {
            Direction::Undo => turns.rfind(|changes| changes.pass == Pass::NotYet),
            Direction::Redo => turns
                .filter(|changes| changes.taken_back.is_some())
                .max_by_key(|changes| changes.taken_back),
        }
    }

    /// What was skipped, or not taken back whole, once there is nothing else: the last such turn that is not known to be over.
    fn left_over(&self, before: Option<TurnId>) -> Option<&TurnChanges> {
        self.turns.iter().rfind(|changes| {
            changes.files.has(Direction::Undo)
                && !self.found_over.contains(&changes.turn)
                && before.is_none_or(|before| changes.turn < before)
        })
    }

    fn named(&self, direction: Direction, turn: TurnId) -> Option<&TurnChanges> {
        self.turns.iter().find(|changes| changes.turn == turn && changes.files.has(direction))
    }

    fn turns(&self) -> Vec<UndoTurn> {
        let turn = |changes: &TurnChanges| {
            let standing = changes.files.standing();
            let standing: HashSet<&Path> =
                standing.iter().map(|change| change.path.as_path()).collect();
            UndoTurn {
                turn: changes.turn,
                prompt: changes.prompt.clone(),
                standing: standing.len(),
                undone: changes.files.undone(),
            }
        };
        self.turns.iter().map(turn).collect()
    }
}

impl Session {
    /// Calls whose changes are recorded, by the ids of their records.
    pub fn recorded_changes(&self) -> HashSet<String> {
        self.change_log.recorded()
    }

    /// Also of a turn that has ended: a call that was stopped tells what it had done by then.
    pub(super) fn changed(
        &mut self,
        turn: TurnId,
        id: String,
        files: Vec<FileChange>,
        effects: &mut EffectQueue,
    ) {
        if files.is_empty() {
            return;
        }
        self.change_log.note(turn, &id, &files);
        let paths = files.iter().map(|change| change.path.clone()).collect();
        effects.tell(EventKind::Changed { turn, files: paths });
        effects.append(Record::Changed { turn, id, files });
    }

    /// `turn`: a person chose it; else the next one that something can be done about.
    pub(super) fn preview_undo(
        &mut self,
        asker: Option<Requester>,
        direction: Direction,
        turn: Option<TurnId>,
        effects: &mut EffectQueue,
    ) {
        self.change_log.wait(asker, effects);
        if self.turn.is_some() {
            return self.change_log.answer(Err(busy()), effects);
        }
        let chosen = match turn {
            Some(turn) => self.change_log.named(direction, turn),
            None if direction == Direction::Redo => self.change_log.next(direction),
            None => self.change_log.next(direction).or_else(|| self.change_log.left_over(None)),
        };
        let about = chosen.map_or(TurnId(0), |changes| changes.turn);
        if direction == Direction::Undo
            && let Some(problem) = self.undo_in_the_way(about)
        {
            return self.change_log.answer(Err(problem), effects);
        }
        match self.to_preview(direction, chosen, turn.is_some()) {
            Some(effect) => effects.push(effect),
            None => self.change_log.answer(Ok(Reply::UndoPreview(None)), effects),
        }
    }

    fn to_preview(
        &self,
        direction: Direction,
        changes: Option<&TurnChanges>,
        chosen: bool,
    ) -> Option<SessionEffect> {
        let changes = changes?;
        let preview = UndoPreview {
            direction,
            turn: changes.turn,
            prompt: changes.prompt.clone(),
            steps: Vec::new(),
            turns: self.change_log.turns(),
        };
        let changes = changes.files.over(direction);
        Some(SessionEffect::PreviewUndo { preview, changes, chosen })
    }

    /// The turn before those that were passed over. `skipped`: a person goes on from that one.
    fn preview_next(&mut self, skipped: Option<TurnId>, effects: &mut EffectQueue) {
        let direction = Direction::Undo;
        let log = &self.change_log;
        let next = log.next(direction).or_else(|| log.left_over(skipped));
        match self.to_preview(direction, next, false) {
            Some(effect) => effects.push(effect),
            None => self.change_log.answer(Ok(Reply::UndoPreview(None)), effects),
        }
    }

    /// A turn that nothing is left of is passed over, unless it was asked for.
    pub(super) fn undo_previewed(
        &mut self,
        preview: UndoPreview,
        chosen: bool,
        effects: &mut EffectQueue,
    ) {
        let is_over = preview.steps.iter().all(|step| step.state == ReviewedState::Already);
        if is_over && !chosen && preview.direction == Direction::Undo {
            self.change_log.skip(preview.turn);
            self.change_log.found_over.insert(preview.turn);
            return self.preview_next(None, effects);
        }
        self.change_log.answer(Ok(Reply::UndoPreview(Some(preview))), effects);
    }

    /// Leaves a turn as it is, and goes on to the one before.
    pub(super) fn skip_undo(
        &mut self,
        asker: Option<Requester>,
        turn: TurnId,
        effects: &mut EffectQueue,
    ) {
        self.change_log.wait(asker, effects);
        self.change_log.skip(turn);
        self.preview_next(Some(turn), effects);
    }

    pub(super) fn undo(
        &mut self,
        direction: Direction,
        turn: TurnId,
        steps: Vec<ChosenStep>,
        effects: &mut EffectQueue,
    ) -> ReplyResult {
        if self.turn.is_some() {
            return Err(busy());
        }
        if direction == Direction::Undo
            && let Some(problem) = self.undo_in_the_way(turn)
        {
            return Err(problem);
        }
        let Some(changes) = self.change_log.named(direction, turn) else {
            return Err(not_now("Nothing of that turn can be taken back any more"));
        };
        let changes = changes.files.over(direction);
        effects.push(SessionEffect::PrepareUndo { direction, turn, changes, steps });
        Ok(Reply::Done)
    }

    /// What is about to be written over is kept: the record comes first, so that an undo that is cut off is known.
    pub(super) fn undo_prepared(
        &mut self,
        direction: Direction,
        turn: TurnId,
        changes: Vec<FileChange>,
        effects: &mut EffectQueue,
    ) {
        effects.append(Record::UndoBegun { turn, direction, files: changes });
        effects.push(SessionEffect::PerformUndo);
    }

    pub(super) fn undone(&mut self, undone: super::input::UndoneFiles, effects: &mut EffectQueue) {
        let super::input::UndoneFiles { direction, turn, changes, files, kept } = undone;
        if !changes.is_empty() {
            self.change_log.mark(turn, direction, &changes);
            let names: Vec<String> = kept.iter().map(|(name, _)| name.clone()).collect();
            self.change_log.add_news(direction, &files, &names);
            effects.append(Record::Undone { turn, direction, files: changes });
        }
        effects.tell(EventKind::Undone { direction, turn, files, kept });
    }
}

fn busy() -> Problem {
    not_now("Changes can be taken back once the turn has ended")
}
