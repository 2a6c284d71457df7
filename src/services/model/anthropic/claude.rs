//! Claude models by their ids, where no list tells more: the window, the longest answer, and how
//! each is asked to think.

use serde_json::{Value, json};

/// For a model of which nothing is known.
const SMALL_OUTPUT: u64 = 4_096;
/// Below the output limits, so that an answer never fills the window.
const USUAL_OUTPUT: u64 = 32_000;
/// The least that a budget may be, in tokens.
const LEAST_BUDGET: u64 = 1_024;

/// How a model is asked to think for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ThinkingStyle {
    /// By itself, with an effort.
    Adaptive,
    /// With a budget of tokens.
    Budget,
    Never,
}

/// The version of a Claude model, wherever its id has it: `claude-opus-4-6`, `claude-3-5-haiku`,
/// `claude-fable-5.1`. Dates are none.
fn version(id: &str) -> Option<(u32, u32)> {
    let rest = id.rsplit('/').next()?.strip_prefix("claude-")?;
    let mut numbers = rest
        .split(['-', '.'])
        .skip_while(|part| part.parse::<u32>().is_err())
        .map_while(|part| part.parse::<u32>().ok())
        .filter(|number| *number < 100);
    Some((numbers.next()?, numbers.next().unwrap_or_default()))
}

/// The tokens that fit its window.
pub fn context(id: &str) -> Option<u64> {
    version(id).map(|version| if version >= (4, 6) { 1_000_000 } else { 200_000 })
}

/// The most tokens of one answer.
pub fn output(id: &str) -> Option<u64> {
    let version = version(id)?;
    Some(match version {
        _ if version >= (4, 6) => 128_000,
        _ if version >= (4, 5) || version == (4, 0) && !id.contains("opus") => 64_000,
        _ if version >= (4, 0) => 32_000,
        _ => SMALL_OUTPUT,
    })
}

/// The efforts that it takes, weakest first; none for others than Claude.
pub fn efforts(id: &str) -> &'static [&'static str] {
    match style(id) {
        ThinkingStyle::Adaptive if version(id) >= Some((4, 7)) => {
            &["low", "medium", "high", "xhigh", "max"]
        }
        ThinkingStyle::Adaptive => &["low", "medium", "high", "max"],
        ThinkingStyle::Budget if version(id).is_some() => &["low", "medium", "high"],
        ThinkingStyle::Budget | ThinkingStyle::Never => &[],
    }
}

fn style(id: &str) -> ThinkingStyle {
    match version(id) {
        Some(version) if version >= (4, 6) => ThinkingStyle::Adaptive,
        Some(version) if version >= (4, 0) || version == (3, 7) => ThinkingStyle::Budget,
        Some(_) => ThinkingStyle::Never,
        // Others that speak this dialect know the older way.
        None => ThinkingStyle::Budget,
    }
}

/// The bound of an answer, which every request has to name.
pub fn max_tokens(known: Option<u64>) -> u64 {
    known.unwrap_or(SMALL_OUTPUT).clamp(1, USUAL_OUTPUT)
}

/// `thinking` and the `effort` of `output_config`; nothing where nothing was chosen.
pub fn thinking<'a>(
    id: &str,
    effort: Option<&'a str>,
    max_tokens: u64,
) -> (Option<Value>, Option<&'a str>) {
    let Some(effort) = effort.filter(|effort| *effort != "none") else { return (None, None) };
    match style(id) {
        ThinkingStyle::Adaptive => {
            (Some(json!({ "type": "adaptive", "display": "summarized" })), Some(effort))
        }
        ThinkingStyle::Budget => {
            let tokens = match effort {
                "minimal" => LEAST_BUDGET,
                "low" => 4_096,
                "medium" => 12_288,
                _ => 24_576,
            };
            // A budget has to leave room for words.
            let budget = tokens.min(max_tokens / 2);
            let thinking = json!({ "type": "enabled", "budget_tokens": budget });
            ((budget >= LEAST_BUDGET).then_some(thinking), None)
        }
        ThinkingStyle::Never => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_the_version_and_what_follows_from_it() {
        for (id, expected, context, output) in [
            ("claude-opus-4-6", Some((4, 6)), Some(1_000_000), Some(128_000)),
            ("claude-opus-5-5-20260801", Some((5, 5)), Some(1_000_000), Some(128_000)),
            ("claude-sonnet-4-5-20250929", Some((4, 5)), Some(200_000), Some(64_000)),
            ("claude-sonnet-4-20250514", Some((4, 0)), Some(200_000), Some(64_000)),
            ("claude-opus-4-1", Some((4, 1)), Some(200_000), Some(32_000)),
            ("anthropic/claude-fable-5.1", Some((5, 1)), Some(1_000_000), Some(128_000)),
            ("claude-3-5-haiku-20241022", Some((3, 5)), Some(200_000), Some(4_096)),
            ("claude-latest", None, None, None),
            ("MiniMax-M2", None, None, None),
        ] {
            assert_eq!(
                (version(id), super::context(id), super::output(id)),
                (expected, context, output),
                "{id}"
            );
        }
    }

    #[test]
    fn an_effort_is_said_as_the_model_takes_it() {
        let kind = |id, effort, most| {
            let (thinking, effort) = thinking(id, effort, most);
            (thinking.map(|it| it["type"].as_str().unwrap().to_owned()), effort.map(str::to_owned))
        };
        let adaptive = (Some("adaptive".into()), Some("xhigh".into()));
        assert_eq!(kind("claude-opus-5", Some("xhigh"), 32_000), adaptive);
        assert_eq!(kind("claude-opus-4-5", Some("high"), 32_000), (Some("enabled".into()), None));
        assert_eq!(kind("MiniMax-M2", Some("low"), 4_096), (Some("enabled".into()), None));
        for (id, effort, most) in [
            ("claude-opus-5", None, 32_000),
            ("claude-opus-5", Some("none"), 32_000),
            ("claude-3-5-haiku", Some("high"), 32_000),
            ("claude-opus-4-5", Some("high"), 1_000),
        ] {
            assert_eq!(kind(id, effort, most), (None, None), "{id} {effort:?}");
        }
    }

    #[test]
    fn an_answer_is_bound_well_below_the_window() {
        assert_eq!((max_tokens(None), max_tokens(Some(128_000))), (4_096, 32_000));
        assert_eq!((max_tokens(Some(8_192)), max_tokens(Some(0))), (8_192, 1));
    }
}
