//! Which places may be changed: fewer than may be looked at. Reads no file.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::base::is_kernels;
use crate::base::phrases::shorten;
use crate::protocol::{Location, PathScope};
use crate::tools::call::refusal::ToolRefusal;

use super::{ResolvedPath, WorkFolder};

impl WorkFolder {
    /// The place of a file that may be changed, and on which side of the fence it is. What is lent
    /// for reading is outside. Never a file with credentials, nor anything of git's own.
    ///
    /// # Errors
    ///
    /// Refuses a path outside of the folder where that is the limit, a name with control
    /// characters, and the files named above. Refuses what can only be a folder or a device, too.
    pub fn changeable(&self, text: &str) -> Result<(ResolvedPath, Location), ToolRefusal> {
        let named = || shorten(text, 200);
        if text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
            return Err(ToolRefusal::OddName { path: named() });
        }
        let place = self.clone().reaching(PathScope::Anywhere).place(text)?;
        let inside = place.real.starts_with(&self.real)
            && !self.lent.iter().any(|lent| place.real.starts_with(lent));
        if !inside && self.path_scope == PathScope::Folder {
            return Err(ToolRefusal::OutsideChange {
                path: named(),
                folder: self.real.display().to_string(),
            });
        }
        if is_gits(Path::new(text))
            || is_gits(&place.real)
            || self.git().is_some_and(|git| place.real.starts_with(git))
        {
            return Err(ToolRefusal::Git { shown: place.shown });
        }
        if self.private.iter().any(|private| is_of_any_case(private, &place.real)) {
            return Err(ToolRefusal::PrivateChange { shown: place.shown });
        }
        if is_kernels(&place.real) {
            return Err(ToolRefusal::Device { shown: place.shown });
        }
        if place.real == self.real || text.ends_with('/') {
            return Err(ToolRefusal::NotAFile { shown: place.shown });
        }
        Ok((place, if inside { Location::Inside } else { Location::Outside }))
    }

    /// Whether a path names a link itself, which a removal would take for what it leads to.
    pub fn is_link(&self, text: &str) -> bool {
        let Some(path) = self.named(text) else { return false };
        // Where the last part is no name (`..`), what it is about is a folder.
        path.file_name().is_some()
            && fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink())
    }

    /// Where the folder's own `.git` leads, when that is elsewhere.
    fn git(&self) -> Option<PathBuf> {
        fs::canonicalize(self.real.join(".git")).ok()
    }
}

/// Whether a name on the way is `.git`, as some file system or other would understand it.
fn is_gits(path: &Path) -> bool {
    path.components().any(|part| match part {
        Component::Normal(name) => {
            // HFS+ overlooks these, Windows the dots and blanks at the end.
            let ignored = |c: &char| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
            let name: String = name.to_string_lossy().chars().filter(ignored).flat_map(char::to_lowercase).collect();
            let name = name.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
            matches!(name, ".git" | "git~1")
        }
        _ => false,
    })
}

