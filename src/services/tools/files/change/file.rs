//! One file as it is on the disk and in the editor, as far as a change needs to know. Changes
//! nothing.

use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::path::Path;

use crate::protocol::Location;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::folder::open_files::{OpenFiles, OpenState};
use crate::tools::folder::read_files::Print;
use crate::tools::folder::text_file::{Document, Foreign, LIMIT};
use crate::tools::folder::{ResolvedPath, WorkFolder};

/// A file's text in the editor.
#[derive(Debug)]
pub struct ShownText {
    pub text: String,
    pub state: OpenState,
}

/// A file before a change, and after it.
#[derive(Debug)]
pub struct EditedFile {
    pub place: ResolvedPath,
    pub side: Location,
    /// The print of `before`; `None`: the file is not there.
    pub print: Option<Print>,
    /// The print of the file on disk, where the editor may have another text.
    pub disk: Option<Print>,
    /// The editor's text, where `before` is that.
    pub open: Option<ShownText>,
    pub before: FileOnDisk,
    pub after: FileOnDisk,
    /// Where its text came from, when it was moved here.
    pub from: Option<usize>,
    /// Names that the file has on its disk.
    pub names: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileOnDisk {
    Absent,
    /// A file that is no text can only be removed.
    Foreign(Foreign),
    /// So can what is too large, of so many bytes.
    Large(u64),
    Text(Document),
}

impl EditedFile {
    /// Loads the file at a place. Refused where it is no file, or cannot be changed.
    ///
    /// # Errors
    ///
    /// Refuses what is no regular file, may not be changed, or cannot be read.
    pub fn load(
        folder: &WorkFolder,
        open_files: &OpenFiles<'_>,
        place: ResolvedPath,
        side: Location,
    ) -> Result<Self, ToolRefusal> {
        let stop = open_files.stop;
        stop.check()?;
        let refuse = |source| ToolRefusal::io(&place.shown, source);
        let metadata = match fs::symlink_metadata(&place.real) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let parent = standing(&place.real);
                may_be_changed(
                    parent,
                    &fs::metadata(parent).map_err(refuse)?,
                    &folder.shown(parent),
                )?;
                let before = FileOnDisk::Absent;
                return Ok(Self {
                    place,
                    side,
                    print: None,
                    disk: None,
                    open: None,
                    after: before.clone(),
                    before,
                    from: None,
                    names: 0,
                });
            }
            Err(error) => {
                return Err(ToolRefusal::unwritten(
                    place.shown.clone(),
                    error.kind(),
                    error.to_string(),
                ));
            }
        };
        if metadata.is_dir() {
            return Err(ToolRefusal::NotAFile { shown: place.shown });
        }
        let (file, metadata) = folder.open_file(&place)?;
        may_be_changed(&place.real, &metadata, &place.shown)?;
        let parent = place.real.parent().unwrap_or(&place.real);
        may_be_changed(parent, &fs::metadata(parent).map_err(refuse)?, &folder.shown(parent))?;
        let mut bytes = Vec::new();
        if metadata.len() <= LIMIT {
            stop.reader(file).take(LIMIT + 1).read_to_end(&mut bytes).map_err(refuse)?;
        }
        let large = metadata.len() > LIMIT || bytes.len() as u64 > LIMIT;
        let print = Print::new(&metadata, (!large).then_some(&bytes[..]));
        let before = if large { FileOnDisk::Large(metadata.len()) } else { FileOnDisk::of(bytes) };
        let open = match &before {
            FileOnDisk::Text(on_disk) => open_files.text(folder, &place, on_disk)?,
            FileOnDisk::Absent | FileOnDisk::Foreign(_) | FileOnDisk::Large(_) => None,
        };
        let disk = Some(print);
        let (before, print, open) = match open {
            Some(open) if open.state == OpenState::Crossed => {
                return Err(ToolRefusal::Crossed { shown: place.shown });
            }
            Some(open) => {
                let print = Print::new(&metadata, Some(&open.bytes));
                let shown = ShownText { text: open.shown, state: open.state };
                (FileOnDisk::of(open.bytes), Some(print), Some(shown))
            }
            None => (before, disk.clone(), None),
        };
        Ok(Self {
            place,
            side,
            print,
            disk,
            open,
            after: before.clone(),
            before,
            from: None,
            names: names(&metadata),
        })
    }

    /// Whether the person has changes in the editor that the disk does not hold.
    pub fn is_unsaved(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.state == OpenState::Unsaved)
    }

    pub fn changes(&self) -> bool {
        self.before != self.after
    }
}

impl FileOnDisk {
    /// Reads a file's whole content.
    pub fn of(bytes: Vec<u8>) -> Self {
        match bytes.len() as u64 {
            length if length > LIMIT => Self::Large(length),
            _ => Document::parse(bytes).map_or_else(Self::Foreign, Self::Text),
        }
    }

    /// For diffs: what is not there, or is no text, has none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(document) => &document.text,
            Self::Absent | Self::Foreign(_) | Self::Large(_) => "",
        }
    }
}

/// The deepest folder on the way that is there.
fn standing(path: &Path) -> &Path {
    path.ancestors().skip(1).find(|folder| fs::symlink_metadata(folder).is_ok()).unwrap_or(path)
}

/// Even where a rename would go through: who set it to read-only meant it.
fn may_be_changed(path: &Path, metadata: &Metadata, shown: &str) -> Result<(), ToolRefusal> {
    if metadata.permissions().readonly() || !is_ours_to_write(path) {
        return Err(ToolRefusal::ReadOnly { shown: shown.to_owned() });
    }
    Ok(())
}

fn is_ours_to_write(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, access};
        access(path, Access::WRITE_OK).is_ok()
    }
    #[cfg(not(unix))]
    {
        let _told_by_its_permissions = path;
        true
    }
}

fn names(metadata: &Metadata) -> u64 {
    #[cfg(unix)]
    {
        std::os::unix::fs::MetadataExt::nlink(metadata)
    }
    #[cfg(not(unix))]
    {
        let _one_as_far_as_we_know = metadata;
        1
    }
}
