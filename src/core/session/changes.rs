//! The changes of a session: the files that each turn changed, and which of them undo took back.
//! Touches no file.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use crate::protocol::{
    ChosenStep, Direction, EventKind, FileChange, ItemKind, LeftTurns, Problem, Record, Reply,
    ReplyResult, Requester, ReviewedState, TurnFiles, TurnId, UndoPreview, UndoTurn,
};

use super::effect::{EffectQueue, SessionEffect, not_now};
use super::input::UndoneFiles;

/// The change log, in the order of the turns, and the undo that is being looked at.
#[derive(Debug, Default)]
pub(super) struct Changes {
    turns: Vec<TurnChanges>,
    /// The first line of each turn's first prompt: a call may tell its changes long after.
    prompts: BTreeMap<TurnId, String>,
    /// Records of calls by their ids.
    ids: HashSet<String>,
    /// How often something was taken back.
    undos: u64,
    /// Sentences that the model is still to be told.
    news: Vec<String>,
    /// Turns that the present look found nothing left of.
    found_over: HashSet<TurnId>,
    /// The command that waits for the answer to a preview.
    asker: Option<Requester>,
}

#[derive(Debug)]
struct TurnChanges {
    turn: TurnId,
    /// The first line of the turn's first prompt.
    prompt: String,
    files: TurnFiles,
    pass: Pass,
    /// The number of its undo, counted over all turns; it may have been taken back in part.
    /// `None` where other turns changed files since: then it is redone only if a person chooses it.
    taken_back: Option<u64>,
}

/// Whether `/undo` means this turn, or goes on to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pass {
    NotYet,
    /// A person skipped it, or took back what they wanted of it.
    GoneOver,
}

impl Changes {
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

    /// The changes that were not taken back, oldest first.
    pub(super) fn standing(&self) -> Vec<FileChange> {
        self.turns.iter().flat_map(|turn| turn.files.standing()).collect()
    }

    /// The files that were changed and not restored.
    pub(super) fn changed(&self) -> Vec<PathBuf> {
        self.standing().into_iter().map(|change| change.path).collect()
    }

    /// Calls whose changes are recorded, by the ids of their records.
    pub(super) fn recorded(&self) -> HashSet<String> {
        self.ids.clone()
    }

    /// Notes which changes were taken back, or made again. An empty list means all of the turn: an
    /// older log says no more.
    pub(super) fn mark(&mut self, turn: TurnId, direction: Direction, done: &[FileChange]) {
        self.undos += 1;
        let undos = self.undos;
        let Some(changes) = self.turns.iter_mut().find(|changes| changes.turn == turn) else {
            return;
        };
        changes.files.mark(direction, done);
        let is_taken_back = changes.files.has(Direction::Redo);
        changes.taken_back = is_taken_back.then_some(undos);
        // A turn that was redone, even in part, is the next one that undo means.
        changes.pass = match direction {
            Direction::Undo if is_taken_back => Pass::GoneOver,
            Direction::Undo | Direction::Redo => Pass::NotYet,
        };
    }

    /// Begins a look, one at a time: the command that waits for another one is refused.
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

    /// Notes what turns did that were left. The model is told what was taken back of turns before
    /// them; of those that were left it knows nothing.
    pub(super) fn recall_left(&mut self, left: &LeftTurns) {
        let mut open = TurnId(0);
        for record in &left.records {
            match record {
                Record::TurnStarted(turn) => open = *turn,
                Record::Item(item) => {
                    if let ItemKind::User { text, .. } = &item.kind {
                        self.begin(open, text);
                    }
                }
                Record::Changed { turn, id, files } => self.note(*turn, id, files),
                Record::Undone { turn, direction, files } => {
                    self.mark(*turn, *direction, files);
                    if *turn < left.before {
                        self.add_news(*direction, &[], &[]);
                    }
                }
                _ => {}
            }
        }
    }

    /// Notes what the model is still to be told, as a log says it.
    pub(super) fn recall_news(&mut self, past: Self) {
        self.news = past.news;
    }

