//! `find_tools`: where sources have more tools than a request should carry, the model looks for the
//! ones it needs. What it found is offered from then on.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use crate::base::phrases::{count, shorten};
use crate::base::text::clean_line;
use crate::base::tool_name;
use crate::protocol::{
    ActionKind, CallOutput, Look, PlannedAction, ToolAudience, ToolDefinition, ToolEffects,
};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};

use super::{ExternalTool, ToolSources};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: tool_name::FIND,
    description: codling_assets::tools::FIND_TOOLS,
    parameters: r#"{
  "type": "object",
  "properties": {
    "query": { "type": "string" },
    "limit": { "type": "integer", "minimum": 1, "maximum": 20, "description": "8 by default" }
  },
  "required": ["query"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Looks,
    audience: ToolAudience::Everyone,
};

/// Tools of one answer, unless the model says how many.
const USUAL: usize = 8;
const MOST: usize = 20;
/// Letters of a tool's description in an answer: all of it comes with the tool.
const SUMMARY: usize = 160;
/// Letters of the servers' names in the description.
const SERVERS: usize = 600;
/// A word of a tool's name says more than one of its description.
const NAME_WEIGHT: f64 = 3.0;

/// The definition, with the servers that there are and how many tools each has.
pub fn definition(tools: &[ExternalTool]) -> ToolDefinition {
    let mut servers: BTreeMap<&str, u64> = BTreeMap::new();
    for tool in tools {
        *servers.entry(tool.source.name()).or_default() += 1;
    }
    let servers: Vec<String> = servers
        .into_iter()
        .map(|(name, tools)| format!("{} ({})", clean_line(name), count(tools, "tool")))
        .collect();
    let mut definition = SPEC.owned();
    let servers = shorten(&servers.join(", "), SERVERS);
    definition.description = format!("{} {servers}", SPEC.description.trim_end()).into();
    definition
}

/// Plans the search, which needs nobody's yes.
///
/// # Errors
///
/// Refuses wrong arguments.
pub fn action(
    arguments: &mut Arguments,
    _context: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let (query, _limit) = wanted(arguments)?;
    let kind = ActionKind::Look { look: Look::Search, targets: Vec::new() };
    Ok(PlannedAction::new(shorten(&query, 80), kind))
}

/// Runs `find_tools`.
///
/// # Errors
///
/// As [`action`].
pub fn run(arguments: &mut Arguments, sources: &ToolSources) -> Result<CallOutput, ToolRefusal> {
    let (query, limit) = wanted(arguments)?;
    let all = sources.tools();
    let found = ranked(&query, &all);
    let title = shorten(&query, 80);
    if found.is_empty() {
        let text = "No tool fits these words. Try others, or a server's name.";
        return Ok(CallOutput::text(title, text.to_owned()));
    }
    let mut text = format!("{}\n", tool_name::FOUND);
    for tool in found.into_iter().take(limit) {
        let about = tool.tool.description.lines().find(|line| !line.trim().is_empty());
        let about = shorten(&clean_line(about.unwrap_or_default()), SUMMARY);
        let _written = write!(text, "\n- {}: {about}", tool.name);
    }
    Ok(CallOutput::text(title, text))
}

fn wanted(arguments: &mut Arguments) -> Result<(String, usize), ToolRefusal> {
    let query = arguments.text("query")?;
    let limit = arguments
        .optional_amount("limit")?
        .map_or(USUAL, |limit| usize::try_from(limit).map_or(MOST, |limit| limit.clamp(1, MOST)));
    arguments.end()?;
    Ok((query, limit))
}

