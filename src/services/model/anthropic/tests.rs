//! Events and bodies of the Messages dialect, as servers really write them.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::base::Timestamp;
use crate::model::catalogue;
use crate::model::dialect::DecoderEnd;
use crate::model::messages::NO_OUTPUT;
use crate::protocol::{
    AccessKind, CallId, CallOutput, Effort, Item, ItemId, ItemKind, Model, ModelDelta, ModelRef,
    ModelRequestEnd, Picture, SentCredential, SessionId, ToolCall, ToolResult, Usage,
};

const NOW: Timestamp = Timestamp(5_000);
const CLAUDE: &str = "claude-opus-5";

fn request(provider: &str, items: &[Arc<Item>]) -> ModelRequest {
    let model = ModelRef::new(provider.into(), CLAUDE);
    ModelRequest {
        effort: Some(Effort("high".into())),
        instructions: "Be brief".into(),
        ..ModelRequest::plain(SessionId::new("ses_1"), model, items.to_vec())
    }
}

fn exchange(request: &ModelRequest, conceded: &[Concession], pictures: Option<bool>) -> Exchange {
    let (id, credential) = (request.model.provider.clone(), SentCredential::None);
    let kind = AccessKind::Provider { id, credential };
    let model = Model { pictures, ..catalogue::describe(&request.model) };
    let terms = BodyTerms { kind: &kind, model: &model, conceded };
    Anthropic.exchange("r", request, terms).unwrap()
}

fn sent(provider: &str, items: &[Arc<Item>]) -> Value {
    let Exchange { body, .. } = exchange(&request(provider, items), &[], None);
    serde_json::from_str(&body).unwrap()
}

fn item(kind: ItemKind) -> Arc<Item> {
    Item { id: ItemId::new("i"), kind, wire: None }.into()
}

fn call(id: &str, arguments: &str) -> Arc<Item> {
    let (id, name) = (CallId::new(id), "read".to_owned());
    item(ItemKind::Call(ToolCall { id, name, arguments: arguments.into() }))
}

fn output(call: &str, text: &str, images: Vec<Picture>, ok: bool) -> Arc<Item> {
    let (title, result) = (String::new(), ToolResult::Text);
    let output = CallOutput { title, text: text.into(), images, result, ok };
    item(ItemKind::Output { call: CallId::new(call), output })
}

/// The deltas of these events, in an answer to this request, and its end.
fn decode(request: &ModelRequest, events: &[Value]) -> (Vec<ModelDelta>, Option<DecoderEnd>) {
    let mut decoder = exchange(request, &[], None).decoder;
    let mut deltas = Vec::new();
    let mut emit = |delta| deltas.push(delta);
    let mut take = |event: &Value| decoder.take(&event.to_string(), NOW, &mut emit);
    let end = events.iter().find_map(&mut take);
    let end = end.or_else(|| decoder.ended(&mut emit));
    (deltas, end)
}

fn items(deltas: Vec<ModelDelta>) -> Vec<Item> {
    let items = deltas.into_iter().filter_map(|delta| match delta {
        ModelDelta::Item(item) => Some(item),
        _ => None,
    });
    items.collect()
}

/// The items of an answer in short words, and its end.
fn answer(events: &[Value]) -> (Vec<String>, Option<DecoderEnd>) {
    let (deltas, end) = decode(&request("anthropic", &[]), events);
    let words = items(deltas).into_iter().map(|item| match item.kind {
        ItemKind::Assistant { text, .. } => format!("say {text}"),
        ItemKind::Call(call) => format!("call {} {} {}", call.id, call.name, call.arguments),
        ItemKind::Reasoning { summary } => format!("think {summary}"),
        ItemKind::Unknown { kind } => format!("unknown {kind}"),
        other => panic!("{other:?}"),
    });
    (words.collect(), end)
}

fn start(index: u64, block: Value) -> Value {
    json!({ "type": "content_block_start", "index": index, "content_block": block })
}

fn delta(index: u64, delta: Value) -> Value {
    json!({ "type": "content_block_delta", "index": index, "delta": delta })
}

