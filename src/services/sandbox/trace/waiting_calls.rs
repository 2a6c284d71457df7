//! Calls that wait because they would destroy what could not be kept, and the question about them:
//! asked by the thread that answers calls, answered by the supervisor. Meanwhile the calls of all
//! other processes go on.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, OnceLock};

use rustix::event::{PollFd, PollFlags, Timespec};

use crate::sandbox::notify::{Listener, Notification};

use super::loss_question::LossDecision;
use super::unkept::Unkept;

/// How soon it is noticed that a process was ended whose call waits.
const LOOK: Timespec = Timespec { tv_sec: 0, tv_nsec: 250_000_000 };

/// News for the supervisor.
#[derive(Debug)]
pub enum WaitingNews {
    /// The command waits for an answer to the question of this number.
    Asks(u8, Unkept),
    /// Nothing waits any more, whether or not it was answered.
    Over,
}

/// The end of the thread that answers calls.
pub struct WaitingCalls {
    calls: Vec<(Notification, Unkept)>,
    /// How many questions there were, which tells an answer to another one.
    asked: u8,
    news: Sender<WaitingNews>,
    answers: UnixStream,
    /// Wakes the supervisor.
    waker: UnixStream,
    unkept: Arc<OnceLock<Unkept>>,
}

/// The supervisor's end.
#[derive(Debug)]
pub struct CallQuestions {
    news: Receiver<WaitingNews>,
    answers: UnixStream,
    unkept: Arc<OnceLock<Unkept>>,
}

/// The end of a wait.
pub enum WaitingWake {
    Answer(LossDecision),
    /// Another call is shown, or nobody is left.
    Call,
    Nothing,
}

/// Both ends; `waker` is written to where there is news.
///
/// # Errors
///
/// Fails if the socket for the answers cannot be made.
pub fn pair(waker: UnixStream) -> io::Result<(WaitingCalls, CallQuestions)> {
    let (news, received) = channel();
    let (answers, answering) = UnixStream::pair()?;
    let unkept = Arc::<OnceLock<Unkept>>::default();
    let calls = WaitingCalls {
        calls: Vec::new(),
        asked: 0,
        news,
        answers,
        waker,
        unkept: Arc::clone(&unkept),
    };
    Ok((calls, CallQuestions { news: received, answers: answering, unkept }))
}

impl WaitingCalls {
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// The call is not let go on, and the command is ended.
    pub fn end(&mut self, unkept: Unkept) {
        let _told_already = self.unkept.set(unkept);
        self.wake();
    }

    /// The call waits; the first one is asked about.
    pub fn hold(&mut self, call: Notification, unkept: Unkept) {
        if self.calls.is_empty() {
            self.asked = self.asked.wrapping_add(1);
            self.notify(WaitingNews::Asks(self.asked, unkept.clone()));
        }
        self.calls.push((call, unkept));
    }

    /// Waits for an answer, for another call, or for a moment.
    pub fn wait(&mut self, listener: &Listener) -> WaitingWake {
        self.calls.retain(|(call, _)| listener.is_waiting(call));
        if self.calls.is_empty() {
            self.notify(WaitingNews::Over);
            return WaitingWake::Nothing;
        }
        let mut ends =
            [PollFd::new(&self.answers, PollFlags::IN), PollFd::new(listener, PollFlags::IN)];
        let _woken = rustix::event::poll(&mut ends, Some(&LOOK));
        let [answered, shown] = ends.map(|end| !end.revents().is_empty());
        match (answered, shown) {
            (true, _) => {
                let mut answer = [0; 2];
                match (&self.answers).read_exact(&mut answer) {
                    Ok(()) if answer[1] != self.asked => WaitingWake::Nothing,
                    Ok(()) => WaitingWake::Answer(LossDecision::of(answer[0])),
                    Err(_ended) => WaitingWake::Answer(LossDecision::Refuse),
                }
            }
            (false, true) => WaitingWake::Call,
            (false, false) => WaitingWake::Nothing,
        }
    }

    /// Lets all waiting calls go on.
    pub fn let_go_on(&mut self, listener: &Listener) {
        self.calls.drain(..).for_each(|(call, _)| listener.let_go_on(&call));
        self.notify(WaitingNews::Over);
    }

    /// None of them goes on, and the command is ended.
    pub fn refuse(&mut self) {
        let first = self.calls.drain(..).next();
        self.notify(WaitingNews::Over);
        if let Some((_, unkept)) = first {
            self.end(unkept);
        }
    }

    fn notify(&mut self, news: WaitingNews) {
        // The supervisor is there for as long as this thread.
        let _told = self.news.send(news);
        self.wake();
    }

    fn wake(&mut self) {
        let _rung = self.waker.write_all(&[0]);
    }
}

impl CallQuestions {
    /// The file that the command is about to destroy; it waits for its end instead.
    pub fn unkept(&self) -> Option<Unkept> {
        self.unkept.get().cloned()
    }

    /// Takes the next news, if there is any; waits for nothing.
    pub fn news(&self) -> Option<WaitingNews> {
        self.news.try_recv().ok()
    }

    /// Answers the question of that number, if it is still open.
    pub fn answer(&self, decision: LossDecision, number: u8) {
        // The thread ends when nothing can be shown any more.
        let _answered = (&self.answers).write_all(&[decision.byte(), number]);
    }
}
