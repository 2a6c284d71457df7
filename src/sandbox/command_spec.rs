//! What is to run, in memory and as the words that go from process to process. Starts nothing.

use std::ffi::{OsStr, OsString};
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::protocol::{AllowedHost, Confinement, Sandbox, SandboxOpenings};

/// First arguments that make the program something else than what a person starts.
pub(super) const SUPERVISOR: &str = "__supervisor";
pub(super) const SANDBOXED_CHILD: &str = "__child";
#[cfg(target_os = "linux")]
pub(super) const PROBE: &str = "__probe";

/// What a child is told of [`Tracing`].
const TRACED: &str = "traced";
const UNTRACED: &str = "untraced";
/// What a child is told of [`Network`].
const CLOSED: &str = "closed";
const PROXIED: &str = "proxied";

/// A command, and what keeps it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandSpec {
    /// A program and its arguments.
    pub command: Vec<OsString>,
    /// Where it begins.
    pub workdir: PathBuf,
    pub confinement: Confinement,
    /// What keeps it in, as [`super::present()`] says. Where that does not work this time, the command is not run.
    pub sandbox: Sandbox,
    /// Places in the folder that it cannot write to all the same, where namespaces keep it in.
    pub kept: Vec<PathBuf>,
    /// The one folder that [`Confinement::Folder`] lets it write in.
    pub folder: PathBuf,
    /// Files that it cannot read where it is kept in, together with what stands beside them under their names.
    pub hidden: Vec<PathBuf>,
    /// Folders in what is hidden that it can read all the same.
    pub shown: Vec<PathBuf>,
    /// What [`Confinement::Folder`] opens to it besides: folders that are there, and hosts, which stay closed where its network is not its own.
    pub grants: SandboxOpenings,
    /// It is ended after that.
    pub limit: Duration,
    /// A file to be made for the paths that the command's own processes change; see [`super::Trace`]. It is not made where that cannot be known.
    pub trace: Option<PathBuf>,
    /// Variables that it gets besides those of the program; `None` takes one away.
    pub variables: Vec<(OsString, Option<OsString>)>,
}

/// What a child is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ChildSpec {
    pub confinement: Confinement,
    pub sandbox: Sandbox,
    pub kept: Vec<PathBuf>,
    pub folder: PathBuf,
    /// The private temporary folder; empty for a free command.
    pub temporary: PathBuf,
    /// Empty on Linux, where what there is of it is told apart; see [`OutputWatch::hidden`].
    pub hidden: Vec<PathBuf>,
    pub shown: Vec<PathBuf>,
    /// Other folders that it can write in.
    pub opened: Vec<PathBuf>,
    pub network: Network,
    pub tracing: Tracing,
    pub command: Vec<OsString>,
}

/// Which network a child is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Network {
    /// One without a way out, or everybody's with the calls for it forbidden.
    Closed,
    /// One of its own, with a proxy as the only way out.
    Proxied,
}

/// Whether a child has its calls shown to the supervisor, at its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tracing {
    Off,
    On,
}

/// What a supervisor is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OutputWatch {
    pub limit: Duration,
    pub confinement: Confinement,
    pub sandbox: Sandbox,
    pub kept: Vec<PathBuf>,
    pub folder: PathBuf,
    /// The private temporary folder to be made; empty for a free command.
    pub temporary: PathBuf,
    /// Empty on Linux: there, a `Hidden` follows for whatever is kept in, since the program looks for it while its processes start.
    pub hidden: Vec<PathBuf>,
    pub shown: Vec<PathBuf>,
    pub opened: Vec<PathBuf>,
    /// What its proxy lets it reach; empty where it has none.
    pub hosts: Vec<AllowedHost>,
    pub trace: Option<PathBuf>,
    pub output: SpecOutput,
    pub command: Vec<OsString>,
}

/// Where a command's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpecOutput {
    /// To the supervisor's own, together with its errors; it reads nothing.
    Heard,
    /// To a terminal, together with its errors; its input comes from there too, and it is the command's own. It comes on the kill switch; elsewhere than on
    /// Linux it is the supervisor's own output.
    Terminal,
    /// To where the program's own goes, and so do its errors and its input. They come on the kill switch.
    Untouched,
}

impl SpecOutput {
    fn as_str(self) -> &'static str {
        match self {
            Self::Heard => HEARD,
            Self::Terminal => TERMINAL,
            Self::Untouched => UNTOUCHED,
        }
    }
}

