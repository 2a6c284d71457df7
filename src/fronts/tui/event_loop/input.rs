//! The queue of messages that reach the loop from other threads.

use std::sync::mpsc::{SendError, Sender};

use crate::engine::{Arrival, Client, Inbox};
use crate::protocol::Problem;
use crate::tui::messages::Msg;
use crate::tui::terminal::Waker;

/// Sends to the queue from another thread and wakes the loop.
#[derive(Clone, Debug)]
pub struct LoopMessage {
    notes: Sender<LoopNote>,
    waker: Waker,
}

impl LoopMessage {
    pub fn new(notes: Sender<LoopNote>, waker: Waker) -> Self {
        Self { notes, waker }
    }

    /// Sends a message.
    ///
    /// # Errors
    ///
    /// [`SendError`] once the loop has ended.
    pub fn send(&self, note: LoopNote) -> Result<(), SendError<LoopNote>> {
        self.notes.send(note)?;
        self.waker.wake();
        Ok(())
    }
}

#[derive(Debug)]
pub enum LoopNote {
    Connected(Result<(Client, Inbox), Problem>),
    /// The process was stopped and continues.
    Continued,
    Msg(Box<Msg>),
    /// Columns and rows.
    Resize(u16, u16),
    /// A signal that ends the program.
    Signal(i32),
    /// The inbox holds something.
    Wake(Arrival),
}
