//! A change of the model in the middle of a conversation: the parts of the conversation that the
//! next model does without, in words for the person.

use crate::base::phrases;
use crate::protocol::{Compactor, Model};

use super::history::Conversation;
use super::refused_items::pictures;

/// The abilities that this model lacks and the one that was asked last had, as far as the
/// conversation uses them: "`acme/large` sees no pictures (2 are left out)". `None` where it
/// lacks none, and where no other model was asked yet.
pub fn losses(conversation: &Conversation, model: &Model, searches_web: bool) -> Option<String> {
    let next = model.reference();
    let asked = conversation.recorded.as_ref().map(|settings| &settings.model);
    let before = asked.filter(|asked| **asked != next)?;
    let leaves_openai = before.provider.is_openai() && !next.provider.is_openai();
    let seen = match model.pictures {
        Some(false) => conversation.in_use(&next).iter().map(|entry| pictures(&entry.item)).sum(),
        Some(true) | None => 0,
    };
    let left_out = match seen {
        0 => None,
        1 => Some("sees no pictures (one is left out)".to_owned()),
        seen => Some(format!("sees no pictures ({seen} are left out)")),
    };
    let was_sealed = conversation.sealed.is_some() && !conversation.is_sealed_for(before);
    let unsealed = (was_sealed && conversation.is_sealed_for(&next)).then(|| {
        format!("cannot read the sealed summary of `{before}` and gets the messages themselves")
    });
    let server = leaves_openai && conversation.compactor == Compactor::Server && unsealed.is_none();
    let is_mute = model.calls_tools == Some(false);
    let losses: Vec<String> = [
        is_mute.then(|| "calls no tools, so it can only answer".to_owned()),
        left_out,
        (leaves_openai && searches_web).then(|| "cannot search the web".to_owned()),
        unsealed,
        server.then(|| "sums the conversation up itself".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!losses.is_empty()).then(|| format!("`{next}` {}", phrases::list(&losses)))
}
