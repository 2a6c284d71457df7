//! Stand-in until the room is merged.
use std::path::{Path, PathBuf};

use crate::protocol::{Direction, FileChange, Later, Step};

#[derive(Clone, Debug)]
pub struct Keeper;
#[derive(Debug)]
pub struct Before;
#[derive(Debug, Default)]
pub struct Changes {
    pub files: Vec<FileChange>,
    pub missed: Option<String>,
}
#[derive(Debug)]
pub struct Retraced {
    pub done: Vec<PathBuf>,
    pub kept: Vec<PathBuf>,
}
#[derive(Debug, thiserror::Error)]
#[error("undo")]
pub struct UndoError;

impl crate::base::Advice for UndoError {
    fn next_step(&self) -> Option<String> {
        None
    }
}

impl Keeper {
    pub fn new(_folder: PathBuf, _images: PathBuf, _private: Vec<PathBuf>) -> Self {
        Self
    }
    pub fn before(&self, _files: &[PathBuf]) -> Before {
        Before
    }
    pub fn before_command(&self) -> Before {
        Before
    }
    pub fn after(&self, _before: Before) -> Changes {
        Changes::default()
    }
    pub fn look(&self, _direction: Direction, _changes: &[FileChange]) -> Vec<(PathBuf, Step)> {
        Vec::new()
    }
    pub fn retrace(&self, _direction: Direction, _changes: &[FileChange], _later: Later) -> Result<Retraced, UndoError> {
        Err(UndoError)
    }
}
