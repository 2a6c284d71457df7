//! The environment of a command: the shell that reads it, and its variables. Reads nothing of the
//! process itself.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::base::startup_files;
use crate::protocol::{Confinement, GitAccess};

/// Shells that read a line as it is judged. A smaller one would run words of a condition (`[[ a &&
/// b ]]`) that these compare.
const KNOWN: [&str; 3] = ["bash", "ksh", "zsh"];
const COMMON: [&str; 3] = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"];
const PLAIN: &str = "/bin/sh";

/// There is nobody to answer.
const SET: [(&str, &str); 10] = [
    ("CODLING", "1"),
    ("EDITOR", "false"),
    ("GIT_EDITOR", "false"),
    ("GIT_PAGER", "cat"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("MANPAGER", "cat"),
    ("NO_COLOR", "1"),
    ("PAGER", "cat"),
    ("SSH_ASKPASS_REQUIRE", "never"),
    ("VISUAL", "false"),
];

/// The screen a command draws on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Its output is read as text.
    Nowhere,
    /// A terminal of its own.
    Terminal,
}

impl Stage {
    /// `TERM`.
    fn name(self) -> &'static str {
        match self {
            Self::Nowhere => "dumb",
            Self::Terminal => "xterm-256color",
        }
    }
}

/// Which shell reads a line, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShellChoice<'a> {
    /// Where it is to be another than the person's own: one that [`is_known`].
    pub shell: Option<&'a str>,
    /// Without the person's profile.
    pub is_bare: bool,
}

/// Whether lines are read by a shell of this name as they are judged.
pub fn is_known(shell: &str) -> bool {
    let name = Path::new(shell).file_name().and_then(OsStr::to_str);
    name.is_some_and(|name| KNOWN.contains(&name))
}

/// Starts a login shell whose profile is not heard: what it says is the same every time, and where
/// it is kept in, it may be nothing but complaints. The output waits at a place of its own until
/// the profile is done.
const QUIETLY: &str = r#"exec "$@" 3>&1 >/dev/null 2>&1"#;
const ALOUD: &str = r#"exec >&3 2>&1 3>&-; eval "shift; $1""#;

/// The program and its arguments that run a line; `shell` is the person's own. A shell that is kept
/// in reads no profile.
pub fn shell(
    line: &str,
    shell: Option<&OsStr>,
    choice: &ShellChoice<'_>,
    confinement: Confinement,
) -> Vec<OsString> {
    let own = chosen(shell, choice);
    if confinement != Confinement::Free {
        let name = Path::new(&own).file_name().and_then(OsStr::to_str);
        let quiet: &[&str] = match name {
            Some("bash") => &["--noprofile", "--norc"],
            Some("zsh") => &["-f"],
            _ => &[],
        };
        let options = quiet.iter().map(OsString::from).collect::<Vec<_>>();
        let run = ["-c".into(), line.into()];
        return std::iter::once(own).chain(options).chain(run).collect();
    }
    match choice.is_bare {
        true => vec![own, "-c".into(), line.into()],
        false => login_shell(line, shell, choice),
    }
}

/// The same with a shell that reads the person's profile.
pub fn login_shell(line: &str, shell: Option<&OsStr>, choice: &ShellChoice<'_>) -> Vec<OsString> {
    let name = OsString::from("shell");
    let quietly = [PLAIN.into(), "-c".into(), QUIETLY.into(), name.clone()];
    let own = chosen(shell, choice);
    quietly.into_iter().chain([own, "-lc".into(), ALOUD.into(), name, line.into()]).collect()
}

/// Which shell that is.
pub fn chosen(shell: Option<&OsStr>, choice: &ShellChoice<'_>) -> OsString {
    let known = shell.map(Path::new).filter(|path| {
        let name = path.file_name().and_then(OsStr::to_str);
        path.is_absolute() && name.is_some_and(|name| KNOWN.contains(&name)) && path.is_file()
    });
    let chosen = choice.shell.and_then(|meant| found(meant, known));
    let common = || COMMON.iter().map(Path::new).find(|path| path.is_file());
    let own = chosen.as_deref().or(known).or_else(common);
    own.map_or(OsStr::new(PLAIN), Path::as_os_str).to_owned()
}

/// Where a shell is that is meant by its name or its path: the system's, or the person's own. Any
/// other file of that name is a program that nobody was asked about.
fn found(meant: &str, own: Option<&Path>) -> Option<PathBuf> {
    let name = Path::new(meant).file_name()?;
    let places = ["/bin", "/usr/bin", "/usr/local/bin"].map(|place| Path::new(place).join(name));
    let own = own.filter(|own| own.file_name() == Some(name)).map(Path::to_owned);
    own.into_iter().chain(places).filter(|_| is_known(meant)).find(|path| path.is_file())
}

