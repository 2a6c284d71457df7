//! The conversation: the items that the model is sent, and everything that is derived from them.

mod history;

mod folding;
mod model_change;
mod refused_items;
mod sealed_past;

mod announcements;
mod compaction_context;
mod context_usage;
mod entry;
mod permissions_note;
mod reasoning;
mod truncation;

pub(super) use context_usage::{fixed_tokens, tokens};
pub(super) use history::Conversation;
pub(super) use model_change::losses;
pub(super) use sealed_past::GivenUp;
pub(super) use truncation::{lean, tail};
