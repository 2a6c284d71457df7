//! The members of a request that say how long a model may think: each provider has its own words.

use serde_json::{Map, Value, json};

/// The members for a chosen effort; none where nothing was chosen.
pub fn members(provider: &str, effort: Option<&str>) -> Map<String, Value> {
    let Some(effort) = effort else { return Map::new() };
    let thinks = effort != "none";
    let switch = json!({ "type": if thinks { "enabled" } else { "disabled" } });
    let members = match provider {
        "openrouter" => {
            let effort = if effort == "max" { "xhigh" } else { effort };
            vec![("reasoning", json!({ "effort": effort }))]
        }
        "deepseek" => {
            let level = match effort {
                "minimal" | "low" => "low",
                "xhigh" | "max" => "max",
                _ => "high",
            };
            let level = thinks.then(|| ("reasoning_effort", json!(level)));
            [("thinking", switch)].into_iter().chain(level).collect()
        }
        // These only turn it on and off.
        "zai"
        | "zai-coding-plan"
        | "zhipuai"
        | "zhipuai-coding-plan"
        | "moonshotai"
        | "moonshotai-cn"
        | "minimax"
        | "minimax-cn" => vec![("thinking", switch)],
        "alibaba" | "alibaba-cn" => vec![("enable_thinking", json!(thinks))],
        "vllm" | "llama-cpp" => {
            vec![("chat_template_kwargs", json!({ "enable_thinking": thinks }))]
        }
        "groq" => vec![
            ("reasoning_effort", json!(effort)),
            // Else its thoughts stand in the text.
            ("reasoning_format", json!("parsed")),
        ],
        _ => vec![("reasoning_effort", json!(effort))],
    };
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effort_is_said_in_the_words_of_each_provider() {
        for (provider, effort, expected) in [
            ("acme", "max", r#"{"reasoning_effort":"max"}"#),
            ("openrouter", "max", r#"{"reasoning":{"effort":"xhigh"}}"#),
            ("deepseek", "medium", r#"{"thinking":{"type":"enabled"},"reasoning_effort":"high"}"#),
            ("deepseek", "none", r#"{"thinking":{"type":"disabled"}}"#),
            ("zai", "low", r#"{"thinking":{"type":"enabled"}}"#),
            ("moonshotai", "none", r#"{"thinking":{"type":"disabled"}}"#),
            ("alibaba", "none", r#"{"enable_thinking":false}"#),
            ("vllm", "high", r#"{"chat_template_kwargs":{"enable_thinking":true}}"#),
            ("groq", "low", r#"{"reasoning_effort":"low","reasoning_format":"parsed"}"#),
        ] {
            let said = Value::Object(members(provider, Some(effort)));
            let expected: Value = serde_json::from_str(expected).unwrap();
            assert_eq!(said, expected, "{provider} {effort}");
            assert!(members(provider, None).is_empty(), "{provider}");
        }
    }
}
