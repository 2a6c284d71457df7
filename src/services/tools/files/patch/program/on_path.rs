//! The folder that leads commands to the program: scripts that start codling in its role, at the
//! front of `PATH` for a command that names it.
//!
//! It lies beside the conversation's long outputs, which every command can read and none that is
//! kept in can change. A command outside of the sandbox could, so the scripts are compared at every
//! use.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::Builder;

use crate::base::files::create_private_folder;

use super::ROLE;
use crate::tools::files::patch::NAMES;

const FOLDER: &str = "programs";
/// Puts the folder at the front of `PATH` again, for shells whose profile sets that anew.
const STARTUP: &str = "startup";
/// The variable that leads `bash` there. It reads this file after the profile.
const STARTUP_VARIABLE: &str = "BASH_ENV";

/// The program, as a command finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramOnPath {
    folder: PathBuf,
    /// codling itself. A command has to be able to read it.
    pub codling: PathBuf,
}

impl ProgramOnPath {
    /// For a line of the shell that names it, in a conversation about `session`; `outputs` is where
    /// that keeps its long outputs. Where the program cannot be provided, the shell does not find
    /// it and says so.
    pub fn for_line(line: &str, outputs: &Path, codling: &Path, session: &Path) -> Option<Self> {
        if !is_named(line) {
            return None;
        }
        // A path of this process's own means another program in a script. Where the file was
        // replaced, the new one may have no such role.
        let codling = codling.canonicalize().ok()?;
        let folder = outputs.join(FOLDER);
        match write(&folder, &codling, session) {
            Ok(()) => Some(Self { folder, codling }),
            Err(error) => {
                tracing::warn!(%error, "commands are not given `apply_patch`");
                None
            }
        }
    }

    /// Has a command find it, which is given these variables besides the process's own.
    pub fn lead(&self, variables: &mut Vec<(OsString, Option<OsString>)>) {
        let given = |name: &str| match variables.iter().rfind(|(given, _)| given == name) {
            Some((_, value)) => value.clone(),
            None => env::var_os(name),
        };
        let path = given("PATH");
        let folders = path.iter().flat_map(env::split_paths);
        let led = env::join_paths([self.folder.clone()].into_iter().chain(folders));
        // A file of the person's own is left to them.
        let is_free = given(STARTUP_VARIABLE).is_none() && is_literal(&self.folder);
        variables.extend(led.ok().map(|led| ("PATH".into(), Some(led))));
        if is_free {
            let startup = self.folder.join(STARTUP).into();
            variables.push((STARTUP_VARIABLE.into(), Some(startup)));
        }
    }
}

/// Whether `bash` takes a path as it stands: it expands the value of its variable.
fn is_literal(path: &Path) -> bool {
    !path.as_os_str().as_encoded_bytes().iter().any(|byte| b"$`\\\"".contains(byte))
}

/// Whether a line of the shell has one of the program's names in it, as a word.
fn is_named(line: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.split(|c| !is_part(c)).any(|word| NAMES.contains(&word))
}

/// Writes what is not there as it should be.
fn write(folder: &Path, codling: &Path, session: &Path) -> io::Result<()> {
    create_private_folder(folder).map_err(io::Error::other)?;
    if fs::symlink_metadata(folder)?.is_symlink() {
        return Err(io::Error::other("a link stands where its folder belongs"));
    }
    let script = script(codling, session);
    for name in NAMES {
        provide(&folder.join(name), &script)?;
    }
    let own = quoted(folder.as_os_str());
    provide(&folder.join(STARTUP), &[b"PATH=", &*own, b":$PATH\n"].concat())
}

/// Makes an executable file, unless it stands there already.
fn provide(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    if is_file && is_executable(path) && fs::read(path).is_ok_and(|found| found == bytes) {
        return Ok(());
    }
    #[cfg_attr(not(unix), expect(unused_mut, reason = "there are no modes"))]
    let mut builder = Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let mut draft = builder.tempfile_in(path.parent().unwrap_or(path))?;
    io::Write::write_all(&mut draft, bytes)?;
    // Whole at once: another command may be about to run it.
    draft.persist(path)?;
    Ok(())
}

fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
    }
    #[cfg(not(unix))]
    {
        path.is_file()
    }
}

