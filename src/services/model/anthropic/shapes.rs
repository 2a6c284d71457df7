//! The JSON of an answer's events, as far as codling reads it. Servers of other providers leave
//! members out or send `null` for them.

use serde::Deserialize;
use serde_json::Value;

/// One event of the stream; `type` says which members it has.
#[derive(Debug, Default, Deserialize)]
pub struct Event {
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub index: Option<u64>,
    #[serde(default)]
    pub content_block: Option<Value>,
    #[serde(default)]
    pub delta: Option<Delta>,
    #[serde(default)]
    pub message: Option<Start>,
    #[serde(default)]
    pub usage: Option<Tokens>,
    #[serde(default)]
    pub error: Option<Value>,
}

/// The next piece of a block, or of the message itself.
#[derive(Debug, Default, Deserialize)]
pub struct Delta {
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub text: Option<String>,
    #[serde(default)]
    pub partial_json: Option<String>,
    #[serde(default)]
    pub thinking: Option<String>,
    #[serde(default)]
    pub signature: Option<String>,
    #[serde(default)]
    pub stop_reason: Option<String>,
}

/// The message as it begins, or the whole one of a server that does not stream.
#[derive(Debug, Default, Deserialize)]
pub struct Start {
    #[serde(default)]
    pub content: Option<Vec<Value>>,
    #[serde(default)]
    pub stop_reason: Option<String>,
    #[serde(default)]
    pub usage: Option<Tokens>,
}

/// `usage`: what was cached is not in `input_tokens`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Tokens {
    #[serde(default)]
    pub input_tokens: Option<u64>,
    #[serde(default)]
    pub cache_creation_input_tokens: Option<u64>,
    #[serde(default)]
    pub cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    pub output_tokens: Option<u64>,
    #[serde(default)]
    pub output_tokens_details: Option<OutputDetails>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct OutputDetails {
    #[serde(default)]
    pub thinking_tokens: Option<u64>,
}

impl Tokens {
    /// Takes over what a later event says.
    pub fn update(&mut self, later: Self) {
        let Self {
            input_tokens,
            cache_creation_input_tokens,
            cache_read_input_tokens,
            output_tokens,
            output_tokens_details,
        } = later;
        self.input_tokens = input_tokens.or(self.input_tokens);
        self.cache_creation_input_tokens =
            cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_read_input_tokens = cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.output_tokens = output_tokens.or(self.output_tokens);
        self.output_tokens_details = output_tokens_details.or(self.output_tokens_details);
    }
}
