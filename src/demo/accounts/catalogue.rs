//! The models the stand says it has.

use serde_json::{Value, json};

/// Which list the models endpoints give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Catalogue {
    /// The list of Codex 0.169.0.
    Codex,
    /// The rule-driven model under two names that say what it is.
    Demo,
}

/// The slug of the demo's first model.
pub const DEMO_MODEL: &str = "codling-demo";

/// One whose name is that of a family that writes patches as they are.
const PATCHER: &str = "gpt-5-codling-demo";

struct Entry {
    slug: &'static str,
    name: &'static str,
    description: &'static str,
    priority: u32,
    context: u64,
    longest: u64,
    default: &'static str,
    efforts: &'static [&'static str],
    visibility: &'static str,
    patches: Patches,
}

/// Whether a model takes `apply_patch` as a tool whose input is free text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Patches {
    Free,
    Never,
}

const SIX: &[&str] = &["low", "medium", "high", "xhigh", "max", "ultra"];
const FIVE: &[&str] = &["low", "medium", "high", "xhigh", "max"];
const FOUR: &[&str] = &["low", "medium", "high", "xhigh"];

impl Catalogue {
    fn entries(self) -> Vec<Entry> {
        match self {
            Self::Demo => vec![
                demo(
                    DEMO_MODEL,
                    "Demo (rule-driven)",
                    "Follows a few rules to try the tools; not a real model",
                    1,
                ),
                demo(
                    "codling-demo-mini",
                    "Demo mini (rule-driven)",
                    "The same rules under a second name, to try switching models",
                    2,
                ),
                Entry {
                    patches: Patches::Free,
                    ..demo(
                        PATCHER,
                        "Demo patches (rule-driven)",
                        "The same rules with Codex's tools: patches, and commands that stay",
                        3,
                    )
                },
            ],
            Self::Codex => vec![
                codex("gpt-6.1-sol", 1, 272, 872, "low", SIX),
                codex("gpt-6-astra", 2, 272, 872, "low", SIX),
                codex("gpt-6-sol", 3, 272, 872, "medium", SIX),
                codex("gpt-6-luna", 4, 272, 872, "medium", FIVE),
                codex("gpt-5.6-sol", 5, 272, 872, "low", SIX),
                codex("gpt-6.1-terra", 7, 500, 872, "low", SIX),
                codex("gpt-5.6-terra", 8, 272, 872, "medium", SIX),
                codex("gpt-5.6-luna", 9, 272, 872, "medium", FIVE),
                codex("gpt-5.5", 13, 272, 272, "medium", FOUR),
                Entry {
                    visibility: "hide",
                    ..codex("codex-auto-review", 20, 272, 872, "medium", FIVE)
                },
            ],
        }
    }

    /// The answer of `GET /backend-api/codex/models`.
    pub fn codex_list(self, context: Option<u64>) -> Value {
        let sized = |entry: Entry| Entry {
            context: context.unwrap_or(entry.context),
            longest: context.unwrap_or(entry.longest),
            ..entry
        };
        let models: Vec<Value> =
            self.entries().into_iter().map(|entry| sized(entry).codex_json()).collect();
        json!({ "models": models })
    }

    /// Whether a model may be offered tools whose input is free text: as its entry says, or by its
    /// family where it has none.
    pub fn takes_free_text(self, model: &str) -> bool {
        match self.entries().iter().find(|entry| entry.slug == model) {
            Some(entry) => entry.patches == Patches::Free,
            None => {
                let model = model.strip_prefix("ft:").unwrap_or(model);
                let generation = model
                    .strip_prefix("gpt-")
                    .and_then(|rest| rest.split(['.', '-']).next()?.parse::<u32>().ok());
                model.contains("codex") || generation.is_some_and(|generation| generation >= 5)
            }
        }
    }

    /// The answer of `GET /v1/models`; the Codex list comes with some that cannot chat, as the real
    /// one does, and the demo's tells how large the contexts are, as those of other servers do.
    pub fn api_list(self, context: Option<u64>) -> Value {
        let listed = |id: &str| json!({ "id": id, "object": "model", "created": 1_790_000_000, "owned_by": "system" });
        let data: Vec<Value> = match self {
            Self::Demo => {
                let sized = |entry: Entry| {
                    let mut model = listed(entry.slug);
                    model["context_window"] = context.unwrap_or(entry.context).into();
                    model
                };
                self.entries().into_iter().map(sized).collect()
            }
            Self::Codex => {
                let others = [
                    "text-embedding-3-small",
                    "whisper-1",
                    "gpt-image-1",
                    "omni-moderation-latest",
                ];
                self.entries()
                    .into_iter()
                    .map(|entry| entry.slug)
                    .chain(others)
                    .map(listed)
                    .collect()
            }
        };
        json!({ "object": "list", "data": data })
    }
}

impl Entry {
    fn codex_json(&self) -> Value {
        let efforts: Vec<Value> = self
            .efforts
            .iter()
            .map(|effort| json!({ "effort": effort, "description": format!("{effort} reasoning") }))
            .collect();
        let mut entry = json!({
            "slug": self.slug,
            "display_name": self.name,
            "description": self.description,
            "default_reasoning_level": self.default,
            "supported_reasoning_levels": efforts,
            "visibility": self.visibility,
            "priority": self.priority,
            "supported_in_api": true,
            "context_window": self.context,
            "max_context_window": self.longest,
            "effective_context_window_percent": 95,
            "default_reasoning_summary": "none",
            "support_verbosity": true,
            "default_verbosity": "low",
            "input_modalities": ["text", "image"],
            "service_tiers": [{ "id": "priority", "name": "Fast", "description": "Served before others" }],
        });
        if self.patches == Patches::Free {
            entry["apply_patch_tool_type"] = "freeform".into();
        }
        entry
    }
}

fn demo(slug: &'static str, name: &'static str, description: &'static str, priority: u32) -> Entry {
    let efforts = &["low", "medium", "high"];
    Entry {
        slug,
        name,
        description,
        priority,
        context: 128_000,
        longest: 128_000,
        default: "medium",
        efforts,
        visibility: "list",
        patches: Patches::Never,
    }
}

fn codex(
    slug: &'static str,
    priority: u32,
    context: u64,
    longest: u64,
    default: &'static str,
    efforts: &'static [&'static str],
) -> Entry {
    Entry {
        slug,
        name: slug,
        description: "",
        priority,
        context: context * 1000,
        longest: longest * 1000,
        default,
        efforts,
        visibility: "list",
        patches: Patches::Free,
    }
}
