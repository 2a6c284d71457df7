//! Where a path of another process leads: its real folder and the last name, as this process would
//! call them. Changes nothing.

use std::io;
use std::time::{Duration, Instant};

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, open, openat2, readlinkat};
use rustix::io::Errno;

/// Links that lead to links.
const LINKS: usize = 40;

/// Where a path of a process begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathStart {
    Cwd,
    Descriptor(i32),
}

/// The path of an open file, or of the folder that a process is in.
///
/// # Errors
///
/// Fails if the process is gone or has no such file open.
pub fn opened(pid: i32, start: PathStart) -> io::Result<Vec<u8>> {
    Ok(follow(&entry(pid, start))?)
}

/// Finds places, and remembers the last folder for a moment: files are mostly changed folder by
/// folder.
#[derive(Debug, Default)]
pub struct PathFinder {
    cwd: Option<Found>,
    last: Option<Found>,
}

#[derive(Debug)]
struct Found {
    pid: i32,
    written: Vec<u8>,
    real: Vec<u8>,
    at: Instant,
}

impl Found {
    fn fits(&self, pid: i32, written: &[u8]) -> bool {
        self.pid == pid && self.written == written && self.at.elapsed() < MOMENT
    }
}

/// Somebody else may put a link in a folder's place after that.
const MOMENT: Duration = Duration::from_millis(20);

impl PathFinder {
    /// Forgets what may lead elsewhere now: something is renamed, a link is made, or a process goes
    /// to another folder.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The real path of a name: every link before the last part is followed. Where a folder is
    /// missing, and the call will fail, the path as it was written.
    ///
    /// # Errors
    ///
    /// Fails if the folder that a relative name starts in cannot be read, such as when the process
    /// is gone.
    pub fn place(&mut self, pid: i32, start: PathStart, path: &[u8]) -> io::Result<Vec<u8>> {
        let path = trimmed(path);
        if path.is_empty() {
            return opened(pid, start);
        }
        if let Some(own) = of_itself(pid, path) {
            let (folder, name) = split(&own);
            return Ok(joined(
                &real(&own[..folder]).unwrap_or_else(|_| own[..folder].to_vec()),
                name,
            ));
        }
        let (folder, name) = split(path);
        let folder = &path[..folder];
        if path.starts_with(b"/") {
            return Ok(joined(
                &self.folder(pid, folder.to_vec(), || below_root(pid, folder)),
                name,
            ));
        }
        let begin = self.begin(pid, start)?;
        if folder.is_empty() {
            return Ok(joined(&begin, name));
        }
        let whole = [&begin, &b"/"[..], folder].concat();
        Ok(joined(
            &self.folder(pid, whole, || real(&[&entry(pid, start), &b"/"[..], folder].concat())),
            name,
        ))
    }

    fn begin(&mut self, pid: i32, start: PathStart) -> io::Result<Vec<u8>> {
        match (&self.cwd, start) {
            (_, PathStart::Descriptor(_)) => opened(pid, start),
            (Some(cwd), PathStart::Cwd) if cwd.fits(pid, b"") => Ok(cwd.real.clone()),
            (_, PathStart::Cwd) => {
                let real = opened(pid, start)?;
                self.cwd = Some(Found {
                    pid,
                    written: Vec::new(),
                    real: real.clone(),
                    at: Instant::now(),
                });
                Ok(real)
            }
        }
    }

    fn folder(
        &mut self,
        pid: i32,
        written: Vec<u8>,
        find: impl FnOnce() -> Result<Vec<u8>, Errno>,
    ) -> Vec<u8> {
        match &self.last {
            Some(last) if last.fits(pid, &written) => last.real.clone(),
            _ => {
                let Ok(real) = find() else { return lexical(&written) };
                self.last = Some(Found { pid, written, real: real.clone(), at: Instant::now() });
                real
            }
        }
    }

    /// Follows the last part of a real path, link by link.
    pub fn links(&mut self, pid: i32, path: &[u8]) -> Vec<Vec<u8>> {
        let mut found: Vec<Vec<u8>> = Vec::new();
        while found.len() < LINKS {
            let at = found.last().map_or(path, Vec::as_slice);
            let Ok(target) = link(pid, at) else { break };
            let folder = &at[..split(at).0];
            // Beside a link of the process's own, pipes and the like have names that are no paths.
            if target.is_empty() || folder.starts_with(b"/proc/") && !target.starts_with(b"/") {
                break;
            }
            let next = match target.starts_with(b"/") {
                true => self.place(pid, PathStart::Cwd, &target),
                false => self.place(pid, PathStart::Cwd, &[folder, &b"/"[..], &target].concat()),
            };
            match next {
                Ok(next) => found.push(next),
                Err(_gone) => break,
            }
        }
        found
    }
}

fn entry(pid: i32, start: PathStart) -> Vec<u8> {
    match start {
        PathStart::Cwd => format!("/proc/{pid}/cwd"),
        PathStart::Descriptor(number) => format!("/proc/{pid}/fd/{number}"),
    }
    .into_bytes()
}

