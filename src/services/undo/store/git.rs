//! Contents that git has already: tracked files that are as git staged them need no copy of ours.
//! Reads git's index; starts git to fetch contents, and never a program that a repository names.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::base::files;
use crate::base::start;
use crate::base::text::hex;

use crate::undo::scan::stat::FileStat;

/// The id of one of git's objects: SHA-1, or SHA-256 with its full length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId {
    bytes: [u8; 32],
    length: u8,
}

/// A file as git staged it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagedFiles {
    pub object: ObjectId,
    stat: [u32; 7],
}

/// Bytes of an index, and of a file of attributes.
const LARGEST: u64 = 256 << 20;
const ATTRIBUTES: u64 = 1 << 20;
/// Attributes by which a file in the folder is not what git keeps, without its length telling.
const TRANSLATED: [&str; 3] = ["filter", "ident", "working-tree-encoding"];

impl ObjectId {
    fn of(bytes: &[u8]) -> Option<Self> {
        let mut all = [0; 32];
        all.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self { bytes: all, length: u8::try_from(bytes.len()).ok()? })
    }

    pub fn digits(&self) -> String {
        hex(&self.bytes[..usize::from(self.length)])
    }

    /// As 32 bytes and a length, for a file of ours; and back.
    pub fn parts(&self) -> ([u8; 32], u8) {
        (self.bytes, self.length)
    }

    pub fn from_parts(bytes: [u8; 32], length: u8) -> Option<Self> {
        [20, 32].contains(&length).then_some(Self { bytes, length })
    }
}

impl StagedFiles {
    /// Whether a file is as it was when git staged it, by git's own rule.
    pub fn is(&self, stat: &FileStat) -> bool {
        self.stat == fingerprint(stat)
    }
}

/// The status that git records of a file: when it was changed and written, its number, its owner,
/// its length.
fn fingerprint(stat: &FileStat) -> [u32; 7] {
    let low = |number: u64| u32::try_from(number & u64::from(u32::MAX)).unwrap_or_default();
    let split = |moment: i64| {
        (
            low(moment.div_euclid(1_000_000_000).unsigned_abs()),
            low(moment.rem_euclid(1_000_000_000).unsigned_abs()),
        )
    };
    let (changed, written) = (split(stat.stamp.changed), split(stat.stamp.modified));
    [
        changed.0,
        changed.1,
        written.0,
        written.1,
        low(stat.stamp.inode),
        stat.owner[0],
        low(stat.stamp.length),
    ]
}

/// The staged files of a repository by their path below `top`; none where they may be translated on
/// their way into the folder.
pub fn staged(git: &Path, top: &Path, attributes: &[PathBuf]) -> HashMap<PathBuf, StagedFiles> {
    let all = attributes
        .iter()
        .map(PathBuf::as_path)
        .chain([git.join("info/attributes").as_path()])
        .any(translates);
    if all {
        return HashMap::new();
    }
    let index = git.join("index");
    let written = std::fs::metadata(&index).map(|about| FileStat::of(&about).stamp.modified);
    match (files::read(&index, LARGEST), written) {
        (Ok(bytes), Ok(written)) => parse(&bytes, id_length(git), written).unwrap_or_default(),
        _ => Vec::new(),
    }
    .into_iter()
    .map(|(path, staged)| (top.join(path), staged))
    .collect()
}

fn translates(attributes: &Path) -> bool {
    match files::read(attributes, ATTRIBUTES) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            TRANSLATED.iter().any(|word| text.contains(word))
        }
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn id_length(git: &Path) -> usize {
    let config = files::read(&git.join("config"), ATTRIBUTES).unwrap_or_default();
    let config = String::from_utf8_lossy(&config).to_lowercase();
    let is_long = config.lines().any(|line| line.replace(' ', "").trim() == "objectformat=sha256");
    if is_long { 32 } else { 20 }
}

