//! Networks of commands: the loopback that a conversation's commands share, and hosts that a person
//! opened.

mod loopback;
mod opening;
