//! Names that come near one that is not there.

use std::fs;

use super::walk::walk;
use super::{ResolvedPath, WorkFolder};

const SUGGESTIONS: usize = 3;
/// Entries looked at in the folder the name should be in, and on the walk for the same name
/// elsewhere.
const SIBLINGS: usize = 5_000;
const ELSEWHERE: usize = 20_000;

/// At most three paths, best first: near spellings in the same folder, then files of just this name
/// elsewhere.
pub fn names(folder: &WorkFolder, missing: &ResolvedPath) -> Vec<String> {
    let wanted = missing.real.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut near = siblings(folder, missing, &wanted);
    if near.len() < SUGGESTIONS && !wanted.is_empty() {
        for path in namesakes(folder, &wanted) {
            if near.len() < SUGGESTIONS && !near.contains(&path) {
                near.push(path);
            }
        }
    }
    near
}

fn siblings(folder: &WorkFolder, missing: &ResolvedPath, wanted: &str) -> Vec<String> {
    let entries = missing
        .real
        .parent()
        .filter(|parent| parent.starts_with(folder.path()))
        .and_then(|parent| fs::read_dir(parent).ok());
    let mut scored: Vec<(usize, String)> = entries
        .into_iter()
        .flatten()
        .take(SIBLINGS)
        .flatten()
        .filter_map(|entry| {
            let score = distance(wanted, &entry.file_name().to_string_lossy())?;
            Some((score, folder.shown(&entry.path())))
        })
        .collect();
    scored.sort();
    scored.into_iter().take(SUGGESTIONS).map(|(_, path)| path).collect()
}

fn namesakes(folder: &WorkFolder, wanted: &str) -> Vec<String> {
    let Ok(root) = folder.place(".") else { return Vec::new() };
    let entries = walk(folder, &root).build().take(ELSEWHERE).flatten();
    let same =
        entries.filter(|entry| entry.file_name().to_string_lossy().eq_ignore_ascii_case(wanted));
    let mut paths: Vec<String> =
        same.take(SUGGESTIONS).map(|entry| folder.shown(entry.path())).collect();
    paths.sort_by_key(|path| (path.matches('/').count(), path.clone()));
    paths
}

/// How far a name is from the wanted one; `None` when they have too little in common.
fn distance(wanted: &str, name: &str) -> Option<usize> {
    let (wanted, name) = (wanted.to_lowercase(), name.to_lowercase());
    let steps = edits(&wanted, &name);
    let longest = wanted.chars().count().max(name.chars().count());
    let (own, other) = (stem(&wanted), stem(&name));
    let contained =
        own.len() >= 3 && name.contains(own) || other.len() >= 3 && wanted.contains(other);
    match steps * 3 <= longest {
        true => Some(steps),
        false if contained => Some(100 + steps),
        false => None,
    }
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The edit distance of Levenshtein, of names (255 bytes at the most).
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(255).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, from) in a.chars().take(255).enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, to) in b.iter().enumerate() {
            let above = row[column + 1];
            row[column + 1] =
                (diagonal + usize::from(from != *to)).min(above + 1).min(row[column] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_suggested_and_strangers_are_not() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["src/settings.rs", "src/main.rs", "src/Lib.rs", "docs/guide.md", "zebra.txt"] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let folder = WorkFolder::open(dir.path()).unwrap();
        for (missing, near) in [
            ("src/setings.rs", vec!["src/settings.rs"]),
            ("src/settings.ts", vec!["src/settings.rs"]),
            ("main.rs", vec!["src/main.rs"]),
            ("lib.rs", vec!["src/Lib.rs"]),
            ("guide.md", vec!["docs/guide.md"]),
            ("nowhere/guide.md", vec!["docs/guide.md"]),
            ("qqq", vec![]),
        ] {
            assert_eq!(names(&folder, &folder.place(missing).unwrap()), near, "{missing}");
        }
    }
}