fn text(index: u64, text: &str) -> Value {
    delta(index, json!({ "type": "text_delta", "text": text }))
}

fn arguments(index: u64, json: &str) -> Value {
    delta(index, json!({ "type": "input_json_delta", "partial_json": json }))
}

fn stop(index: u64) -> Value {
    json!({ "type": "content_block_stop", "index": index })
}

fn ends(reason: &str) -> [Value; 2] {
    [
        json!({ "type": "message_delta", "delta": { "stop_reason": reason }, "usage": { "output_tokens": 9 } }),
        json!({ "type": "message_stop" }),
    ]
}

fn tool(id: &str, input: Value) -> Value {
    json!({ "type": "tool_use", "id": id, "name": "read", "input": input })
}

/// An answer of these events, which ends for this reason.
fn ended(events: &[Value], reason: &str) -> (Vec<String>, Option<DecoderEnd>) {
    answer(&[events, &ends(reason)].concat())
}

fn is_done(end: &Option<DecoderEnd>) -> bool {
    matches!(end, Some(DecoderEnd::Completed(_)))
}

#[test]
fn text_thoughts_and_calls_stream_and_are_told_when_their_block_ends() {
    let events = [
        json!({ "type": "message_start", "message": { "id": "m", "usage": { "input_tokens": 3, "cache_read_input_tokens": 40, "cache_creation_input_tokens": 7, "output_tokens": 1 } } }),
        json!({ "type": "ping" }),
        start(0, json!({ "type": "thinking", "thinking": "", "signature": "" })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "h" })),
        delta(0, json!({ "type": "thinking_delta", "thinking": "m" })),
        delta(0, json!({ "type": "signature_delta", "signature": "si" })),
        delta(0, json!({ "type": "signature_delta", "signature": "g==" })),
        stop(0),
        start(1, json!({ "type": "text", "text": "" })),
        text(1, "Hel"),
        json!({ "type": "ping" }),
        text(1, "lo"),
        stop(1),
        start(2, tool("t1", json!({}))),
        arguments(2, ""),
        arguments(2, "{\"pa"),
        arguments(2, "th\":1}"),
        stop(2),
        start(3, tool("t2", json!({}))),
        stop(3),
    ];
    let (deltas, end) =
        decode(&request("anthropic", &[]), &[&events[..], &ends("tool_use")].concat());
    let usage = Usage { input: 50, cached: 40, output: 9, reasoning: 0, cost: None };
    let expected = ModelRequestEnd { usage: Some(usage), end_turn: None };
    assert_eq!(end, Some(DecoderEnd::Completed(expected)));
    let texts: Vec<String> = deltas
        .iter()
        .filter_map(|delta| match delta {
            ModelDelta::Text { item, text } => Some(format!("{item} {text}")),
            ModelDelta::Reasoning { item, text } => Some(format!("{item} thinks {text}")),
            _ => None,
        })
        .collect();
    assert_eq!(texts, ["r.0 thinks h", "r.0 thinks m", "r.1 Hel", "r.1 lo"]);
    let items = items(deltas);
    let wire: Value = serde_json::from_str(&items[0].wire.as_ref().unwrap().text).unwrap();
    assert_eq!(
        (&wire["block"], &wire["model"]),
        (&json!({ "type": "thinking", "thinking": "hm", "signature": "sig==" }), &json!(CLAUDE))
    );
    let (words, _) = ended(&events, "tool_use");
    assert_eq!(words[1..], ["say Hello", "call t1 read {\"path\":1}", "call t2 read {}"]);
}

