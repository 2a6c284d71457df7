//! Reading pictures for prompts, away from the screen's thread: files, the terminal's own clipboard
//! where it answers, and else the programs of the desktop.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::input::{LoopMessage, LoopNote};
use crate::engine;
use crate::protocol::{Problem, ProblemKind, SizedPicture};
use crate::tui::composer::ChipId;
use crate::tui::messages::{Msg, PictureFailure, PictureSource};
use crate::tui::terminal::{ClipboardPart, ClipboardRequest, NoPicture, read_clipboard};

/// How long the terminal may be silent: it may ask the person first.
const ANSWER: Duration = Duration::from_secs(30);
/// The name of a picture that is no file, in what is said about it.
const CLIPBOARD: &str = "the picture on the clipboard";

/// Reads pictures; knows the request to the terminal that waits for its answer.
#[derive(Debug)]
pub struct PictureReads {
    post: LoopMessage,
    terminal: TerminalClipboard,
    requests: u64,
    waiting: Option<WaitingRead>,
}

/// Whether the terminal gives its clipboard to programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TerminalClipboard {
    Answers,
    NotKnown,
}

#[derive(Debug)]
struct WaitingRead {
    id: ChipId,
    request: ClipboardRequest,
    until: Instant,
}

impl PictureReads {
    pub fn new(post: LoopMessage) -> Self {
        Self { post, terminal: TerminalClipboard::NotKnown, requests: 0, waiting: None }
    }

    /// Handles that the terminal has the protocol.
    pub fn terminal_answers(&mut self) {
        self.terminal = TerminalClipboard::Answers;
    }

    /// Begins to read a picture; returns the request where the terminal is to be asked.
    pub fn begin(&mut self, id: ChipId, source: PictureSource) -> Option<&ClipboardRequest> {
        match source {
            PictureSource::File { folder, path } => self.on_a_thread(id, move || {
                engine::picture_for(&folder, &path).map_err(PictureFailure::Problem)
            }),
            PictureSource::Clipboard if self.terminal == TerminalClipboard::NotKnown => {
                self.on_a_thread(id, || {
                    let bytes = read_clipboard().map_err(PictureFailure::Clipboard)?;
                    decoded(&bytes)
                });
            }
            PictureSource::Clipboard => {
                self.give_up();
                self.requests += 1;
                let request = ClipboardRequest::new(self.requests);
                let until = Instant::now() + ANSWER;
                return Some(&self.waiting.insert(WaitingRead { id, request, until }).request);
            }
        }
        None
    }

    /// Takes a part of the terminal's answer.
    pub fn clipboard(&mut self, part: ClipboardPart) {
        let Some(waiting) = &mut self.waiting else { return };
        waiting.until = Instant::now() + ANSWER;
        let id = waiting.id;
        let Some(read) = waiting.request.take(part) else { return };
        self.waiting = None;
        match read {
            Ok(bytes) => self.on_a_thread(id, move || decoded(&bytes)),
            Err(why) => self.tell(id, Err(PictureFailure::Clipboard(why))),
        }
    }

    /// When the terminal has been silent for too long.
    pub fn until(&self) -> Option<Instant> {
        self.waiting.as_ref().map(|waiting| waiting.until)
    }

    /// Gives the request up that the terminal has not answered by now.
    pub fn expire(&mut self, now: Instant) {
        if self.until().is_some_and(|until| until <= now) {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        if let Some(WaitingRead { id, .. }) = self.waiting.take() {
            self.tell(id, Err(PictureFailure::Clipboard(NoPicture::Refused)));
        }
    }

    fn on_a_thread(
        &self,
        id: ChipId,
        read: impl FnOnce() -> Result<SizedPicture, PictureFailure> + Send + 'static,
    ) {
        let reader = self.post.clone();
        let started = Builder::new().name("picture".into()).spawn(move || {
            // The panic hook has reported it; the prompt must not wait for ever.
            let read = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_panic| {
                let problem = Problem::new(ProblemKind::Internal, "The picture cannot be read");
                Err(PictureFailure::Problem(problem))
            });
            // The loop may have ended.
            let _ended = reader.send(told(id, read));
        });
        if let Err(error) = started {
            let problem =
                Problem::new(ProblemKind::Internal, format!("No picture is read: {error}"));
            self.tell(id, Err(PictureFailure::Problem(problem)));
        }
    }

    fn tell(&self, id: ChipId, read: Result<SizedPicture, PictureFailure>) {
        let _ended = self.post.send(told(id, read));
    }
}

fn told(id: ChipId, read: Result<SizedPicture, PictureFailure>) -> LoopNote {
    LoopNote::Msg(Box::new(Msg::PictureRead(id, read)))
}

fn decoded(bytes: &[u8]) -> Result<SizedPicture, PictureFailure> {
    engine::picture_of_bytes(CLIPBOARD, bytes).map_err(PictureFailure::Problem)
}
