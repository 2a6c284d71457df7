//! Chunks and bodies of Chat Completions, as servers really write them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::base::Timestamp;
use crate::model::catalogue;
use crate::model::dialect::{AnswerDecoder, DecoderEnd};
use crate::protocol::{
    AccessKind, CallId, CallOutput, Effort, Item, ItemId, ItemKind, ModelDelta, ModelRef,
    ModelRequestEnd, Picture, SentCredential, SessionId, ToolAudience, ToolCall, ToolDefinition,
    ToolEffects, ToolResult, Usage, Wire,
};

const NOW: Timestamp = Timestamp(5_000);

/// The kinds of all items in short words, and the end.
fn answer(events: &[Value]) -> (Vec<String>, Option<DecoderEnd>) {
    let (items, end) = decode(events);
    (items.iter().map(|item| word(&item.kind)).collect(), end)
}

fn new_decoder() -> events::ChunkDecoder {
    events::ChunkDecoder::new("r", Chat.source(&"acme".into()))
}

fn decode(events: &[Value]) -> (Vec<Item>, Option<DecoderEnd>) {
    let mut decoder = new_decoder();
    let mut deltas = Vec::new();
    let mut emit = |delta| deltas.push(delta);
    let end = events.iter().find_map(|event| {
        // The one event that is no JSON.
        let data = if event == "[DONE]" { "[DONE]".to_owned() } else { event.to_string() };
        decoder.take(&data, NOW, &mut emit)
    });
    let end = end.or_else(|| decoder.ended(&mut emit));
    check(&deltas);
    let items = deltas.into_iter().filter_map(|delta| match delta {
        ModelDelta::Item(item) => Some(item),
        _ => None,
    });
    (items.collect(), end)
}

/// Every item was opened under its id before it was told, and once.
fn check(deltas: &[ModelDelta]) {
    let mut opened = Vec::new();
    for delta in deltas {
        match delta {
            ModelDelta::Opened { item, .. } => {
                assert!(!opened.contains(item), "{item:?} twice");
                opened.push(item.clone());
            }
            ModelDelta::Text { item, .. } | ModelDelta::Reasoning { item, .. } => {
                assert!(opened.contains(item), "{item:?}");
            }
            ModelDelta::Item(item) => assert!(opened.contains(&item.id), "{item:?}"),
            ModelDelta::Limits(_) | ModelDelta::TurnState(_) => {}
        }
    }
}

fn word(kind: &ItemKind) -> String {
    match kind {
        ItemKind::Assistant { text, .. } => format!("say {text}"),
        ItemKind::Call(ToolCall { id, name, arguments }) => {
            format!("call {} {name} {arguments}", id.as_str())
        }
        ItemKind::Reasoning { summary } => format!("think {summary}"),
        other => format!("{other:?}"),
    }
}

fn delta(delta: Value) -> Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }], "usage": null })
}

fn text(text: &str) -> Value {
    delta(json!({ "content": text }))
}

fn calls(calls: Value) -> Value {
    delta(json!({ "tool_calls": calls }))
}

fn finish(reason: &str) -> Value {
    json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] })
}

const DONE: Option<DecoderEnd> =
    Some(DecoderEnd::Completed(ModelRequestEnd { usage: None, end_turn: None }));

#[test]
fn a_plain_answer_is_told_with_its_tokens() {
    let usage = json!({
        "prompt_tokens": 10, "completion_tokens": 3,
        "prompt_tokens_details": { "cached_tokens": 4 },
        "completion_tokens_details": { "reasoning_tokens": 1 },
    });
    let (items, end) = answer(&[
        delta(json!({ "role": "assistant", "content": "" })),
        text("Hel"),
        text("lo"),
        finish("stop"),
        json!({ "choices": [], "usage": usage }),
        json!("[DONE]"),
    ]);
    assert_eq!(items, ["say Hello"]);
    let usage = Some(Usage { input: 10, cached: 4, output: 3, reasoning: 1, cost: None });
    assert_eq!(end, Some(DecoderEnd::Completed(ModelRequestEnd { usage, end_turn: None })));
}

