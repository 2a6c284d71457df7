//! The line of the kill switch as questions use it: the supervisor asks the program whether a
//! command may go on that waits, and is answered. Decides nothing.

use std::ffi::OsString;
use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

use crate::sandbox::spec::spec_transfer;
#[cfg(target_os = "linux")]
use crate::sandbox::trace::{CallQuestions, LossDecision, WaitingNews};
use crate::sandbox::trace::{LossListener, LossNews, LossQuestion, Unkept};

/// The program's end.
#[derive(Debug)]
pub struct QuestionLine {
    line: UnixStream,
    listener: Option<LossListener>,
    is_open: bool,
}

impl QuestionLine {
    /// Without a listener nobody answers, and nothing goes on.
    pub fn new(line: UnixStream, listener: Option<LossListener>) -> Self {
        Self { line, listener, is_open: false }
    }

    pub fn line(&self) -> &UnixStream {
        &self.line
    }

    /// Takes what was said; an error where nothing more will be.
    ///
    /// # Errors
    ///
    /// Fails if the line has ended or broken: no more questions come.
    pub fn receive(&mut self) -> io::Result<()> {
        let words = spec_transfer::receive(&self.line)?;
        let asked = match words.as_slice() {
            [number, unkept] => parse(number, unkept),
            _ => None,
        };
        self.is_open = asked.is_some();
        let news = match asked {
            Some((number, unkept)) => {
                LossNews::Asked(LossQuestion::new(unkept, number, self.line.try_clone()?))
            }
            None => LossNews::Settled,
        };
        // A question that is not taken is refused when it is dropped.
        if let Some(listener) = &self.listener {
            listener.receive(news);
        }
        Ok(())
    }
}

impl Drop for QuestionLine {
    fn drop(&mut self) {
        if let (true, Some(listener)) = (self.is_open, &self.listener) {
            listener.receive(LossNews::Settled);
        }
    }
}

fn parse(number: &OsString, unkept: &OsString) -> Option<(u8, Unkept)> {
    Some((number.to_str()?.parse().ok()?, Unkept::parse(unkept.to_str()?)?))
}

/// The supervisor's end: what is asked now.
#[cfg(target_os = "linux")]
#[derive(Debug, Default)]
pub struct OpenQuestion {
    /// Since when.
    asked: Option<Instant>,
}

#[cfg(target_os = "linux")]
impl OpenQuestion {
    pub fn is_open(&self) -> bool {
        self.asked.is_some()
    }

    /// Passes on what the command's calls wait for. How long a person has thought about what is
    /// settled now.
    pub fn pass_on(&mut self, questions: &CallQuestions, line: impl AsFd) -> Duration {
        let mut thought = Duration::ZERO;
        while let Some(news) = questions.news() {
            let words = match &news {
                WaitingNews::Asks(number, unkept) => {
                    vec![number.to_string().into(), unkept.words().into()]
                }
                WaitingNews::Over => Vec::new(),
            };
            let said = say(&line, &words);
            thought += self.asked.take().map(|asked| asked.elapsed()).unwrap_or_default();
            if let WaitingNews::Asks(number, _) = news {
                self.asked = Some(Instant::now());
                // The question did not arrive.
                if said.is_err() {
                    questions.answer(LossDecision::Refuse, number);
                }
            }
        }
        thought
    }
}

/// In one piece: the program reads it whole.
#[cfg(target_os = "linux")]
fn say(line: impl AsFd, words: &[OsString]) -> io::Result<()> {
    use rustix::net::{SendFlags, send};

    let packed = spec_transfer::packed(words)?;
    match send(line, &packed, SendFlags::NOSIGNAL | SendFlags::DONTWAIT)? {
        sent if sent == packed.len() => Ok(()),
        _ => Err(io::ErrorKind::WriteZero.into()),
    }
}
