//! Painting: colours by role, wrapped lines, markdown, highlighted code, QR codes.

mod canvas;
mod lines;
mod linked;
mod theme;

pub mod diff;
pub mod highlight;
pub mod markdown;
pub mod panel;
pub mod qr;
pub mod spinner;
pub mod wrap;

pub use canvas::Canvas;
pub use lines::{LaidOutLines, Seam, TextRow, blank_half, put};
pub use theme::{Background, ColorEnv, Depth, Emphasis, Ink, Role, Theme};
pub use wrap::{Span, wrap};
