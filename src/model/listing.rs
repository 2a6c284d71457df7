//! The lists of models that the two origins answer with, as we offer them.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::protocol::{
    Effort, Model, ModelId, ModelRef, Patches, ProviderId, ServiceTier, Verbosity,
};

use super::{catalogue, family};

/// Reads `GET <chatgpt>/backend-api/codex/models`: those meant for a list, by priority. An entry that cannot be read is left out.
pub fn from_chatgpt(body: &str) -> Result<Vec<Model>, serde_json::Error> {
    #[derive(Deserialize)]
    struct List<'a> {
        #[serde(borrow)]
        models: Vec<&'a RawValue>,
    }
    let list: List<'_> = serde_json::from_str(body)?;
    let mut entries: Vec<Entry> =
        list.models.into_iter().filter_map(|raw| serde_json::from_str(raw.get()).ok()).collect();
    entries.retain(|entry| {
        entry.visibility.as_deref().is_none_or(|word| word == "list") && !entry.slug.is_empty()
    });
    entries.sort_by_key(|entry| entry.priority.unwrap_or(i64::MAX));
    let mut seen = HashSet::new();
    Ok(entries
        .into_iter()
        .filter(|entry| seen.insert(entry.slug.clone()))
        .map(Entry::model)
        .collect())
}

/// Reads `GET <api>/v1/models`: those that can hold a conversation, newest version first; a dated snapshot only where its model has no undated id.
/// A server that names none we know of, or tells how large contexts are, as Groq's does, is not OpenAI's own, and all it names are kept.
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

/// Reads `GET <base>/models` of a provider of one's own: all it names, in its order.
pub fn from_provider(provider: &ProviderId, body: &str) -> Result<Vec<Model>, serde_json::Error> {
    #[derive(Deserialize)]
    struct List<'a> {
        #[serde(borrow)]
        data: Vec<&'a RawValue>,
    }
    #[derive(Deserialize)]
    struct Listed {
        id: String,
        #[serde(
            default,
            alias = "context_length",
            alias = "max_model_len",
            deserialize_with = "number"
        )]
        context_window: Option<u64>,
    }
    let list: List<'_> = serde_json::from_str(body)?;
    let mut seen = HashSet::new();
    let listed = list.data.into_iter().filter_map(|raw| {
        let listed: Listed = serde_json::from_str(raw.get()).ok()?;
        let is_good = !listed.id.is_empty() && !listed.id.chars().any(char::is_whitespace);
        (is_good && seen.insert(listed.id.clone())).then_some(listed)
    });
    let describe = |listed: Listed| {
        let known = catalogue::describe(&ModelRef::new(provider.clone(), listed.id));
        Model { context: listed.context_window.or(known.context), ..known }
    };
    Ok(listed.map(describe).collect())
}

/// `None` for what is no number of tokens.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_u64().filter(|tokens| *tokens > 0))
}

#[derive(Deserialize)]
struct Entry {
    slug: String,
    display_name: Option<String>,
    description: Option<String>,
    default_reasoning_level: Option<String>,
    #[serde(default, deserialize_with = "super::responses::shapes::or_default")]
    supported_reasoning_levels: Vec<Level>,
    visibility: Option<String>,
    priority: Option<i64>,
    context_window: Option<u64>,
    #[serde(default, deserialize_with = "super::responses::shapes::or_default")]
    support_verbosity: bool,
    default_verbosity: Option<String>,
    /// Ids as `priority`, bare or with a name and a description.
    #[serde(default, deserialize_with = "super::responses::shapes::or_default")]
    service_tiers: Vec<Value>,
    /// `freeform` or `function`; `null` where the model takes no such tool.
    #[serde(default, deserialize_with = "said")]
    apply_patch_tool_type: Option<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Level {
    Bare(String),
    Described { effort: String },
}

impl Entry {
    fn model(self) -> Model {
        let efforts: Vec<Effort> =
            self.supported_reasoning_levels.into_iter().map(Level::effort).collect();
        let default = self.default_reasoning_level.map(Effort);
        Model {
            provider: ProviderId::openai(),
            name: self
                .display_name
                .map(|name| line(&name))
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| family::name(&self.slug)),
            description: self.description.map(|text| line(&text)).unwrap_or_default(),
            context: self.context_window,
            default_effort: default
                .filter(|effort| efforts.contains(effort))
                .or_else(|| efforts.first().cloned()),
            efforts,
            verbosity: self.support_verbosity.then(|| {
                let default = self.default_verbosity.as_deref().and_then(Verbosity::named);
                default.unwrap_or(Verbosity::Medium)
            }),
            tiers: tiers(&self.service_tiers),
            patches: self
                .apply_patch_tool_type
                .and_then(patches)
                .unwrap_or_else(|| family::patches(&self.slug)),
            id: ModelId::new(self.slug),
        }
    }
}

impl Level {
    fn effort(self) -> Effort {
        match self {
            Self::Bare(effort) | Self::Described { effort } => Effort(effort),
        }
    }
}

