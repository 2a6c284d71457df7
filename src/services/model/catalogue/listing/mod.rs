//! The lists of models that the two origins answer with, as we offer them.

mod chatgpt;

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::family;
use crate::model::catalogue;
use crate::model::error::refusal::clean;
use crate::protocol::{Model, ModelRef, Prices, ProviderId};

pub use chatgpt::from_chatgpt;

/// The most models that one list may bring.
const MOST: usize = 20_000;
/// Bytes of the longest id.
const LONGEST_ID: usize = 200;

/// Reads `GET <api>/v1/models`: those that can hold a conversation, newest version first; a dated
/// snapshot only where its model has no undated id. A server that names none we know of, or tells
/// how large contexts are, as Groq's does, is not OpenAI's own, and all it names are kept.
///
/// # Errors
///
/// The body is not the JSON of a list.
pub fn from_api(body: &str) -> Result<Vec<Model>, serde_json::Error> {
    #[derive(Deserialize)]
    struct List {
        data: Vec<Listed>,
    }
    #[derive(Deserialize)]
    struct Listed {
        id: String,
        #[serde(default, deserialize_with = "number")]
        context_window: Option<u64>,
    }
    let list: List = serde_json::from_str(body)?;
    let all: HashMap<&str, Option<u64>> =
        list.data.iter().map(|listed| (listed.id.as_str(), listed.context_window)).collect();
    let is_snapshot = |id: &str| family::undated(id).is_some_and(|model| all.contains_key(model));
    let of_openai = all.keys().any(|id| family::chats(id)) && all.values().all(Option::is_none);
    let mut ids: Vec<&str> = all
        .keys()
        .copied()
        .filter(|id| (family::chats(id) || !of_openai) && !is_snapshot(id))
        .collect();
    ids.sort_by_key(|id| (Reverse(age(id)), catalogue::rank(id), size(id), *id));
    let describe = |id: &str| {
        let known = catalogue::of_openai(id);
        Model { context: all[id].or(known.context), ..known }
    };
    Ok(ids.into_iter().map(describe).collect())
}

/// The answer of a provider of one's own: whatever it names, in its order. Servers list models in
/// several forms; what cannot be read of one is not known.
///
/// # Errors
///
/// The body is no list.
pub fn from_provider(provider: &ProviderId, body: &str) -> Result<Vec<Model>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Page<'a> {
        #[serde(borrow)]
        data: Vec<&'a RawValue>,
    }
    let listed = match body.trim_start().starts_with('[') {
        true => serde_json::from_str::<Vec<&RawValue>>(body)?,
        false => serde_json::from_str::<Page<'_>>(body)?.data,
    };
    let mut seen = HashSet::new();
    let models = listed.into_iter().filter_map(|raw| {
        let listed: Value = serde_json::from_str(raw.get()).ok()?;
        let id = listed["id"].as_str()?;
        // Google's names are paths.
        let id = id.strip_prefix("models/").unwrap_or(id);
        let is_good = (1..=LONGEST_ID).contains(&id.len())
            && !id.chars().any(|c| c.is_whitespace() || c.is_control());
        (is_good && seen.insert(id.to_owned()))
            .then(|| described(&ModelRef::new(provider.clone(), id), &listed))
    });
    Ok(models.take(MOST).collect())
}