/// Names that mean something else to every process, as what they mean to this one.
fn of_itself(pid: i32, path: &[u8]) -> Option<Vec<u8>> {
    const NAMES: [(&[u8], &str); 6] = [
        (b"/proc/self", ""),
        (b"/proc/thread-self", ""),
        (b"/dev/fd", "/fd"),
        (b"/dev/stdin", "/fd/0"),
        (b"/dev/stdout", "/fd/1"),
        (b"/dev/stderr", "/fd/2"),
    ];
    let found = |(name, to): (&[u8], &str)| {
        let rest =
            path.strip_prefix(name).filter(|rest| rest.is_empty() || rest.starts_with(b"/"))?;
        Some([format!("/proc/{pid}{to}").as_bytes(), rest].concat())
    };
    NAMES.into_iter().find_map(found)
}

/// A folder below the root that the process sees.
fn below_root(pid: i32, folder: &[u8]) -> Result<Vec<u8>, Errno> {
    let root = open(format!("/proc/{pid}/root").as_bytes(), PLACE, Mode::empty())?;
    named(&openat2(&root, folder, PLACE, Mode::empty(), ResolveFlags::IN_ROOT)?)
}

fn real(folder: &[u8]) -> Result<Vec<u8>, Errno> {
    named(&open(folder, PLACE, Mode::empty())?)
}

const PLACE: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

fn named(place: &OwnedFd) -> Result<Vec<u8>, Errno> {
    use std::os::fd::AsRawFd;

    follow(format!("/proc/self/fd/{}", place.as_raw_fd()).as_bytes())
}

/// The target of a link. The numbers in `/proc` are those that the process sees, but for its own,
/// which [`of_itself`] wrote.
fn link(pid: i32, path: &[u8]) -> Result<Vec<u8>, Errno> {
    if !path.starts_with(b"/proc/") || path.starts_with(format!("/proc/{pid}/").as_bytes()) {
        return follow(path);
    }
    let (folder, name) = split(path);
    let root = open(format!("/proc/{pid}/root").as_bytes(), PLACE, Mode::empty())?;
    let folder = openat2(&root, &path[..folder], PLACE, Mode::empty(), ResolveFlags::IN_ROOT)?;
    Ok(readlinkat(&folder, name, Vec::with_capacity(128))?.into_bytes())
}

fn follow(link: &[u8]) -> Result<Vec<u8>, Errno> {
    Ok(readlinkat(CWD, link, Vec::with_capacity(128))?.into_bytes())
}

/// Without slashes at its end.
fn trimmed(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(path.len().min(1), |at| at + 1);
    &path[..end]
}

/// The length of the folder, and the last part; a last part that means a folder by its place
/// belongs to the folder.
fn split(path: &[u8]) -> (usize, &[u8]) {
    let at = path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    match &path[at..] {
        b"." | b".." | b"" => (path.len(), b""),
        name => (at, name),
    }
}

fn joined(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if folder.ends_with(b"/") || name.is_empty() { b"" } else { b"/" };
    [folder, slash, name].concat()
}

/// As it is written, without looking.
fn lexical(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    [b"/", parts.join(&b'/').as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::AsRawFd;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn names_lead_where_they_lead_for_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/file"), "").unwrap();
        symlink("a", root.join("rel")).unwrap();
        symlink(root.join("a/b"), root.join("abs")).unwrap();
        symlink("file", root.join("a/one")).unwrap();
        symlink("../rel/one", root.join("a/two")).unwrap();
        symlink("../gone", root.join("a/three")).unwrap();
        let folder = fs::File::open(root.join("a")).unwrap();
        let mut finder = PathFinder::default();
        let own = i32::try_from(std::process::id()).unwrap();
        let start = PathStart::Descriptor(folder.as_raw_fd());
        let whole = |name: &str| root.join(name).as_os_str().as_bytes().to_vec();
        for (path, wanted) in [
            ("file", "a/file"),
            ("./file", "a/file"),
            ("b/../file", "a/file"),
            ("../rel/file", "a/file"),
            ("../abs/new", "a/b/new"),
            ("new///", "a/new"),
            ("one", "a/one"),
            ("", "a"),
            (".", "a"),
            ("b/..", "a"),
            ("gone/x/../y", "a/gone/y"),
        ] {
            assert_eq!(finder.place(own, start, path.as_bytes()).unwrap(), whole(wanted), "{path}");
            let absolute = [&whole("a"), &b"/"[..], path.as_bytes()].concat();
            assert_eq!(
                finder.place(own, PathStart::Cwd, &absolute).unwrap(),
                whole(wanted),
                "{path}"
            );
        }
        assert_eq!(finder.place(own, start, b"/").unwrap(), b"/");
        assert_eq!(finder.links(own, &whole("a/file")), Vec::<Vec<u8>>::new());
        assert_eq!(finder.links(own, &whole("a/one")), [whole("a/file")]);
        assert_eq!(finder.links(own, &whole("a/two")), [whole("a/one"), whole("a/file")]);
        assert_eq!(finder.links(own, &whole("a/three")), [whole("gone")]);
        let opened = fs::File::open(root.join("a/file")).unwrap();
        for name in ["/proc/self/fd", "/dev/fd", "/proc/thread-self/fd"] {
            let path = finder
                .place(own, PathStart::Cwd, format!("{name}/{}", opened.as_raw_fd()).as_bytes())
                .unwrap();
            assert_eq!(finder.links(own, &path), [whole("a/file")], "{name}");
        }
    }
}