#[test]
fn what_servers_leave_out_or_add_is_made_good() {
    let table: &[(&str, Vec<Value>, &[&str])] = &[
        ("no start", vec![text(0, "a"), stop(0)], &["say a"]),
        (
            "no stop of a block",
            vec![start(0, json!({ "type": "text", "text": "a" })), text(0, "b")],
            &["say ab"],
        ),
        (
            "filled input",
            vec![start(0, tool("t", json!({ "a": 1 }))), stop(0)],
            &["call t read {\"a\":1}"],
        ),
        (
            "filled input and pieces",
            vec![start(0, tool("t", json!({ "a": 1 }))), arguments(0, "{\"b\":2}"), stop(0)],
            &["call t read {\"b\":2}"],
        ),
        ("no id", vec![start(0, tool("", json!({}))), stop(0)], &["call r_0 read {}"]),
        (
            "arguments that are broken",
            vec![start(0, tool("t", json!({}))), arguments(0, "{a}"), stop(0)],
            &["call t read {a}"],
        ),
        (
            "redacted",
            vec![start(0, json!({ "type": "redacted_thinking", "data": "x" })), stop(0)],
            &["think "],
        ),
        (
            "unknown block",
            vec![start(0, json!({ "type": "server_tool_use", "id": "s" })), stop(0)],
            &["unknown server_tool_use"],
        ),
        (
            "unknown events and deltas",
            vec![
                json!({ "type": "news" }),
                start(0, json!({ "type": "text" })),
                delta(0, json!({ "type": "citations_delta", "citation": {} })),
                text(0, "a"),
                stop(0),
            ],
            &["say a"],
        ),
        (
            "no types",
            vec![
                json!({ "message": { "usage": null } }),
                json!({ "index": 0, "content_block": { "type": "text", "text": "" } }),
                json!({ "index": 0, "delta": { "text": "a" } }),
            ],
            &["say a"],
        ),
    ];
    for (case, events, expected) in table {
        let (words, end) = ended(events, "end_turn");
        assert_eq!(words, *expected, "{case}");
        assert!(is_done(&end), "{case}: {end:?}");
    }
    let (words, end) =
        answer(&[text(0, "a"), ends("end_turn")[0].clone(), ends("end_turn")[0].clone()]);
    assert!(words == ["say a"] && is_done(&end), "no message_stop: {words:?} {end:?}");
}

#[test]
fn an_answer_ends_as_its_server_says() {
    let said = [start(0, json!({ "type": "text" })), text(0, "a"), stop(0)];
    let incomplete = |word: &str| Some(DecoderEnd::Incomplete(word.into()));
    assert_eq!(ended(&said, "max_tokens").1, incomplete("max_output_tokens"));
    assert_eq!(ended(&said, "refusal").1, incomplete("content_filter"));
    let pause = ended(&said, "pause_turn").1;
    assert!(matches!(pause, Some(DecoderEnd::Completed(end)) if end.end_turn == Some(false)));
    let full = ended(&said, "model_context_window_exceeded").1;
    assert!(matches!(full, Some(DecoderEnd::Refused(no)) if no.is("context_length_exceeded")));
    let cut = [start(0, tool("t", json!({}))), arguments(0, "{\"a\":"), stop(0)];
    assert_eq!(ended(&cut, "max_tokens"), (vec![], incomplete("max_output_tokens")));
    assert_eq!(ended(&cut, "tool_use"), (vec![], incomplete("")));
    assert_eq!(answer(&said).1, None, "broken off");
}

#[test]
fn an_error_in_the_stream_keeps_its_kind() {
    for (kind, status) in [
        ("invalid_request_error", 400),
        ("authentication_error", 401),
        ("rate_limit_error", 429),
        ("api_error", 500),
        ("overloaded_error", 529),
    ] {
        let error = json!({ "type": "error", "error": { "type": kind, "message": "No" } });
        let (_, end) = answer(&[error]);
        let Some(DecoderEnd::Refused(refusal)) = end else { panic!("{kind}: {end:?}") };
        assert_eq!(refusal.status.map(|status| status.as_u16()), Some(status), "{kind}");
        assert_eq!((refusal.message.as_str(), refusal.kind.as_str()), ("No", kind));
    }
}

