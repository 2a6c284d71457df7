//! Places in a home that the person's `PATH` leads to: folders of programs, and the environments
//! that links in them lead into. Knows no tool by name.

use std::fs;
use std::path::{Path, PathBuf};

use super::found::Found;
use super::table::PARTS_OF_ENVIRONMENT;

/// Folders of programs within an environment.
const OF_PROGRAMS: [&str; 3] = ["bin", "sbin", "shims"];
/// No folder on a `PATH` has more links in it that lead into a home.
const MOST_LINKS: usize = 1_000;

/// Opens what is hidden of it so far.
pub(super) fn open(found: &mut Found, folders: &[PathBuf]) {
    for folder in folders {
        let Ok(real) = folder.canonicalize() else { continue };
        for folder in [folder, &real] {
            if found.is_hidden(folder) {
                open_folder(found, folder);
            }
        }
        if found.home_of(&real).is_some() {
            open_links(found, &real);
        }
    }
}

/// A folder of programs with the environment around it, unless that is where a program keeps more
/// than what runs.
fn open_folder(found: &mut Found, folder: &Path) {
    let environment = environment(folder);
    let is_own = environment.parent().is_some_and(|above| !found.is_shared(above));
    if is_own && !found.is_shared(environment) && found.open(environment) {
        found.cover_secrets_of(environment);
        return;
    }
    if found.open(folder) {
        found.cover_secrets_of(folder);
    }
    if environment != folder {
        open_parts(found, environment);
    }
}

/// The programs that links in a folder lead to, with their environments.
fn open_links(found: &mut Found, folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    for link in links.take(MOST_LINKS) {
        let Ok(program) = link.path().canonicalize() else { continue };
        let Some(folder) = program.parent().filter(|_| found.is_hidden(&program)) else { continue };
        let environment = environment(folder);
        let is_own = environment.parent().is_some_and(|above| !found.is_shared(above));
        if is_own && !found.is_shared(environment) && found.open(environment) {
            found.cover_secrets_of(environment);
        } else {
            found.open(&program);
            open_parts(found, environment);
        }
    }
}

fn open_parts(found: &mut Found, environment: &Path) {
    if !found.is_shared(environment) {
        for part in PARTS_OF_ENVIRONMENT {
            found.open(&environment.join(part));
        }
    }
}

/// The environment that a folder of programs belongs to, or the folder itself.
fn environment(folder: &Path) -> &Path {
    let is_of_programs = OF_PROGRAMS.iter().any(|name| folder.ends_with(name));
    folder.parent().filter(|_| is_of_programs).unwrap_or(folder)
}
