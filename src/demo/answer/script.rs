//! A script as a file: what the stand-in answers to the requests of one conversation, in order.
//! `codling demo --script` plays it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::protocol::Usage;

use super::ScriptedAnswer;
use super::script_piece;
use super::script_piece::ScriptPiece;

/// The version of the file's form; files of another are refused.
const VERSION: u32 = 1;

/// The answers to the requests of one conversation, in order.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    version: u32,
    /// The person's prompts, for people who read the file; answers do not depend on them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<String>,
    /// One for each request.
    pub answers: Vec<ScriptAnswer>,
}

/// One response of the model's.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptAnswer {
    /// The items of the response, in order.
    pub items: Vec<ScriptItem>,
    /// Tokens: input, of it cached, output, of it reasoning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<[u64; 4]>,
}

/// One item of a response.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ScriptItem {
    /// A call with JSON arguments, as an object or as its text.
    Call {
        /// The tool.
        name: String,
        /// The arguments, a JSON object.
        arguments: Value,
    },
    /// A call whose input is plain text.
    CustomCall {
        /// The tool.
        name: String,
        /// The free text that the tool takes.
        input: String,
    },
    /// A summary of reasoning.
    Reasoning(String),
    /// Nothing more comes, and the connection stays open.
    Stall,
    /// Text of the answer.
    Text(String),
}

/// A mistake in the text of a script.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum ScriptError {
    #[error("it is of version {found}, and this codling reads version {VERSION}")]
    Version { found: u32 },
    #[error("it is not a script: {source}")]
    Form { source: serde_json::Error },
}

impl Script {
    /// A script of these answers.
    pub fn new(prompts: Vec<String>, answers: Vec<ScriptAnswer>) -> Self {
        Self { version: VERSION, prompts, answers }
    }

    /// Reads the text of a script.
    ///
    /// # Errors
    ///
    /// Fails if the text is no script, or is one of another version.
    pub fn read(text: &str) -> Result<Self, ScriptError> {
        let script: Self =
            serde_json::from_str(text).map_err(|source| ScriptError::Form { source })?;
        match script.version {
            VERSION => Ok(script),
            found => Err(ScriptError::Version { found }),
        }
    }

    /// The file's text, for people to read and change.
    ///
    /// # Errors
    ///
    /// Fails if an answer cannot be written as JSON.
    pub fn write(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// Calls are named by their places in it.
    pub fn scripted(&self) -> Vec<ScriptedAnswer> {
        let mut calls = 0;
        self.answers.iter().map(|answer| answer.scripted(&mut calls)).collect()
    }
}

impl ScriptAnswer {
    fn scripted(&self, calls: &mut u32) -> ScriptedAnswer {
        let mut pieces = vec![script_piece::created()];
        for item in &self.items {
            match item {
                ScriptItem::Call { name, arguments } => {
                    let arguments =
                        arguments.as_str().map_or_else(|| arguments.to_string(), str::to_owned);
                    pieces.push(script_piece::function_call(next(calls), name, arguments));
                }
                ScriptItem::CustomCall { name, input } => {
                    pieces.push(script_piece::custom_call(next(calls), name, input));
                }
                ScriptItem::Reasoning(text) => {
                    pieces.extend(script_piece::deltas(text).map(script_piece::reasoning));
                    pieces.push(script_piece::item_done());
                }
                ScriptItem::Stall => pieces.push(script_piece::stall()),
                ScriptItem::Text(text) => {
                    pieces.extend(script_piece::typed(text));
                    pieces.push(script_piece::item_done());
                }
            }
        }
        pieces.push(self.completed());
        ScriptedAnswer::sse(pieces)
    }

    fn completed(&self) -> ScriptPiece {
        let Some([input, cached, output, reasoning]) = self.usage else {
            return script_piece::completed_without_usage();
        };
        script_piece::completed(Usage { input, cached, output, reasoning, cost: None })
    }
}

fn next(calls: &mut u32) -> String {
    *calls += 1;
    format!("call_script_{calls}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_script_is_read_as_it_was_written() {
        let script = Script::new(
            vec!["look".into()],
            vec![
                ScriptAnswer {
                    items: vec![
                        ScriptItem::Reasoning("Hm".into()),
                        ScriptItem::Text("Let me see".into()),
                        ScriptItem::Call { name: "read".into(), arguments: json!({"a": 1}) },
                        ScriptItem::CustomCall { name: "apply_patch".into(), input: "***".into() },
                        ScriptItem::Stall,
                    ],
                    usage: Some([4, 3, 2, 1]),
                },
                ScriptAnswer::default(),
            ],
        );
        let text = script.write().unwrap();
        assert_eq!(Script::read(&text).unwrap(), script, "{text}");
        assert_eq!(script.scripted().len(), 2);
    }

    #[test]
    fn what_is_no_script_says_why() {
        for (text, says) in [
            ("", "it is not a script: EOF"),
            (r#"{"version":2,"answers":[]}"#, "it is of version 2"),
            (r#"{"version":1,"answers":[{"items":[{"shout":"x"}]}]}"#, "unknown variant `shout`"),
            (r#"{"version":1,"answers":[],"more":1}"#, "unknown field `more`"),
        ] {
            let error = Script::read(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