/// The format of git's index, versions 2 to 4 (`gitformat-index(5)`). Files that git cannot tell
/// from changed ones are left out.
fn parse(bytes: &[u8], id: usize, written: i64) -> Option<Vec<(PathBuf, StagedFiles)>> {
    let word = |at: usize| {
        bytes.get(at..at + 4).and_then(|word| word.try_into().ok()).map(u32::from_be_bytes)
    };
    let (version, count) = (word(4)?, word(8)?);
    if bytes.get(..4)? != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let mut found = Vec::new();
    let mut path: Vec<u8> = Vec::new();
    let mut at = 12;
    for _ in 0..count {
        let start = at;
        // ctime, mtime (two words each), device, inode, mode, user, group, length.
        let stat = [
            word(at)?,
            word(at + 4)?,
            word(at + 8)?,
            word(at + 12)?,
            word(at + 20)?,
            word(at + 28)?,
            word(at + 36)?,
        ];
        let mode = word(at + 24)?;
        let object = ObjectId::of(bytes.get(at + 40..at + 40 + id)?)?;
        at += 40 + id;
        let flags = u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
        at += 2;
        let mut more = 0;
        if flags & 0x4000 != 0 {
            more = u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?));
            at += 2;
        }
        if version == 4 {
            let cut = variable(bytes, &mut at)?;
            path.truncate(path.len().checked_sub(cut)?);
        } else {
            path.clear();
        }
        let end = at + memchr::memchr(0, bytes.get(at..)?)?;
        path.extend_from_slice(&bytes[at..end]);
        // Before version 4, entries are padded to eight bytes, with one zero at least.
        at = if version == 4 { end + 1 } else { start + (end - start + 8) / 8 * 8 };
        let is_plain = mode >> 12 == 0o10 && flags & 0xB000 == 0 && more & 0x6000 == 0;
        // A file that was written in the same moment as the index may have changed since without a
        // sign.
        let moment = i64::from(stat[2]) * 1_000_000_000 + i64::from(stat[3]);
        if is_plain && stat[1] != 0 && stat[3] != 0 && moment < written {
            found.push((path_of(&path)?, StagedFiles { object, stat }));
        }
    }
    Some(found)
}

/// A number of the kind that git packs offsets in.
fn variable(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut value = 0_usize;
    loop {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value = value.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
        value += 1;
    }
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(|text| OsStr::new(text).into())
}

/// A git that hands out objects; ended when it is let go of.
pub struct Objects {
    child: Child,
    answers: BufReader<std::process::ChildStdout>,
}

impl Objects {
    /// Starts `git cat-file --batch` on this git folder. It fetches no object from elsewhere.
    ///
    /// # Errors
    ///
    /// Fails if `git` cannot be started.
    pub fn open(git: &Path) -> io::Result<Self> {
        let mut command = Command::new("git");
        command.arg("--git-dir").arg(git).args(["cat-file", "--batch"]);
        // Nothing is fetched from elsewhere, and nothing of the person's surroundings leads to
        // another repository.
        command
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .current_dir("/");
        for variable in [
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GIT_OBJECT_DIRECTORY",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            "GIT_COMMON_DIR",
        ] {
            command.env_remove(variable);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = start::start(&mut command)?;
        let answers = child
            .stdout
            .take()
            .map(BufReader::new)
            .ok_or_else(|| io::Error::other("git cannot be heard"))?;
        Ok(Self { child, answers })
    }

    /// The content of one object; `None` where git does not have it.
    ///
    /// # Errors
    ///
    /// Fails if `git` has ended or its answer breaks off.
    pub fn get(&mut self, object: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(questions) = self.child.stdin.as_mut() else { return Ok(None) };
        writeln!(questions, "{object}")?;
        let mut head = String::new();
        self.answers.read_line(&mut head)?;
        let length = head.split_whitespace().nth(2).and_then(|length| length.parse::<usize>().ok());
        let (Some(length), false) = (length, head.trim_end().ends_with("missing")) else {
            return Ok(None);
        };
        let mut content = vec![0; length];
        self.answers.read_exact(&mut content)?;
        self.answers.read_exact(&mut [0])?;
        Ok(Some(content))
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_is_damaged_anywhere_names_nothing_and_holds_nothing_up() {
        let mut bytes = b"DIRC\0\0\0\x04\0\0\0\x02".to_vec();
        bytes.extend([1; 80]);
        for cut in 0..bytes.len() {
            assert_eq!(parse(&bytes[..cut], 20, i64::MAX).unwrap_or_default(), []);
        }
        assert_eq!(parse(b"DIRC\0\0\0\x09\0\0\0\0", 20, 0), None);
    }
}
