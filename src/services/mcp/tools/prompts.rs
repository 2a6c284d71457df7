//! The prompts of a server, which a person uses as slash commands.

use rmcp::model::{GetPromptRequestParams, PaginatedRequestParams, Prompt};
use rmcp::service::{Peer, RoleClient, ServiceError};
use serde_json::{Map, Value};

use crate::base::text::{clean, clean_line, head};
use crate::protocol::{McpArgument, McpPrompt};

use super::answer;
use super::listing::summary;

/// Prompts of a server, and bytes of what one stands for.
const PROMPTS: usize = 200;
const LONGEST: usize = 128 << 10;

/// Asks a server which prompts it has.
///
/// # Errors
///
/// Fails if it does not tell.
pub async fn list(peer: &Peer<RoleClient>) -> Result<Vec<McpPrompt>, ServiceError> {
    let (mut all, mut cursor) = (Vec::new(), None);
    while all.len() < PROMPTS {
        let params = PaginatedRequestParams::default().with_cursor(cursor);
        let page = peer.list_prompts(Some(params)).await?;
        let is_empty = page.prompts.is_empty();
        all.extend(page.prompts.into_iter().filter_map(usable));
        cursor = page.next_cursor;
        if cursor.is_none() || is_empty {
            break;
        }
    }
    all.truncate(PROMPTS);
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all.dedup_by(|one, other| one.name == other.name);
    Ok(all)
}

/// A name with a blank could not be typed as a command.
fn usable(prompt: Prompt) -> Option<McpPrompt> {
    let is_typeable = |name: &str| {
        (1..=100).contains(&name.len())
            && !name.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    if !is_typeable(&prompt.name) {
        return None;
    }
    let about = prompt.description.or(prompt.title).unwrap_or_default();
    let arguments = prompt.arguments.unwrap_or_default().into_iter();
    let arguments = arguments.map(|argument| McpArgument {
        name: clean_line(&argument.name).as_ref().into(),
        is_required: argument.required == Some(true),
    });
    Some(McpPrompt {
        name: prompt.name.into(),
        description: summary(&about).into(),
        arguments: arguments.collect(),
    })
}

/// What a prompt stands for with these arguments, as text.
///
/// # Errors
///
/// Fails with the server's reason.
pub async fn get(
    peer: &Peer<RoleClient>,
    name: &str,
    arguments: Map<String, Value>,
) -> Result<String, ServiceError> {
    let params = GetPromptRequestParams::new(name.to_owned()).with_arguments(arguments);
    let messages = peer.get_prompt(params).await?.messages.into_iter();
    let texts: Vec<String> = messages.map(|message| answer::words(message.content)).collect();
    Ok(head(&clean(&texts.join("\n\n")), LONGEST).to_owned())
}

/// The words behind a command as a server's arguments: `name=value` by name, others in order, where
/// the last one takes the rest.
///
/// # Errors
///
/// Fails with the names of required arguments that are missing.
pub fn arguments(prompt: &McpPrompt, typed: &str) -> Result<Map<String, Value>, Vec<String>> {
    let mut given = Map::new();
    let is_named = |word: &str| {
        let name = word.split_once('=').map(|(name, _)| name);
        name.is_some_and(|name| prompt.arguments.iter().any(|known| *known.name == *name))
    };
    let (named, others): (Vec<&str>, Vec<&str>) =
        typed.split_whitespace().partition(|it| is_named(it));
    for (name, value) in named.iter().filter_map(|word| word.split_once('=')) {
        given.insert(name.to_owned(), value.into());
    }
    let missing: Vec<_> = prompt
        .arguments
        .iter()
        .filter(|known| !given.contains_key(&*known.name))
        .cloned()
        .collect();
    let mut others = others.into_iter();
    for (at, argument) in missing.iter().enumerate() {
        let value = match at + 1 == missing.len() {
            true => others.by_ref().collect::<Vec<_>>().join(" "),
            false => others.next().unwrap_or_default().to_owned(),
        };
        if !value.is_empty() {
            given.insert(argument.name.to_string(), value.into());
        }
    }
    let required = prompt.arguments.iter().filter(|argument| argument.is_required);
    let missing: Vec<String> = required
        .filter(|argument| !given.contains_key(&*argument.name))
        .map(|argument| argument.name.to_string())
        .collect();
    if missing.is_empty() { Ok(given) } else { Err(missing) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_become_arguments_by_name_or_in_order() {
        let argument = |name: &str, is_required| McpArgument { name: name.into(), is_required };
        let prompt = McpPrompt {
            name: "weather".into(),
            description: "".into(),
            arguments: [argument("city", true), argument("when", false)].into(),
        };
        for (typed, given) in [
            ("Paris", json!({ "city": "Paris" })),
            ("Paris in two days", json!({ "city": "Paris", "when": "in two days" })),
            ("when=now Paris at night", json!({ "when": "now", "city": "Paris at night" })),
            ("x=1", json!({ "city": "x=1" })),
        ] {
            assert_eq!(arguments(&prompt, typed).map(Value::Object), Ok(given), "{typed}");
        }
        assert_eq!(arguments(&prompt, " "), Err(vec!["city".into()]));
    }

    #[test]
    fn a_prompt_that_could_not_be_typed_is_left_out() {
        let prompt = |name: &str| Prompt::new(name, Some("Tells\u{1b}[2J\nmore"), None);
        assert!(usable(prompt("two words")).is_none() && usable(prompt("")).is_none());
        let usable = usable(prompt("good")).unwrap();
        assert!(!usable.description.contains(['\u{1b}', '\n']));
    }
}
