//! What is to run, and what came of it, in memory and as the arguments and words that go from process to process. Starts nothing.

use std::ffi::{OsStr, OsString};
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use crate::protocol::{Confinement, Sandbox};

/// First arguments that make the program something else than what a person starts.
pub(super) const WARDEN: &str = "__warden";
pub(super) const CELL: &str = "__cell";
#[cfg(target_os = "linux")]
pub(super) const PROBE: &str = "__probe";

/// What a cell is told of [`Tracing`].
const TRACED: &str = "traced";
const UNTRACED: &str = "untraced";

/// A command, and what keeps it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// A program and its arguments.
    pub command: Vec<OsString>,
    /// Where it begins.
    pub workdir: PathBuf,
    pub confinement: Confinement,
    /// What keeps it in, as [`super::present`] says. Where that does not work this time, the command is not run.
    pub sandbox: Sandbox,
    /// Places in the folder that it cannot write to all the same, where namespaces keep it in.
    pub kept: Vec<PathBuf>,
    /// The one folder that [`Confinement::Folder`] lets it write in.
    pub folder: PathBuf,
    /// Files that it cannot read where it is kept in, together with what stands beside them under their names.
    pub hidden: Vec<PathBuf>,
    /// Folders in what is hidden that it can read all the same.
    pub shown: Vec<PathBuf>,
    /// It is ended after that.
    pub limit: Duration,
    /// A file to be made for the paths that the command's own processes change; see [`super::Trace`]. It is not made where that cannot be known.
    pub trace: Option<PathBuf>,
    /// Variables that it gets besides those of the program; `None` takes one away.
    pub variables: Vec<(OsString, Option<OsString>)>,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub how: How,
    /// Processes that it left running, and that were ended.
    pub left: u32,
    /// What it changed of git's settings and hooks, within the folder, and what was put back; `: failed` where that could not be done. Only the first
    /// few are named.
    pub put_back: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    Exit(i32),
    /// It never ran, or nobody knows what became of it: one sentence without a full stop.
    Failed(String),
    Late,
    Signal(i32),
    /// The leash was let go.
    Stopped,
}

/// Names that are told at the most, and letters of each.
const NAMES: usize = 8;
const LONGEST: usize = 100;

/// What a cell is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    pub confinement: Confinement,
    pub sandbox: Sandbox,
    pub kept: Vec<PathBuf>,
    pub folder: PathBuf,
    /// The private temporary folder; empty for a free command.
    pub temporary: PathBuf,
    pub hidden: Vec<PathBuf>,
    pub shown: Vec<PathBuf>,
    pub tracing: Tracing,
    pub command: Vec<OsString>,
}

/// Whether a cell has its calls shown to the warden, at its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tracing {
    Off,
    On,
}

/// What a warden is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Watch {
    pub limit: Duration,
    pub confinement: Confinement,
    pub sandbox: Sandbox,
    pub kept: Vec<PathBuf>,
    pub folder: PathBuf,
    /// The private temporary folder to be made; empty for a free command.
    pub temporary: PathBuf,
    pub hidden: Vec<PathBuf>,
    pub shown: Vec<PathBuf>,
    pub trace: Option<PathBuf>,
    pub output: Output,
    pub command: Vec<OsString>,
}

/// Where a command's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// To the warden's own, together with its errors; it reads nothing.
    Heard,
    /// To where the program's own goes, and so do its errors and its input. They come on the leash.
    Untouched,
}

const HEARD: &str = "heard";
const UNTOUCHED: &str = "untouched";

/// Whether the cell is the first one of a namespace of processes, and stays beside the command.
#[cfg(target_os = "linux")]
pub(super) fn has_processes(confinement: Confinement, sandbox: Sandbox) -> bool {
    confinement != Confinement::Free && sandbox.has_processes()
}

impl Watch {
    pub fn of(order: &Order, temporary: PathBuf, output: Output) -> Self {
        Self {
            limit: order.limit,
            confinement: order.confinement,
            sandbox: order.sandbox,
            kept: order.kept.clone(),
            folder: order.folder.clone(),
            temporary,
            hidden: order.hidden.clone(),
            shown: order.shown.clone(),
            trace: order.trace.clone(),
            output,
            command: order.command.clone(),
        }
    }

