//! A server gone mad, on request: answers that never end, trickles that say nothing, refused
//! pictures. Asked for in a prompt, `misbehave text`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::demo::answer::ScriptedAnswer;
use crate::demo::answer::script_piece;
use crate::demo::answer::script_piece::ScriptPiece;

/// The fault of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One call whose arguments never end.
    Arguments,
    /// Call after call.
    Calls,
    /// Comments, one each second.
    Comments,
    /// Events of a kind that nobody knows, one each second.
    Events,
    /// Item after item that says nothing.
    Items,
    /// Pictures are refused with a 400, as long as there is one in the request.
    Pictures,
    /// Reasoning that never ends.
    Reasoning,
    /// Text that never ends.
    Text,
    /// One event, a byte each second.
    Trickle,
}

const FAULTS: [(&str, Fault); 9] = [
    ("arguments", Fault::Arguments),
    ("calls", Fault::Calls),
    ("comments", Fault::Comments),
    ("events", Fault::Events),
    ("items", Fault::Items),
    ("pictures", Fault::Pictures),
    ("reasoning", Fault::Reasoning),
    ("text", Fault::Text),
    ("trickle", Fault::Trickle),
];

/// How often the words of a flood stand in one event: a limit of megabytes is reached in thousands
/// of events, not in hundreds of thousands.
const FLOOD: usize = 16;

const SECOND: Duration = Duration::from_secs(1);

/// The fault that the last prompt of a request asks for: `misbehave text`.
pub fn asked_for(body: &Value) -> Option<Fault> {
    let last = body["input"].as_array()?.last().filter(|item| item["role"] == "user")?;
    let parts = last["content"].as_array().map_or(&[][..], Vec::as_slice);
    let prompt = parts.iter().find_map(|part| part["text"].as_str()).or(last["content"].as_str())?;
    let word = prompt.trim().strip_prefix("misbehave ")?;
    let fault = FAULTS.iter().find(|(name, _)| *name == word).map(|(_, fault)| *fault)?;
    // Without a picture there is nothing to refuse.
    (fault != Fault::Pictures || body["input"].to_string().contains("\"input_image\""))
        .then_some(fault)
}

impl Fault {
    /// An answer with this fault.
    pub fn answer(self) -> ScriptedAnswer {
        let forever = |round| endless(round, Duration::ZERO);
        match self {
            Self::Arguments => forever(arguments),
            Self::Calls => forever(call),
            Self::Comments => endless(|_| vec![script_piece::raw(": still here\n\n")], SECOND),
            Self::Events => endless(
                |_| vec![script_piece::event(json!({ "type": "response.pondering" }))],
                SECOND,
            ),
            Self::Items => forever(item),
            Self::Pictures => {
                let message = "The image data you provided does not represent a valid image. Please check your input and try again.";
                ScriptedAnswer::error(400, "invalid_image", message)
            }
            Self::Reasoning => forever(|_| {
                let words = "and then again, ".repeat(FLOOD);
                vec![delta("response.reasoning_summary_text.delta", "rs_mad", &words)]
            }),
            Self::Text => forever(|_| {
                let words = "on and on and ".repeat(FLOOD);
                vec![delta("response.output_text.delta", "msg_mad", &words)]
            }),
            Self::Trickle => endless(|_| vec![script_piece::raw("d")], SECOND),
        }
    }
}

fn endless(round: fn(u64) -> Vec<ScriptPiece>, pause: Duration) -> ScriptedAnswer {
    ScriptedAnswer::sse([script_piece::created(), script_piece::forever(round, pause)])
}

fn delta(kind: &str, item: &str, text: &str) -> ScriptPiece {
    script_piece::event(json!({ "type": kind, "item_id": item, "output_index": 0, "delta": text }))
}

fn arguments(round: u64) -> Vec<ScriptPiece> {
    let item = json!({ "type": "function_call", "id": "fc_mad", "call_id": "call_mad", "name": "shell", "arguments": "" });
    let opened = (round == 0).then(|| {
        script_piece::event(
            json!({ "type": "response.output_item.added", "output_index": 0, "item": item }),
        )
    });
    let words = "{\\\"command\\\": ".repeat(FLOOD);
    let more = delta("response.function_call_arguments.delta", "fc_mad", &words);
    opened.into_iter().chain([more]).collect()
}

fn call(round: u64) -> Vec<ScriptPiece> {
    let (id, call) = (format!("fc_mad_{round}"), format!("call_mad_{round}"));
    whole(
        round,
        &json!({ "type": "function_call", "id": id, "call_id": call, "name": "read", "arguments": "{\"filePath\":\"README.md\"}" }),
    )
}

fn item(round: u64) -> Vec<ScriptPiece> {
    whole(
        round,
        &json!({ "type": "reasoning", "id": format!("rs_mad_{round}"), "summary": [], "encrypted_content": "sealed" }),
    )
}

fn whole(index: u64, item: &Value) -> Vec<ScriptPiece> {
    let event = |kind: &str| {
        script_piece::event(json!({ "type": kind, "output_index": index, "item": item }))
    };
    vec![event("response.output_item.added"), event("response.output_item.done")]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(content: &Value) -> Option<Fault> {
        asked_for(
            &json!({ "input": [{ "role": "user", "content": "before" }, { "role": "user", "content": content }] }),
        )
    }

    #[test]
    fn a_fault_is_asked_for_by_its_name_in_the_last_prompt() {
        assert_eq!(asks(&json!("misbehave text")), Some(Fault::Text));
        assert_eq!(
            asks(&json!([{ "type": "input_text", "text": "misbehave calls" }])),
            Some(Fault::Calls)
        );
        for other in ["misbehave", "misbehave badly", "do not misbehave text", ""] {
            assert_eq!(asks(&json!(other)), None, "{other}");
        }
        assert_eq!(
            asked_for(
                &json!({ "input": [{ "type": "function_call_output", "output": "misbehave text" }] })
            ),
            None
        );
        assert_eq!(asked_for(&json!({})), None);
    }

    #[test]
    fn pictures_are_refused_only_where_there_is_one() {
        let text = json!({ "type": "input_text", "text": "misbehave pictures" });
        let picture = json!({ "type": "input_image", "image_url": "data:image/png;base64,AA==" });
        assert_eq!(asks(&json!([text])), None);
        assert_eq!(asks(&json!([text, picture])), Some(Fault::Pictures));
    }
}