const HEARD: &str = "heard";
const TERMINAL: &str = "terminal";
const UNTOUCHED: &str = "untouched";

/// Whether the child is the first one of a namespace of processes, and stays beside the command.
#[cfg(target_os = "linux")]
pub(super) fn has_processes(confinement: Confinement, sandbox: Sandbox) -> bool {
    confinement != Confinement::Free && sandbox.has_processes()
}

impl OutputWatch {
    pub fn of(spec: &CommandSpec, temporary: PathBuf, output: SpecOutput) -> Self {
        let is_open = spec.confinement == Confinement::Folder;
        Self {
            limit: spec.limit,
            confinement: spec.confinement,
            sandbox: spec.sandbox,
            kept: spec.kept.clone(),
            folder: spec.folder.clone(),
            temporary,
            hidden: if cfg!(target_os = "linux") { Vec::new() } else { spec.hidden.clone() },
            shown: spec.shown.clone(),
            opened: if is_open { spec.grants.folders.clone() } else { Vec::new() },
            hosts: if is_open && spec.sandbox.has_network() {
                spec.grants.hosts.clone()
            } else {
                Vec::new()
            },
            trace: spec.trace.clone(),
            output,
            command: spec.command.clone(),
        }
    }

    pub fn words(&self) -> Vec<OsString> {
        let mut words = vec![
            self.limit.as_millis().to_string().into(),
            name(self.confinement).into(),
            self.sandbox.as_str().into(),
        ];
        // No trace is an empty path.
        words.extend(
            [self.folder.clone(), self.temporary.clone(), self.trace.clone().unwrap_or_default()]
                .map(OsString::from),
        );
        words.push(self.output.as_str().into());
        words.push(self.hosts.len().to_string().into());
        words.extend(self.hosts.iter().map(|host| host.to_string().into()));
        words.extend(rest([&self.hidden, &self.shown, &self.kept, &self.opened], &self.command));
        words
    }

    /// The words read back.
    pub fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let limit = Duration::from_millis(number(words.next()?)?);
        let confinement = named(&words.next()?)?;
        let sandbox = Sandbox::named(words.next()?.to_str()?)?;
        let (folder, temporary) = (words.next()?.into(), words.next()?.into());
        let trace = Some(PathBuf::from(words.next()?)).filter(|path| !path.as_os_str().is_empty());
        let output = match words.next()?.to_str()? {
            HEARD => SpecOutput::Heard,
            TERMINAL => SpecOutput::Terminal,
            UNTOUCHED => SpecOutput::Untouched,
            _ => return None,
        };
        let count: usize = number(words.next()?)?;
        let hosts = (0..count)
            .map(|_| AllowedHost::parse(words.next()?.to_str()?))
            .collect::<Option<_>>()?;
        let ([hidden, shown, kept, opened], command) = parse_rest(words)?;
        Some(Self {
            limit,
            confinement,
            sandbox,
            kept,
            folder,
            temporary,
            hidden,
            shown,
            opened,
            hosts,
            trace,
            output,
            command,
        })
    }
}

impl ChildSpec {
    /// What the command can write to; `None` is everything.
    #[cfg(target_os = "linux")]
    pub fn writable(&self) -> Option<Vec<&Path>> {
        match self.confinement {
            Confinement::Free => None,
            Confinement::Folder => Some(
                [&self.folder, &self.temporary]
                    .into_iter()
                    .chain(&self.opened)
                    .map(PathBuf::as_path)
                    .collect(),
            ),
            Confinement::ReadOnly => Some(vec![&self.temporary]),
        }
    }

    pub fn words(&self) -> Vec<OsString> {
        let mut words = vec![name(self.confinement).into(), self.sandbox.as_str().into()];
        words.extend([self.folder.clone().into(), self.temporary.clone().into()]);
        words.push(if self.tracing == Tracing::On { TRACED } else { UNTRACED }.into());
        words.push(if self.network == Network::Proxied { PROXIED } else { CLOSED }.into());
        words.extend(rest([&self.hidden, &self.shown, &self.kept, &self.opened], &self.command));
        words
    }

    /// The words read back.
    pub fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let confinement = named(&words.next()?)?;
        let sandbox = Sandbox::named(words.next()?.to_str()?)?;
        let (folder, temporary) = (words.next()?.into(), words.next()?.into());
        let tracing = match words.next()?.to_str()? {
            TRACED => Tracing::On,
            UNTRACED => Tracing::Off,
            _ => return None,
        };
        let network = match words.next()?.to_str()? {
            PROXIED => Network::Proxied,
            CLOSED => Network::Closed,
            _ => return None,
        };
        let ([hidden, shown, kept, opened], command) = parse_rest(words)?;
        Some(Self {
            confinement,
            sandbox,
            kept,
            folder,
            temporary,
            hidden,
            shown,
            opened,
            network,
            tracing,
            command,
        })
    }
}