    pub fn arguments(&self) -> Vec<OsString> {
        let mut words =
            vec![WARDEN.into(), self.limit.as_millis().to_string().into(), name(self.confinement).into(), self.sandbox.as_str().into()];
        // No trace is an empty path.
        words.extend([self.folder.clone(), self.temporary.clone(), self.trace.clone().unwrap_or_default()].map(OsString::from));
        words.push(if self.output == Output::Heard { HEARD } else { UNTOUCHED }.into());
        words.extend(rest([&self.hidden, &self.shown, &self.kept], &self.command));
        words
    }

    /// The words after the first, read back.
    pub fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let limit = Duration::from_millis(number(words.next()?)?);
        let confinement = named(&words.next()?)?;
        let sandbox = Sandbox::named(words.next()?.to_str()?)?;
        let (folder, temporary) = (words.next()?.into(), words.next()?.into());
        let trace = Some(PathBuf::from(words.next()?)).filter(|path| !path.as_os_str().is_empty());
        let output = match words.next()?.to_str()? {
            HEARD => Output::Heard,
            UNTOUCHED => Output::Untouched,
            _ => return None,
        };
        let ([hidden, shown, kept], command) = parse_rest(words)?;
        Some(Self { limit, confinement, sandbox, kept, folder, temporary, hidden, shown, trace, output, command })
    }
}

impl Terms {
    /// What the command can write to; `None` is everything.
    #[cfg(target_os = "linux")]
    pub fn writable(&self) -> Option<Vec<&Path>> {
        match self.confinement {
            Confinement::Free => None,
            Confinement::Folder => Some(vec![&self.folder, &self.temporary]),
            Confinement::ReadOnly => Some(vec![&self.temporary]),
        }
    }

    pub fn arguments(&self) -> Vec<OsString> {
        let mut words = vec![CELL.into(), name(self.confinement).into(), self.sandbox.as_str().into()];
        words.extend([self.folder.clone().into(), self.temporary.clone().into()]);
        words.push(if self.tracing == Tracing::On { TRACED } else { UNTRACED }.into());
        words.extend(rest([&self.hidden, &self.shown, &self.kept], &self.command));
        words
    }

    /// The words after the first, read back.
    pub fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let confinement = named(&words.next()?)?;
        let sandbox = Sandbox::named(words.next()?.to_str()?)?;
        let (folder, temporary) = (words.next()?.into(), words.next()?.into());
        let tracing = match words.next()?.to_str()? {
            TRACED => Tracing::On,
            UNTRACED => Tracing::Off,
            _ => return None,
        };
        let ([hidden, shown, kept], command) = parse_rest(words)?;
        Some(Self { confinement, sandbox, kept, folder, temporary, hidden, shown, tracing, command })
    }
}

impl End {
    pub(super) fn new(how: How, left: u32) -> Self {
        Self { how, left, put_back: Vec::new() }
    }

    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self::new(How::Failed(why.into()), 0)
    }

    /// A line, and one for each name, from the warden to the program.
    pub(super) fn lines(&self) -> String {
        let Self { how, left, put_back } = self;
        let first = match how {
            How::Exit(code) => format!("exit {left} {code}\n"),
            How::Failed(why) => format!("failed {left} {}\n", why.replace('\n', " ")),
            How::Late => format!("late {left} 0\n"),
            How::Signal(number) => format!("signal {left} {number}\n"),
            How::Stopped => format!("stopped {left} 0\n"),
        };
        let names = put_back.iter().take(NAMES).map(|name| name.replace('\n', " ").chars().take(LONGEST).collect::<String>() + "\n");
        std::iter::once(first).chain(names).collect()
    }

    pub(super) fn parse(lines: &str) -> Self {
        let (line, names) = lines.split_once('\n').unwrap_or((lines, ""));
        let parsed = || {
            let mut words = line.splitn(3, ' ');
            let (word, left, detail) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
            let how = match word {
                "exit" => How::Exit(detail.parse().ok()?),
                "failed" => How::Failed(detail.to_owned()),
                "late" => How::Late,
                "signal" => How::Signal(detail.parse().ok()?),
                "stopped" => How::Stopped,
                _ => return None,
            };
            Some(Self { how, left, put_back: names.lines().map(str::to_owned).collect() })
        };
        parsed().unwrap_or_else(|| Self::failed("The process that watches over the command was ended, and the command with it"))
    }
}

