//! Files that one turn changed, which of these changes were undone, and which an undo or redo
//! covers Touches none of them.

use std::collections::HashSet;
use std::path::Path;

use crate::protocol::{Author, Direction, FileChange, FileState};

/// The changes of one turn as they stand, and the changes that taking some of them back was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnFiles {
    /// Where a change was made again, that stands here in its place: it says what it wrote over.
    changes: Vec<FileChange>,
    /// Changes that undo made: reverting these makes the turn's changes again.
    undone: Vec<FileChange>,
}

impl TurnFiles {
    /// Adds what a call of the turn changed.
    pub fn add(&mut self, files: &[FileChange]) {
        self.changes.extend_from_slice(files);
    }

    /// Changes that an undo or redo made. If there are none, it covered the whole turn: an older
    /// log says no more.
    pub fn mark(&mut self, direction: Direction, done: &[FileChange]) {
        match direction {
            Direction::Undo if done.is_empty() => {
                self.undone = self.changes.iter().rev().map(FileChange::reversed).collect();
            }
            Direction::Undo => self.undone.extend_from_slice(done),
            Direction::Redo if done.is_empty() => self.undone.clear(),
            Direction::Redo => self.make_again(done),
        }
    }

    /// Changes that were not undone.
    pub fn standing(&self) -> Vec<FileChange> {
        let undone = paths(&self.undone);
        let stands = |change: &&FileChange| !undone.contains(change.path.as_path());
        self.changes.iter().filter(stands).cloned().collect()
    }

    /// At how many paths its changes were taken back.
    pub fn undone(&self) -> usize {
        paths(&self.undone).len()
    }

    /// The changes to go back over.
    pub fn over(&self, direction: Direction) -> Vec<FileChange> {
        match direction {
            Direction::Redo => self.undone.clone(),
            Direction::Undo => self.standing(),
        }
    }

    /// Whether there is something to go back over.
    pub fn has(&self, direction: Direction) -> bool {
        match direction {
            Direction::Redo => !self.undone.is_empty(),
            Direction::Undo => !self.standing().is_empty(),
        }
    }

    /// Undo brings back what stood there when the changes were made again, which may be an edit
    /// by hand.
    fn make_again(&mut self, done: &[FileChange]) {
        let again = paths(done);
        let done: Vec<FileChange> = done
            .iter()
            .map(|change| {
                let is_theirs = self.holds_edits(&change.path);
                let author = if is_theirs { Author::Unknown } else { change.author };
                FileChange { author, ..change.clone() }
            })
            .collect();
        self.changes.retain(|change| !again.contains(change.path.as_path()));
        self.undone.retain(|change| !again.contains(change.path.as_path()));
        self.changes.extend(done);
    }

    /// Whether what was taken back at a path may hold a person's own edits: then so does what
    /// comes again.
    fn holds_edits(&self, path: &Path) -> bool {
        let mut last: Option<&FileChange> = None;
        for change in self.changes.iter().chain(&self.undone).filter(|one| one.path == path) {
            let is_broken = last.is_some_and(|last| {
                !FileState::is_same(last.after.as_ref(), change.before.as_ref())
            });
            if is_broken || change.author == Author::Unknown {
                return true;
            }
            last = Some(change);
        }
        false
    }
}

fn paths(changes: &[FileChange]) -> HashSet<&Path> {
    changes.iter().map(|change| change.path.as_path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Image, NodeKind};

    fn change(before: &str, after: &str) -> FileChange {
        let state = |digest: &str| {
            let kind = NodeKind::File { digest: digest.into(), image: Image::Kept };
            Some(FileState { kind, mode: 0o644, owner: None, stamp: None, attributes: None })
        };
        FileChange {
            path: "/f/a".into(),
            before: state(before),
            after: state(after),
            author: Author::Call,
        }
    }

    fn turn(history: &[(Direction, FileChange)]) -> TurnFiles {
        let mut files = TurnFiles::default();
        files.add(&[change("first", "turn")]);
        for (direction, done) in history {
            files.mark(*direction, std::slice::from_ref(done));
        }
        files
    }

    #[test]
    fn what_was_made_again_over_an_edit_is_taken_back_to_that_edit() {
        let files = turn(&[
            (Direction::Undo, change("turn", "first")),
            (Direction::Redo, change("by hand", "turn")),
        ]);
        assert_eq!(files.over(Direction::Undo), [change("by hand", "turn")]);
        assert!(!files.has(Direction::Redo));
    }

    #[test]
    fn an_edit_that_comes_back_with_a_redo_may_be_a_persons_own() {
        let files = turn(&[
            (Direction::Undo, change("by hand", "first")),
            (Direction::Redo, change("first", "by hand")),
        ]);
        let over = files.over(Direction::Undo);
        assert_eq!(over, [FileChange { author: Author::Unknown, ..change("first", "by hand") }]);
    }
}
