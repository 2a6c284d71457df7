//! What the model may do in the folder, one file or folder per tool.

mod tool_definitions;
mod toolbox;

mod edit;
mod glob;
mod grep;
mod list;
mod patch;
mod question;
mod quiet_git;
mod read;
mod shell;
mod todo;
mod view_image;
mod webfetch;
mod write;

mod arguments;
mod branch;
mod change;
mod diff;
mod files;
mod folder;
mod guidance;
mod hits;
mod image;
mod lines;
mod matching;
mod output;
mod path_glob;
mod phrases;
mod pixels;
mod read_files;
mod refusal;
mod similar_names;
mod stop_signal;
mod survey;
mod text_file;
mod walk;
mod worktree;

pub use branch::branch;
pub use files::files;
pub use shell::shell_call;
pub use survey::environment_context;
pub use toolbox::{CallSurroundings, ProgressSink, Toolbox, ToolboxSetup};
pub use view_image::{PictureError, picture};

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod workbench;
