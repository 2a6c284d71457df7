//! The person's login profile: read once for each shell, outside of the sandbox, for the variables
//! that it sets. Commands that are kept in get these, but for secrets, and never run the profile
//! themselves: it would set again what was taken from them.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use crate::protocol::{Confinement, Sandbox};
use crate::sandbox::{CommandSpec, ExitKind, kill_switch};

use super::environment;
use super::environment::{ShellChoice, Stage};

/// How long a profile may take; it is waited for once.
const LIMIT: Duration = Duration::from_secs(5);
/// Bytes of variables; more are none.
const MOST: usize = 1 << 20;
/// Shows all variables, each with a NUL behind it, once the profile is done.
const SHOW: &str = "/usr/bin/env -0";
/// They belong to the shell that read the profile.
const OF_THE_SHELL: [&str; 7] = ["BASH_ENV", "ENV", "OLDPWD", "PWD", "SHLVL", "SHELLOPTS", "_"];

/// Variables as a profile leaves them.
type Variables = Vec<(OsString, OsString)>;
type Profile = Result<Variables, String>;

/// By shell. Its values may be secrets, and so it is never shown.
static READ: Mutex<Vec<(OsString, Arc<OnceLock<Profile>>)>> = Mutex::new(Vec::new());

/// The changes that a profile makes to the program's variables.
#[derive(Default)]
pub struct LoginVariables {
    /// With the new value, or `None` where the profile takes it away. Secrets are among them.
    changes: Vec<(OsString, Option<OsString>)>,
    /// For the person, once: why the profile could not be read.
    pub notice: Option<String>,
}

impl LoginVariables {
    /// Those that a command gets.
    pub fn passed(
        self,
        confinement: Confinement,
        withheld: &[String],
    ) -> Vec<(OsString, Option<OsString>)> {
        let passes = |(name, value): &(OsString, Option<OsString>)| {
            let value = value.as_deref().unwrap_or_default();
            !environment::is_withheld(name, value, confinement, withheld)
        };
        self.changes.into_iter().filter(passes).collect()
    }
}

/// Blocks while the profile is read for the first time. `shell` is the person's own, and `program`
/// starts commands.
pub fn variables(
    shell: Option<&OsStr>,
    choice: &ShellChoice<'_>,
    withheld: &[String],
    program: &Path,
) -> LoginVariables {
    let command = environment::login_shell(SHOW, shell, choice);
    let name = environment::chosen(shell, choice);
    let cell = {
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        match read.iter().find(|(known, _)| *known == name) {
            Some((_, cell)) => Arc::clone(cell),
            None => {
                let cell = Arc::default();
                read.push((name, Arc::clone(&cell)));
                cell
            }
        }
    };
    let mut is_first = false;
    let profile = cell.get_or_init(|| {
        is_first = true;
        read(command, withheld, program)
    });
    match profile {
        Ok(set) => LoginVariables { changes: changes(set), notice: None },
        Err(why) => {
            let notice = format!(
                "Your login profile could not be read: {why}. Commands in the sandbox run with codling's own variables"
            );
            LoginVariables { changes: Vec::new(), notice: is_first.then_some(notice) }
        }
    }
}

fn read(command: Vec<OsString>, withheld: &[String], program: &Path) -> Profile {
    let home = std::env::home_dir().filter(|home| home.is_dir()).unwrap_or_else(|| "/".into());
    let (_held, handle) = kill_switch().map_err(|error| error.to_string())?;
    let bounds = (Sandbox::Absent, Confinement::Free);
    let spec = CommandSpec {
        variables: environment::variables(
            std::env::vars_os(),
            Confinement::Free,
            withheld,
            Stage::Nowhere,
        ),
        ..CommandSpec::bare(command, home, bounds, LIMIT)
    };
    let mut shown = Vec::new();
    let end = spec.run(program, handle, &mut |bytes| {
        let room = MOST.saturating_sub(shown.len());
        shown.extend_from_slice(&bytes[..bytes.len().min(room)]);
    });
    match end.how {
        ExitKind::Exit(0) if shown.len() < MOST => parsed(shown),
        ExitKind::Late => Err(format!("it took longer than {} seconds", LIMIT.as_secs())),
        ExitKind::Failed(why) => Err(why),
        ExitKind::Exit(code) => Err(format!("the shell ended with exit code {code}")),
        ExitKind::Signal(number) => Err(format!("the shell was ended by signal {number}")),
        ExitKind::Stopped => Err("it was ended before it was done".to_owned()),
    }
}

/// `name=value`, each with a NUL behind it.
fn parsed(shown: Vec<u8>) -> Profile {
    let Some(all) = shown.strip_suffix(&[0]) else {
        return Err("it shows no variables".to_owned());
    };
    let pair = |line: &[u8]| {
        let at = line.iter().position(|byte| *byte == b'=').filter(|at| *at > 0)?;
        Some((owned(&line[..at]), owned(&line[at + 1..])))
    };
    Ok(all.split(|byte| *byte == 0).filter_map(pair).collect())
}

#[cfg(unix)]
fn owned(bytes: &[u8]) -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(bytes.to_vec())
}

#[cfg(not(unix))]
fn owned(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}

/// The variables that differ from the program's own.
fn changes(set: &Variables) -> Vec<(OsString, Option<OsString>)> {
    let is_ours = |name: &OsStr| !OF_THE_SHELL.iter().any(|own| name == *own);
    let new = set.iter().filter(|(name, value)| std::env::var_os(name).as_ref() != Some(value));
    let new = new.map(|(name, value)| (name.clone(), Some(value.clone())));
    let gone = std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| !set.iter().any(|(known, _)| known == name))
        .map(|name| (name, None));
    let of_the_shell = ["BASH_ENV", "ENV"].map(|name| (name.into(), None));
    new.chain(gone).filter(|(name, _)| is_ours(name)).chain(of_the_shell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_read_as_they_are_shown() {
        let set = parsed(b"A=1\0B=x=y\nz\0=odd\0C=\0".to_vec()).unwrap();
        let wanted = [("A", "1"), ("B", "x=y\nz"), ("C", "")];
        assert_eq!(set, wanted.map(|(name, value)| (name.into(), value.into())));
        for broken in [&b""[..], b"A=1\nB=2\n"] {
            assert!(parsed(broken.to_vec()).is_err());
        }
    }

    #[test]
    fn what_a_profile_changes_is_what_differs_from_the_program() {
        let path = std::env::var_os("PATH").unwrap();
        let set = vec![
            ("PATH".into(), path),
            ("CODLING_TEST_NEW".into(), "1".into()),
            ("SHLVL".into(), "7".into()),
        ];
        let changes = changes(&set);
        assert!(changes.contains(&("CODLING_TEST_NEW".into(), Some("1".into()))));
        assert!(!changes.iter().any(|(name, _)| name == "PATH" || name == "SHLVL"));
        assert!(changes.contains(&("BASH_ENV".into(), None)));
    }
}
