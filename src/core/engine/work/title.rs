//! The title of a conversation, which a small model gives it where the settings name one. Nobody
//! waits for it, and where it fails the first prompt stays the title.

use std::sync::{Arc, Mutex, PoisonError};

use crate::base::phrases::shorten;
use crate::base::text::clean_line;
use crate::protocol::{
    Item, ItemId, ItemKind, ModelDelta, ModelRequest, SessionId, SessionSettings, ToolChoice,
};

use super::super::services::Services;

const INSTRUCTIONS: &str = codling_assets::prompts::TITLE;
/// Bytes of the first prompt that the model reads, and letters of a title.
const PROMPT: usize = 4 << 10;
const LONGEST: usize = 80;

/// Asks this model for a title; `None` where it gives none.
pub(crate) async fn title(
    services: Services,
    session: &SessionId,
    small: SessionSettings,
    prompt: &str,
) -> Option<String> {
    let access = services.auth.access(&small.model.provider).await.ok()?;
    let said = Mutex::new(String::new());
    let on_delta = |delta| {
        if let ModelDelta::Item(Item { kind: ItemKind::Assistant { text, .. }, .. }) = delta {
            said.lock().unwrap_or_else(PoisonError::into_inner).push_str(&text);
        }
    };
    let request = request(session, small, prompt);
    if let Err(error) = services.api.request(&request, &access, on_delta).await {
        tracing::info!(%error, "the small model gave no title");
        return None;
    }
    let said = said.into_inner().unwrap_or_else(PoisonError::into_inner);
    usable(&said)
}

fn request(session: &SessionId, small: SessionSettings, prompt: &str) -> ModelRequest {
    let text = crate::base::text::head(prompt, PROMPT).to_owned();
    let item = Item { id: ItemId::new("title"), kind: ItemKind::user(text), wire: None };
    // A conversation of its own: it shares no beginning with the other one.
    let session = SessionId::new(format!("{}-title", session.as_str()));
    ModelRequest {
        effort: small.effort,
        tuning: small.tuning,
        instructions: INSTRUCTIONS.trim_end().into(),
        tool_choice: ToolChoice::None,
        ..ModelRequest::plain(session, small.model, vec![Arc::new(item)])
    }
}

/// The first line that says something, without quotes around it.
fn usable(said: &str) -> Option<String> {
    let line = said.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = clean_line(line);
    let line = line.trim_matches(['"', '\'', '`', '“', '”', '.', '#', '*', ' ']);
    (!line.is_empty()).then(|| shorten(line, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_without_quotes_and_control_codes() {
        for (said, title) in [
            ("Fix the tests", Some("Fix the tests")),
            ("\n \"Fix the tests.\"\nMore", Some("Fix the tests")),
            ("**Fix**\u{1b}[2J", Some("Fix**␛[2J")),
            ("", None),
            ("...", None),
        ] {
            assert_eq!(usable(said).as_deref(), title, "{said:?}");
        }
        assert!(usable(&"x".repeat(500)).unwrap().chars().count() <= LONGEST + 1);
    }
}
