//! What reaches the loop from other threads, in one queue.

use std::sync::mpsc::{SendError, Sender};

use crate::engine::{Arrival, Client, Inbox};
use crate::fronts::tui::messages::Msg;
use crate::fronts::tui::terminal::Waker;
use crate::protocol::Problem;

/// The way to the queue from another thread; it wakes the loop.
#[derive(Clone, Debug)]
pub struct LoopMessage {
    notes: Sender<LoopNote>,
    waker: Waker,
}

impl LoopMessage {
    pub fn new(notes: Sender<LoopNote>, waker: Waker) -> Self {
        Self { notes, waker }
    }

    /// Fails once the loop has ended.
    pub fn send(&self, note: LoopNote) -> Result<(), SendError<LoopNote>> {
        self.notes.send(note)?;
        self.waker.wake();
        Ok(())
    }
}

#[derive(Debug)]
pub enum LoopNote {
    Connected(Result<(Client, Inbox), Problem>),
    /// The process was stopped, and goes on.
    Continued,
    Msg(Box<Msg>),
    /// Columns, rows.
    Resize(u16, u16),
    /// One that ends the program.
    Signal(i32),
    /// There is something in the inbox.
    Wake(Arrival),
}