/// The tools that these words fit, best first: each word counts the more, the fewer tools have it,
/// and the shorter their description is (Okapi's BM25).
fn ranked<'a>(query: &str, tools: &'a [ExternalTool]) -> Vec<&'a ExternalTool> {
    let texts: Vec<HashMap<String, f64>> = tools.iter().map(weights).collect();
    let lengths: Vec<f64> = texts.iter().map(|text| text.values().sum()).collect();
    let mean = lengths.iter().sum::<f64>() / tools.len().max(1) as f64;
    let mut scores = vec![0.0; tools.len()];
    for word in words(query) {
        let weights: Vec<f64> = texts
            .iter()
            .map(|text| text.iter().filter(|(has, _)| alike(has, &word)).map(|(_, n)| n).sum())
            .collect();
        let having = weights.iter().filter(|weight| **weight > 0.0).count() as f64;
        let rarity = (1.0 + (tools.len() as f64 - having + 0.5) / (having + 0.5)).ln();
        for ((score, weight), length) in scores.iter_mut().zip(weights).zip(&lengths) {
            *score += rarity * weight * 2.2 / (weight + 1.2 * (0.25 + 0.75 * length / mean));
        }
    }
    let mut found: Vec<(f64, &ExternalTool)> =
        scores.into_iter().zip(tools).filter(|(score, _)| *score > 0.0).collect();
    // Those of equal score stay in the order of their names.
    found.sort_by_key(|(score, _)| Reverse((score * 1e6) as u64));
    found.into_iter().map(|(_, tool)| tool).collect()
}

fn weights(tool: &ExternalTool) -> HashMap<String, f64> {
    let mut weights = HashMap::new();
    let name = words(&tool.name).map(|word| (word, NAME_WEIGHT));
    let about = words(&tool.tool.description).map(|word| (word, 1.0));
    for (word, weight) in name.chain(about) {
        *weights.entry(word).or_insert(0.0) += weight;
    }
    weights
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1).map(str::to_lowercase)
}

/// Whether two words are the same but for an ending: `issue` and `issues`.
fn alike(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short == long || (short.len() >= 4 && long.len() <= short.len() + 3 && long.starts_with(short))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::stand_in::StandIn;
    use super::super::{SourceTool, ToolSource};
    use super::*;

    fn sources(tools: &[(&str, &str)]) -> ToolSources {
        let tools = tools.iter().map(|(name, description)| SourceTool {
            name: (*name).into(),
            description: (*description).into(),
            parameters: "{}".into(),
            read_only: true,
        });
        let source: Arc<dyn ToolSource> = StandIn::with("acme", tools.collect());
        ToolSources::new(&[source], |_| false)
    }

    fn found(query: &str, sources: &ToolSources) -> Vec<String> {
        ranked(query, &sources.tools()).into_iter().map(|tool| tool.tool.name.to_string()).collect()
    }

    #[test]
    fn tools_are_found_by_what_they_do_and_the_one_that_is_named_comes_first() {
        let sources = sources(&[
            ("create_issue", "Creates an issue in a repository"),
            ("list_issues", "Lists issues of a repository, with labels and people"),
            ("send_mail", "Sends a mail to people"),
            ("weather", "Weather of a city"),
        ]);
        assert_eq!(found("create an issue", &sources)[0], "create_issue");
        assert_eq!(found("mail", &sources), ["send_mail"]);
        assert_eq!(found("repository labels", &sources)[0], "list_issues");
        assert!(found("database", &sources).is_empty() && found("", &sources).is_empty());
    }

    #[test]
    fn an_answer_names_at_most_as_many_as_are_wanted_and_no_description_breaks_its_lines() {
        let tools: Vec<(String, String)> = (0..40)
            .map(|number| (format!("mail_{number}"), "Mails\u{1b}[2J\n- mcp__x__y: z".to_owned()))
            .collect();
        let tools: Vec<(&str, &str)> = tools.iter().map(|(a, b)| (&**a, &**b)).collect();
        let sources = sources(&tools);
        for (arguments, lines) in [
            (r#"{"query":"mail"}"#, USUAL),
            (r#"{"query":"mail","limit":3}"#, 3),
            (r#"{"query":"mail","limit":99}"#, MOST),
        ] {
            let output = run(&mut Arguments::parse(arguments).unwrap(), &sources).unwrap();
            assert_eq!(output.text.matches("\n- ").count(), lines, "{}", output.text);
            assert!(!output.text.contains('\u{1b}'));
        }
    }

    #[test]
    fn thirteen_tools_that_wait_to_be_found_cost_a_request_next_to_nothing() {
        let tools: Vec<(String, String)> = (0..13)
            .map(|number| (format!("tool_{number}"), "A long description. ".repeat(40)))
            .collect();
        let tools: Vec<(&str, &str)> = tools.iter().map(|(a, b)| (&**a, &**b)).collect();
        let definition = definition(&sources(&tools).tools());
        let size = definition.description.len() + definition.parameters.len();
        assert!(size <= 1_200, "{size} bytes");
    }
}
