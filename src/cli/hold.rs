//! Going on without a screen: the terminal is gone or was given back, and a turn, a queue or jobs
//! still run. The program keeps its engine, its lock and its sandbox, and others may join.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpgrp, getsid, kill_process_group};
use rustix::termios::tcgetpgrp;

use crate::base::start;
use crate::engine::{Engine, Rest};
use crate::sandbox;
use crate::tui;

/// How long the program stays after the last thing that it did.
const LINGER: Duration = Duration::from_secs(60);

/// The first argument of the program that continues this one once the shell has its terminal back.
const CONTINUER: &str = "--continue-process";

/// How often the program looks whether its shell has brought it to the foreground: a shell that
/// takes it for running sends no signal.
const LOOK: Duration = Duration::from_millis(500);

/// How long the shell may take for that.
const SHELL: Duration = Duration::from_secs(2);

/// How the program came to its end without a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoldEnd {
    /// The shell has brought it to the foreground: a person wants the screen back.
    Foreground,
    /// Nothing runs any more, or others go on with it.
    Rested,
    /// A signal asked it to end.
    Signal,
}

/// Whether a shell has the terminal that the program had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// The terminal is gone.
    Gone,
    /// It may bring the program back.
    Waits,
}

enum News {
    Rest(Rest),
    Signal(i32),
}

/// Hears the signals of a program that has no screen any more.
pub struct Hold {
    sender: Sender<News>,
    news: Receiver<News>,
}

impl Hold {
    /// Hears them from now on. This comes before the terminal is let go: somebody who sees that
    /// may send one at once.
    pub fn begin() -> Self {
        let (sender, news) = channel();
        let signals = sender.clone();
        tui::without_screen(move |signal| signals.send(News::Signal(signal)).is_ok());
        Self { sender, news }
    }

    /// Waits until nothing runs any more, a signal comes, or the shell brings the program to the
    /// foreground, if one has the terminal. With somebody joined the conversation is handed over as
    /// soon as it rests.
    pub fn wait(self, engine: &Engine, shell: Shell) -> HoldEnd {
        let Self { sender, news } = self;
        let mut last: Option<(u64, Instant)> = None;
        ask(engine, &sender);
        loop {
            let limit = match last {
                Some((_, since)) => LINGER.saturating_sub(since.elapsed()),
                // A turn may take as long as it takes.
                None => Duration::MAX,
            };
            let looks = shell == Shell::Waits && limit > LOOK;
            match news.recv_timeout(if looks { LOOK } else { limit }) {
                Ok(News::Signal(signal_hook::consts::SIGCONT)) => {
                    if is_in_front() {
                        return HoldEnd::Foreground;
                    }
                }
                Ok(News::Signal(_)) => return HoldEnd::Signal,
                Ok(News::Rest(rest)) if rest.is_joined => return HoldEnd::Rested,
                Ok(News::Rest(rest)) => match last {
                    Some((events, _)) if events == rest.events => return HoldEnd::Rested,
                    _ => last = Some((rest.events, Instant::now())),
                },
                Err(RecvTimeoutError::Timeout) if shell == Shell::Waits && is_in_front() => {
                    return HoldEnd::Foreground;
                }
                Err(RecvTimeoutError::Timeout) if looks => {}
                Err(RecvTimeoutError::Timeout) => {
                    last = last.map(|(events, _)| (events, Instant::now()));
                    ask(engine, &sender);
                }
                Err(RecvTimeoutError::Disconnected) => return HoldEnd::Rested,
            }
        }
    }
}

fn ask(engine: &Engine, sender: &Sender<News>) {
    let sender = sender.clone();
    engine.rested(move |rest| drop(sender.send(News::Rest(rest))));
}

/// Points the three standard files at nothing: the terminal belongs to others now.
///
/// # Errors
///
/// Fails where `/dev/null` cannot be opened.
pub fn let_terminal_go() -> io::Result<()> {
    point_at(&File::options().read(true).write(true).open("/dev/null")?)
}

/// Takes the terminal that the shell has given back.
///
/// # Errors
///
/// Fails where there is none any more.
pub fn take_terminal_back() -> io::Result<()> {
    point_at(&File::options().read(true).write(true).open("/dev/tty")?)
}

