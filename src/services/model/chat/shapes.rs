//! The JSON of an answer's chunks, as far as codling reads it. Servers leave members out, send
//! `null` for them, or send another type: each member is read by itself, and one that cannot be
//! read is absent.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// One `chat.completion.chunk`, or a whole `chat.completion`.
#[derive(Debug, Default, Deserialize)]
pub struct Chunk {
    #[serde(default, deserialize_with = "lenient")]
    pub choices: Vec<Choice>,
    #[serde(default, deserialize_with = "lenient")]
    pub usage: Option<Tokens>,
    /// Groq's place for `usage`.
    #[serde(default, deserialize_with = "lenient")]
    pub x_groq: Option<GroqFacts>,
    /// An error inside a stream that began well.
    #[serde(default)]
    pub error: Option<Value>,
    /// MiniMax's.
    #[serde(default)]
    pub base_resp: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    pub object: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub struct GroqFacts {
    #[serde(default, deserialize_with = "lenient")]
    pub usage: Option<Tokens>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Choice {
    #[serde(default, deserialize_with = "lenient")]
    pub index: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    pub delta: Option<Message>,
    /// The whole message, of an answer that does not stream or in its last chunk.
    #[serde(default, deserialize_with = "lenient")]
    pub message: Option<Message>,
    #[serde(default, deserialize_with = "lenient")]
    pub finish_reason: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub usage: Option<Tokens>,
    #[serde(default)]
    pub error: Option<Value>,
}

/// A message, or the next piece of one.
#[derive(Debug, Default, Deserialize)]
pub struct Message {
    /// Text, or a list of parts (Mistral).
    #[serde(default)]
    pub content: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    pub refusal: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub reasoning_content: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub reasoning: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub reasoning_text: Option<String>,
    /// OpenRouter's, which go back in order.
    #[serde(default, deserialize_with = "lenient")]
    pub reasoning_details: Vec<Value>,
    #[serde(default, deserialize_with = "lenient")]
    pub tool_calls: Vec<CallPiece>,
    /// The one call of servers from before there were several.
    #[serde(default, deserialize_with = "lenient")]
    pub function_call: Option<FunctionPiece>,
}

/// A tool call, or the next piece of one.
#[derive(Debug, Default, Deserialize)]
pub struct CallPiece {
    #[serde(default, deserialize_with = "lenient")]
    pub index: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    pub id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub function: Option<FunctionPiece>,
    /// Google's signature of a thought, which goes back with the call.
    #[serde(default)]
    pub extra_content: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
pub struct FunctionPiece {
    #[serde(default, deserialize_with = "lenient")]
    pub name: Option<String>,
    /// JSON as text, or (Ollama, GLM) the object itself.
    #[serde(default)]
    pub arguments: Option<Value>,
}

/// `usage`: reasoning is in `completion_tokens`, what was cached in `prompt_tokens`.
#[derive(Debug, Default, Deserialize)]
pub struct Tokens {
    #[serde(default, deserialize_with = "lenient")]
    pub prompt_tokens: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    pub completion_tokens: Option<u64>,
    #[serde(default, deserialize_with = "lenient")]
    pub prompt_tokens_details: Option<Value>,
    #[serde(default, deserialize_with = "lenient")]
    pub completion_tokens_details: Option<Value>,
    /// DeepSeek's word for what was cached.
    #[serde(default, deserialize_with = "lenient")]
    pub prompt_cache_hit_tokens: Option<u64>,
    /// Mistral's.
    #[serde(default, deserialize_with = "lenient")]
    pub num_cached_tokens: Option<u64>,
}

/// Reads a member; what is `null` or of another type is the default. The text is read again rather
/// than a tree of it: with trees in trees a chunk took twice as long.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let text = <&RawValue>::deserialize(deserializer)?;
    Ok(serde_json::from_str(text.get()).unwrap_or_default())
}
