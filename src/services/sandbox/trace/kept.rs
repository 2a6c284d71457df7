//! Kept contents: files that a command removed or wrote over, in a folder of the call's own. The
//! name of each says which file it was, so that nothing else has to be written down before the
//! command goes on.

use std::path::{Path, PathBuf};

use crate::protocol::{KeptContent, KeptKind};

/// Where contents are kept before a command destroys them in its work folder, and which are exempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepSpec {
    /// A folder to be made, for its owner alone.
    pub store: PathBuf,
    /// Folders whose files are not kept, with all below them: real paths.
    pub exempt: Vec<PathBuf>,
    /// For calls that would destroy a file that cannot be kept.
    pub otherwise: WhenUnkept,
}

/// The fate of a call that would destroy a file that cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUnkept {
    /// It waits until a person has said whether the command may go on.
    Ask,
    /// It is never carried out: the whole command ends.
    End,
    /// It is carried out, and the contents are lost.
    GoOn,
}

const COPY: &str = "c";
const LINK: &str = "l";

/// The name that a content has in the store.
#[cfg(target_os = "linux")]
pub(super) fn name(
    kind: KeptKind,
    [device, inode]: [u64; 2],
    length: u64,
    modified: i64,
) -> String {
    let kind = if kind == KeptKind::Copy { COPY } else { LINK };
    format!("{kind}-{device}-{inode}-{length}-{modified}")
}

fn parse(file: PathBuf) -> Option<KeptContent> {
    let mut words = file.file_name()?.to_str()?.splitn(5, '-');
    let kind = match words.next()? {
        COPY => KeptKind::Copy,
        LINK => KeptKind::Link,
        _ => return None,
    };
    let mut number = || words.next()?.parse().ok();
    let (device, inode, length) = (number()?, number()?, number()?);
    let modified = words.next()?.parse().ok()?;
    Some(KeptContent { kind, device, inode, length, modified, file })
}

/// The contents in a store; none where there is no store. A copy that a kill cut off is not among
/// it.
pub fn read_kept(store: &Path) -> Vec<KeptContent> {
    let Ok(entries) = std::fs::read_dir(store) else { return Vec::new() };
    entries.flatten().filter_map(|entry| parse(entry.path())).collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_which_file_it_was() {
        for (kind, modified) in [(KeptKind::Copy, 5), (KeptKind::Link, -5)] {
            let name = name(kind, [u64::MAX, 7], 1 << 40, modified);
            let file = Path::new("/s").join(name);
            let wanted = KeptContent {
                kind,
                device: u64::MAX,
                inode: 7,
                length: 1 << 40,
                modified,
                file: file.clone(),
            };
            assert_eq!(parse(file), Some(wanted));
        }
        for name in ["draft", "c-1-2-3", "x-1-2-3-4", "l-1-2-3-4-5", "c-1-b-3-4"] {
            assert_eq!(parse(name.into()), None, "{name}");
        }
        assert_eq!(read_kept(Path::new("/not/there")), Vec::new());
    }
}