#[test]
fn what_is_no_messages_stream_is_garbled() {
    let mut decoder = exchange(&request("anthropic", &[]), &[], None).decoder;
    let mut none = |_: ModelDelta| {};
    let chat = r#"{"id":"c","choices":[{"delta":{"content":"Hi"}}]}"#;
    assert_eq!(decoder.take(chat, NOW, &mut none), None);
    assert!(matches!(decoder.take("[DONE]", NOW, &mut none), Some(DecoderEnd::Refused(_))));
    let mut decoder = exchange(&request("anthropic", &[]), &[], None).decoder;
    let end = (0..20).find_map(|_| decoder.take("{", NOW, &mut none));
    assert!(matches!(end, Some(DecoderEnd::Refused(_))), "{end:?}");
}

#[test]
fn a_whole_answer_without_a_stream_is_taken() {
    let body = json!({ "type": "message", "content": [{ "type": "text", "text": "Hi" }, tool("t", json!({ "a": 1 }))], "stop_reason": "tool_use", "usage": { "input_tokens": 1, "output_tokens": 2 } });
    let mut decoder = exchange(&request("anthropic", &[]), &[], None).decoder;
    let mut deltas = Vec::new();
    let end = decoder.whole(&body.to_string(), NOW, &mut |delta| deltas.push(delta));
    assert!(is_done(&end) && items(deltas).len() == 2, "{end:?}");
    for no in ["{\"type\":\"error\",\"error\":{\"type\":\"api_error\"}}", "{}", "[]", "<html>"] {
        assert_eq!(decoder.whole(no, NOW, &mut |_| {}), None, "{no}");
    }
}

#[test]
fn a_conversation_is_written_as_blocks_that_servers_take() {
    let picture = Picture { mime: "image/png", data: "AA==".into() };
    let items = [
        item(ItemKind::user("look")),
        item(ItemKind::Reasoning { summary: "foreign".into() }),
        call("c:1", "{\"a\":1}"),
        item(ItemKind::assistant("I look. \n")),
        call("c2", "free text"),
        output("c2", "two", vec![picture], true),
        output("c:1", " ", Vec::new(), false),
        item(ItemKind::user("and now?")),
        call("c3", "{}"),
        item(ItemKind::user("  ")),
        item(ItemKind::assistant("Done.")),
    ];
    let body = sent("anthropic", &items);
    let hashed = body["messages"][1]["content"][1]["id"].as_str().unwrap().to_owned();
    assert!(hashed.len() == 24 && hashed.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let used = |id: &str, input: Value| json!({ "type": "tool_use", "id": id, "name": "read", "input": input });
    let ephemeral = json!({ "type": "ephemeral" });
    let expected = json!([
        { "role": "user", "content": [{ "type": "text", "text": "look" }] },
        { "role": "assistant", "content": [
            { "type": "text", "text": "I look." },
            used(&hashed, json!({ "a": 1 })),
            used("c2", json!({ "input": "free text" })),
        ] },
        { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": hashed, "is_error": true },
            { "type": "tool_result", "tool_use_id": "c2", "content": [
                { "type": "text", "text": "two" },
                { "type": "image", "source": { "type": "base64", "media_type": "image/png", "data": "AA==" } },
            ] },
            { "type": "text", "text": "and now?" },
        ] },
        { "role": "assistant", "content": [used("c3", json!({}))] },
        { "role": "user", "content": [
            { "type": "tool_result", "tool_use_id": "c3", "content": NO_OUTPUT, "cache_control": ephemeral },
        ] },
        { "role": "assistant", "content": [{ "type": "text", "text": "Done." }] },
        { "role": "user", "content": [{ "type": "text", "text": "Go on.", "cache_control": ephemeral }] },
    ]);
    assert_eq!(body["messages"], expected);
    assert_eq!(body["max_tokens"], 32_000);
    assert_eq!(body["thinking"]["type"], "adaptive");
    assert_eq!(body["output_config"], json!({ "effort": "high" }));
    assert_eq!(body["system"][0]["cache_control"], ephemeral);
    let members: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        ["model", "max_tokens", "system", "messages", "thinking", "output_config", "stream"]
    );
}