fn point_at(file: &File) -> io::Result<()> {
    rustix::stdio::dup2_stdin(file)?;
    rustix::stdio::dup2_stdout(file)?;
    Ok(rustix::stdio::dup2_stderr(file)?)
}

/// Whether the shell has given the terminal to this program.
fn is_in_front() -> bool {
    let front = File::open("/dev/tty").and_then(|terminal| Ok(tcgetpgrp(terminal)?));
    front.is_ok_and(|front| front == getpgrp())
}

/// Gives the shell its prompt back: stops like ctrl+z, and is continued as soon as the shell has
/// the terminal. Does nothing where no shell waits, and says so.
///
/// # Errors
///
/// Fails where the program that continues this one cannot be started; nothing is stopped then.
pub fn give_prompt_back() -> io::Result<Shell> {
    // A shell with job control gives each job a group of its own. Where the session's first group
    // is in front, nothing stops it, and nobody takes the terminal.
    let is_first = getsid(None).is_ok_and(|session| session == getpgrp());
    if is_first || !is_in_front() {
        return Ok(Shell::Gone);
    }
    let mut continuer = Command::new(sandbox::program());
    continuer.args([CONTINUER, &getpgrp().as_raw_nonzero().to_string()]);
    continuer.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    std::os::unix::process::CommandExt::process_group(&mut continuer, 0);
    let mut continuer = start::start(&mut continuer)?;
    start::stop_group()?;
    // It ends by itself, as soon as it has continued this program.
    thread::spawn(move || drop(continuer.wait()));
    Ok(Shell::Waits)
}

/// The way around a system that ends all programs of a user at logout, as logind.conf(5) says:
/// lingering alone does not help, as the login's own scope ends. `None` where it ends none.
pub fn logout_advice() -> Option<&'static str> {
    let is_root = rustix::process::geteuid().is_root();
    let files = ["/usr/lib/systemd", "/usr/local/lib/systemd", "/run/systemd", "/etc/systemd"];
    let mut ends = false;
    for folder in files {
        let file = Path::new(folder).join("logind.conf");
        let listed = std::fs::read_dir(Path::new(folder).join("logind.conf.d"));
        let mut files: Vec<PathBuf> =
            listed.into_iter().flatten().filter_map(|file| Some(file.ok()?.path())).collect();
        files.sort();
        for file in std::iter::once(file).chain(files) {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            ends = kills_at_logout(&text).unwrap_or(ends);
        }
    }
    (ends && !is_root).then_some(
        "This system ends your programs at logout: run `loginctl enable-linger`, and start codling \
         with `systemd-run --user --scope codling`",
    )
}

/// Reads what a file of logind's settings says about that, if it does.
fn kills_at_logout(text: &str) -> Option<bool> {
    let settings = text.lines().filter_map(|line| line.split_once('='));
    let mut values = settings.filter(|(name, _)| name.trim() == "KillUserProcesses");
    values.next_back().map(|(_, value)| matches!(value.trim(), "yes" | "true" | "on" | "1"))
}

/// Continues a process group as soon as the shell has its terminal back, where the first argument
/// asks for that; `None` when a person started the program.
pub fn serve(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> Option<ExitCode> {
    let _program = arguments.next();
    if arguments.next()? != CONTINUER {
        return None;
    }
    let group = arguments.next().and_then(|it| Pid::from_raw(it.to_str()?.parse().ok()?));
    let begun = Instant::now();
    let is_still_in_front = || {
        let front = File::open("/dev/tty").and_then(|terminal| Ok(tcgetpgrp(terminal)?));
        front.ok() == group
    };
    while begun.elapsed() < SHELL && is_still_in_front() {
        thread::sleep(Duration::from_millis(5));
    }
    let continued = group.map(|group| kill_process_group(group, Signal::CONT));
    Some(if matches!(continued, Some(Ok(()))) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_on_what_a_logout_ends_counts() {
        for (text, says) in [
            ("", None),
            ("[Login]\n#KillUserProcesses=yes\n", None),
            ("[Login]\nKillUserProcesses=yes\n", Some(true)),
            ("[Login]\nKillUserProcesses=yes\nKillUserProcesses = no\n", Some(false)),
            ("KillUserProcesses=yes\nKillUserProcesses=no\n", Some(false)),
        ] {
            assert_eq!(kills_at_logout(text), says, "{text}");
        }
    }
}
