//! The processes of a command: the supervisor beside it, the child that becomes it, and the line
//! by which the program ends them.

#[cfg(unix)]
pub mod apart;
#[cfg(unix)]
pub mod descriptors;
#[cfg(target_os = "linux")]
pub mod handed_over;
#[cfg(target_os = "linux")]
pub mod init;
#[cfg(unix)]
mod interrupt;
pub mod job;
pub mod kill_switch;
#[cfg(unix)]
pub mod listen;
#[cfg(unix)]
pub mod process_tree;
#[cfg(unix)]
pub mod question_line;
#[cfg(unix)]
pub mod sandboxed_child;
#[cfg(unix)]
pub mod started_child;
#[cfg(unix)]
pub mod supervisor;
#[cfg(unix)]
pub mod terminal;
