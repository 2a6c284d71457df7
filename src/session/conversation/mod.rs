//! The conversation: the items that the model is sent, and everything that is derived from them.

mod history;

mod folding;
mod left_out;
mod sealed_past;

mod announcements;
mod carried_over;
mod context_usage;
mod entry;
mod permissions_note;
mod shortened;
mod thoughts;

pub(super) use history::Conversation;
pub(super) use sealed_past::GivenUp;
pub(super) use shortened::{lean, tail};
