//! Instructions for agents that the person and the project wrote: `AGENTS.md`, else `CLAUDE.md`.
//! Reads them; does not act on them.

mod added_line;

pub use added_line::add_line;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::base::text::{clean, clean_line};
use crate::protocol::Notice;

use crate::base::is_kernels;
use crate::base::phrases::{boundary, size};

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
pub fn read(folder: &Path, own: Option<&Path>) -> AgentsFiles {
    let root = repository(folder).unwrap_or(folder);
    let mut chain: Vec<&Path> =
        folder.ancestors().take_while(|at| at.starts_with(root)).take(DEEPEST).collect();
    chain.reverse();
    let mut reader =
        Reader { root, room: ROOM, taken: Vec::new(), guidance: AgentsFiles::default() };
    if let Some(own) = own {
        reader.take(own, Fence::None);
    }
    for at in chain {
        // The second name counts only if the first is missing: often one is a link to the other.
        if let Some(file) =
            NAMES.iter().map(|name| at.join(name)).find(|file| file.symlink_metadata().is_ok())
        {
            reader.take(&file, Fence::Repository);
        }
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
    room: usize,
    taken: Vec<String>,
    guidance: AgentsFiles,
}

/// Where a file may be after its links are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fence {
    None,
    Repository,
}

impl Reader<'_> {
    fn take(&mut self, file: &Path, fence: Fence) {
        let shown = clean_line(&file.strip_prefix(self.root).unwrap_or(file).display().to_string())
            .into_owned();
        match self.load(file, fence) {
            Ok(None) => {}
            Ok(Some((text, _))) if text.trim().is_empty() => {}
            Ok(Some((_, _))) if self.room == 0 => self.tell(format!(
                "{shown} was left out: there is room for {} of guidance",
                size(ROOM as u64)
            )),
            Ok(Some((text, length))) => {
                let kept = fit(&text, self.room);
                self.room -= kept.len();
                self.guidance
                    .text
                    .push_str(&format!("\n## From `{shown}`\n\n{}\n", kept.trim_end()));
                self.taken.push(format!("{shown} ({})", size(length)));
                if kept.len() < text.len() || length > text.len() as u64 + 1024 {
                    self.room = 0;
                    self.guidance.text.push_str("\n(cut here: the file is longer)\n");
                    self.tell(format!(
                        "{shown} was cut: there is room for {} of guidance",
                        size(ROOM as u64)
                    ));
                }
            }
            Err(why) => self.tell(format!("{shown} was not read: {why}")),
        }
    }

    /// The usable part of a file and its full length in bytes; `None` if it is missing.
    fn load(&self, file: &Path, fence: Fence) -> Result<Option<(String, u64)>, String> {
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
        let metadata = file.metadata().map_err(io)?;
        let mut bytes = Vec::new();
        file.take(ROOM as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
        Ok(Some((clean(&String::from_utf8_lossy(&bytes)).into_owned(), metadata.len())))
    }

    fn tell(&mut self, message: String) {
        self.guidance.notices.push(Notice { message, next: None });
    }

    fn end(mut self) -> AgentsFiles {
        let named = match self.taken.as_slice() {
            [] => return self.guidance,
            [one] => one.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        };
        self.guidance.notices.insert(0, Notice { message: format!("Read {named}"), next: None });
        self.guidance
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
