//! The bounds of the folder: which paths lie in the folder once every link and `..` is followed.
//! Reads no file.

mod changeable;
mod follow;
pub mod lines;
pub mod listing;
pub mod open_files;
pub mod path_glob;
pub mod read_files;
pub mod similar_names;
pub mod text_file;
pub mod walk;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use self::follow::follow;
use crate::base::is_kernels;
use crate::base::phrases::shorten;
use crate::protocol::{Location, PathScope, Target};
use crate::tools::call::refusal::ToolRefusal;

/// The folder that the tools may see, with every link on the way to it followed.
#[derive(Clone, Debug)]
pub struct WorkFolder {
    real: PathBuf,
    /// Files that hold credentials, wherever they lie, with links followed.
    private: Vec<PathBuf>,
    /// Places of which nothing may be read or changed, with links followed.
    hidden: Vec<PathBuf>,
    /// Folders elsewhere that may be read as if they were inside, with links followed.
    lent: Vec<PathBuf>,
    /// The folder that `~` names.
    home: Option<PathBuf>,
    path_scope: PathScope,
}

/// A path that is proved to be inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedPath {
    /// Without links: to be opened as it is.
    pub real: PathBuf,
    /// For people and the model: relative to the folder, with `/` between names; `.` is the folder
    /// itself.
    pub shown: String,
}

impl WorkFolder {
    /// Opens the folder that the model works in; its links are followed once, here.
    ///
    /// # Errors
    ///
    /// Fails if the path is missing, cannot be read, or is no folder.
    pub fn open(path: &Path) -> Result<Self, ToolRefusal> {
        let real = fs::canonicalize(path)
            .map_err(|source| ToolRefusal::io(&path.display().to_string(), source))?;
        match real.is_dir() {
            true => Ok(Self {
                real,
                private: Vec::new(),
                hidden: Vec::new(),
                lent: Vec::new(),
                home: None,
                path_scope: PathScope::Folder,
            }),
            false => Err(ToolRefusal::File { shown: path.display().to_string() }),
        }
    }

    /// The same without the contents of some files, and of what is kept beside them under their
    /// names: copies, drafts.
    pub fn without(self, private: &[PathBuf]) -> Self {
        // By where each stands and by where it leads. What is not there needs no fence, unless
        // something is beside it.
        let named = private.iter().filter_map(|file| {
            Some(fs::canonicalize(file.parent()?).ok()?.join(file.file_name()?))
        });
        let led = private.iter().filter_map(|file| fs::canonicalize(file).ok());
        Self { private: named.chain(led).collect(), ..self }
    }

    /// The same without these places and all that lies in them.
    pub fn hiding(self, places: &[PathBuf]) -> Self {
        let real = |place: &PathBuf| fs::canonicalize(place).unwrap_or_else(|_| place.clone());
        Self { hidden: places.iter().map(real).collect(), ..self }
    }

    /// The same with another folder that may be read.
    pub fn lending(mut self, other: &Path) -> Self {
        self.lent.extend(fs::canonicalize(other));
        self
    }

    /// The same with what `~` means.
    pub fn at_home(self, home: Option<&Path>) -> Self {
        Self { home: home.map(Path::to_owned), ..self }
    }

    /// The same for a call that may reach so far.
    pub fn reaching(self, path_scope: PathScope) -> Self {
        Self { path_scope, ..self }
    }

    /// Resolves a path of the model's for the decision whether it may be looked at: never refused
    /// for where it is.
    ///
    /// # Errors
    ///
    /// Refuses a path that cannot be resolved, such as a loop of links.
    pub fn target(&self, text: &str) -> Result<Target, ToolRefusal> {
        let place = self.clone().reaching(PathScope::Anywhere).place(text)?;
        let inside = place.real.starts_with(&self.real)
            || self.lent.iter().any(|lent| place.real.starts_with(lent));
        Ok(Target {
            path: place.real,
            shown: place.shown,
            location: if inside { Location::Inside } else { Location::Outside },
        })
    }

