//! A trace of what a command's own processes change: their calls are shown to the supervisor, which
//! writes the paths down before it lets them go on. What they are about to destroy in the work
//! folder is kept first; where that is too much, the call waits for a person's answer, or the
//! command is ended. Otherwise a command runs as it would without.

mod file;
mod kept;
mod loss_question;
mod unkept;

#[cfg(target_os = "linux")]
mod keeper;
#[cfg(target_os = "linux")]
mod not_kept;
#[cfg(target_os = "linux")]
mod serve;
#[cfg(target_os = "linux")]
mod system_calls;
#[cfg(target_os = "linux")]
mod traced_path;
#[cfg(target_os = "linux")]
mod waiting_calls;
#[cfg(target_os = "linux")]
mod work_folder;

use std::path::PathBuf;

pub use file::{Trace, read_trace};
pub use kept::{KeepSpec, WhenUnkept, read_kept};
pub use loss_question::{LossDecision, LossListener, LossNews, LossQuestion};
#[cfg(target_os = "linux")]
pub use serve::{Tracer, WhenUnseen, begin};
pub use unkept::{Unkept, UnkeptReason};
#[cfg(target_os = "linux")]
pub use waiting_calls::{CallQuestions, WaitingNews};

/// The trace that is wanted of a command, and whether contents are kept before it destroys them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceSpec {
    /// A file to be made for the paths that its own processes change; see [`Trace`]. It is not made
    /// where that cannot be known.
    pub file: PathBuf,
    /// Nothing is kept where the calls cannot be seen.
    pub keep: Option<KeepSpec>,
}

impl TraceSpec {
    /// Whether the command must not run where its calls cannot be seen: it would lose what is to be
    /// kept.
    pub fn is_required(&self) -> bool {
        self.keep.as_ref().is_some_and(|keep| keep.otherwise != WhenUnkept::GoOn)
    }
}

impl From<PathBuf> for TraceSpec {
    fn from(file: PathBuf) -> Self {
        Self { file, keep: None }
    }
}