/// A model as a list describes it; its name tells what the list does not.
fn described(model: &ModelRef, listed: &Value) -> Model {
    let known = catalogue::describe(model);
    let tokens = |places: &[&str]| {
        places.iter().find_map(|place| listed.pointer(place)?.as_u64().filter(|tokens| *tokens > 0))
    };
    let supports = |place: &str| {
        listed.pointer(place).and_then(|it| it.as_bool().or(it["supported"].as_bool()))
    };
    let names = |place: &str, word: &str| {
        let list = listed.pointer(place)?.as_array()?;
        Some(list.iter().any(|name| name == word))
    };
    let name = ["display_name", "name"].iter().find_map(|key| listed[*key].as_str()).map(clean);
    let efforts = match &listed["capabilities"]["effort"] {
        Value::Object(levels) => {
            let takes =
                |effort: &&str| levels.get(*effort).is_some_and(|it| it["supported"] == true);
            ["low", "medium", "high", "xhigh", "max"]
                .into_iter()
                .filter(takes)
                .map(catalogue::effort)
                .collect()
        }
        _ => known.efforts.clone(),
    };
    Model {
        name: name.filter(|name| !name.is_empty()).unwrap_or(known.name),
        context: tokens(&[
            "/context_window",
            "/context_length",
            "/max_model_len",
            "/max_context_length",
            "/max_input_tokens",
            "/loaded_context_length",
        ])
        .or(known.context),
        output: tokens(&[
            "/max_tokens",
            "/max_output_tokens",
            "/top_provider/max_completion_tokens",
        ])
        .or(known.output),
        pictures: supports("/capabilities/image_input")
            .or_else(|| supports("/capabilities/vision"))
            .or_else(|| names("/architecture/input_modalities", "image"))
            .or(known.pictures),
        calls_tools: supports("/capabilities/function_calling")
            .or_else(|| names("/supported_parameters", "tools"))
            .or(known.calls_tools),
        prices: prices(&listed["pricing"]),
        efforts,
        ..known
    }
}

/// Prices in dollars for a token, as text. Zero is a plan's or not known.
fn prices(listed: &Value) -> Option<Prices> {
    let price = |key: &str| {
        let dollars: f64 = listed[key].as_str()?.parse().ok()?;
        let is_price = dollars.is_finite() && (0.0..1.0).contains(&dollars);
        is_price.then(|| (dollars * 1e12).round() as u64)
    };
    let (input, output) = (price("prompt")?, price("completion")?);
    let cached = price("input_cache_read").filter(|cached| *cached > 0);
    (input > 0 || output > 0).then_some(Prices { input, output, cached })
}

/// `None` for what is no number of tokens.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_u64().filter(|tokens| *tokens > 0))
}

/// The `o` models and codex-mini stand between the fourth generation and the fifth.
fn age(id: &str) -> (u32, u32) {
    match family::version(id) {
        Some(version) if id.starts_with("gpt-") => version,
        Some((number, _)) if id.starts_with('o') => (4, 100 + number),
        _ if id.starts_with("codex") => (4, 100),
        // Fine-tuned: for those who know they have them.
        _ => (0, 0),
    }
}