/// Those that we know, each once, without the standard one.
fn tiers(listed: &[Value]) -> Vec<ServiceTier> {
    let mut tiers = Vec::new();
    for tier in listed {
        let word = tier.as_str().or_else(|| tier.get("id")?.as_str()).unwrap_or_default();
        let tier = ServiceTier::named(word).filter(|tier| *tier != ServiceTier::Standard);
        tiers.extend(tier.filter(|tier| !tiers.contains(tier)));
    }
    tiers
}

/// Tells `null` from a field that is not there.
fn said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// `None` for a word we do not know.
fn patches(tool: Value) -> Option<Patches> {
    match tool.as_str() {
        Some("freeform") => Some(Patches::AsText),
        Some("function") => Some(Patches::AsArgument),
        Some(_) => None,
        None => tool.is_null().then_some(Patches::Never),
    }
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

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(models: &[Model]) -> Vec<&str> {
        models.iter().map(|model| model.id.as_str()).collect()
    }

    #[test]
    fn a_providers_list_is_taken_as_it_is() {
        let body = r#"{"object":"list","data":[{"id":"org/large","context_length":9},{"id":"gpt-5.5"},{"id":"small","max_model_len":"7"},
            {"id":"small"},{"id":""},{"id":"two words"},{"name":"x"},7]}"#;
        let models = from_provider(&"acme".into(), body).unwrap();
        let told: Vec<_> =
            models.iter().map(|model| (model.reference().to_string(), model.context)).collect();
        assert_eq!(
            told,
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
    fn a_chatgpt_list_is_filtered_by_visibility_and_sorted_by_priority() {
        let body = r#"{"models":[
            {"slug":"b","priority":2,"visibility":"list","display_name":"Bee","description":"Two\nlines","context_window":1000,
             "default_reasoning_level":"high","supported_reasoning_levels":[{"effort":"low","description":"x"},{"effort":"high"}]},
            {"slug":"hidden","priority":0,"visibility":"hide"},
            {"slug":"none","priority":0,"visibility":"none"},
            {"slug":"gpt-9","priority":1,"supported_reasoning_levels":["low"],"default_reasoning_level":"gone"},
            {"slug":"last","supported_reasoning_levels":null,"odd":{}},
            {"slug":"b","priority":7},
            {"slug":7}, 5, {"slug":""}
        ]}"#;
        let models = from_chatgpt(body).unwrap();
        assert_eq!(ids(&models), ["gpt-9", "b", "last"]);
        assert_eq!(
            (models[0].name.as_str(), models[0].default_effort.clone()),
            ("GPT-9", Some(Effort("low".into())))
        );
        let bee = &models[1];
        assert_eq!(
            (bee.name.as_str(), bee.description.as_str(), bee.context),
            ("Bee", "Two lines", Some(1000))
        );
        assert_eq!(
            (bee.efforts.len(), bee.default_effort.clone()),
            (2, Some(Effort("high".into())))
        );
        assert_eq!((models[2].efforts.len(), models[2].default_effort.clone()), (0, None));
    }

    #[test]
    fn a_list_tells_how_much_a_model_writes_and_how_soon_it_is_served() {
        let fast = [ServiceTier::Fast].as_slice();
        for (fields, verbosity, tiers) in [
            (
                r#""support_verbosity":true,"default_verbosity":"low""#,
                Some(Verbosity::Low),
                &[][..],
            ),
            (
                r#""support_verbosity":true,"default_verbosity":"of a new kind""#,
                Some(Verbosity::Medium),
                &[],
            ),
            (r#""support_verbosity":false,"default_verbosity":"low""#, None, &[]),
            (r#""support_verbosity":null"#, None, &[]),
            (r#""service_tiers":[{"id":"priority","name":"Fast"},{"id":"flex"},7]"#, None, fast),
            (r#""service_tiers":["default","priority","fast"]"#, None, fast),
            (r#""service_tiers":null"#, None, &[]),
        ] {
            let body = format!(r#"{{"models":[{{"slug":"gpt-5.5",{fields}}}]}}"#);
            let models = from_chatgpt(&body).unwrap();
            assert_eq!(
                (models[0].verbosity, models[0].tiers.as_slice()),
                (verbosity, tiers),
                "{fields}"
            );
        }
    }

    #[test]
    fn a_list_tells_how_a_model_changes_files_and_the_name_does_where_it_is_silent() {
        for (slug, field, expected) in [
            ("gpt-5.5", r#","apply_patch_tool_type":"freeform""#, Patches::AsText),
            ("wonder", r#","apply_patch_tool_type":"freeform""#, Patches::AsText),
            ("gpt-5.5", r#","apply_patch_tool_type":"function""#, Patches::AsArgument),
            ("gpt-5.5", r#","apply_patch_tool_type":null"#, Patches::Never),
            ("gpt-5.5", r#","apply_patch_tool_type":"of a new kind""#, Patches::AsText),
            ("gpt-5.5", r#","apply_patch_tool_type":7"#, Patches::AsText),
            ("gpt-5.5", "", Patches::AsText),
            ("wonder", "", Patches::Never),
        ] {
            let models =
                from_chatgpt(&format!(r#"{{"models":[{{"slug":"{slug}"{field}}}]}}"#)).unwrap();
            assert_eq!(models[0].patches, expected, "{slug}{field}");
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
