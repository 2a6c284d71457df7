//! Model families: how a model's id tells whether it chats, whether it reasons, and its name for
//! people.

use crate::protocol::{Patches, Verbosity};

/// The version of a `gpt-` model, or the number of an `o` model, as `(major, minor)`.
pub fn version(id: &str) -> Option<(u32, u32)> {
    let id = base(id);
    let rest = id.strip_prefix("gpt-").or_else(|| id.strip_prefix('o'))?;
    let number =
        &rest[..rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len())];
    let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Whether a model thinks before it answers, and so takes an effort and gives its thoughts sealed.
pub fn reasons(id: &str) -> bool {
    let id = base(id);
    if id.contains("-chat") {
        return false;
    }
    id.starts_with("codex")
        || is_o(id)
        || (id.starts_with("gpt-") && version(id).is_some_and(|(major, _)| major >= 5))
}

/// Whether a model of the API's list can hold a conversation with tools, over the Responses
/// endpoint.
pub fn chats(id: &str) -> bool {
    const OTHER_USES: [&str; 16] = [
        "audio",
        "computer-use",
        "dall-e",
        "deep-research",
        "embedding",
        "image",
        "instruct",
        "live",
        "moderation",
        "realtime",
        "search",
        "similarity",
        "sora",
        "transcribe",
        "tts",
        "whisper",
    ];
    let id = base(id);
    let speaks =
        id.starts_with("codex-") || is_o(id) || (id.starts_with("gpt-") && version(id).is_some());
    speaks && !OTHER_USES.iter().any(|word| id.contains(word))
}

/// Whether several tool calls in one answer may be asked for by name; the `o` models take no such
/// field.
pub fn calls_in_parallel(id: &str) -> bool {
    !is_o(base(id))
}

/// Whether a model that is paid by use takes the server's own web search; one that does not would
/// turn every request down.
pub fn searches_web(id: &str) -> bool {
    reasons(id)
        && (base(id).starts_with("codex-") || version(id).is_some_and(|(major, _)| major >= 5))
}

/// Whether a model was taught to look for tools with `tool_search`; OpenAI's older ones turn every
/// request with it down. A model without a version in its name is asked.
pub fn searches_tools(id: &str) -> bool {
    version(id).is_none_or(|version| version >= (5, 4))
}

/// How it changes files, where no list of models tells: `gpt-*` and `codex-*` were taught patches,
/// and those that reason write them along a grammar.
pub fn patches(id: &str) -> Patches {
    let taught = base(id).starts_with("gpt-") || base(id).starts_with("codex-");
    match (taught, reasons(id)) {
        (true, true) => Patches::AsText,
        (true, false) => Patches::AsArgument,
        (false, _) => Patches::Never,
    }
}

/// How long a model that reasons may think, where no list tells.
pub fn efforts(id: &str) -> &'static [&'static str] {
    let is_general = base(id).starts_with("gpt-") && !id.contains("codex");
    match version(id) {
        Some((5, 0)) if is_general => &["minimal", "low", "medium", "high"],
        Some((5, 1)) if is_general => &["none", "low", "medium", "high"],
        Some(version) if is_general && version >= (5, 2) => {
            &["none", "low", "medium", "high", "xhigh"]
        }
        _ => &["low", "medium", "high"],
    }
}

/// How much a model writes where a request does not say, where that can be set: it can since
/// `gpt-5`.
pub fn verbosity(id: &str) -> Option<Verbosity> {
    let can = reasons(id) && base(id).starts_with("gpt-");
    can.then_some(Verbosity::Medium)
}

/// Tokens of context, for families that are known.
pub fn context(id: &str) -> Option<u64> {
    let id = base(id);
    Some(match version(id) {
        _ if id.starts_with("codex-") || is_o(id) => 200_000,
        _ if id.contains("-chat") => 128_000,
        Some((5.., _)) => 272_000,
        Some((4, 1)) => 1_047_576,
        Some((4, 5)) => 128_000,
        Some((4, _)) if id.starts_with("gpt-4o") || id.starts_with("gpt-4-turbo") => 128_000,
        Some((4, _)) => 8_192,
        Some((3, _)) => 16_385,
        _ => return None,
    })
}

/// A name for people: `GPT-5.1 Codex Mini` for `gpt-5.1-codex-mini`.
pub fn name(id: &str) -> String {
    if id.starts_with("ft:") {
        return id.to_owned();
    }
    let mut words = id.split('-');
    let mut name = String::new();
    let first = words.next().unwrap_or_default();
    match first {
        "gpt" => {
            name.push_str("GPT");
            if let Some(version) = words.next() {
                name.push('-');
                name.push_str(version);
            }
        }
        _ if is_o(id) => name.push_str(first),
        _ => push_capital(&mut name, first),
    }
    for word in words {
        // The parts of a date stay together.
        let dated = word.bytes().all(|b| b.is_ascii_digit())
            && name.ends_with(|c: char| c.is_ascii_digit())
            && name.contains(' ');
        name.push(if dated { '-' } else { ' ' });
        push_capital(&mut name, word);
    }
    name
}

/// The id without the date of a snapshot: `gpt-4o` for `gpt-4o-2024-08-06`, `gpt-4` for
/// `gpt-4-0613`.
pub fn undated(id: &str) -> Option<&str> {
    ["-0000-00-00", "-0000"].iter().find_map(|form| {
        let (rest, date) =
            (id.get(..id.len().checked_sub(form.len())?)?, id.get(id.len() - form.len()..)?);
        let fits = |(byte, like): (u8, u8)| {
            if like == b'0' { byte.is_ascii_digit() } else { byte == like }
        };
        (!rest.is_empty() && date.bytes().zip(form.bytes()).all(fits)).then_some(rest)
    })
}

