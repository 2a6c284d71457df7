//! What a command finds around it: the shell that reads it, and its variables. Reads nothing of the process itself.

use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Shells that read a line as POSIX has it.
const KNOWN: [&str; 5] = ["bash", "dash", "ksh", "sh", "zsh"];
const PLAIN: &str = "/bin/sh";

/// There is nobody to answer, and no terminal to draw on.
const SET: [(&str, &str); 11] = [
    ("CODLING", "1"),
    ("EDITOR", "false"),
    ("GIT_EDITOR", "false"),
    ("GIT_PAGER", "cat"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("MANPAGER", "cat"),
    ("NO_COLOR", "1"),
    ("PAGER", "cat"),
    ("SSH_ASKPASS_REQUIRE", "never"),
    ("TERM", "dumb"),
    ("VISUAL", "false"),
];

/// Starts a login shell whose profile is not heard: what it says is the same every time, and where it is kept in, it may be nothing but complaints.
/// The output waits at a place of its own until the profile is done.
const QUIETLY: &str = r#"exec "$@" 3>&1 >/dev/null 2>&1"#;
const ALOUD: &str = r#"exec >&3 2>&1 3>&-; eval "shift; $1""#;

/// The program and its arguments that run a line; `shell` is the person's own.
pub fn shell(line: &str, shell: Option<&OsStr>) -> Vec<OsString> {
    let known = shell.map(Path::new).filter(|path| {
        let name = path.file_name().and_then(OsStr::to_str);
        path.is_absolute() && name.is_some_and(|name| KNOWN.contains(&name)) && path.is_file()
    });
    let own = known.map_or(OsStr::new(PLAIN), Path::as_os_str).to_owned();
    let name = OsString::from("shell");
    let quietly = [PLAIN.into(), "-c".into(), QUIETLY.into(), name.clone()];
    quietly.into_iter().chain([own, "-lc".into(), ALOUD.into(), name, line.into()]).collect()
}

/// What is set, and what of the program's own variables is taken away: its credentials and settings.
pub fn variables(own: impl Iterator<Item = OsString>) -> Vec<(OsString, Option<OsString>)> {
    let is_ours = |name: &OsString| name == "OPENAI_API_KEY" || name.to_string_lossy().starts_with("CODLING_");
    let away = own.filter(is_ours).map(|name| (name, None));
    away.chain(SET.iter().map(|(name, value)| (name.into(), Some(value.into())))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_that_reads_lines_otherwise_is_not_used() {
        for (own, used) in [
            (Some("/bin/sh"), "/bin/sh"),
            (Some("/usr/bin/fish"), "/bin/sh"),
            (Some("/not/there/bash"), "/bin/sh"),
            (Some("bash"), "/bin/sh"),
            (Some(""), "/bin/sh"),
            (None, "/bin/sh"),
        ] {
            let words = shell("echo a", own.map(OsStr::new));
            assert_eq!((words[4].to_str(), words.last().unwrap().to_str()), (Some(used), Some("echo a")), "{own:?}");
        }
    }

    #[test]
    fn credentials_stay_here() {
        let own = ["OPENAI_API_KEY", "CODLING_HOME", "PATH", "CODLING"].map(OsString::from);
        let variables = variables(own.into_iter());
        let away: Vec<_> = variables.iter().filter(|(_, value)| value.is_none()).map(|(name, _)| name.clone()).collect();
        assert_eq!(away, ["OPENAI_API_KEY", "CODLING_HOME"]);
        assert!(variables.contains(&("TERM".into(), Some("dumb".into()))) && variables.contains(&("CODLING".into(), Some("1".into()))));
    }
}
