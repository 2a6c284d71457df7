//! The end of a command, in memory and as the words that go from the supervisor to the program.
//! Starts nothing.

use crate::sandbox::trace::Unkept;

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandEnd {
    /// How its own process ended.
    pub how: ExitKind,
    /// Processes that it left running, and that were ended.
    pub left: u32,
    /// Git's settings and hooks that it changed, within the folder, and that were put back; with
    /// `: failed` behind them where that could not be done. Only the first few are named.
    pub put_back: Vec<String>,
    /// Settings and hooks of git's that it left in repositories it made, and that were renamed so
    /// that nothing follows them; as above.
    pub disarmed: Vec<String>,
    /// Files within the folder that it added, changed or removed and that run by themselves later
    /// or are told to later sessions. Only the first few.
    pub startup_files: Vec<String>,
    /// The folder was too large to look for such repositories everywhere.
    pub is_unsearched: bool,
    /// Hosts that it asked the proxy for and that are not open to it, as `name:port`; only the
    /// first few.
    pub unreached: Vec<String>,
    /// It was ended because it was about to destroy this.
    pub unkept: Option<Unkept>,
}

/// How the process of a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitKind {
    /// By itself, with this exit code.
    Exit(i32),
    /// It never ran, or nobody knows what became of it: one sentence without a full stop.
    Failed(String),
    /// It took longer than its limit, and was ended.
    Late,
    /// By the signal of this number.
    Signal(i32),
    /// The kill switch was let go.
    Stopped,
}

impl ExitKind {
    /// Whether the command may not have run for lack of a sandbox; some commands end like that,
    /// too.
    #[cfg(target_os = "linux")]
    pub(in crate::sandbox) fn is_perhaps_not_begun(&self) -> bool {
        const CANNOT_RUN: i32 = 126;
        matches!(self, Self::Failed(_) | Self::Exit(CANNOT_RUN))
    }
}

/// Names that are told at the most, and letters of each.
const NAMES: usize = 8;
const LONGEST: usize = 100;

/// Follows a name that could not be put back.
pub const FAILED: &str = ": failed";

/// Between the name of a file and what it is called now, where that is not that name with
/// `.set-aside`.
pub const NOW: &str = " → ";

/// First characters of lines, by the kind of name that follows.
const PUT_BACK: char = '<';
const DISARMED: char = '~';
const LATER_FILE: char = '+';
const UNSEARCHED: char = '?';
const UNREACHED: char = '!';
const UNKEPT: char = '=';

impl CommandEnd {
    /// `left` as above, and nothing else to tell.
    pub fn new(how: ExitKind, left: u32) -> Self {
        Self {
            how,
            left,
            put_back: Vec::new(),
            disarmed: Vec::new(),
            startup_files: Vec::new(),
            is_unsearched: false,
            unreached: Vec::new(),
            unkept: None,
        }
    }

    /// The same, where a search before it may have missed repositories as well.
    pub fn missing(self, is_unsearched: bool) -> Self {
        Self { is_unsearched: self.is_unsearched || is_unsearched, ..self }
    }

    pub(in crate::sandbox) fn failed(why: impl Into<String>) -> Self {
        Self::new(ExitKind::Failed(why.into()), 0)
    }

    /// The first file that was put back, by its name alone.
    pub fn first_put_back(&self) -> Option<&str> {
        let first = self.put_back.first()?;
        Some(first.split(NOW).next().unwrap_or(first))
    }

    /// A line, and one for each name and host, from the supervisor to the program.
    pub(in crate::sandbox) fn lines(&self) -> String {
        let Self { how, left, put_back, disarmed, startup_files, is_unsearched, unreached, unkept } =
            self;
        let first = match how {
            ExitKind::Exit(code) => format!("exit {left} {code}\n"),
            ExitKind::Failed(why) => format!("failed {left} {}\n", why.replace('\n', " ")),
            ExitKind::Late => format!("late {left} 0\n"),
            ExitKind::Signal(number) => format!("signal {left} {number}\n"),
            ExitKind::Stopped => format!("stopped {left} 0\n"),
        };
        let line = |mark: char, name: &String| {
            format!("{mark}{}\n", name.replace('\n', " ").chars().take(LONGEST).collect::<String>())
        };
        let names = put_back.iter().take(NAMES).map(|name| line(PUT_BACK, name));
        let aside = disarmed.iter().take(NAMES).map(|name| line(DISARMED, name));
        let later = startup_files.iter().take(NAMES).map(|name| line(LATER_FILE, name));
        let unsearched = is_unsearched.then(|| format!("{UNSEARCHED}\n"));
        let hosts = unreached.iter().take(NAMES).map(|host| line(UNREACHED, host));
        let changes = names.chain(aside).chain(later);
        let unkept = unkept.iter().map(|unkept| line(UNKEPT, &unkept.words()));
        std::iter::once(first).chain(changes).chain(unsearched).chain(hosts).chain(unkept).collect()
    }

