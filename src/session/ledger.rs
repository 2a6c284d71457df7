//! What each turn changed in files, and which of it was taken back. Touches none of them.

use crate::protocol::{Direction, EventKind, FileChange, Later, Notice, Record, TurnId};

use super::Session;
use super::effect::{Effect, Effects};

/// In the order of the turns.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pages: Vec<Page>,
    /// The turn that began last, and what with: a call of it may tell what it changed after its end.
    last: Option<(TurnId, String)>,
    /// What the model is still to be told.
    news: Vec<String>,
}

#[derive(Debug)]
struct Page {
    turn: TurnId,
    /// The first line of what the turn began with.
    prompt: String,
    changes: Vec<FileChange>,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Done,
    Undone,
}

impl Ledger {
    pub(super) fn begin(&mut self, turn: TurnId, prompt: &str) {
        if self.last.as_ref().is_none_or(|(last, _)| *last != turn) {
            let line = prompt.trim().lines().next().unwrap_or_default();
            self.last = Some((turn, line.to_owned()));
        }
    }

    /// New changes make what was taken back before them history.
    pub(super) fn note(&mut self, turn: TurnId, files: &[FileChange]) {
        self.pages.retain(|page| page.standing == Standing::Done);
        match self.pages.last_mut().filter(|page| page.turn == turn) {
            Some(page) => page.changes.extend_from_slice(files),
            None => {
                let prompt = self.last.as_ref().filter(|(last, _)| *last == turn).map_or_else(String::new, |(_, prompt)| prompt.clone());
                self.pages.push(Page { turn, prompt, changes: files.to_vec(), standing: Standing::Done });
            }
        }
    }

    pub(super) fn mark(&mut self, turn: TurnId, direction: Direction) {
        let standing = match direction {
            Direction::Redo => Standing::Done,
            Direction::Undo => Standing::Undone,
        };
        if let Some(page) = self.pages.iter_mut().find(|page| page.turn == turn) {
            page.standing = standing;
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
        let named = if files.is_empty() { String::new() } else { format!(": {}", files.join(", ")) };
        let kept = if kept.is_empty() { String::new() } else { format!("; these stayed as they are: {}", kept.join(", ")) };
        self.news.push(format!("(The user {act} changes of an earlier turn{named}{kept}. Read files again before you rely on them.)"));
    }

    fn next(&self, direction: Direction) -> Option<&Page> {
        match direction {
            Direction::Undo => self.pages.iter().rev().find(|page| page.standing == Standing::Done),
            Direction::Redo => self.pages.iter().find(|page| page.standing == Standing::Undone),
        }
    }
}

impl Session {
    /// Also of a turn that has ended: a call that was stopped tells what it had done by then.
    pub(super) fn changed(&mut self, turn: TurnId, files: Vec<FileChange>, effects: &mut Effects) {
        if files.is_empty() {
            return;
        }
        self.ledger.note(turn, &files);
        effects.append(Record::Changed { turn, files });
    }

    pub(super) fn look_back(&mut self, direction: Direction, effects: &mut Effects) {
        if self.is_busy(effects) {
            return;
        }
        match self.ledger.next(direction) {
            Some(Page { turn, prompt, changes, .. }) => {
                effects.push(Effect::LookBack { direction, turn: *turn, prompt: prompt.clone(), changes: changes.clone() });
            }
            None => effects.tell(EventKind::Retrace(None)),
        }
    }

    pub(super) fn retrace(&mut self, direction: Direction, turn: TurnId, later: Later, effects: &mut Effects) {
        if self.is_busy(effects) {
            return;
        }
        // Only what was offered: another turn may have changed files meanwhile.
        match self.ledger.next(direction).filter(|page| page.turn == turn) {
            Some(page) => effects.push(Effect::Retrace { direction, turn, changes: page.changes.clone(), later }),
            None => effects.tell(EventKind::Retrace(None)),
        }
    }

    pub(super) fn retraced(&mut self, direction: Direction, turn: TurnId, files: Vec<String>, kept: Vec<String>, effects: &mut Effects) {
        if !files.is_empty() {
            self.ledger.mark(turn, direction);
            self.ledger.add_news(direction, &files, &kept);
            effects.append(Record::Retraced { turn, direction });
        }
        effects.tell(EventKind::Retraced { direction, turn, files, kept });
    }

    fn is_busy(&self, effects: &mut Effects) -> bool {
        if self.turn.is_some() {
            let message = "Changes can be taken back once the turn has ended".into();
            effects.tell(EventKind::Notice(Notice { message, next: None }));
        }
        self.turn.is_some()
    }
}
