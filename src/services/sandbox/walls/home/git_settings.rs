//! A person's settings of git without the secrets in them, for where a copy cannot stand in the
//! place of a file that is hidden: git refuses to run where it may not read what is there.

use std::fs;
use std::path::{Path, PathBuf};

use super::settings::without_secrets;
use super::view::HomeView;

/// By which git is told of another file.
pub const VARIABLE: &str = "GIT_CONFIG_GLOBAL";

/// As git reads them, the later ones over the earlier.
const FILES: [&str; 2] = [".config/git/config", ".gitconfig"];

/// All of them in one text, where one is hidden for what it holds. What cannot be understood is
/// left out.
pub fn git_settings(views: &[HomeView], home: &Path) -> Option<String> {
    let home: PathBuf = home.canonicalize().ok()?;
    let view = views.iter().find(|view| view.folder == home)?;
    let paths = FILES.map(|name| home.join(name));
    if !paths.iter().any(|path| view.hides(path) && path.is_file()) {
        return None;
    }
    let left = paths.iter().filter_map(|path| {
        let text = fs::read_to_string(path).ok()?;
        without_secrets(path, &text)
    });
    Some(left.map(|text| format!("{}\n", text.trim_end())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::walls::home::view::{HomeEntry, HomeSource};

    #[test]
    fn settings_of_git_are_one_text_without_secrets_where_one_is_hidden() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap();
        let paths = FILES.map(|name| home.join(name));
        fs::create_dir_all(paths[0].parent().unwrap()).unwrap();
        fs::write(&paths[0], "[alias]\n\ts = status").unwrap();
        fs::write(&paths[1], "[credential]\n\thelper = x\n[user]\n\tname = A\n").unwrap();
        let entry = |path: &PathBuf| HomeEntry {
            path: path.clone(),
            source: HomeSource::File(path.clone()),
        };
        let view = |seen: &[PathBuf]| HomeView {
            folder: home.clone(),
            entries: seen.iter().map(entry).collect(),
            scratch: Vec::new(),
        };
        let text = "[alias]\n\ts = status\n[user]\n\tname = A\n";
        assert_eq!(git_settings(&[view(&paths[..1])], &home).as_deref(), Some(text));
        assert_eq!(git_settings(&[view(&paths)], &home), None);
        assert_eq!(git_settings(&[view(&[])], Path::new("/none")), None);
    }
}