/// Within a version the plain model comes first, and what is dear or meant for something else last.
fn size(id: &str) -> usize {
    ["codex", "mini", "nano", "chat", "pro"]
        .iter()
        .rposition(|word| id.contains(word))
        .map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Patches;

    fn ids(models: &[Model]) -> Vec<&str> {
        models.iter().map(|model| model.id.as_str()).collect()
    }

    #[test]
    fn a_providers_list_is_taken_as_it_is() {
        let body = r#"{"object":"list","data":[{"id":"org/large","context_length":9},{"id":"gpt-5.5"},{"id":"small","max_model_len":"7"},
            {"id":"small"},{"id":""},{"id":"two words"},{"name":"x"},7]}"#;
        let models = from_provider(&"acme".into(), body).unwrap();
        let names: Vec<_> =
            models.iter().map(|model| (model.reference().to_string(), model.context)).collect();
        assert_eq!(
            names,
            [
                ("acme/org/large".to_owned(), Some(9)),
                ("acme/gpt-5.5".to_owned(), Some(272_000)),
                ("acme/small".to_owned(), None)
            ]
        );
        assert_eq!((models[1].patches, &models[1].default_effort), (Patches::AsArgument, &None));
        assert!(from_provider(&"acme".into(), "<html>").is_err());
    }

    #[test]
    fn lists_come_in_several_forms() {
        let one = |body: &str| from_provider(&"acme".into(), body).unwrap().remove(0);
        assert_eq!(one(r#"[{"id":"a"}]"#).id.as_str(), "a");
        assert_eq!(one(r#"{"data":[{"id":"models/gemini"}]}"#).id.as_str(), "gemini");
        let router = one(
            r#"{"data":[{"id":"org/m","name":"Org: M","context_length":8,"top_provider":{"max_completion_tokens":4},
            "architecture":{"input_modalities":["text","image"]},"supported_parameters":["tools"],
            "pricing":{"prompt":"0.00000015","completion":"0.0000006","input_cache_read":"0.000000003"}}]}"#,
        );
        assert_eq!(
            (router.name.as_str(), router.context, router.output),
            ("Org: M", Some(8), Some(4))
        );
        assert_eq!((router.pictures, router.calls_tools), (Some(true), Some(true)));
        let prices = Prices { input: 150_000, output: 600_000, cached: Some(3_000) };
        assert_eq!(router.prices, Some(prices));
        let claude = one(
            r#"{"data":[{"id":"claude-x","display_name":"Claude X","max_input_tokens":9,"max_tokens":3,
            "capabilities":{"effort":{"low":{"supported":true},"max":{"supported":false}},"image_input":{"supported":false}}}],"has_more":false}"#,
        );
        assert_eq!(
            (claude.context, claude.output, claude.pictures),
            (Some(9), Some(3), Some(false))
        );
        assert_eq!(claude.efforts, [catalogue::effort("low")]);
        for free in
            [r#"{"prompt":"0","completion":"0"}"#, r#"{"prompt":"-1","completion":"x"}"#, "null"]
        {
            let body = format!(r#"[{{"id":"a","pricing":{free}}}]"#);
            assert_eq!(one(&body).prices, None, "{free}");
        }
    }

    #[test]
    fn an_api_list_keeps_what_can_chat_newest_first() {
        let list = [
            "text-embedding-3-small",
            "gpt-4o",
            "gpt-4o-2024-08-06",
            "gpt-4-0613",
            "gpt-4",
            "gpt-5.5-pro",
            "gpt-5.5",
            "gpt-5.5-mini",
            "gpt-6-sol",
            "gpt-6.1-sol",
            "gpt-6-luna",
            "o3",
            "o4-mini",
            "gpt-image-1",
            "gpt-realtime",
            "codex-mini-latest",
            "tts-1",
            "gpt-5-2025-08-07",
            "whisper-1",
            "ft:gpt-4o-mini:me::1",
            "gpt-4.1",
            "gpt-3.5-turbo-instruct",
            "gpt-5.5",
        ];
        let data: Vec<_> = list
            .iter()
            .map(|id| serde_json::json!({"id": id, "object": "model", "owned_by": "x"}))
            .collect();
        let models =
            from_api(&serde_json::json!({"object": "list", "data": data}).to_string()).unwrap();
        let expected = [
            "gpt-6.1-sol",
            "gpt-6-sol",
            "gpt-6-luna",
            "gpt-5.5",
            "gpt-5.5-mini",
            "gpt-5.5-pro",
            "gpt-5-2025-08-07",
            "o4-mini",
            "o3",
            "codex-mini-latest",
            "gpt-4.1",
            "gpt-4",
            "gpt-4o",
            "ft:gpt-4o-mini:me::1",
        ];
        assert_eq!(ids(&models), expected);
        assert_eq!(models[3].name, "GPT-5.5");
    }

    #[test]
    fn a_server_of_another_kind_has_all_it_names_listed() {
        let body = r#"{"data":[{"id":"codling-demo"},{"id":"qwen-coder"}]}"#;
        assert_eq!(ids(&from_api(body).unwrap()).len(), 2);
        let body = r#"{"data":[{"id":"codling-demo"},{"id":"gpt-5.5"}]}"#;
        assert_eq!(ids(&from_api(body).unwrap()), ["gpt-5.5"]);
    }

    #[test]
    fn a_server_that_tells_how_large_contexts_are_is_believed_and_listed_whole() {
        let body = r#"{"data":[{"id":"qwen-coder","context_window":131072},{"id":"gpt-5.5","context_window":9000},
            {"id":"gpt-5-mini","context_window":null},{"id":"llama","context_window":"large"},{"id":"o3","context_window":0}]}"#;
        let models = from_api(body).unwrap();
        let found: Vec<_> = models.iter().map(|model| (model.id.as_str(), model.context)).collect();
        let expected = [
            ("gpt-5.5", Some(9000)),
            ("gpt-5-mini", Some(272_000)),
            ("o3", Some(200_000)),
            ("llama", None),
            ("qwen-coder", Some(131_072)),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_a_list_is_an_error() {
        for body in ["", "<html>", "{}", r#"{"models":{}}"#, r#"{"data":[{"name":"x"}]}"#] {
            assert!(from_chatgpt(body).is_err() && from_api(body).is_err(), "{body}");
        }
    }
}