    /// Takes the sentences that tell the model which of its changes a person took back.
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

    /// The turn that a command means which names none.
    fn next(&self, direction: Direction) -> Option<&TurnChanges> {
        let mut turns = self.turns.iter().filter(|changes| changes.files.has(direction));
        match direction {
            Direction::Undo => turns.rfind(|changes| changes.pass == Pass::NotYet),
            Direction::Redo => turns
                .filter(|changes| changes.taken_back.is_some())
                .max_by_key(|changes| changes.taken_back),
        }
    }

    /// The last turn that was skipped or taken back in part, and that is not known to be over:
    /// undo means it once there is nothing else.
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

    /// Records the changes of a call; its turn may have ended, as a stopped call tells them late.
    pub(super) fn record(
        &mut self,
        turn: TurnId,
        id: String,
        files: Vec<FileChange>,
        effects: &mut EffectQueue,
    ) {
        if files.is_empty() {
            return;
        }
        self.note(turn, &id, &files);
        let paths = files.iter().map(|change| change.path.clone()).collect();
        effects.emit(EventKind::Changed { turn, files: paths });
        effects.append(Record::Changed { turn, id, files });
    }

    /// Has the engine find out what undoing `turn` would do, or else the next one that something
    /// can be done about. `hindrance` says why it cannot be done now.
    pub(super) fn preview(
        &mut self,
        asker: Option<Requester>,
        (direction, turn): (Direction, Option<TurnId>),
        hindrance: impl Fn(TurnId) -> Option<Problem>,
        effects: &mut EffectQueue,
    ) {
        self.wait(asker, effects);
        let chosen = match turn {
            Some(turn) => self.named(direction, turn),
            None if direction == Direction::Redo => self.next(direction),
            None => self.next(direction).or_else(|| self.left_over(None)),
        };
        let about = chosen.map_or(TurnId(0), |changes| changes.turn);
        if let Some(problem) = hindrance(about) {
            return self.answer(Err(problem), effects);
        }
        match self.to_preview(direction, chosen, turn.is_some()) {
            Some(effect) => effects.push(effect),
            None => self.answer(Ok(Reply::UndoPreview(None)), effects),
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
            turns: self.turns(),
        };
        let changes = changes.files.over(direction);
        Some(SessionEffect::PreviewUndo { preview, changes, chosen })
    }

    /// Previews the turn before those that were passed over; a person goes on from `skipped`.
    fn preview_next(&mut self, skipped: Option<TurnId>, effects: &mut EffectQueue) {
        let direction = Direction::Undo;
        let next = self.next(direction).or_else(|| self.left_over(skipped));
        match self.to_preview(direction, next, false) {
            Some(effect) => effects.push(effect),
            None => self.answer(Ok(Reply::UndoPreview(None)), effects),
        }
    }

    /// Answers with a preview; passes over a turn that nothing is left of and nobody chose.
    pub(super) fn previewed(
        &mut self,
        preview: UndoPreview,
        chosen: bool,
        effects: &mut EffectQueue,
    ) {
        let is_over = preview.steps.iter().all(|step| step.state == ReviewedState::Already);
        if is_over && !chosen && preview.direction == Direction::Undo {
            self.skip(preview.turn);
            self.found_over.insert(preview.turn);
            return self.preview_next(None, effects);
        }
        self.answer(Ok(Reply::UndoPreview(Some(preview))), effects);
    }

    /// Leaves a turn as it is, and previews the one before.
    pub(super) fn preview_before(
        &mut self,
        asker: Option<Requester>,
        turn: TurnId,
        effects: &mut EffectQueue,
    ) {
        self.wait(asker, effects);
        self.skip(turn);
        self.preview_next(Some(turn), effects);
    }

