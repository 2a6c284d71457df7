//! The change log: what each turn changed in files, and which of it was taken back by undo. Touches none of them.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::protocol::{
    ChosenStep, Direction, EventKind, FileChange, Problem, Record, Reply, ReplyResult, Requester,
    ReviewedState, TurnId, UndoPreview, UndoTurn,
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
    /// Whoever waits to hear what an undo would do.
    asker: Option<Requester>,
}

#[derive(Debug)]
struct TurnChanges {
    turn: TurnId,
    /// The first line of what the turn began with.
    prompt: String,
    changes: Vec<FileChange>,
    /// What taking back did: going back over these makes the changes again.
    undone: Vec<FileChange>,
    pass: Pass,
}

/// Whether undo has been here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    NotYet,
    /// A person went on to the turn before.
    Skipped,
    /// Taken back, as the n-th of all that were.
    Undone(u64),
    /// Taken back before other turns changed files: made again only where a person chooses it.
    UndoneBefore,
}

impl ChangeLog {
    pub(super) fn begin(&mut self, turn: TurnId, prompt: &str) {
        let line = prompt.trim().lines().next().unwrap_or_default();
        self.prompts.entry(turn).or_insert_with(|| line.to_owned());
    }

    pub(super) fn note(&mut self, turn: TurnId, id: &str, files: &[FileChange]) {
        self.ids.insert(id.to_owned());
        for earlier in &mut self.turns {
            if matches!(earlier.pass, Pass::Undone(_)) {
                earlier.pass = Pass::UndoneBefore;
            }
        }
        match self.turns.iter_mut().find(|changes| changes.turn == turn) {
            Some(changes) => {
                changes.changes.extend_from_slice(files);
                changes.pass = Pass::NotYet;
            }
            None => {
                let prompt = self.prompts.get(&turn).cloned().unwrap_or_default();
                // A command that went on may tell of an earlier turn.
                let at = self.turns.partition_point(|changes| changes.turn < turn);
                let changes = TurnChanges {
                    turn,
                    prompt,
                    changes: files.to_vec(),
                    undone: Vec::new(),
                    pass: Pass::NotYet,
                };
                self.turns.insert(at, changes);
            }
        }
    }

    /// Where something was changed that was not taken back.
    pub(super) fn changed(&self) -> impl Iterator<Item = &Path> {
        self.turns.iter().flat_map(|turn| {
            let undone: HashSet<&Path> =
                turn.undone.iter().map(|change| change.path.as_path()).collect();
            let paths = turn.changes.iter().map(|change| change.path.as_path());
            paths.filter(move |path| !undone.contains(path))
        })
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
        match direction {
            Direction::Undo if done.is_empty() => {
                changes.undone = changes.changes.iter().rev().map(FileChange::reversed).collect()
            }
            Direction::Undo => changes.undone.extend_from_slice(done),
            Direction::Redo if done.is_empty() => changes.undone.clear(),
            Direction::Redo => {
                let again: HashSet<&Path> =
                    done.iter().map(|change| change.path.as_path()).collect();
                changes.undone.retain(|change| !again.contains(change.path.as_path()));
            }
        }
        changes.pass = if changes.undone.is_empty() { Pass::NotYet } else { Pass::Undone(undos) };
    }

    /// One look at a time: whoever asked before is told that another took its place.
    fn wait(&mut self, asker: Option<Requester>, effects: &mut EffectQueue) {
        self.answer(
            Err(not_now("Another look at the changes took the place of this one")),
            effects,
        );
        self.asker = asker;
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
            changes.pass = Pass::Skipped;
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
        match direction {
            Direction::Undo => self
                .turns
                .iter()
                .rev()
                .find(|changes| changes.pass == Pass::NotYet && changes.has(direction)),
            Direction::Redo => {
                let undone = |changes: &&TurnChanges| {
                    if let Pass::Undone(at) = changes.pass { Some(at) } else { None }
                };
                self.turns.iter().filter(|changes| undone(changes).is_some()).max_by_key(undone)
            }
        }
    }

    /// What was skipped, or not taken back whole, once there is nothing else.
    fn left_over(&self, direction: Direction) -> Option<&TurnChanges> {
        self.turns
            .iter()
            .rev()
            .find(|changes| direction == Direction::Undo && changes.has(direction))
    }

    fn named(&self, direction: Direction, turn: TurnId) -> Option<&TurnChanges> {
        self.turns.iter().find(|changes| changes.turn == turn && changes.has(direction))
    }

    fn turns(&self) -> Vec<UndoTurn> {
        let turn = |changes: &TurnChanges| UndoTurn {
            turn: changes.turn,
            prompt: changes.prompt.clone(),
            standing: paths(&changes.standing()),
            undone: paths(&changes.undone),
        };
        self.turns.iter().map(turn).collect()
    }
}

impl TurnChanges {
    /// What was changed and not taken back.
    fn standing(&self) -> Vec<FileChange> {
        let undone: HashSet<&Path> =
            self.undone.iter().map(|change| change.path.as_path()).collect();
        self.changes
            .iter()
            .filter(|change| !undone.contains(change.path.as_path()))
            .cloned()
            .collect()
    }

    /// The changes to go back over.
    fn over(&self, direction: Direction) -> Vec<FileChange> {
        match direction {
            Direction::Redo => self.undone.clone(),
            Direction::Undo => self.standing(),
        }
    }

    fn has(&self, direction: Direction) -> bool {
        match direction {
            Direction::Redo => !self.undone.is_empty(),
            Direction::Undo if self.undone.is_empty() => !self.changes.is_empty(),
            Direction::Undo => !self.standing().is_empty(),
        }
    }
}

fn paths(changes: &[FileChange]) -> usize {
    changes.iter().map(|change| &change.path).collect::<HashSet<_>>().len()
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
            None => {
                self.change_log.next(direction).or_else(|| self.change_log.left_over(direction))
            }
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
        let changes = changes.over(direction);
        Some(SessionEffect::PreviewUndo { preview, changes, chosen })
    }

    /// The turn before those that were passed over.
    fn preview_next(&mut self, effects: &mut EffectQueue) {
        let direction = Direction::Undo;
        match self.to_preview(direction, self.change_log.next(direction), false) {
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
            return self.preview_next(effects);
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
        self.preview_next(effects);
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
        let changes = changes.over(direction);
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