/// The variables to set, and those of the program's own to remove: its credentials and settings,
/// the `withheld` ones, and for a command that is kept in the sandbox everything that is named like
/// a secret or holds a password.
pub fn variables(
    own: impl Iterator<Item = (OsString, OsString)>,
    confinement: Confinement,
    withheld: &[String],
    stage: Stage,
) -> Vec<(OsString, Option<OsString>)> {
    let away = own.filter(|(name, value)| is_withheld(name, value, confinement, withheld));
    let away = away.map(|(name, _)| (name, None));
    let set = SET.into_iter().chain([("TERM", stage.name())]);
    away.chain(set.map(|(name, value)| (name.into(), Some(value.into())))).collect()
}

/// Whether a command does not get a variable.
pub fn is_withheld(
    name: &OsStr,
    value: &OsStr,
    confinement: Confinement,
    withheld: &[String],
) -> bool {
    let lossy = name.to_string_lossy();
    name == "OPENAI_API_KEY"
        || lossy.starts_with("CODLING_")
        || withheld.iter().any(|withheld| name == withheld.as_str())
        || confinement != Confinement::Free
            && (is_secret(&lossy) || holds_password(&value.to_string_lossy()))
}

/// Whether a value is an address with a password in it (`postgres://user:password@host`), or words
/// that set one.
fn holds_password(value: &str) -> bool {
    let in_address = |rest: &str| {
        let end = |c: char| c.is_whitespace() || "/?#\"'".contains(c);
        let authority = rest.split(end).next().unwrap_or_default();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        user.and_then(|user| user.split_once(':')).is_some_and(|(_, password)| !password.is_empty())
    };
    let lower = value.to_lowercase();
    value.split("://").skip(1).any(in_address)
        || ["password=", "passwd=", "pwd="].iter().any(|name| {
            let set = lower.split(name).skip(1);
            set.into_iter().any(|rest| rest.starts_with(|c: char| !c.is_whitespace() && c != ';'))
        })
}

/// Whether the name of a variable says that its value is a secret: `GITHUB_TOKEN`,
/// `AWS_SECRET_ACCESS_KEY`, not `TOKENIZERS_PARALLELISM`.
fn is_secret(name: &str) -> bool {
    const PARTS: [&str; 12] = [
        "APIKEY",
        "CREDENTIAL",
        "CREDENTIALS",
        "KEY",
        "KEYS",
        "PASSPHRASE",
        "PASSWD",
        "PASSWORD",
        "PAT",
        "SECRET",
        "SECRETS",
        "TOKEN",
    ];
    let name = name.to_uppercase();
    name.split(['_', '-', '.']).any(|part| PARTS.contains(&part))
        || ["APIKEY", "PASSWORD", "SECRET", "TOKEN"].iter().any(|end| name.ends_with(end))
}

