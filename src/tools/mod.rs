//! What the model may do in the folder, one file or folder per tool.

mod tool_definitions;
mod tool_source;
mod toolbox;

mod edit;
mod glob;
mod grep;
mod jobs;
mod list;
mod one_off;
mod patch;
mod question;
mod read;
mod shell;
mod todo;
mod view_image;
mod webfetch;
mod write;

mod aliases;
mod arguments;
mod change;
mod diff;
mod files;
mod folder;
mod hits;
mod image;
mod lines;
mod matching;
mod on_a_thread;
mod open_files;
mod output;
mod path_glob;
mod pixels;
mod raster;
mod read_files;
mod refusal;
mod shared_editor;
mod similar_names;
mod stop_signal;
mod text_file;
mod walk;

pub use files::files;
pub use jobs::Jobs;
pub use one_off::{
    BoundCommand, CommandLimits, OneOffCommand, OneOffEnd, OneOffReport, OneOffStage,
    RunningCommand, WriteRefusal,
};
pub use open_files::UnsavedTexts;
pub use question::answers;
pub use shell::repositories::KnownRepositories;
pub use shell::shell_call;
pub use tool_definitions::is_built_in;
pub use tool_source::{SourceAnswer, SourceTool, SourceTools, ToolSource};
pub use toolbox::{CallSurroundings, ProgressSink, Toolbox, ToolboxSetup};
pub use view_image::{PictureError, picture, picture_of_bytes};

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod workbench;
