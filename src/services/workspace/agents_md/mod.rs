//! Instructions for agents that the person and the project wrote: `AGENTS.md`, else `CLAUDE.md`.
//! Reads them; does not act on them.

mod added_line;

pub use added_line::add_line;

#[cfg(unix)]
use std::fs;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::base::text::{clean, clean_line};
use crate::protocol::Notice;

use crate::base::is_kernels;
use crate::base::phrases::{boundary, list, size};

pub(super) const NAMES: [&str; 2] = ["AGENTS.md", "CLAUDE.md"];
/// The limit in bytes for all files together.
const ROOM: usize = 32 << 10;
/// The limit for folders between the repository and the current one.
const DEEPEST: usize = 32;

/// The instructions for the model, the person's own first, then from the repository down; and
/// notices for the person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentsFiles {
    /// The text of the files for the model; empty if there are none.
    pub text: String,
    /// Notices for the person: which files were read, and which not.
    pub notices: Vec<Notice>,
}

/// Reads the person's own file, and one file of each folder from the repository down to `folder`,
/// whose path has no links.
///
/// Where there is no room for all, the files nearest to the folder stay whole: they say the most
/// about the work. The person's own keeps up to half of the room, so that no project pushes it out.
pub fn read(folder: &Path, own: Option<&Path>) -> AgentsFiles {
    let root = repository(folder).unwrap_or(folder);
    let mut reader = Reader { root, room: ROOM, sections: Vec::new(), told: Vec::new() };
    let own = own.and_then(|own| reader.find(own, Fence::None));
    let kept = own.as_ref().map_or(0, |own| own.text.len().min(ROOM / 2));
    reader.room -= kept;
    for at in folder.ancestors().take_while(|at| at.starts_with(root)).take(DEEPEST) {
        // The second name counts only if the first is missing: often one is a link to the other.
        let names = NAMES.iter().map(|name| at.join(name));
        let found = names.into_iter().find(|file| file.symlink_metadata().is_ok());
        if let Some(found) = found.and_then(|file| reader.find(&file, Fence::Repository)) {
            reader.take(found);
        }
    }
    reader.room += kept;
    if let Some(own) = own {
        reader.take(own);
    }
    reader.end()
}

/// The nearest enclosing folder that is a repository of the same owner. One that another user made
/// above has no say.
pub fn repository(folder: &Path) -> Option<&Path> {
    folder
        .ancestors()
        .find(|at| at.join(".git").symlink_metadata().is_ok())
        .filter(|root| has_same_owner(root, folder))
}

struct Reader<'a> {
    root: &'a Path,
    /// Bytes that are left for the files that follow.
    room: usize,
    /// One for each file that says something, nearest to the folder first.
    sections: Vec<Section>,
    /// For the person: the files that were not read, or not whole.
    told: Vec<String>,
}

/// A file that was found, with as much of it as there can be room for.
struct FoundFile {
    /// Its path without links.
    real: PathBuf,
    shown: String,
    text: String,
    /// Bytes of the whole.
    length: u64,
}

impl FoundFile {
    fn is_whole(&self) -> bool {
        self.length <= ROOM as u64
    }
}

/// The words about one file.
struct Section {
    /// For the model.
    text: String,
    /// The file and its length, for the person; `None` where there was no room for any of it.
    taken: Option<String>,
}

/// Where a file may be after its links are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fence {
    None,
    Repository,
}

