//! Taking a turn's changes back, or making them again: away from the loop. Does not decide which turn.

use std::path::{Path, PathBuf};

use tokio::task::{self, JoinHandle};

use crate::protocol::{Direction, EventKind, FileChange, Later, Notice, Retrace, TurnId};
use crate::session::Input;
use crate::undo::Keeper;

use super::link::Link;
use super::problem;
use super::work::Work;

pub(super) struct Retracer {
    pub(super) keeper: Keeper,
    pub(super) folder: PathBuf,
    pub(super) link: Link,
}

impl Retracer {
    /// Finds out what it would do.
    pub(super) fn look(self, retrace: Retrace, changes: Vec<FileChange>) -> Work {
        Work::start(async move {
            let direction = retrace.direction;
            let (keeper, folder) = (self.keeper, self.folder);
            let found = task::spawn_blocking(move || {
                let steps = keeper.look(direction, &changes);
                steps.into_iter().map(|(path, step)| crate::protocol::Step { path: shown(&path, &folder), ..step }).collect()
            });
            match found.await {
                Ok(files) => self.link.send(Input::LookedBack(Retrace { files, ..retrace })),
                Err(error) => tracing::error!(%error, "changes could not be looked at"),
            }
        })
    }

    /// Does it; not to be stopped half way.
    pub(super) fn go(self, direction: Direction, turn: TurnId, changes: Vec<FileChange>, later: Later) -> JoinHandle<()> {
        task::spawn_blocking(move || match self.keeper.retrace(direction, &changes, later) {
            Ok(retraced) => {
                let named = |paths: Vec<PathBuf>| paths.iter().map(|path| shown(path, &self.folder)).collect();
                self.link.send(Input::Retraced { direction, turn, files: named(retraced.done), kept: named(retraced.kept) });
            }
            Err(error) => {
                let problem = problem::of_undo(&error);
                self.link.tell(EventKind::Notice(Notice { message: problem.message, next: problem.next }));
            }
        })
    }
}

/// For people: relative where it lies inside.
fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}
