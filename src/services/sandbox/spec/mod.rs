//! Messages between the processes of the sandbox: a command, what keeps it in, and how it ended.

#[cfg(target_os = "linux")]
pub mod child_channel;
pub mod child_spec;
pub mod command_end;
pub mod command_spec;
pub mod output_watch;
#[cfg(unix)]
pub mod spec_transfer;
pub mod spec_words;