/// Becomes the program, for a conversation in `session`.
fn script(codling: &Path, session: &Path) -> Vec<u8> {
    let (codling, session) = (quoted(codling.as_os_str()), quoted(session.as_os_str()));
    let role = ROLE.as_bytes();
    [b"#!/bin/sh\nexec ", &*codling, b" ", role, b" ", &*session, b" \"$@\"\n"].concat()
}

/// As one word of a shell.
fn quoted(word: &OsStr) -> Vec<u8> {
    let parts: Vec<&[u8]> = word.as_encoded_bytes().split(|byte| *byte == b'\'').collect();
    [b"'", parts.join(&br"'\''"[..]).as_slice(), b"'"].concat()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_a_line_with_the_word_in_it_is_given_the_program() {
        for (line, is) in [
            ("set -e; apply_patch <<'E'", true),
            ("bash -lc \"applypatch '$x'\"", true),
            ("cat a|apply_patch", true),
            ("apply_patches", false),
            ("my_apply_patch", false),
            ("git apply patch", false),
        ] {
            assert_eq!(is_named(line), is, "{line}");
        }
    }

    #[test]
    fn scripts_that_were_changed_are_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        let codling = dir.path().join("it's codling");
        fs::write(&codling, "#!/bin/sh\nprintf '%s,' \"$@\"\n").unwrap();
        fs::set_permissions(&codling, fs::Permissions::from_mode(0o755)).unwrap();
        let outputs = dir.path().join("out puts");
        let session = Path::new("/a 'b");
        let provided =
            || ProgramOnPath::for_line("apply_patch", &outputs, &codling, session).unwrap();
        let folder = provided().folder;
        let script = folder.join("apply_patch");
        let good = fs::read(&script).unwrap();
        fs::write(&script, "#!/bin/sh\n").unwrap();
        provided();
        assert_eq!(fs::read(&script).unwrap(), good);
        fs::set_permissions(&script, fs::Permissions::from_mode(0o600)).unwrap();
        provided();
        fs::remove_file(&script).unwrap();
        std::os::unix::fs::symlink("/bin/true", &script).unwrap();
        provided();
        assert!(!fs::symlink_metadata(&script).unwrap().is_symlink());
        let mut variables =
            vec![("PATH".into(), Some("/usr/bin:/bin".into())), (STARTUP_VARIABLE.into(), None)];
        provided().lead(&mut variables);
        assert_eq!(variables.len(), 4);
        let mut shell = std::process::Command::new("bash");
        shell.args(["-c", "PATH=/usr/bin:/bin; bash -c 'applypatch \"a b\" \"\"'"]).env_clear();
        shell.envs(variables.into_iter().filter_map(|(name, value)| Some((name, value?))));
        let output = shell.output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "__apply_patch,/a 'b,a b,,",
            "{output:?}"
        );
    }

    #[test]
    fn without_a_place_or_a_program_there_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let program = env::current_exe().unwrap();
        let of = |outputs: &Path, codling: &Path| {
            ProgramOnPath::for_line("apply_patch", outputs, codling, Path::new("/s"))
        };
        assert_eq!(of(dir.path(), Path::new("/not/there")), None);
        fs::write(dir.path().join("file"), "").unwrap();
        assert_eq!(of(&dir.path().join("file"), &program), None);
        std::os::unix::fs::symlink(dir.path(), dir.path().join(FOLDER)).unwrap();
        assert_eq!(of(dir.path(), &program), None);
    }

    #[test]
    fn a_startup_file_of_the_person_is_left_to_them() {
        let startup = |folder: &str, own: Option<&str>| {
            let found = ProgramOnPath { folder: folder.into(), codling: "/c".into() };
            let own = own.map(OsString::from);
            let mut variables = vec![(STARTUP_VARIABLE.into(), own.clone())];
            found.lead(&mut variables);
            let last = variables.into_iter().rfind(|(name, _)| name == STARTUP_VARIABLE).unwrap().1;
            (last != own).then_some(last).flatten()
        };
        assert_eq!(startup("/f", None).unwrap(), "/f/startup");
        assert_eq!(startup("/f", Some("/own")), None);
        for expanded in ["/$f", "/`f`", "/$(f)", "/f\\", "/f\""] {
            assert_eq!(startup(expanded, None), None, "{expanded}");
        }
    }
}
