//! Where a path of a command line leads, by its letters alone.

use std::path::{Component, Path, PathBuf};

use crate::base::{LaterEffect, later_effect};

use super::decision::PolicyConfig;
use super::shell::{PathRoot, ShellWord, WordForm};

/// The folder in which a command may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dir {
    At(PathBuf),
    Unknown,
}

/// The location of a path, seen from the folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// `/dev/null` and the standard streams.
    Stream,
    /// Relative to the folder.
    Inside(PathBuf),
    Outside(PathBuf),
    Unknown,
}

/// Where a word leads from wherever a command may run; where that is several places, the farthest.
pub fn locate(policy: &PolicyConfig, dirs: &[Dir], word: &ShellWord) -> Spot {
    let text = word.text.as_str();
    let known = match word.form {
        WordForm::Literal => text,
        // Matches of a glob lie where its beginning leads, unless a later part climbs.
        WordForm::Glob | WordForm::Listed if !text.split('/').any(may_climb) => text,
        _ => return Spot::Unknown,
    };
    locate_text(policy, dirs, known, word.root)
}

/// Whether a part of a path is the folder above, or a glob that some shells fit to it.
fn may_climb(part: &str) -> bool {
    part.strip_prefix('.').is_some_and(|rest| rest == "." || rest.starts_with(['*', '?', '[']))
}

pub fn locate_text(policy: &PolicyConfig, dirs: &[Dir], text: &str, root: PathRoot) -> Spot {
    if ["/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "-"].contains(&text) {
        return Spot::Stream;
    }
    let path = match (root, &policy.home) {
        (PathRoot::Home, None) => return Spot::Outside(PathBuf::from(text)),
        (PathRoot::Home, Some(home)) => {
            home.join(text.trim_start_matches('~').trim_start_matches('/'))
        }
        (PathRoot::None, _) => PathBuf::from(text),
    };
    let from = |dir: &Dir| match dir {
        _ if path.is_absolute() => side(policy, &path),
        Dir::At(dir) => side(policy, &dir.join(&path)),
        Dir::Unknown => Spot::Unknown,
    };
    dirs.iter().map(from).max().unwrap_or(Spot::Unknown)
}

/// The folder that `cd` to a word leads to.
pub fn enter(policy: &PolicyConfig, dir: &Dir, word: &ShellWord) -> Dir {
    if word.form != WordForm::Literal || word.text == "-" {
        return Dir::Unknown;
    }
    match (word.root, &policy.home, dir) {
        (PathRoot::Home, None, _) => Dir::Unknown,
        (PathRoot::Home, Some(home), _) => {
            Dir::At(normal(&home.join(word.text.trim_start_matches('~').trim_start_matches('/'))))
        }
        _ if word.text.starts_with('/') => Dir::At(normal(Path::new(&word.text))),
        (_, _, Dir::At(dir)) => Dir::At(normal(&dir.join(&word.text))),
        (_, _, Dir::Unknown) => Dir::Unknown,
    }
}

fn side(policy: &PolicyConfig, path: &Path) -> Spot {
    let path = normal(path);
    match path.strip_prefix(normal(&policy.folder)) {
        Ok(inside) => Spot::Inside(inside.to_path_buf()),
        Err(_) => Spot::Outside(path),
    }
}

/// Without `.` and `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

/// The later effect of changing a file, which nobody is asked about again: one sentence without a
/// full stop.
pub fn later(text: &str) -> Option<&'static str> {
    later_effect(text).map(|effect| match effect {
        LaterEffect::Runs => "It changes what runs automatically",
        LaterEffect::Settings => "It changes settings of codling",
        LaterEffect::Told => "It changes what every later session is told",
    })
}

/// A device, which no command of an agent has reason to write to.
pub fn is_device(text: &str) -> bool {
    let harmless = [
        "/dev/null",
        "/dev/zero",
        "/dev/full",
        "/dev/tty",
        "/dev/stdin",
        "/dev/stdout",
        "/dev/stderr",
    ];
    text.starts_with("/dev/")
        && !harmless.contains(&text)
        && !text.starts_with("/dev/fd/")
        && !text.starts_with("/dev/shm/")
}

/// `host:port`, where bash opens a connection for that name instead of a file.
pub fn connection(text: &str) -> Option<String> {
    let rest = text.strip_prefix("/dev/tcp/").or_else(|| text.strip_prefix("/dev/udp/"))?;
    let (host, port) = rest.split_once('/')?;
    let is_whole = !host.is_empty() && !port.is_empty() && !port.contains('/');
    is_whole.then(|| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_apart_by_their_letters() {
        let policy = PolicyConfig {
            folder: "/w".into(),
            home: Some("/home/a".into()),
            rules: [].into(),
            rule_files: [].into(),
            grants: Default::default(),
            closed: Vec::new(),
            added: Vec::new(),
            hides: false,
        };
        let dirs = [Dir::At("/w/sub".into())];
        for (text, spot) in [
            ("a", Spot::Inside("sub/a".into())),
            ("../a", Spot::Inside("a".into())),
            ("../../a", Spot::Outside("/a".into())),
            ("/w/x/../../y", Spot::Outside("/y".into())),
            ("/w", Spot::Inside("".into())),
            ("/west", Spot::Outside("/west".into())),
            ("/dev/null", Spot::Stream),
        ] {
            assert_eq!(locate(&policy, &dirs, &ShellWord::literal(text)), spot, "{text}");
        }
        let home = ShellWord { root: PathRoot::Home, ..ShellWord::literal("~/x") };
        assert_eq!(locate(&policy, &dirs, &home), Spot::Outside("/home/a/x".into()));
        assert_eq!(locate(&policy, &[Dir::Unknown], &ShellWord::literal("a")), Spot::Unknown);
        assert_eq!(locate(&policy, &dirs, &ShellWord::unknown("$x")), Spot::Unknown);
    }
}
