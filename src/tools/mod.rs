//! What the model may do in the folder, one file per tool: it looks, and changes nothing. Knows neither the model nor the screen.

mod toolbox;

mod glob;
mod grep;
mod list;
mod read;

mod arguments;
mod branch;
mod files;
mod folder;
mod hits;
mod image;
mod lines;
mod near;
mod refusal;
mod rules;
mod shape;
mod stop;
mod walk;
mod words;

pub use branch::branch;
pub use files::files;
pub use toolbox::{Ground, Progress, Toolbox};

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
