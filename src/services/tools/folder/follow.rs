//! Where a path leads once every link and `..` in it is followed, though its end may not be there.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows in one path.
const LINKS: usize = 40;

/// Like `canonicalize`, but also for paths whose end is not there, so that these cannot point
/// outside either. `None` for a loop of links.
pub fn follow(path: &Path) -> Option<PathBuf> {
    let mut left: VecDeque<OsString> = parts(path).collect();
    let mut at = PathBuf::new();
    let mut links = 0;
    while let Some(part) = left.pop_front() {
        match Path::new(&part).components().next() {
            Some(Component::ParentDir) => {
                at.pop();
            }
            Some(Component::Normal(name)) => {
                at.push(name);
                if let Ok(target) = fs::read_link(&at) {
                    links += 1;
                    if links > LINKS {
                        return None;
                    }
                    at.pop();
                    for part in parts(&target).rev() {
                        left.push_front(part);
                    }
                }
            }
            Some(root @ (Component::RootDir | Component::Prefix(_))) => at.push(root),
            Some(Component::CurDir) | None => {}
        }
    }
    Some(at)
}

fn parts(path: &Path) -> impl DoubleEndedIterator<Item = OsString> + '_ {
    path.components().map(|part| part.as_os_str().to_owned())
}
