//! What reaches the loop, in one queue. Does not know what becomes of it.

use crate::engine::Engine;
use crate::protocol::Problem;
use crate::tui::event_loop::feed::Wake;
use crate::tui::msg::Msg;
use crate::tui::terminal::Incoming;

#[derive(Debug)]
pub enum Note {
    Connected(Result<Engine, Problem>),
    /// Nobody is left to tell events.
    EngineEnded,
    /// The process was stopped, and goes on.
    Continued,
    Incoming(Incoming),
    Msg(Box<Msg>),
    /// One that ends the program.
    Signal(i32),
    /// There are events in the feed.
    Wake(Wake),
}
