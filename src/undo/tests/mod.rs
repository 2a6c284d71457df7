//! A folder that is changed, taken back and made again.

mod commands;
mod retracing;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::Keeper;
use super::keeper::Changes;
use super::retrace::Retraced;
use crate::protocol::{Act, Direction, FileChange, Footing, Later};

pub struct Garden {
    place: TempDir,
    pub folder: PathBuf,
    pub keeper: Keeper,
}

impl Garden {
    pub fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(place.path()).unwrap();
        let folder = root.join("garden");
        fs::create_dir(&folder).unwrap();
        let keeper = Keeper::new(folder.clone(), root.join("data/sessions/ses_a/images"), vec![folder.join("auth.json")]);
        Self { place, folder, keeper }
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }

    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.path(path)).ok()
    }

    pub fn outside(&self) -> PathBuf {
        fs::canonicalize(self.place.path()).unwrap()
    }

    pub fn images(&self) -> PathBuf {
        self.outside().join("data/sessions/ses_a/images")
    }

    /// What a tool changes that names its files beforehand.
    pub fn edit(&self, files: &[&str], act: impl FnOnce()) -> Changes {
        let paths: Vec<PathBuf> = files.iter().map(|file| self.path(file)).collect();
        let before = self.keeper.before(&paths);
        act();
        self.keeper.after(before)
    }

    pub fn command(&self, act: impl FnOnce()) -> Changes {
        let before = self.keeper.before_command();
        act();
        self.keeper.after(before)
    }

    pub fn look(&self, direction: Direction, changes: &[FileChange]) -> Vec<(String, Act, Footing)> {
        self.keeper.look(direction, changes).into_iter().map(|(_, step)| (step.path, step.act, step.footing)).collect()
    }

    pub fn go(&self, direction: Direction, changes: &[FileChange], later: Later) -> (Vec<String>, Vec<String>) {
        let Retraced { done, kept } = self.keeper.retrace(direction, changes, later).unwrap();
        let names = |paths: Vec<PathBuf>| paths.iter().map(|path| self.shown(path)).collect::<Vec<_>>();
        let (mut done, mut kept) = (names(done), names(kept));
        done.sort();
        kept.sort();
        (done, kept)
    }

    pub fn shown(&self, path: &std::path::Path) -> String {
        path.strip_prefix(&self.folder).unwrap_or(path).to_str().unwrap().to_owned()
    }

    /// Every file there is, with its content.
    pub fn all(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match fs::symlink_metadata(&path).unwrap() {
                    about if about.is_dir() => folders.push(path),
                    _ => found.push((self.shown(&path), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned())),
                }
            }
        }
        found.sort();
        found
    }
}

pub fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}
