//! What the model may do in the folder, one file per tool: it looks, and changes nothing. Knows neither the model nor the screen.

mod toolbox;

mod glob;
mod grep;
mod list;
mod question;
mod read;
mod todo;
mod view_image;
mod webfetch;

mod arguments;
mod branch;
mod folder;
mod guidance;
mod hits;
mod image;
mod lines;
mod near;
mod refusal;
mod rules;
mod shape;
mod stop;
mod survey;
mod walk;
mod words;
mod worktree;

pub use branch::branch;
pub use survey::{Survey, survey};
pub use toolbox::{Ground, Progress, Toolbox};
pub use view_image::{PictureError, picture};

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
