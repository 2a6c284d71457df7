//! A client that misses events, and one that is told everything anew.

use std::path::Path;

use agent_client_protocol::v1::schema::SessionUpdate;
use serde_json::{Value, json};

use super::sent_updates::*;
use crate::protocol::{
    CallOutput, EventKind, Item, ItemId, ItemKind, ItemOpening, ToolCall, Transcript, TurnId,
    TurnOutcome,
};

/// A client that keeps up, until it is cut off.
#[derive(Default)]
struct Listener {
    transcript: Transcript,
    sent: SentUpdates,
    heard: Vec<SessionUpdate>,
}

impl Listener {
    fn hear(&mut self, event: &EventKind) {
        let change = self.transcript.apply(event);
        let folder = Path::new("/w");
        self.heard.extend(self.sent.news(&self.transcript, change, folder, Notices::Hidden));
    }

    /// Takes in only the state that lost events led to.
    fn resync(&mut self, transcript: &Transcript) {
        self.transcript = transcript.clone();
        let folder = Path::new("/w");
        self.heard.extend(self.sent.resync(&self.transcript, folder, Notices::Hidden));
    }

    /// The texts of messages and thoughts, and the last status of each call.
    fn whole(&self) -> Value {
        let mut whole = json!({ "text": "", "thought": "", "calls": {} });
        for update in &self.heard {
            let update = serde_json::to_value(update).unwrap();
            let text = update["content"]["text"].as_str().unwrap_or_default();
            let field = match update["sessionUpdate"].as_str().unwrap() {
                "agent_message_chunk" => "text",
                "agent_thought_chunk" => "thought",
                "tool_call" | "tool_call_update" => {
                    let id = update["toolCallId"].as_str().unwrap().to_owned();
                    let status = update["status"].as_str().unwrap_or("pending");
                    whole["calls"][id] = json!(status);
                    continue;
                }
                other => panic!("{other}"),
            };
            let so_far = whole[field].as_str().unwrap().to_owned();
            whole[field] = json!(so_far + text);
        }
        whole
    }
}

fn a_turn() -> Vec<EventKind> {
    let item = |id: &str| ItemId::new(id);
    let opened = |id, opening| EventKind::ItemStarted { item: item(id), opening };
    let done = |id, kind| EventKind::ItemDone(Item { id: item(id), kind, wire: None });
    let text = |id, text: &str| EventKind::TextDelta { item: item(id), text: text.into() };
    let call = ToolCall { id: "c1".into(), name: "t".into(), arguments: "{}".into() };
    let ended = CallOutput::text("", "out");
    vec![
        EventKind::TurnStarted(TurnId(1)),
        EventKind::PromptShown {
            item: Item { id: item("u"), kind: ItemKind::user("hello"), wire: None },
            tag: None,
        },
        opened("r", ItemOpening::Reasoning),
        EventKind::ReasoningDelta { item: item("r"), text: "Hm".into() },
        done("r", ItemKind::Reasoning { summary: "Hm".into() }),
        // The message stays empty, and is removed again.
        opened("e", ItemOpening::Assistant),
        done("e", ItemKind::assistant("")),
        opened("a", ItemOpening::Assistant),
        text("a", "Good "),
        text("a", "mörning"),
        done("a", ItemKind::assistant("Good mörning")),
        EventKind::CallStarted(call),
        EventKind::CallRunning { call: "c1".into(), title: "it".into() },
        EventKind::CallProgress { call: "c1".into(), tail: "o".into() },
        EventKind::CallEnded { call: "c1".into(), output: ended },
        opened("b", ItemOpening::Assistant),
        text("b", "!"),
        done("b", ItemKind::assistant("!")),
        EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done },
    ]
}

#[test]
fn whatever_events_are_lost_nothing_is_told_twice_or_never() {
    let events = a_turn();
    let whole = json!({ "text": "Good mörning!", "thought": "Hm", "calls": { "c1": "completed" } });
    for first in 0..=events.len() {
        for last in first..=events.len() {
            let (mut all, mut some) = (Listener::default(), Listener::default());
            for (at, event) in events.iter().enumerate() {
                all.hear(event);
                if at < first || at >= last {
                    some.hear(event);
                }
                if at + 1 == last {
                    some.resync(&all.transcript);
                }
            }
            assert_eq!(some.whole(), whole, "without {first}..{last}");
        }
    }
}

#[test]
fn a_replay_has_the_prompts_and_each_entry_once() {
    let mut listener = Listener::default();
    a_turn().iter().for_each(|event| listener.hear(event));
    let folder = Path::new("/w");
    let kinds = |updates: Vec<SessionUpdate>| -> Vec<Value> {
        let kind = |update| serde_json::to_value(update).unwrap()["sessionUpdate"].clone();
        updates.into_iter().map(kind).collect()
    };
    let mut sent = SentUpdates::default();
    let replay = kinds(sent.replay(&listener.transcript, folder, Notices::Hidden));
    assert_eq!(
        replay,
        [
            "user_message_chunk",
            "agent_thought_chunk",
            "agent_message_chunk",
            "tool_call",
            "agent_message_chunk",
        ]
    );
    assert_eq!(kinds(sent.resync(&listener.transcript, folder, Notices::Hidden)), [] as [Value; 0]);
}