/// Paths that are hidden, shown, kept and opened.
const LISTS: usize = 4;

fn rest<'a>(
    lists: [&'a [PathBuf]; LISTS],
    command: &'a [OsString],
) -> impl Iterator<Item = OsString> + 'a {
    let counted = |list: &'a [PathBuf]| {
        std::iter::once(list.len().to_string().into())
            .chain(list.iter().map(|path| path.clone().into()))
    };
    lists.into_iter().flat_map(counted).chain(command.iter().cloned())
}

fn parse_rest(
    mut words: impl Iterator<Item = OsString>,
) -> Option<([Vec<PathBuf>; LISTS], Vec<OsString>)> {
    let mut list = || {
        let count: usize = number(words.next()?)?;
        let list: Vec<PathBuf> = words.by_ref().take(count).map(PathBuf::from).collect();
        (list.len() == count).then_some(list)
    };
    let lists = [list()?, list()?, list()?, list()?];
    let command: Vec<OsString> = words.collect();
    (!command.is_empty()).then_some((lists, command))
}

fn number<T: std::str::FromStr>(word: OsString) -> Option<T> {
    word.to_str()?.parse().ok()
}

fn name(confinement: Confinement) -> &'static str {
    match confinement {
        Confinement::Folder => "folder",
        Confinement::Free => "free",
        Confinement::ReadOnly => "read-only",
    }
}

fn named(word: &OsStr) -> Option<Confinement> {
    [Confinement::Folder, Confinement::Free, Confinement::ReadOnly]
        .into_iter()
        .find(|confinement| word == name(*confinement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_arrives() {
        for confinement in [Confinement::Folder, Confinement::Free, Confinement::ReadOnly] {
            for hidden in [vec![], vec!["/a b".into(), "-c".into()]] {
                let command =
                    vec!["sh".into(), "-c".into(), "a\nb '\"".into(), String::new().into()];
                let (folder, temporary) = (PathBuf::from("/f ö"), PathBuf::new());
                let (tracing, trace, output) = match hidden.is_empty() {
                    true => (Tracing::Off, None, SpecOutput::Heard),
                    false => (Tracing::On, Some("/t r".into()), SpecOutput::Untouched),
                };
                let terms = ChildSpec {
                    confinement,
                    sandbox: Sandbox::Namespaces,
                    kept: vec!["/k".into()],
                    folder: folder.clone(),
                    temporary: temporary.clone(),
                    hidden: hidden.clone(),
                    shown: hidden.clone(),
                    opened: hidden.clone(),
                    network: if hidden.is_empty() { Network::Closed } else { Network::Proxied },
                    tracing,
                    command: command.clone(),
                };
                assert_eq!(ChildSpec::parse(terms.words().into_iter()), Some(terms));
                let shown = vec!["/s".into()];
                let (sandbox, kept) = (Sandbox::Landlock, vec!["/k".into()]);
                let limit = Duration::from_millis(9);
                let hosts =
                    hidden.iter().map(|_| AllowedHost::parse("*.a.org:8443").unwrap()).collect();
                let opened = vec!["/o".into()];
                let watch = OutputWatch {
                    limit,
                    confinement,
                    sandbox,
                    kept,
                    folder,
                    temporary,
                    hidden,
                    shown,
                    opened,
                    hosts,
                    trace,
                    output,
                    command,
                };
                assert_eq!(OutputWatch::parse(watch.words().into_iter()), Some(watch));
            }
        }
    }

    #[test]
    fn what_is_not_whole_is_not_understood() {
        for words in [
            vec![],
            vec!["1", "free", "landlock", "/f", "", "", "heard", "0", "0", "0", "0", "0"],
            vec!["x", "free", "landlock", "/f", "", "", "heard", "0", "0", "0", "0", "0", "sh"],
            vec!["1", "free", "landlock", "/f", "", "", "heard", "0", "0", "0", "0", "2", "sh"],
            vec![
                "1", "free", "landlock", "/f", "", "", "heard", "1", "*", "0", "0", "0", "0", "sh",
            ],
        ] {
            assert_eq!(OutputWatch::parse(words.iter().map(OsString::from)), None, "{words:?}");
        }
    }
}
