//! Adds a line to the instructions that the model is told: the person's own file, or the project's.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{NAMES, repository};
use crate::base::text::clean_line;
use crate::protocol::GuidancePlace;

/// Adds a line, as an item of a list, to the file that the model is told in this folder; makes the
/// file where there is none. Returns its path. Blocks.
///
/// # Errors
///
/// The reason, also where the project's file is a link that leads out of the project.
pub fn add_line(
    folder: &Path,
    own: &Path,
    place: GuidancePlace,
    line: &str,
) -> io::Result<PathBuf> {
    let file = match place {
        GuidancePlace::Person => own.to_owned(),
        GuidancePlace::Project => of_project(folder)?,
    };
    if let Some(above) = file.parent() {
        fs::create_dir_all(above)?;
    }
    let before = fs::read(&file).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(Vec::new()),
        _ => Err(error),
    })?;
    let gap = if before.is_empty() || before.ends_with(b"\n") { "" } else { "\n" };
    let item = format!("{gap}- {}\n", clean_line(line.trim()));
    OpenOptions::new().append(true).create(true).open(&file)?.write_all(item.as_bytes())?;
    Ok(file)
}

/// The file nearest to the folder, up to the repository's root; a new one goes to the root. A
/// `CLAUDE.md` without an `AGENTS.md` beside it is the one that the model is told.
fn of_project(folder: &Path) -> io::Result<PathBuf> {
    let real = folder.canonicalize()?;
    let root = repository(&real).unwrap_or(&real);
    let chain = real.ancestors().take_while(|at| at.starts_with(root));
    let mut files = chain.flat_map(|at| NAMES.map(|name| at.join(name)));
    let Some(file) = files.find(|file| file.symlink_metadata().is_ok()) else {
        return Ok(root.join(NAMES[0]));
    };
    let target = file.canonicalize()?;
    let is_within = target.starts_with(root) && target.is_file();
    let is_markdown = target.extension().is_some_and(|ending| ending == "md");
    if is_within && is_markdown {
        return Ok(target);
    }
    Err(io::Error::other(format!("`{}` leads out of the project", file.display())))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_to_the_file_that_the_model_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap().join("repo");
        let (sub, own) = (root.join("sub"), dir.path().join("config/AGENTS.md"));
        fs::create_dir_all(root.join(".git")).unwrap();
        fs::create_dir(&sub).unwrap();
        let add = |place, line| add_line(&sub, &own, place, line).unwrap();
        assert_eq!(add(GuidancePlace::Project, "use tabs"), root.join("AGENTS.md"));
        fs::remove_file(root.join("AGENTS.md")).unwrap();
        fs::write(root.join("CLAUDE.md"), "# Rules").unwrap();
        add(GuidancePlace::Project, "use\u{1b}[2J tabs\nalways");
        let text = fs::read_to_string(root.join("CLAUDE.md")).unwrap();
        assert!(text.starts_with("# Rules\n- use") && text.ends_with("tabs always\n"), "{text}");
        assert!(!text.contains('\u{1b}'));
        assert_eq!(add(GuidancePlace::Person, "be brief"), own);
        add(GuidancePlace::Person, "no emoji");
        assert_eq!(fs::read_to_string(&own).unwrap(), "- be brief\n- no emoji\n");
    }

    #[test]
    fn a_link_out_of_the_project_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("work");
        fs::create_dir(&folder).unwrap();
        fs::write(dir.path().join("out.md"), "").unwrap();
        std::os::unix::fs::symlink("../out.md", folder.join("AGENTS.md")).unwrap();
        let added = add_line(&folder, Path::new("/x"), GuidancePlace::Project, "line");
        assert!(added.is_err());
        assert_eq!(fs::read_to_string(dir.path().join("out.md")).unwrap(), "");
    }
}