    /// Where a path without links lies in the folder itself; `None` outside, and for what is lent.
    pub fn own<'a>(&self, real: &'a Path) -> Option<&'a Path> {
        let inside = real.strip_prefix(&self.real).ok()?;
        self.lent.iter().all(|lent| !real.starts_with(lent)).then_some(inside)
    }

    pub fn path(&self) -> &Path {
        &self.real
    }

    /// The place a model means: relative to the folder, or absolute. It need not exist; where it
    /// does, it is inside.
    ///
    /// # Errors
    ///
    /// Refuses a path outside of the folder where that is the limit, and one that cannot be
    /// resolved.
    pub fn place(&self, text: &str) -> Result<ResolvedPath, ToolRefusal> {
        let outside = || ToolRefusal::Outside {
            path: shorten(text, 200),
            folder: self.real.display().to_string(),
        };
        let followed = self.named(text).and_then(|named| follow(&named)).ok_or_else(outside)?;
        // Also brings the spelling of names to what the disk has, where the file system does not
        // tell cases apart.
        let real = fs::canonicalize(&followed).unwrap_or(followed);
        let within = |root: &PathBuf| real.starts_with(root);
        if self.hidden.iter().any(within) {
            return Err(ToolRefusal::Hidden { path: shorten(text, 200) });
        }
        if self.path_scope == PathScope::Folder
            && !within(&self.real)
            && !self.lent.iter().any(within)
        {
            return Err(outside());
        }
        let shown = self.shown(&real);
        Ok(ResolvedPath { real, shown })
    }

    /// The path that a text names, links not followed; `None` where it begins at a home that is not
    /// known.
    fn named(&self, text: &str) -> Option<PathBuf> {
        match text.strip_prefix('~') {
            Some("") => self.home.clone(),
            Some(rest) if rest.starts_with('/') => {
                Some(self.home.as_ref()?.join(rest.trim_start_matches('/')))
            }
            _ => Some(self.real.join(text)),
        }
    }

    /// How a path under the folder is written for people and the model.
    pub fn shown(&self, real: &Path) -> String {
        let Ok(inner) = real.strip_prefix(&self.real) else { return plain(real.as_os_str()) };
        let names: Vec<_> = inner.iter().map(plain).collect();
        if names.is_empty() { ".".to_owned() } else { names.join("/") }
    }

    /// The metadata of the file at a place; a missing one is refused with names that come near.
    ///
    /// # Errors
    ///
    /// Refuses a path that is missing, is the kernel's own, or cannot be read.
    pub fn metadata(&self, place: &ResolvedPath) -> Result<fs::Metadata, ToolRefusal> {
        match fs::metadata(&place.real) {
            Ok(_) if is_kernels(&place.real) => {
                Err(ToolRefusal::Device { shown: place.shown.clone() })
            }
            Ok(metadata) => Ok(metadata),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
                ) =>
            {
                Err(ToolRefusal::Missing {
                    shown: place.shown.clone(),
                    near: similar_names::names(self, place),
                })
            }
            Err(source) => Err(ToolRefusal::io(&place.shown, source)),
        }
    }

    /// Opens a regular file. Anything else could block for ever, or do something when it is read.
    ///
    /// # Errors
    ///
    /// Refuses a file that holds secrets, is missing, or is no regular file, and what cannot be
    /// opened.
    pub fn open_file(&self, place: &ResolvedPath) -> Result<(File, fs::Metadata), ToolRefusal> {
        let device = || ToolRefusal::Device { shown: place.shown.clone() };
        self.check_hidden(place)?;
        if self.private.iter().any(|private| is_of(private, &place.real)) {
            return Err(ToolRefusal::Private { shown: place.shown.clone() });
        }
        if !self.metadata(place)?.is_file() {
            return Err(device());
        }
        let open = || {
            let file = open_itself(&place.real)?;
            let metadata = file.metadata()?;
            Ok((file, metadata))
        };
        let (file, metadata) = open().map_err(|source| ToolRefusal::io(&place.shown, source))?;
        if metadata.is_file() { Ok((file, metadata)) } else { Err(device()) }
    }

    /// A walk that began above a hidden place finds what lies in it.
    fn check_hidden(&self, place: &ResolvedPath) -> Result<(), ToolRefusal> {
        match self.hidden.iter().any(|hidden| place.real.starts_with(hidden)) {
            true => Err(ToolRefusal::Hidden { path: place.shown.clone() }),
            false => Ok(()),
        }
    }

    /// A place that has to be a folder; `None` is the folder itself.
    ///
    /// # Errors
    ///
    /// Refuses a path that is outside, is missing, or is no folder.
    pub fn subfolder(&self, text: Option<&str>) -> Result<ResolvedPath, ToolRefusal> {
        let place = self.place(text.unwrap_or("."))?;
        let metadata = self.metadata(&place)?;
        match (metadata.is_dir(), metadata.is_file()) {
            (true, _) => Ok(place),
            (false, true) => Err(ToolRefusal::File { shown: place.shown }),
            (false, false) => Err(ToolRefusal::Device { shown: place.shown }),
        }
    }
}

