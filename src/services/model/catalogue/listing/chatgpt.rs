//! The list of models that ChatGPT's backend offers an account: `GET
//! <chatgpt>/backend-api/codex/models`.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::model::catalogue::family;
use crate::model::responses::shapes::or_default;
use crate::protocol::{Effort, Model, ModelRef, Patches, ServiceTier, Verbosity};

/// Reads its body: those meant for a list, by priority. An entry that cannot be read is left out.
///
/// # Errors
///
/// The body is not the JSON of a list.
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

#[derive(Deserialize)]
struct Entry {
    slug: String,
    display_name: Option<String>,
    description: Option<String>,
    default_reasoning_level: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    supported_reasoning_levels: Vec<Level>,
    visibility: Option<String>,
    priority: Option<i64>,
    context_window: Option<u64>,
    #[serde(default, deserialize_with = "or_default")]
    support_verbosity: bool,
    default_verbosity: Option<String>,
    /// Ids as `priority`, bare or with a name and a description.
    #[serde(default, deserialize_with = "or_default")]
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
        let model = ModelRef::openai(self.slug.as_str());
        Model {
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
            ..Model::unknown(model)
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

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(
            models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(),
            ["gpt-9", "b", "last"]
        );
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
}