/// Like [`super::is_of`], also where the file system does not tell cases apart.
fn is_of_any_case(private: &Path, file: &Path) -> bool {
    let lower = |path: &Path| PathBuf::from(path.to_string_lossy().to_lowercase());
    super::is_of(private, file) || super::is_of(&lower(private), &lower(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, WorkFolder) {
        let dir = tempfile::tempdir().unwrap();
        for name in ["in/src", "in/outputs", "in/.git/hooks", "in/sub/.git"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        fs::write(dir.path().join("in/auth.json"), "secret").unwrap();
        let folder = WorkFolder::open(&dir.path().join("in")).unwrap();
        let folder = folder
            .without(&[dir.path().join("in/auth.json")])
            .lending(&dir.path().join("in/outputs"));
        (dir, folder)
    }

    #[test]
    fn files_inside_may_be_changed_whether_or_not_they_are_there() {
        let (_dir, folder) = folder();
        for (text, shown) in [
            ("a.rs", "a.rs"),
            ("./src/../src/new/a.rs", "src/new/a.rs"),
            (".gitignore", ".gitignore"),
            (".github/x.yml", ".github/x.yml"),
            ("git/a", "git/a"),
            ("sub/.gitmodules", "sub/.gitmodules"),
            ("name with blanks.txt", "name with blanks.txt"),
            ("outputs2/a", "outputs2/a"),
        ] {
            let (place, side) = folder.changeable(text).unwrap();
            assert_eq!((place.shown.as_str(), side), (shown, Location::Inside), "{text}");
        }
    }

    #[test]
    fn what_is_outside_or_lent_needs_leave() {
        let (_dir, folder) = folder();
        for text in ["../x", "/etc/hosts", "src/../../x", "outputs/a", "outputs/../../in2/x"] {
            assert!(
                matches!(folder.changeable(text), Err(ToolRefusal::OutsideChange { .. })),
                "{text}"
            );
            let (_, side) = folder.clone().reaching(PathScope::Anywhere).changeable(text).unwrap();
            assert_eq!(side, Location::Outside, "{text}");
        }
    }

    #[test]
    fn some_places_are_never_changed_whatever_is_allowed() {
        let (dir, folder) = folder();
        #[cfg(unix)]
        for (link, to) in
            [("hook", ".git/hooks/pre-commit"), ("dot", ".git"), ("cred", "auth.json")]
        {
            std::os::unix::fs::symlink(to, dir.path().join("in").join(link)).unwrap();
        }
        let other = dir.path().join("other/.git/config");
        for path_scope in [PathScope::Folder, PathScope::Anywhere] {
            let folder = folder.clone().reaching(path_scope);
            for text in [
                ".git/hooks/pre-commit",
                ".git",
                ".GIT/config",
                "src/../.git/config",
                ".Git/x",
                ".git./config",
                ".git /config",
                ".g\u{200c}it/config",
                "GIT~1/config",
                ".git::$INDEX_ALLOCATION/config",
                "sub/.git/config",
                "new/.git/config",
                #[cfg(unix)]
                "hook",
                #[cfg(unix)]
                "dot/config",
            ] {
                assert!(matches!(folder.changeable(text), Err(ToolRefusal::Git { .. })), "{text}");
            }
            for text in [
                "auth.json",
                "AUTH.json",
                "./auth.json.bak",
                ".auth.json.tmp",
                #[cfg(unix)]
                "cred",
            ] {
                assert!(
                    matches!(folder.changeable(text), Err(ToolRefusal::PrivateChange { .. })),
                    "{text}"
                );
            }
            for text in ["a\nb", "a\u{1b}[2J", "tab\tname", "a\u{2028}b", "nul\0"] {
                assert!(
                    matches!(folder.changeable(text), Err(ToolRefusal::OddName { .. })),
                    "{text:?}"
                );
            }
            for text in [".", "", "src/..", "src/"] {
                assert!(
                    matches!(folder.changeable(text), Err(ToolRefusal::NotAFile { .. })),
                    "{text}"
                );
            }
        }
        let anywhere = folder.clone().reaching(PathScope::Anywhere);
        assert!(matches!(
            anywhere.changeable(other.to_str().unwrap()),
            Err(ToolRefusal::Git { .. })
        ));
        if cfg!(target_os = "linux") {
            assert!(matches!(
                anywhere.changeable("/proc/self/mem"),
                Err(ToolRefusal::Device { .. })
            ));
        }
        assert!(matches!(anywhere.changeable("~/.bashrc"), Err(ToolRefusal::Outside { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_git_folder_that_is_a_link_is_gits_where_it_leads() {
        let (dir, _) = folder();
        let root = dir.path().join("linked");
        fs::create_dir_all(root.join("store")).unwrap();
        std::os::unix::fs::symlink("store", root.join(".git")).unwrap();
        let folder = WorkFolder::open(&root).unwrap();
        assert!(matches!(folder.changeable("store/config"), Err(ToolRefusal::Git { .. })));
        assert!(
            folder.is_link(".git")
                && !folder.is_link("store")
                && !folder.is_link("..")
                && !folder.is_link("gone")
        );
    }
}
