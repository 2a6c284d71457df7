//! Listens to a command: what it writes, and what its supervisor says at the end. Starts nothing.

use std::fs::File;
use std::io::{self, PipeReader, Read};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec};

use super::question_line::QuestionLine;

const BUFFER: usize = 256 << 10;
/// The error of reading a terminal that no process has open any more.
const HUNG_UP: i32 = rustix::io::Errno::IO.raw_os_error();
/// The supervisor says little.
const SAYING: u64 = 4096;
const QUIET: Duration = Duration::from_millis(100);

/// Hears all outputs, each by its place, until the supervisor has ended, which is when nothing can
/// write any more: something that got away may hold a pipe for ever. After a while of silence
/// nothing (an empty slice) is heard once, of the first. What the supervisor asks meanwhile is
/// passed on. What it says.
///
/// # Errors
///
/// Fails if a pipe cannot be polled or read.
pub fn listen<const N: usize>(
    outputs: [OwnedFd; N],
    status: PipeReader,
    questions: QuestionLine,
    receive: &mut dyn FnMut(usize, &[u8]),
) -> io::Result<String> {
    let mut outputs = outputs.map(|output| Some(File::from(output)));
    let mut questions = Some(questions);
    let quiet = Timespec::try_from(QUIET).ok();
    let mut buffer = vec![0; BUFFER];
    let (mut silent, mut ended) = (true, false);
    loop {
        // A pipe that is at its end would be ready for ever.
        let open = outputs.iter().enumerate();
        let open: Vec<(usize, &File)> =
            open.filter_map(|(at, output)| Some((at, output.as_ref()?))).collect();
        if open.is_empty() && ended {
            return last_words(status);
        }
        let ends = open.iter().map(|(_, output)| PollFd::new(*output, PollFlags::IN));
        let asks = questions.iter().map(|asks| PollFd::new(asks.line(), PollFlags::IN));
        let mut ends: Vec<PollFd<'_>> =
            ends.chain(asks).chain([PollFd::new(&status, PollFlags::IN)]).collect();
        let wait = if ended {
            Some(&Timespec { tv_sec: 0, tv_nsec: 0 })
        } else {
            quiet.as_ref().filter(|_| !silent)
        };
        let count = match rustix::event::poll(&mut ends, wait) {
            Err(rustix::io::Errno::INTR) => continue,
            count => count?,
        };
        if ends.iter().any(|end| end.revents().contains(PollFlags::NVAL)) {
            return Err(io::Error::other(
                "the system does not tell when there is something to hear",
            ));
        }
        let is_ready = |end: &PollFd<'_>| !end.revents().is_empty();
        let ready = open.iter().zip(&ends).filter(|(_, end)| is_ready(end));
        let ready: Vec<usize> = ready.map(|((at, _), _)| *at).collect();
        ended = ended || ends.last().is_some_and(is_ready);
        let is_asked = questions.is_some() && ends.get(open.len()).is_some_and(is_ready);
        drop(ends);
        if is_asked && questions.as_mut().is_some_and(|asks| asks.receive().is_err()) {
            questions = None;
        }
        if ready.is_empty() && ended {
            return last_words(status);
        }
        if count == 0 {
            silent = true;
            receive(0, &[]);
        }
        for at in ready {
            let Some(output) = &mut outputs[at] else { continue };
            let length = match output.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                // No process is left at the other side of the terminal.
                Err(error) if error.raw_os_error() == Some(HUNG_UP) => 0,
                length => length?,
            };
            if length == 0 {
                outputs[at] = None;
            }
            silent = false;
            receive(at, &buffer[..length]);
        }
    }
}

/// Reads the supervisor's report of how the command ended.
///
/// # Errors
///
/// Fails if the pipe cannot be read or holds no UTF-8.
pub fn last_words(status: PipeReader) -> io::Result<String> {
    let mut said = String::new();
    status.take(SAYING).read_to_string(&mut said)?;
    Ok(said)
}
