//! The request to sum a conversation up, and the summary.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::demo::brain::words::markdown::code;

/// Before the prompt that a summary ends with, so that the rules find it again.
const LAST: &str = "The last thing the user asked for: ";
/// Characters told of a prompt or of an answer.
const TOLD: usize = 300;
/// Prompts and files told.
const MOST: usize = 12;

/// The parts of a conversation that a summary tells.
#[derive(Default)]
pub struct PastCall {
    pub prompts: Vec<String>,
    /// Paths that calls named.
    pub files: Vec<String>,
    pub last_answer: String,
}

/// Whether these words, said without any tool on offer, ask for a summary.
pub fn is_wanted(prompt: &str) -> bool {
    let low = prompt.to_lowercase();
    ["summar", "compact", "summarize", "hand over", "handover"]
        .iter()
        .any(|word| low.contains(word))
        || low.contains("sum ") && low.contains(" up")
}

/// The prompt that an earlier summary of ours ends with.
pub fn prompt_in(said: &str) -> Option<&str> {
    let line = said.lines().rev().find(|line| !line.trim().is_empty())?;
    line.strip_prefix(LAST)
}

pub fn of(past: &PastCall) -> String {
    let mut text = String::from("## Task\n\n");
    let left_out = past.prompts.len().saturating_sub(MOST);
    if left_out > 0 {
        text.push_str(&format!("- … and {left_out} prompts before these\n"));
    }
    for prompt in past.prompts.iter().skip(left_out) {
        text.push_str(&format!("- {}\n", line(prompt)));
    }
    text.push_str("\n## Files\n\n");
    let mut files: Vec<&str> = Vec::new();
    past.files.iter().for_each(|file| {
        if !files.contains(&file.as_str()) {
            files.push(file)
        }
    });
    if files.is_empty() {
        text.push_str("None was named.\n");
    }
    for file in files.iter().take(MOST) {
        text.push_str(&format!("- {}\n", code(file)));
    }
    text.push_str("\n## State\n\nDecisions: none beyond the prompts. Open ends: whatever the last prompt still asks for.\n");
    if !past.last_answer.trim().is_empty() {
        text.push_str(&format!("The last answer began: {}\n", line(&past.last_answer)));
    }
    if let Some(last) = past.prompts.last() {
        text.push_str(&format!("\n{LAST}{}\n", line(last)));
    }
    text
}

/// A summary that the client is to send back as it is.
pub fn sealed(text: &str, number: usize) -> Value {
    json!({"type": "compaction", "id": format!("cmp_demo_{number}"), "encrypted_content": STANDARD.encode(text)})
}

/// The summary inside an item that was sealed here.
pub fn unsealed(item: &Value) -> Option<String> {
    let sealed = item["encrypted_content"].as_str()?;
    String::from_utf8(STANDARD.decode(sealed).ok()?).ok()
}

fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(TOLD).collect()
}
