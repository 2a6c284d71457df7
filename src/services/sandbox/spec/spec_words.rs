//! Words that the specs of a supervisor and of a child have in common: lists of paths, the command,
//! and how it is kept in.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::protocol::Confinement;

/// Paths that are hidden, shown, kept and opened.
const LISTS: usize = 4;

/// The lists, each with its length before it, and the command, which ends the words.
pub fn with_lists<'a>(
    lists: [&'a [PathBuf]; LISTS],
    command: &'a [OsString],
) -> impl Iterator<Item = OsString> + 'a {
    let counted = |list: &'a [PathBuf]| {
        std::iter::once(list.len().to_string().into())
            .chain(list.iter().map(|path| path.clone().into()))
    };
    lists.into_iter().flat_map(counted).chain(command.iter().cloned())
}

/// Lists and a command read back; `None` where they are not whole, or there is no command.
pub fn parse_with_lists(
    mut words: impl Iterator<Item = OsString>,
) -> Option<([Vec<PathBuf>; LISTS], Vec<OsString>)> {
    let mut list = || {
        let count: usize = number(words.next()?)?;
        let list: Vec<PathBuf> = words.by_ref().take(count).map(PathBuf::from).collect();
        (list.len() == count).then_some(list)
    };
    let lists = [list()?, list()?, list()?, list()?];
    let command: Vec<OsString> = words.collect();
    (!command.is_empty()).then_some((lists, command))
}

/// A number in decimal digits.
pub fn number<T: std::str::FromStr>(word: OsString) -> Option<T> {
    word.to_str()?.parse().ok()
}

pub fn confinement_word(confinement: Confinement) -> &'static str {
    match confinement {
        Confinement::Folder => "folder",
        Confinement::Free => "free",
        Confinement::ReadOnly => "read-only",
    }
}

pub fn confinement_named(word: &OsStr) -> Option<Confinement> {
    [Confinement::Folder, Confinement::Free, Confinement::ReadOnly]
        .into_iter()
        .find(|confinement| word == confinement_word(*confinement))
}
