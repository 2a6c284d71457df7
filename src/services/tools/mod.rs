//! Tools: everything the model may do in the folder, on the web, or by asking the person. Each tool
//! has a file or a folder.

#![warn(missing_docs)]

mod definition;
mod toolbox;

mod call;
mod folder;

mod ask;
mod files;
mod jobs;
mod pictures;
mod shell;
mod web;

pub use ask::question::answers;
pub use call::surroundings::{
    CallSurroundings, ElicitedAnswers, Elicitor, ProgressSink, ToolboxSetup,
};
pub use files::diff::{diff_within, opaque};
pub use files::patch::program::serve as serve_patch;
pub use folder::listing::files;
pub use folder::open_files::UnsavedTexts;
pub use jobs::Jobs;
pub use pictures::view_image::{PictureError, picture, picture_for, picture_of_bytes};
pub use shell::blocked::missed_by_own;
pub use shell::plain_text::plain;
pub use shell::repositories::KnownRepositories;
pub use shell::shell_call;
pub use shell::standalone_command::{
    BoundCommand, CommandLimits, RunningCommand, StandaloneCommand, StandaloneEnd,
    StandaloneReport, StandaloneStage, WriteRefusal,
};
pub use toolbox::Toolbox;
pub use toolbox::table::is_built_in;
pub use toolbox::tool_source::{SourceAnswer, SourceCall, SourceTool, SourceTools, ToolSource};

#[cfg(test)]
mod tests;