    /// Has the engine find out what taking back the changes of a turn and all later ones would do.
    pub(super) fn preview_since(
        &mut self,
        asker: Option<Requester>,
        before: TurnId,
        effects: &mut EffectQueue,
    ) {
        self.wait(asker, effects);
        let changes = self.since(before);
        if changes.is_empty() {
            return self.answer(Ok(Reply::UndoPreview(None)), effects);
        }
        let preview = UndoPreview {
            direction: Direction::Undo,
            turn: before,
            prompt: self.prompts.get(&before).cloned().unwrap_or_default(),
            steps: Vec::new(),
            turns: Vec::new(),
        };
        effects.push(SessionEffect::PreviewUndo { preview, changes, chosen: true });
    }

    /// The changes of a turn and all later ones that were not taken back.
    fn since(&self, before: TurnId) -> Vec<FileChange> {
        let turns = self.turns.iter().filter(|changes| changes.turn >= before);
        turns.flat_map(|changes| changes.files.standing()).collect()
    }

    /// Carries out the steps that a person chose of the changes of a turn and all later ones.
    pub(super) fn undo_since(
        &self,
        before: TurnId,
        steps: Vec<ChosenStep>,
        effects: &mut EffectQueue,
    ) {
        let changes = self.since(before);
        let direction = Direction::Undo;
        effects.push(SessionEffect::PrepareUndo { direction, turn: before, changes, steps });
    }

    /// Records and tells which changes of a turn and all later ones were taken back: each of the
    /// turns that changed a path has it taken back.
    pub(super) fn undone_since(&mut self, undone: UndoneFiles, effects: &mut EffectQueue) {
        let UndoneFiles { direction, turn: before, changes, files, kept } = undone;
        let since: Vec<(TurnId, HashSet<PathBuf>)> = self
            .turns
            .iter()
            .filter(|changes| changes.turn >= before)
            .map(|changes| {
                let paths = changes.files.standing().into_iter().map(|change| change.path);
                (changes.turn, paths.collect())
            })
            .collect();
        // The newest first, as a person would go back: making them again begins with the oldest.
        for (turn, paths) in since.into_iter().rev() {
            let of_turn = changes.iter().filter(|change| paths.contains(&change.path));
            let of_turn: Vec<FileChange> = of_turn.cloned().collect();
            if !of_turn.is_empty() {
                self.mark(turn, direction, &of_turn);
                effects.append(Record::Undone { turn, direction, files: of_turn });
            }
        }
        if !changes.is_empty() {
            let names: Vec<String> = kept.iter().map(|(name, _)| name.clone()).collect();
            self.add_news(direction, &files, &names);
        }
        effects.emit(EventKind::Undone { direction, turn: before, files, kept });
    }

    /// Carries out the steps that a person chose.
    pub(super) fn undo(
        &mut self,
        direction: Direction,
        turn: TurnId,
        steps: Vec<ChosenStep>,
        hindrance: Option<Problem>,
        effects: &mut EffectQueue,
    ) -> ReplyResult {
        if let Some(problem) = hindrance {
            return Err(problem);
        }
        let Some(changes) = self.named(direction, turn) else {
            return Err(not_now("Nothing of that turn can be taken back any more"));
        };
        let changes = changes.files.over(direction);
        effects.push(SessionEffect::PrepareUndo { direction, turn, changes, steps });
        Ok(Reply::Done)
    }

    /// Goes on once the files that are written over are kept: the record comes first, so that a
    /// later start knows of an undo that was cut off.
    pub(super) fn prepared(
        &mut self,
        direction: Direction,
        turn: TurnId,
        changes: Vec<FileChange>,
        effects: &mut EffectQueue,
    ) {
        effects.append(Record::UndoBegun { turn, direction, files: changes });
        effects.push(SessionEffect::PerformUndo);
    }

    /// Records and tells which changes were taken back, or made again.
    pub(super) fn undone(&mut self, undone: UndoneFiles, effects: &mut EffectQueue) {
        let UndoneFiles { direction, turn, changes, files, kept } = undone;
        if !changes.is_empty() {
            self.mark(turn, direction, &changes);
            let names: Vec<String> = kept.iter().map(|(name, _)| name.clone()).collect();
            self.add_news(direction, &files, &names);
            effects.append(Record::Undone { turn, direction, files: changes });
        }
        effects.emit(EventKind::Undone { direction, turn, files, kept });
    }
}
