//! Networks of commands: the loopback that a conversation's commands share, and hosts and ports of
//! the machine that a person opened.

mod loopback;
mod machine_ports;
mod opening;