impl Reader<'_> {
    /// A file that says something; tells why one is not read.
    fn find(&mut self, file: &Path, fence: Fence) -> Option<FoundFile> {
        let shown = clean_line(&file.strip_prefix(self.root).unwrap_or(file).display().to_string())
            .into_owned();
        match self.load(file, shown.clone(), fence) {
            Ok(found) => found.filter(|found| !found.text.trim().is_empty()),
            Err(why) => {
                self.told.push(format!("{shown} was not read: {why}"));
                None
            }
        }
    }

    /// Takes as much of a file as there is room for, and says what is missing: to the model as
    /// well, which can read the rest.
    fn take(&mut self, found: FoundFile) {
        let kept = fit(&found.text, self.room);
        let is_cut = kept.len() < found.text.len() || !found.is_whole();
        self.room = if is_cut { 0 } else { self.room - kept.len() };
        let FoundFile { shown, length, .. } = &found;
        let path = clean_line(&found.real.display().to_string()).into_owned();
        let (whole, room) = (size(*length), size(ROOM as u64));
        let mut text = format!("\n## From `{shown}`\n\n");
        let mut taken = Some(format!("{shown} ({whole})"));
        if kept.trim().is_empty() {
            text.push_str(&format!(
                "(left out: there is no room for its {whole}. Read `{path}` yourself.)\n"
            ));
            self.told.push(format!("{shown} was left out: there is room for {room} of guidance"));
            taken = None;
        } else {
            text.push_str(kept.trim_end());
            text.push('\n');
        }
        if is_cut && taken.is_some() {
            let line = kept.trim_end().lines().count();
            text.push_str(&format!(
                "\n(cut here, at line {line}; the whole has {whole}. Read the rest in `{path}` \
                 yourself.)\n"
            ));
            self.told.push(format!("{shown} was cut: there is room for {room} of guidance"));
        }
        self.sections.push(Section { text, taken });
    }

    /// The usable part of a file; `None` if it is missing.
    fn load(&self, file: &Path, shown: String, fence: Fence) -> Result<Option<FoundFile>, String> {
        let io = |error: std::io::Error| error.to_string();
        let real = match file.canonicalize() {
            Ok(real) => real,
            Err(_) if fence == Fence::None && file.symlink_metadata().is_err() => return Ok(None),
            Err(_) => return Err("it is a link that leads nowhere".into()),
        };
        if fence == Fence::Repository && !real.starts_with(self.root) {
            return Err("it is a link that leads out of the project".into());
        }
        // The model sees it unasked: a link must not turn a file of secrets into instructions.
        if real.extension().is_none_or(|ending| ending != "md") {
            return Err("it is a link to a file that is not Markdown".into());
        }
        if !real.is_file() || is_kernels(&real) {
            return Err("it is not a regular file".into());
        }
        let file = open(&real).map_err(io)?;
        let length = file.metadata().map_err(io)?.len();
        let mut bytes = Vec::new();
        file.take(ROOM as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
        let length = length.max(bytes.len() as u64);
        let text = clean(&String::from_utf8_lossy(&bytes)).into_owned();
        Ok(Some(FoundFile { real, shown, text, length }))
    }

    /// The files in the order of the model's text: from the person's own down to the nearest.
    fn end(self) -> AgentsFiles {
        let sections = || self.sections.iter().rev();
        let taken: Vec<String> = sections().filter_map(|section| section.taken.clone()).collect();
        let read = (!taken.is_empty()).then(|| format!("Read {}", list(&taken)));
        let tell = |message| Notice { message, next: None };
        AgentsFiles {
            text: sections().map(|section| section.text.as_str()).collect(),
            notices: read.into_iter().chain(self.told).map(tell).collect(),
        }
    }
}

/// Opens a path without links. A job of another conversation may replace the file with a link
/// meanwhile, which is not followed.
fn open(real: &Path) -> std::io::Result<File> {
    #[cfg(unix)]
    return crate::base::folder_handle::open_file(real);
    #[cfg(not(unix))]
    File::open(real)
}

/// The beginning of a text that fits, cut at the end of a line if that loses little.
fn fit(text: &str, room: usize) -> &str {
    if text.len() <= room {
        return text;
    }
    let cut = boundary(text, room);
    let line = text[..cut].rfind('\n').filter(|end| cut - end < 1024).unwrap_or(cut);
    &text[..line]
}

#[cfg(unix)]
fn has_same_owner(root: &Path, folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let owner = |path: PathBuf| fs::metadata(path).ok().map(|metadata| metadata.uid());
    let own = owner(folder.to_owned());
    own.is_some() && own == owner(root.to_owned()) && own == owner(root.join(".git"))
}

#[cfg(not(unix))]
fn has_same_owner(_root: &Path, _folder: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests;