fn rest<'a>(lists: [&'a [PathBuf]; 3], command: &'a [OsString]) -> impl Iterator<Item = OsString> + 'a {
    let counted = |list: &'a [PathBuf]| std::iter::once(list.len().to_string().into()).chain(list.iter().map(|path| path.clone().into()));
    lists.into_iter().flat_map(counted).chain(command.iter().cloned())
}

fn parse_rest(mut words: impl Iterator<Item = OsString>) -> Option<([Vec<PathBuf>; 3], Vec<OsString>)> {
    let mut list = || {
        let count: usize = number(words.next()?)?;
        let list: Vec<PathBuf> = words.by_ref().take(count).map(PathBuf::from).collect();
        (list.len() == count).then_some(list)
    };
    let lists = [list()?, list()?, list()?];
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
    [Confinement::Folder, Confinement::Free, Confinement::ReadOnly].into_iter().find(|confinement| word == name(*confinement))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_arrives() {
        for confinement in [Confinement::Folder, Confinement::Free, Confinement::ReadOnly] {
            for hidden in [vec![], vec!["/a b".into(), "-c".into()]] {
                let command = vec!["sh".into(), "-c".into(), "a\nb '\"".into(), String::new().into()];
                let (folder, temporary) = (PathBuf::from("/f ö"), PathBuf::new());
                let (tracing, trace, output) = match hidden.is_empty() {
                    true => (Tracing::Off, None, Output::Heard),
                    false => (Tracing::On, Some("/t r".into()), Output::Untouched),
                };
                let terms = Terms {
                    confinement,
                    sandbox: Sandbox::Namespaces,
                    kept: vec!["/k".into()],
                    folder: folder.clone(),
                    temporary: temporary.clone(),
                    hidden: hidden.clone(),
                    shown: hidden.clone(),
                    tracing,
                    command: command.clone(),
                };
                assert_eq!(Terms::parse(terms.arguments().into_iter().skip(1)), Some(terms));
                let shown = vec!["/s".into()];
                let (sandbox, kept) = (Sandbox::Landlock, vec!["/k".into()]);
                let limit = Duration::from_millis(9);
                let watch = Watch { limit, confinement, sandbox, kept, folder, temporary, hidden, shown, trace, output, command };
                assert_eq!(Watch::parse(watch.arguments().into_iter().skip(1)), Some(watch));
            }
        }
    }

    #[test]
    fn what_is_not_whole_is_not_understood() {
        for words in [
            vec![],
            vec!["1", "free", "landlock", "/f", "", "", "heard", "0", "0", "0"],
            vec!["x", "free", "landlock", "/f", "", "", "heard", "0", "0", "0", "sh"],
            vec!["1", "free", "landlock", "/f", "", "", "heard", "0", "0", "2", "sh"],
        ] {
            assert_eq!(Watch::parse(words.iter().map(OsString::from)), None, "{words:?}");
        }
    }

    #[test]
    fn ends_arrive_and_silence_is_an_end_too() {
        for how in [How::Exit(3), How::Failed("no `x` at all".to_owned()), How::Late, How::Signal(9), How::Stopped] {
            for put_back in [vec![], vec![".git/config".to_owned(), ".git/hooks/a b".to_owned()]] {
                let end = End { put_back, ..End::new(how.clone(), 2) };
                assert_eq!(End::parse(&end.lines()), end);
            }
        }
        for line in ["", "exit", "exit 0 x", "nonsense 0 0"] {
            assert!(matches!(End::parse(line).how, How::Failed(_)), "{line}");
        }
    }
}
