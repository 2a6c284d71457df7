//! What the model may do in the folder, one file or folder per tool. Knows neither the model nor the screen, nor what is allowed.

mod table;
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
mod document;
mod files;
mod folder;
mod guidance;
mod hits;
mod image;
mod lines;
mod matching;
mod near;
mod output;
mod pixels;
mod refusal;
mod seen;
mod shape;
mod stop;
mod survey;
mod walk;
mod words;
mod worktree;

pub use branch::branch;
pub use files::files;
pub use shell::shell_call;
pub use survey::survey;
pub use toolbox::{Circumstances, Ground, Progress, Toolbox};
pub use view_image::{PictureError, picture};

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod workbench;
