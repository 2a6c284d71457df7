//! How things look in cells: colours by role, wrapped lines, markdown, highlighted code, QR codes. Does not know the application.

mod lines;
mod theme;

pub mod diff;
pub mod highlight;
pub mod markdown;
pub mod qr;
pub mod wrap;

pub use lines::{Lines, put};
pub use theme::{ColorEnv, Depth, Emphasis, Ground, Ink, Role, Theme};
pub use wrap::{Span, wrap};