/// The model that a fine-tuned one (`ft:gpt-4o-mini:…`) was made of.
fn base(id: &str) -> &str {
    id.strip_prefix("ft:").map_or(id, |rest| rest.split(':').next().unwrap_or(rest))
}

fn is_o(id: &str) -> bool {
    id.strip_prefix('o').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn push_capital(name: &mut String, word: &str) {
    let mut chars = word.chars();
    name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
    name.push_str(chars.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_searched_for_since_gpt_5_4() {
        for (id, searches) in [
            ("gpt-5.3-codex", false),
            ("gpt-5", false),
            ("gpt-5.4-mini", true),
            ("gpt-6.1-sol", true),
            ("codex-auto-review", true),
        ] {
            assert_eq!(searches_tools(id), searches, "{id}");
        }
    }

    #[test]
    fn an_id_tells_whether_a_model_chats_and_reasons() {
        // chats, reasons
        let table = [
            ("gpt-6.1-sol", true, true),
            ("gpt-5", true, true),
            ("gpt-5-chat-latest", true, false),
            ("gpt-5.1-codex-max", true, true),
            ("codex-mini-latest", true, true),
            ("o3", true, true),
            ("o4-mini", true, true),
            ("o4-mini-deep-research", false, true),
            ("gpt-12", true, true),
            ("gpt-4.1-mini", true, false),
            ("gpt-4o", true, false),
            ("ft:gpt-4o-mini:org::id", true, false),
            ("gpt-4o-realtime-preview", false, false),
            ("gpt-4o-mini-tts", false, false),
            ("gpt-image-1", false, false),
            ("gpt-realtime", false, false),
            ("gpt-3.5-turbo-instruct", false, false),
            ("text-embedding-3-large", false, false),
            ("omni-moderation-latest", false, false),
            ("whisper-1", false, false),
            ("dall-e-3", false, false),
            ("babbage-002", false, false),
            ("sora-2", false, false),
        ];
        for (id, can_chat, can_reason) in table {
            assert_eq!(
                (chats(id), chats(id) && reasons(id)),
                (can_chat, can_chat && can_reason),
                "{id}"
            );
        }
    }

    #[test]
    fn an_id_tells_how_a_model_changes_files() {
        for id in [
            "gpt-5",
            "gpt-5.5",
            "gpt-6.1-sol",
            "gpt-5.1-codex-mini",
            "codex-mini-latest",
            "gpt-12",
            "ft:gpt-5-mini:me::1",
        ] {
            assert_eq!(patches(id), Patches::AsText, "{id}");
        }
        for id in ["gpt-4.1", "gpt-4o", "gpt-5-chat-latest", "ft:gpt-4o-mini:me::1"] {
            assert_eq!(patches(id), Patches::AsArgument, "{id}");
        }
        for id in ["o3", "o4-mini", "codling-demo", "qwen-coder", "my-gpt-5", ""] {
            assert_eq!(patches(id), Patches::Never, "{id}");
        }
    }

    #[test]
    fn an_id_tells_how_long_a_model_may_think_and_whether_it_can_be_brief() {
        let three = ["low", "medium", "high"].as_slice();
        for (id, expected) in [
            ("gpt-5-nano", ["minimal", "low", "medium", "high"].as_slice()),
            ("gpt-5", &["minimal", "low", "medium", "high"]),
            ("gpt-5-codex", three),
            ("gpt-5.1", &["none", "low", "medium", "high"]),
            ("gpt-5.4-mini", &["none", "low", "medium", "high", "xhigh"]),
            ("gpt-12", &["none", "low", "medium", "high", "xhigh"]),
            ("o3", three),
        ] {
            assert_eq!(efforts(id), expected, "{id}");
        }
        for (id, can) in [("gpt-5", true), ("gpt-4.1", false), ("o3", false), ("wonder", false)] {
            assert_eq!(verbosity(id).is_some(), can, "{id}");
        }
    }

    #[test]
    fn a_name_is_made_of_an_id() {
        let table = [
            ("gpt-6.1-sol", "GPT-6.1 Sol"),
            ("gpt-5", "GPT-5"),
            ("gpt-5.1-codex-mini", "GPT-5.1 Codex Mini"),
            ("gpt-4o-mini", "GPT-4o Mini"),
            ("gpt-4o-2024-08-06", "GPT-4o 2024-08-06"),
            ("o3-mini", "o3 Mini"),
            ("codex-mini-latest", "Codex Mini Latest"),
            ("ft:gpt-4o:me::x", "ft:gpt-4o:me::x"),
            ("", ""),
        ];
        for (id, expected) in table {
            assert_eq!(name(id), expected);
        }
    }

    #[test]
    fn the_date_of_a_snapshot_is_told_from_other_endings() {
        let table = [
            ("gpt-4o-2024-08-06", Some("gpt-4o")),
            ("gpt-4o", None),
            ("gpt-4-0613", Some("gpt-4")),
            ("-2024-08-06", None),
            ("o3-mini", None),
            ("é-2024-08-06", Some("é")),
            ("", None),
        ];
        for (id, expected) in table {
            assert_eq!(undated(id), expected, "{id}");
        }
    }

    #[test]
    fn contexts_of_known_families_are_known() {
        let table = [
            ("gpt-5-mini", Some(272_000)),
            ("gpt-5-chat-latest", Some(128_000)),
            ("gpt-4.1", Some(1_047_576)),
            ("gpt-4o-mini", Some(128_000)),
            ("gpt-4", Some(8_192)),
            ("o3", Some(200_000)),
            ("wonder", None),
        ];
        for (id, expected) in table {
            assert_eq!(context(id), expected, "{id}");
        }
    }
}