#[test]
fn calls_are_told_apart_however_their_server_numbers_them() {
    let function = |name: &str, arguments: Value| json!({ "name": name, "arguments": arguments });
    let call = |index: Value, id: Value, function: Value| json!({ "index": index, "id": id, "function": function });
    let pieces = |text: &str| function("", json!(text));
    let two = ["call c1 read {\"a\":1}", "call c2 read {\"a\":2}"].as_slice();
    let (one, other) = (json!("{\"a\":1}"), json!("{\"a\":2}"));
    for (case, events, expected) in [
        (
            "streamed side by side",
            vec![
                calls(json!([call(json!(0), json!("c1"), function("read", json!("{\"a\"")))])),
                calls(json!([call(json!(1), json!("c2"), function("read", json!("")))])),
                calls(json!([call(json!(0), Value::Null, pieces(":1}"))])),
                calls(json!([call(json!(1), Value::Null, pieces("{\"a\":2}"))])),
            ],
            two,
        ),
        (
            "both numbered 0",
            vec![
                calls(json!([call(json!(0), json!("c1"), function("read", one.clone()))])),
                calls(json!([call(json!(0), json!("c2"), function("read", other.clone()))])),
            ],
            two,
        ),
        (
            "without numbers",
            vec![calls(json!([
                { "id": "c1", "function": function("read", one.clone()) },
                { "id": "c2", "function": function("read", other.clone()) },
            ]))],
            two,
        ),
        (
            "numbered from 1",
            vec![
                calls(json!([call(json!(1), json!("c1"), function("read", one.clone()))])),
                calls(json!([call(json!(3), json!("c2"), function("read", other.clone()))])),
            ],
            two,
        ),
        (
            "without ids, both numbered 0",
            vec![
                calls(json!([call(json!(0), json!(""), function("read", one.clone()))])),
                calls(json!([call(json!(0), json!(""), function("read", other.clone()))])),
            ],
            &["call r_0 read {\"a\":1}", "call r_1 read {\"a\":2}"],
        ),
        (
            "one id for two",
            vec![
                calls(json!([call(json!(0), json!("c1"), function("read", one.clone()))])),
                calls(json!([call(json!(1), json!("c1"), function("read", other.clone()))])),
            ],
            &["call c1 read {\"a\":1}", "call r_1 read {\"a\":2}"],
        ),
        (
            "a new id with every piece",
            vec![
                calls(json!([call(json!(0), json!("c1"), function("read", json!("{\"a\"")))])),
                calls(json!([call(json!(0), json!("c7"), pieces(":1}"))])),
            ],
            &["call c1 read {\"a\":1}"],
        ),
        (
            "arguments before the name",
            vec![
                calls(json!([call(json!(0), json!("c1"), pieces("{\"a\""))])),
                calls(json!([call(json!(0), Value::Null, function("read", json!(":1}")))])),
            ],
            &["call c1 read {\"a\":1}"],
        ),
        ("never named", vec![calls(json!([call(json!(0), json!("c1"), pieces("{}"))]))], &[]),
        (
            "arguments as an object",
            vec![calls(json!([call(json!(0), json!("c1"), function("read", json!({ "a": 1 })))]))],
            &["call c1 read {\"a\":1}"],
        ),
        (
            "no arguments",
            vec![calls(json!([call(json!(0), json!("c1"), function("read", Value::Null))]))],
            &["call c1 read {}"],
        ),
        (
            "whole once more at the end",
            vec![
                calls(json!([call(json!(0), json!("c1"), function("read", json!("{\"a\"")))])),
                calls(json!([call(json!(0), json!("c1"), pieces(":1}"))])),
                calls(json!([call(json!(0), json!("c1"), function("read", one.clone()))])),
            ],
            &["call c1 read {\"a\":1}"],
        ),
        ("none", vec![calls(json!([])), calls(Value::Null)], &[]),
        (
            "the one call of old",
            vec![delta(json!({ "function_call": function("read", one.clone()) }))],
            &["call r_0 read {\"a\":1}"],
        ),
        (
            "in the message of the last chunk",
            vec![
                json!({ "choices": [{ "message": { "content": "", "tool_calls": [{ "id": "c1", "function": function("read", one.clone()) }] } }] }),
            ],
            &["call c1 read {\"a\":1}"],
        ),
    ] {
        for reason in ["stop", "tool_calls"] {
            let events: Vec<Value> = events.iter().cloned().chain([finish(reason)]).collect();
            assert_eq!(
                answer(&events),
                (expected.iter().map(|word| (*word).into()).collect(), DONE),
                "{case}"
            );
        }
    }
}