#[test]
fn a_model_that_sees_no_pictures_is_told_of_them_in_words() {
    let picture = Picture { mime: "image/png", data: "AA==".into() };
    let images = vec![picture];
    let items = [item(ItemKind::User { text: "look".into(), images })];
    let Exchange { body, .. } = exchange(&request("anthropic", &items), &[], Some(false));
    assert!(body.contains("[picture left out]") && !body.contains("AA=="), "{body}");
}

/// A conversation of three answers that each think, call and are answered.
fn thoughtful(provider: &str) -> Vec<Arc<Item>> {
    let mut items = vec![item(ItemKind::user("look"))];
    for step in 0..3 {
        let thinking =
            json!({ "type": "thinking", "thinking": "hm", "signature": format!("s{step}") });
        let events =
            [start(0, thinking), stop(0), start(1, tool(&format!("t{step}"), json!({}))), stop(1)];
        let (deltas, _) =
            decode(&request(provider, &items), &[&events[..], &ends("tool_use")].concat());
        items.extend(super::tests::items(deltas).into_iter().map(Arc::new));
        items.push(output(&format!("t{step}"), "out", Vec::new(), true));
    }
    items
}

fn signatures(body: &Value) -> Vec<&str> {
    let messages = body["messages"].as_array().unwrap();
    let blocks = messages.iter().flat_map(|message| message["content"].as_array().unwrap());
    blocks.filter_map(|block| block["signature"].as_str()).collect()
}

#[test]
fn thoughts_go_back_while_all_before_them_is_as_it_was() {
    let items = thoughtful("anthropic");
    assert_eq!(signatures(&sent("anthropic", &items)), ["s0", "s1", "s2"]);
    // Another provider, or another model, may not read them.
    assert!(signatures(&sent("acme", &items)).is_empty());
    let mut other = request("anthropic", &items);
    other.model = ModelRef::new("anthropic".into(), "claude-opus-4-6");
    let body = |request: &ModelRequest, conceded: &[Concession]| -> Value {
        serde_json::from_str(&exchange(request, conceded, None).body).unwrap()
    };
    assert!(signatures(&body(&other, &[])).is_empty());
    assert!(signatures(&body(&request("anthropic", &items), &[Concession::Thoughts])).is_empty());
    // After another beginning none is sent; before a change behind them all are.
    let mut changed = items.clone();
    changed[0] = item(ItemKind::user("look there"));
    assert!(signatures(&sent("anthropic", &changed)).is_empty());
    let mut changed = items.clone();
    let at = items.iter().position(|item| matches!(item.kind, ItemKind::Output { .. })).unwrap();
    changed[at] = output("t0", "another", Vec::new(), true);
    assert_eq!(signatures(&sent("anthropic", &changed)), ["s0"]);
    let mut instructed = request("anthropic", &items);
    instructed.instructions = "Be long".into();
    assert!(signatures(&body(&instructed, &[])).is_empty());
}

#[test]
fn a_longer_conversation_begins_with_the_shorter_one() {
    let items = thoughtful("anthropic");
    let stripped = |items: &[Arc<Item>]| {
        let mut body = sent("anthropic", items);
        let messages = body["messages"].as_array_mut().unwrap();
        for block in messages.iter_mut().flat_map(|it| it["content"].as_array_mut().unwrap()) {
            block.as_object_mut().unwrap().remove("cache_control");
        }
        messages.clone()
    };
    let (before, after) = (stripped(&items[..7]), stripped(&items));
    assert_eq!(before[..], after[..before.len()]);
}

#[test]
fn a_refusal_about_signatures_is_answered_by_leaving_thoughts_out() {
    let refusal = |message: &str| {
        let body = json!({ "type": "error", "error": { "type": "invalid_request_error", "message": message } });
        let status = reqwest::StatusCode::BAD_REQUEST;
        ServerRefusal::of_answer(status, &Default::default(), body.to_string().as_bytes(), NOW)
    };
    let bound = "messages.1.content.0: Invalid signature in thinking block. The block is bound to a different conversation";
    assert_eq!(Anthropic.concession(&refusal(bound)), Some(Concession::Thoughts));
    assert_eq!(Anthropic.concession(&refusal("prompt is too long")), None);
}
