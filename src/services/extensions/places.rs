//! The places where extensions stand: folders of the project, from the session's folder up to the
//! repository's root, and of the person's home. The names of files in them, bounded.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::base::files;
use crate::base::is_kernels;
use crate::base::text::clean_line;

/// A larger file is left out.
const LARGEST: u64 = 256 * 1024;
/// Folders between the session's and the repository's root.
const DEEPEST: usize = 32;
/// Folders in one place, one in the other.
const DEPTH: usize = 4;
/// Entries that are looked at in one place.
const MOST: usize = 2_000;

/// The folders that extensions of a session are looked for in.
#[derive(Clone, Debug, Default)]
pub struct ExtensionPlaces {
    /// The session's folder.
    pub folder: PathBuf,
    /// The root of its repository; the folder itself where there is none.
    pub root: PathBuf,
    /// The person's home.
    pub home: Option<PathBuf>,
    /// The folder for codling's own settings.
    pub config: PathBuf,
}

/// Who brought an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bringer {
    /// The project.
    Project,
    /// The person.
    Person,
}

/// A folder that extensions may stand in.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) folder: PathBuf,
    pub(super) bringer: Bringer,
}

impl ExtensionPlaces {
    /// Follows the links of the folder. The root must be an ancestor of the folder.
    pub fn new(folder: &Path, root: &Path, home: Option<&Path>, config: &Path) -> Self {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let (folder, root) = (real(folder), real(root));
        let root = if folder.starts_with(&root) { root } else { folder.clone() };
        Self { folder, root, home: home.map(Path::to_owned), config: config.to_owned() }
    }

    /// The places, nearest first: `in_folders` below each folder of the project, `in_config` in
    /// codling's own folder, and `in_home` in the home.
    pub(super) fn all(
        &self,
        in_folders: &[&str],
        in_config: &[&str],
        in_home: &[&str],
    ) -> Vec<Place> {
        let chain = self.folder.ancestors().take_while(|at| at.starts_with(&self.root));
        let of = |bringer| move |folder| Place { folder, bringer };
        let project = chain
            .take(DEEPEST)
            .flat_map(|at| in_folders.iter().map(move |name| at.join(name)))
            .map(of(Bringer::Project));
        let config = in_config.iter().map(|name| self.config.join(name));
        let home =
            self.home.iter().flat_map(|home| in_home.iter().map(move |name| home.join(name)));
        let mut places: Vec<Place> = project.collect();
        for place in config.chain(home).map(of(Bringer::Person)) {
            // A session about the home has them as the project's, which is the stricter.
            if !places.iter().any(|known| known.folder == place.folder) {
                places.push(place);
            }
        }
        places
    }

    /// A path as people know it.
    pub(super) fn shown(&self, path: &Path) -> String {
        let below = |base: &Path, prefix: &str| {
            let rest = path.strip_prefix(base).ok()?;
            Some(format!("{prefix}{}", rest.display()))
        };
        let home = || below(self.home.as_deref()?, "~/");
        let shown = below(&self.root, "").or_else(home);
        clean_line(&shown.unwrap_or_else(|| path.display().to_string())).into_owned()
    }
}

impl Place {
    /// The Markdown files below this place whose name `wants`, sorted; hidden folders are left out.
    pub(super) fn find(&self, wants: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut left = MOST;
        let mut folders = vec![(self.folder.clone(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            let mut paths: Vec<PathBuf> =
                entries.take(left).filter_map(|entry| Some(entry.ok()?.path())).collect();
            left -= paths.len();
            paths.sort();
            for path in paths {
                let is_hidden =
                    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
                if wants(&path) {
                    found.push(path);
                } else if !is_hidden && depth < DEPTH && path.is_dir() {
                    folders.push((path, depth + 1));
                }
            }
        }
        found.sort();
        found
    }

    /// Reads a file of this place as text. Links of a project must not lead out of it: a file of
    /// secrets would become words for the model.
    ///
    /// # Errors
    ///
    /// The reason, without a full stop.
    pub(super) fn read(&self, path: &Path, root: &Path) -> Result<String, String> {
        markdown(&self.real(path, root)?)
    }

    /// The same of a file of settings.
    ///
    /// # Errors
    ///
    /// The reason, without a full stop.
    pub(super) fn read_settings(&self, path: &Path, root: &Path) -> Result<String, String> {
        text(&self.real(path, root)?)
    }

    fn real(&self, path: &Path, root: &Path) -> Result<PathBuf, String> {
        let real = path.canonicalize().map_err(|_lost| "it is a link that leads nowhere")?;
        if self.bringer == Bringer::Project && !real.starts_with(root) {
            return Err("it is a link that leads out of the project".into());
        }
        Ok(real)
    }
}

/// Reads a file of Markdown, by a path without links.
pub(super) fn markdown(real: &Path) -> Result<String, String> {
    if real.extension().is_none_or(|ending| ending != "md") {
        return Err("it is no Markdown file".into());
    }
    text(real)
}

fn text(real: &Path) -> Result<String, String> {
    if is_kernels(real) {
        return Err("it is not a regular file".into());
    }
    let bytes = files::read(real, LARGEST).map_err(|error| crate::base::cause(&error))?;
    if bytes.contains(&0) {
        return Err("it is not text".into());
    }
    String::from_utf8(bytes).map_err(|_binary| "it is not text".into())
}

/// The beginning of a file within `root`, by a path without links.
pub(super) fn beginning(real: &Path, length: u64) -> Option<String> {
    if is_kernels(real) || !fs::metadata(real).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(real).ok()?.take(length).read_to_end(&mut bytes).ok()?;
    (!bytes.contains(&0)).then(|| String::from_utf8_lossy(&bytes).into_owned())
}