#[test]
fn thoughts_are_told_whatever_their_server_calls_them_and_go_back_so() {
    for (chunk, wire) in [
        (json!({ "reasoning_content": "hm" }), Some(json!({ "reasoning_content": "hm" }))),
        (json!({ "reasoning": "hm" }), Some(json!({ "reasoning": "hm" }))),
        (
            json!({ "reasoning": "hm", "reasoning_content": "hm" }),
            Some(json!({ "reasoning_content": "hm" })),
        ),
        (json!({ "content": "<think>hm</think>" }), None),
        (
            json!({ "content": [{ "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] }] }),
            Some(
                json!({ "part": { "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] } }),
            ),
        ),
        (
            json!({ "reasoning_details": [{ "type": "reasoning.text", "text": "hm", "signature": "s" }] }),
            Some(
                json!({ "reasoning_details": [{ "type": "reasoning.text", "text": "hm", "signature": "s" }] }),
            ),
        ),
    ] {
        let (items, end) = decode(&[delta(chunk.clone()), text("So"), finish("stop")]);
        assert_eq!(end, DONE);
        let words: Vec<String> = items.iter().map(|item| word(&item.kind)).collect();
        assert_eq!(words, ["think hm", "say So"], "{chunk}");
        let own = items[0].wire.as_ref().map(|wire| serde_json::from_str(&wire.text).unwrap());
        assert_eq!(own, wire, "{chunk}");
    }
}

#[test]
fn an_answer_ends_by_what_came_and_not_by_what_its_server_calls_it() {
    let call = calls(
        json!([{ "index": 0, "id": "c", "function": { "name": "read", "arguments": "{\"a\":" } }]),
    );
    let whole = calls(
        json!([{ "index": 0, "id": "c", "function": { "name": "read", "arguments": "{}" } }]),
    );
    let incomplete = |reason: &str| Some(DecoderEnd::Incomplete(reason.into()));
    for (events, words, expected) in [
        (vec![text("a"), finish("length")], 1, incomplete("max_output_tokens")),
        (vec![call.clone(), finish("length")], 0, incomplete("max_output_tokens")),
        (vec![call, finish("tool_calls")], 0, incomplete("")),
        (vec![text("a"), finish("content_filter")], 1, incomplete("content_filter")),
        (vec![whole, finish("content_filter")], 1, DONE),
        (vec![text("a"), finish("tool_calls")], 1, DONE),
        (vec![finish("stop")], 0, DONE),
        (vec![text("a")], 0, None),
        (vec![text("a"), json!("[DONE]")], 0, None),
    ] {
        let (items, end) = answer(&events);
        assert_eq!((items.len(), end), (words, expected), "{events:?}");
    }
}

#[test]
fn an_error_inside_a_stream_keeps_its_kind() {
    for (event, status, message) in [
        (json!({ "error": { "code": 502, "message": "Bad" } }), Some(502), "Bad"),
        (json!({ "error": "Bad" }), None, "Bad"),
        (json!({ "object": "error", "message": "Bad", "code": 400 }), Some(400), "Bad"),
        (json!({ "code": "x", "error": "Bad" }), None, "Bad"),
        (json!({ "base_resp": { "status_code": 1004, "status_msg": "Bad" } }), None, "Bad"),
        (json!({ "choices": [{ "error": { "code": 429, "message": "Bad" } }] }), Some(429), "Bad"),
    ] {
        let (_, end) = answer(&[text("a"), event.clone()]);
        let Some(DecoderEnd::Refused(refusal)) = end else { panic!("{event}: {end:?}") };
        let found = refusal.status.map(|status| status.as_u16());
        assert_eq!((found, refusal.message.as_str()), (status, message), "{event}");
    }
    assert_eq!(answer(&[json!({ "error": null, "choices": [] }), finish("stop")]).1, DONE);
}

#[test]
fn nothing_odd_breaks_an_answer() {
    for odd in [
        json!(null),
        json!([]),
        json!({}),
        json!("word"),
        json!({ "choices": null, "usage": 7 }),
        json!({ "choices": [{ "delta": null }] }),
        json!({ "choices": [{ "index": 1, "delta": { "content": "other" } }] }),
        json!({ "choices": [{ "delta": { "content": { "a": 1 }, "tool_calls": "x" } }] }),
        json!({ "prompt_filter_results": [], "choices": [], "id": "" }),
    ] {
        assert_eq!(
            answer(&[odd.clone(), text("a"), finish("stop")]),
            (vec!["say a".into()], DONE),
            "{odd}"
        );
    }
    let broken: Vec<Value> = (0..20).map(|_| json!("word")).collect();
    assert!(matches!(answer(&broken).1, Some(DecoderEnd::Refused(_))));
}

#[test]
fn sealed_thoughts_and_signatures_count_towards_the_bound_of_an_answer() {
    let data = "x".repeat(1 << 20);
    let sealed =
        delta(json!({ "reasoning_details": [{ "type": "reasoning.encrypted", "data": data }] }));
    let signed = calls(json!([{ "index": 0, "id": "c", "extra_content": { "signature": data } }]));
    for event in [sealed, signed] {
        let (_, end) = answer(&vec![event; 13]);
        assert!(matches!(end, Some(DecoderEnd::Excessive(_))), "{end:?}");
    }
}

#[test]
fn a_whole_answer_without_a_stream_is_taken() {
    let mut decoder = new_decoder();
    let body = json!({ "object": "chat.completion", "choices": [{ "message": { "content": "Hi" }, "finish_reason": "stop" }] });
    let mut items = Vec::new();
    let mut emit = |delta| {
        if let ModelDelta::Item(item) = delta {
            items.push(word(&item.kind));
        }
    };
    assert_eq!(decoder.whole(&body.to_string(), NOW, &mut emit), DONE);
    assert_eq!(items, ["say Hi"]);
    for no in ["{\"error\":{\"message\":\"no\"}}", "{}", "[]", "<html>"] {
        assert_eq!(new_decoder().whole(no, NOW, &mut |_| {}), None, "{no}");
    }
}

fn item(kind: ItemKind, wire: Option<Value>, provider: &str) -> Arc<Item> {
    let source = Chat.source(&provider.into());
    let wire = wire.map(|wire| Wire { text: wire.to_string().into(), source });
    Item { id: ItemId::new("i"), kind, wire }.into()
}

fn output(call: &str, text: &str, images: Vec<Picture>) -> ItemKind {
    let (title, result) = (String::new(), ToolResult::Text);
    let output = CallOutput { title, text: text.into(), images, result, ok: true };
    ItemKind::Output { call: CallId::new(call), output }
}

fn call(id: &str, arguments: &str) -> ItemKind {
    let (id, name) = (CallId::new(id), "read".to_owned());
    ItemKind::Call(ToolCall { id, name, arguments: arguments.into() })
}

fn sent(provider: &str, items: Vec<Arc<Item>>) -> Value {
    let model = ModelRef::new(provider.into(), "large");
    let request = ModelRequest {
        effort: Some(Effort("high".into())),
        instructions: "Be brief".into(),
        tools: vec![ToolDefinition {
            name: "read".into(),
            description: "Reads".into(),
            parameters: r#"{"type":"object"}"#.into(),
            grammar: None,
            effects: ToolEffects::Looks,
            audience: ToolAudience::Everyone,
        }]
        .into(),
        ..ModelRequest::plain(SessionId::new("ses_1"), model, items)
    };
    let credential = SentCredential::None;
    let kind = AccessKind::Provider { id: provider.into(), credential };
    let model = &catalogue::describe(&request.model);
    let terms = BodyTerms { kind: &kind, model, conceded: &[] };
    serde_json::from_str(&Chat.exchange("r", &request, terms).unwrap().body).unwrap()
}

#[test]
fn a_conversation_is_written_as_messages_that_servers_take() {
    let picture = Picture { mime: "image/png", data: "AA==".into() };
    let body = sent(
        "acme",
        vec![
            item(ItemKind::user("look"), None, "acme"),
            item(
                ItemKind::Reasoning { summary: "hm".into() },
                Some(json!({ "reasoning_content": "hm" })),
                "acme",
            ),
            item(ItemKind::Reasoning { summary: "foreign".into() }, None, "acme"),
            item(ItemKind::assistant("I look."), None, "acme"),
            item(call("c1", "{}"), Some(json!({ "extra_content": { "k": 1 } })), "acme"),
            item(call("c2", "free text"), None, "acme"),
            item(output("c2", "two", vec![picture]), None, "acme"),
            item(output("c1", "one", Vec::new()), None, "acme"),
            item(call("c3", "{}"), None, "acme"),
            item(ItemKind::user("and now?"), None, "acme"),
        ],
    );
    let read = |id: &str, arguments: &str| json!({ "id": id, "type": "function", "function": { "name": "read", "arguments": arguments } });
    let mut signed = read("c1", "{}");
    signed["extra_content"] = json!({ "k": 1 });
    let expected = json!([
        { "role": "system", "content": "Be brief" },
        { "role": "user", "content": "look" },
        { "role": "assistant", "reasoning_content": "hm", "content": "I look.",
          "tool_calls": [signed, read("c2", "{\"input\":\"free text\"}")] },
        { "role": "tool", "tool_call_id": "c1", "content": "one" },
        { "role": "tool", "tool_call_id": "c2", "content": "two" },
        { "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "data:image/png;base64,AA==" } }] },
        { "role": "assistant", "content": "", "tool_calls": [read("c3", "{}")] },
        { "role": "tool", "tool_call_id": "c3", "content": "The output of this call was not kept." },
        { "role": "user", "content": "and now?" },
    ]);
    assert_eq!(body["messages"], expected);
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        ["model", "messages", "tools", "stream", "stream_options", "reasoning_effort"]
    );
}

#[test]
fn what_single_providers_want_is_given_to_them_alone() {
    let items = || vec![item(call("call_abcdefghijklmnop", "{}"), None, "openai")];
    let [acme, mistral, deepseek, google] =
        ["acme", "mistral", "deepseek", "google"].map(|provider| sent(provider, items()));
    let id = |body: &Value| body["messages"][1]["tool_calls"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(id(&acme), "call_abcdefghijklmnop");
    assert!(id(&mistral).len() == 9 && id(&mistral).bytes().all(|b| b.is_ascii_alphanumeric()));
    assert_eq!(mistral["messages"][2]["tool_call_id"], id(&mistral));
    assert_eq!(deepseek["messages"][1]["reasoning_content"], "");
    assert_eq!(acme["messages"][1].get("reasoning_content"), None);
    let signature = &google["messages"][1]["tool_calls"][0]["extra_content"]["google"];
    assert_eq!(signature["thought_signature"], "skip_thought_signature_validator");
}

#[test]
fn a_longer_conversation_begins_with_the_shorter_one() {
    let mut items = vec![
        item(ItemKind::user("a"), None, "acme"),
        item(call("c1", "{}"), None, "acme"),
        item(output("c1", "one", Vec::new()), None, "acme"),
    ];
    let before = sent("acme", items.clone())["messages"].clone();
    items.push(item(ItemKind::assistant("b"), None, "acme"));
    items.push(item(ItemKind::user("c"), None, "acme"));
    let after = sent("acme", items)["messages"].clone();
    let (before, after) = (before.as_array().unwrap(), after.as_array().unwrap());
    assert_eq!(before[..], after[..before.len()]);
}