/// The parts of the folder that a command in the sandbox cannot write to: git's own folder, also of
/// repositories in it, or only the parts that git runs and follows. For other folders that are
/// `opened` it is always the former.
pub fn kept(
    folder: &Path,
    git: GitAccess,
    repositories: &[PathBuf],
    opened: &[PathBuf],
) -> Vec<PathBuf> {
    let closed = |folder: &Path| {
        std::iter::once(".git")
            .chain(startup_files())
            .map(|name| folder.join(name))
            .collect::<Vec<_>>()
    };
    let own = folder.join(".git");
    let others = || repositories.iter().filter(|other| **other != own);
    let own = match git {
        GitAccess::ReadOnly => closed(folder).into_iter().chain(others().cloned()).collect(),
        GitAccess::Writable => {
            let (inside, elsewhere): (Vec<_>, Vec<_>) =
                others().partition(|other| other.starts_with(folder));
            let all = std::iter::once(&own).chain(inside);
            all.flat_map(|git| ["config", "config.worktree", "hooks"].map(|name| git.join(name)))
                .chain(elsewhere.into_iter().cloned())
                .collect::<Vec<_>>()
        }
    };
    own.into_iter().chain(opened.iter().flat_map(|folder| closed(folder))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_that_reads_lines_otherwise_is_not_used() {
        let common = COMMON.into_iter().find(|path| Path::new(path).is_file()).unwrap_or(PLAIN);
        for own in [
            Some("/bin/sh"),
            Some("/usr/bin/fish"),
            Some("/bin/dash"),
            Some("/not/there/bash"),
            Some("bash"),
            Some(""),
            None,
        ] {
            let words = login_shell("echo a", own.map(OsStr::new), &ShellChoice::default());
            assert_eq!(
                (words[4].to_str(), words.last().unwrap().to_str()),
                (Some(common), Some("echo a")),
                "{own:?}"
            );
        }
    }

    #[test]
    fn a_file_that_is_only_called_like_a_shell_reads_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let planted = folder.path().join("bash");
        std::fs::write(&planted, "#!/bin/sh\n").unwrap();
        let choice = ShellChoice { shell: planted.to_str(), is_bare: true };
        for own in [None, Some("/bin/sh"), Some("/bin/bash")] {
            let words = shell("ls", own.map(OsStr::new), &choice, Confinement::Free);
            assert!(words[0] != planted.as_os_str(), "{words:?}");
        }
        // The person's own is theirs, wherever it stands.
        let words = shell("ls", Some(planted.as_os_str()), &choice, Confinement::Free);
        assert_eq!(words[0], planted.as_os_str());
    }

    #[test]
    fn credentials_stay_here() {
        let own = ["OPENAI_API_KEY", "CODLING_HOME", "PATH", "CODLING", "ACME"]
            .map(|name| (OsString::from(name), OsString::from("x")));
        let withheld = ["ACME".to_owned()];
        let variables = variables(own.into_iter(), Confinement::Free, &withheld, Stage::Nowhere);
        let away: Vec<_> = variables
            .iter()
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| name.clone())
            .collect();
        assert_eq!(away, ["OPENAI_API_KEY", "CODLING_HOME", "ACME"]);
        assert!(
            variables.contains(&("TERM".into(), Some("dumb".into())))
                && variables.contains(&("CODLING".into(), Some("1".into())))
        );
    }

    #[test]
    fn repositories_in_the_folder_are_kept_as_its_own_is() {
        let [own, other, opened] = ["/w/.git", "/w/lib/.git", "/o/a/.git"].map(PathBuf::from);
        let all = [own.clone(), other.clone(), opened.clone()];
        let kept = |git| super::kept(Path::new("/w"), git, &all, &[]);
        let places = kept(GitAccess::ReadOnly);
        assert_eq!(
            places.iter().filter(|path| path.ends_with(".git")).collect::<Vec<_>>(),
            [&own, &other, &opened]
        );
        let writable = kept(GitAccess::Writable);
        assert!(
            writable.contains(&other.join("config"))
                && writable.contains(&own.join("hooks"))
                && writable.contains(&opened)
                && !writable.contains(&other)
        );
    }

    #[test]
    fn secrets_of_others_reach_only_commands_that_were_let_out() {
        for (name, is_taken) in [
            ("GITHUB_TOKEN", true),
            ("AWS_SECRET_ACCESS_KEY", true),
            ("AWS_ACCESS_KEY_ID", true),
            ("ANTHROPIC_API_KEY", true),
            ("npm_config__authToken", true),
            ("PGPASSWORD", true),
            ("GOOGLE_APPLICATION_CREDENTIALS", true),
            ("MyApiKey", true),
            ("PATH", false),
            ("PWD", false),
            ("AWS_REGION", false),
            ("TOKENIZERS_PARALLELISM", false),
            ("KEYBOARD", false),
            ("MONKEY", false),
            ("SSH_AUTH_SOCK", false),
        ] {
            for confinement in [Confinement::Folder, Confinement::ReadOnly, Confinement::Free] {
                let own = [(name.into(), "x".into())].into_iter();
                let taken =
                    variables(own, confinement, &[], Stage::Nowhere).contains(&(name.into(), None));
                assert_eq!(
                    taken,
                    is_taken && confinement != Confinement::Free,
                    "{name} {confinement:?}"
                );
            }
        }
    }

    #[test]
    fn a_variable_whose_value_holds_a_password_is_a_secret_whatever_its_name() {
        for (value, holds) in [
            ("postgres://app:hunter2@db:5432/app", true),
            ("redis://:hunter2@cache", true),
            ("Server=db;User=a;Password=hunter2;", true),
            ("https://user@host/x", false),
            ("https://host:8080/a@b", false),
            ("http://localhost:3000", false),
            ("host:/a:b@c", false),
            ("Password=", false),
            ("/usr/bin:/bin", false),
        ] {
            assert_eq!(holds_password(value), holds, "{value}");
            let taken = |confinement| is_withheld("DB".as_ref(), value.as_ref(), confinement, &[]);
            assert_eq!(taken(Confinement::Folder), holds, "{value}");
            assert!(!taken(Confinement::Free), "{value}");
        }
    }

    #[test]
    fn a_shell_that_is_kept_in_reads_no_profile() {
        let dir = tempfile::tempdir().unwrap();
        let bash = dir.path().join("bash").into_os_string();
        std::fs::write(&bash, "").unwrap();
        for confinement in [Confinement::Folder, Confinement::ReadOnly] {
            let words = shell("ls", Some(&bash), &ShellChoice::default(), confinement);
            let flags = ["--noprofile", "--norc", "-c", "ls"].map(OsString::from);
            assert_eq!((&words[0], &words[1..]), (&bash, &flags[..]));
        }
    }
}