/// Opens a regular file by a path without links. What has become one since the path was resolved
/// may lead outside, and is an error.
pub(super) fn open_itself(real: &Path) -> io::Result<File> {
    #[cfg(unix)]
    return crate::base::folder_handle::open_file(real);
    #[cfg(not(unix))]
    {
        if !fs::symlink_metadata(real)?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        File::open(real)
    }
}

/// Whether a file is this one, or stands beside it with its name and more: `auth.json.damaged-…`,
/// `.auth.json.….tmp`.
fn is_of(private: &Path, file: &Path) -> bool {
    if private.parent() != file.parent() {
        return false;
    }
    let (Some(name), Some(own)) = (private.file_name(), file.file_name()) else { return false };
    let own = own.to_string_lossy();
    let name = name.to_string_lossy();
    [Some(&*own), own.strip_prefix('.')].into_iter().flatten().any(|own| own.starts_with(&*name))
}

/// A name on one line: a line feed or an escape in it is shown by its picture, so that no file can
/// be called like a line of an answer.
pub fn plain(name: &OsStr) -> String {
    let odd = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let picture =
        |c: char| char::from_u32(0x2400 + u32::from(c)).filter(|_| c < ' ').unwrap_or('\u{fffd}');
    name.to_string_lossy().chars().map(|c| if odd(c) { picture(c) } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, WorkFolder) {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("in/src")).unwrap();
        fs::write(dir.path().join("in/src/a.rs"), "a").unwrap();
        fs::write(dir.path().join("secret"), "s").unwrap();
        let folder = WorkFolder::open(&dir.path().join("in")).unwrap();
        (dir, folder)
    }

    #[test]
    fn paths_inside_are_found_however_they_are_written() {
        let (_dir, folder) = folder();
        let absolute = folder.path().join("src/a.rs");
        for text in [
            "src/a.rs",
            "./src/a.rs",
            "src/../src/./a.rs",
            "../in/src/a.rs",
            absolute.to_str().unwrap(),
            "src//a.rs",
        ] {
            assert_eq!(folder.place(text).unwrap().shown, "src/a.rs", "{text}");
        }
        for text in [".", "", "src/..", folder.path().to_str().unwrap()] {
            assert_eq!(folder.place(text).unwrap().shown, ".", "{text}");
        }
        assert_eq!(folder.place("not/there/../yet").unwrap().shown, "not/yet");
    }

    #[test]
    fn paths_outside_are_refused_whether_or_not_they_exist() {
        let (dir, folder) = folder();
        let (there, sibling) = (dir.path().join("secret"), dir.path().join("in2"));
        fs::create_dir(&sibling).unwrap();
        for text in [
            "..",
            "../secret",
            "../not-there",
            "src/../../secret",
            "missing/../../secret",
            "/",
            "/etc/passwd",
            "/not/there",
            "~",
            "~/x",
            there.to_str().unwrap(),
            sibling.to_str().unwrap(),
        ] {
            assert!(matches!(folder.place(text), Err(ToolRefusal::Outside { .. })), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_in_a_hidden_place_is_reached_by_any_call() {
        let (dir, folder) = folder();
        fs::create_dir(dir.path().join("hidden")).unwrap();
        fs::write(dir.path().join("hidden/test"), "t").unwrap();
        std::os::unix::fs::symlink("../hidden", folder.path().join("near")).unwrap();
        let hidden = dir.path().join("hidden");
        let all = folder.reaching(PathScope::Anywhere).hiding(std::slice::from_ref(&hidden));
        for text in ["../hidden", "../hidden/test", "near/test", "near", "../in/near/not-there"] {
            let refused = all.place(text).unwrap_err();
            assert!(matches!(refused, ToolRefusal::Hidden { .. }), "{text}: {refused}");
        }
        // A walk from above comes there by itself.
        let real = fs::canonicalize(hidden.join("test")).unwrap();
        let found = ResolvedPath { real, shown: "test".into() };
        assert!(matches!(all.open_found(&found), Err(ToolRefusal::Hidden { .. })));
        assert!(matches!(all.open_file(&found), Err(ToolRefusal::Hidden { .. })));
        assert_eq!(all.place("src/a.rs").unwrap().shown, "src/a.rs");
    }

    #[test]
    fn a_tilde_is_the_home_for_calls_that_may_reach_there() {
        let (dir, folder) = folder();
        let home = fs::canonicalize(dir.path()).unwrap();
        let folder = folder.at_home(Some(&home));
        assert!(matches!(folder.place("~/secret"), Err(ToolRefusal::Outside { .. })));
        assert_eq!(folder.place("~/in/src/a.rs").unwrap().shown, "src/a.rs");
        assert_eq!(
            folder.target("~/secret").unwrap(),
            Target {
                path: home.join("secret"),
                shown: home.join("secret").display().to_string(),
                location: Location::Outside
            }
        );
        let anywhere = folder.clone().reaching(PathScope::Anywhere);
        assert_eq!(anywhere.place("~//secret").unwrap().real, home.join("secret"));
        assert_eq!(anywhere.place("~").unwrap().real, home);
        assert_eq!(anywhere.changeable("~/new").unwrap().0.real, home.join("new"));
        assert_eq!(folder.place("~a").unwrap().shown, "~a");
    }

    #[cfg(unix)]
    #[test]
    fn links_count_for_where_they_lead() {
        use std::os::unix::fs::symlink;
        let (dir, folder) = folder();
        let inside = folder.path();
        symlink("src", inside.join("good")).unwrap();
        symlink("../secret", inside.join("bad")).unwrap();
        symlink(dir.path(), inside.join("up")).unwrap();
        symlink("../nothing", inside.join("dangling")).unwrap();
        symlink("loop", inside.join("loop")).unwrap();
        assert_eq!(folder.place("good/a.rs").unwrap().shown, "src/a.rs");
        assert_eq!(folder.place("up/in/src/a.rs").unwrap().shown, "src/a.rs");
        for text in ["bad", "up", "up/secret", "dangling", "dangling/deeper", "good/../bad", "loop"]
        {
            assert!(matches!(folder.place(text), Err(ToolRefusal::Outside { .. })), "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_or_a_file_that_becomes_a_link_is_not_read_through() {
        let (dir, folder) = folder();
        let (src, file) = (folder.path().join("src"), folder.path().join("src/a.rs"));
        fs::write(dir.path().join("a.rs"), "outside").unwrap();
        let place = folder.place("src/a.rs").unwrap();
        folder.open_file(&place).unwrap();
        fs::rename(&file, dir.path().join("kept")).unwrap();
        std::os::unix::fs::symlink("../../secret", &file).unwrap();
        assert!(folder.open_file(&place).is_err());
        assert!(folder.open_found(&place).is_err());
        fs::rename(&src, dir.path().join("away")).unwrap();
        std::os::unix::fs::symlink("..", &src).unwrap();
        assert!(folder.open_file(&place).is_err());
        assert!(folder.open_found(&place).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_named_by_a_link_is_where_the_link_leads() {
        let (dir, _) = folder();
        std::os::unix::fs::symlink("in", dir.path().join("link")).unwrap();
        let folder = WorkFolder::open(&dir.path().join("link")).unwrap();
        let through_the_link = dir.path().join("link/src/a.rs");
        assert_eq!(folder.place(through_the_link.to_str().unwrap()).unwrap().shown, "src/a.rs");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_the_kernel_makes_up_is_never_opened() {
        let root = WorkFolder::open(Path::new("/")).unwrap();
        for text in ["/proc/self/environ", "/proc/kcore", "/dev/zero", "/sys/kernel/profiling"] {
            let place = root.place(text).unwrap();
            assert!(
                matches!(
                    root.open_file(&place),
                    Err(ToolRefusal::Device { .. } | ToolRefusal::Missing { .. })
                ),
                "{text}"
            );
        }
    }
}