    /// Notices about repositories and files that it left, in sentences without the
    /// last full stop.
    pub fn warning(&self) -> Option<String> {
        let (failed, done): (Vec<&str>, Vec<&str>) =
            self.disarmed.iter().map(String::as_str).partition(|name| name.ends_with(FAILED));
        let failed: Vec<&str> =
            failed.into_iter().map(|name| name.trim_end_matches(FAILED)).collect();
        let done = (!done.is_empty()).then(|| {
            format!(
                "A command left settings or hooks in git repositories that would have git run programs: renamed to `*.set-aside` ({})",
                done.join(", ")
            )
        });
        let failed = (!failed.is_empty()).then(|| {
            format!("A command left settings or hooks that have git run programs, and they could not be renamed: look at them before you use git there ({})", failed.join(", "))
        });
        let unsearched = self.is_unsearched.then(|| {
            "The folder is too large to be searched for git repositories: a command may have left programs there for git to run".to_owned()
        });
        let later = (!self.startup_files.is_empty()).then(|| {
            let names: Vec<String> =
                self.startup_files.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "While a command ran, files that run by themselves later, or are told to later sessions, were added, changed or removed: look at them before you go on ({})",
                names.join(", ")
            )
        });
        let all: Vec<String> = [done, failed, later, unsearched].into_iter().flatten().collect();
        (!all.is_empty()).then(|| all.join(". "))
    }

    pub(in crate::sandbox) fn parse(lines: &str) -> Self {
        let (line, names) = lines.split_once('\n').unwrap_or((lines, ""));
        let parsed = || {
            let mut words = line.splitn(3, ' ');
            let (word, left, detail) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
            let how = match word {
                "exit" => ExitKind::Exit(detail.parse().ok()?),
                "failed" => ExitKind::Failed(detail.to_owned()),
                "late" => ExitKind::Late,
                "signal" => ExitKind::Signal(detail.parse().ok()?),
                "stopped" => ExitKind::Stopped,
                _ => return None,
            };
            let marked = |mark: char| {
                names
                    .lines()
                    .filter_map(|line| line.strip_prefix(mark))
                    .map(str::to_owned)
                    .collect()
            };
            let is_unsearched = names.lines().any(|line| line.starts_with(UNSEARCHED));
            Some(Self {
                how,
                left,
                put_back: marked(PUT_BACK),
                disarmed: marked(DISARMED),
                startup_files: marked(LATER_FILE),
                is_unsearched,
                unreached: marked(UNREACHED),
                unkept: names.lines().find_map(|line| Unkept::parse(line.strip_prefix(UNKEPT)?)),
            })
        };
        parsed().unwrap_or_else(|| {
            Self::failed(
                "The process that watches over the command was ended, and the command with it",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::says;

    #[test]
    fn ends_arrive_and_silence_is_an_end_too() {
        for how in [
            ExitKind::Exit(3),
            ExitKind::Failed("no `x` at all".to_owned()),
            ExitKind::Late,
            ExitKind::Signal(9),
            ExitKind::Stopped,
        ] {
            for put_back in [vec![], vec![".git/config".to_owned(), ".git/hooks/a b".to_owned()]] {
                let unreached: Vec<String> =
                    put_back.iter().take(1).map(|_| "a.org:443".to_owned()).collect();
                let (disarmed, is_unsearched) =
                    (put_back.iter().rev().cloned().collect(), !put_back.is_empty());
                let unkept = put_back.first().map(|name| Unkept {
                    name: name.clone(),
                    length: 1 << 40,
                    why: crate::sandbox::UnkeptReason::Copied,
                });
                let end = CommandEnd {
                    unkept,
                    startup_files: put_back.clone(),
                    put_back,
                    disarmed,
                    is_unsearched,
                    unreached,
                    ..CommandEnd::new(how.clone(), 2)
                };
                assert_eq!(CommandEnd::parse(&end.lines()), end);
            }
        }
        for line in ["", "exit", "exit 0 x", "nonsense 0 0"] {
            assert!(matches!(CommandEnd::parse(line).how, ExitKind::Failed(_)), "{line}");
        }
    }

    #[test]
    fn what_was_set_aside_and_what_could_not_be_is_told_apart() {
        let warning = |disarmed: &[&str], is_unsearched| {
            let disarmed = disarmed.iter().map(|name| (*name).to_owned()).collect();
            CommandEnd { disarmed, is_unsearched, ..CommandEnd::new(ExitKind::Exit(0), 0) }
                .warning()
        };
        assert_eq!(warning(&[], false), None);
        let both = warning(&["a/.git/config", "b/.git/config: failed"], false).unwrap();
        let (done, failed) = both.split_once(". ").unwrap();
        assert!(
            done.ends_with("renamed to `*.set-aside` (a/.git/config)")
                && failed.ends_with("(b/.git/config)"),
            "{both}"
        );
        assert!(says(&warning(&[], true).unwrap(), "too large"));
        let end = CommandEnd::new(ExitKind::Exit(0), 0);
        let end = CommandEnd { startup_files: vec![".envrc".into(), "AGENTS.md".into()], ..end };
        assert!(end.warning().unwrap().ends_with("(`.envrc`, `AGENTS.md`)"));
    }
}
