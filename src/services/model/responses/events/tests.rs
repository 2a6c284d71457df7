//! The decoder of events: events in, deltas out. Opens no connection.

use std::sync::Arc;

use serde_json::json;

use crate::protocol::{CallId, Item as Told, ItemId, ItemKind, Limit, Limits, ToolCall, Wire};

use super::*;

const NOW: Timestamp = Timestamp(0);

/// The deltas of a response, in a word or two each, and its end.
fn take(
    events: &[serde_json::Value],
) -> (Vec<ModelDelta>, Option<DecoderEnd>, Option<ServerRefusal>) {
    let mut decoder = EventDecoder::new("r", WireSource::openai());
    let mut deltas = Vec::new();
    let mut end = None;
    for event in events {
        end = decoder.take(&event.to_string(), NOW, &mut |delta| deltas.push(delta));
        if end.is_some() {
            break;
        }
    }
    (deltas, end, decoder.failure())
}

fn deltas(events: &[serde_json::Value]) -> Vec<ModelDelta> {
    take(events).0
}

fn id(at: usize) -> ItemId {
    ItemId::new(format!("r.{at}"))
}

fn opened(at: usize, opening: ItemOpening) -> ModelDelta {
    ModelDelta::Opened { item: id(at), opening }
}

fn text(at: usize, text: &str) -> ModelDelta {
    ModelDelta::Text { item: id(at), text: text.into() }
}

fn reasoning(at: usize, text: &str) -> ModelDelta {
    ModelDelta::Reasoning { item: id(at), text: text.into() }
}

fn item(at: usize, kind: ItemKind, wire: Option<&serde_json::Value>) -> ModelDelta {
    ModelDelta::Item(Told {
        id: id(at),
        kind,
        wire: wire
            .map(|wire| Wire { text: Arc::from(wire.to_string()), source: WireSource::openai() }),
    })
}

fn answer(text: &str) -> ItemKind {
    ItemKind::assistant(text)
}

fn call(id: &str, arguments: &str) -> ItemKind {
    ItemKind::Call(ToolCall {
        id: CallId::new(id),
        name: "read".into(),
        arguments: arguments.into(),
    })
}

fn opens_call() -> ItemOpening {
    ItemOpening::Call { name: "read".into() }
}

fn message(id: &str, text: &str) -> serde_json::Value {
    json!({"type": "message", "id": id, "role": "assistant", "content": [{"type": "output_text", "text": text}]})
}

fn function(id: &str, call: &str, arguments: &str) -> serde_json::Value {
    json!({"type": "function_call", "id": id, "call_id": call, "name": "read", "arguments": arguments})
}

fn completed() -> serde_json::Value {
    json!({"type": "response.completed", "response": {"id": "resp"}})
}

#[test]
fn every_type_of_event_brings_what_it_should() {
    let limits = Limits {
        primary: Some(Limit { used_percent: 5.0, window_minutes: Some(300), resets: None }),
        secondary: None,
    };
    let whole = message("m", "hi");
    let table = [
        (json!({"type": "response.created", "response": {}}), vec![]),
        (json!({"type": "response.in_progress"}), vec![]),
        (json!({"type": "response.content_part.added", "part": {}}), vec![]),
        (json!({"type": "response.of.tomorrow", "delta": 7}), vec![]),
        (json!({"no_type": 1}), vec![]),
        (json!([1]), vec![]),
        (json!("text"), vec![]),
        (
            json!({"type": "response.output_item.added", "item": {"type": "message", "id": "m"}}),
            vec![opened(0, ItemOpening::Assistant)],
        ),
        (
            json!({"type": "response.output_item.added", "item": {"type": "odd"}}),
            vec![opened(0, ItemOpening::Unknown)],
        ),
        (json!({"type": "response.output_item.added", "item": 5}), vec![]),
        (json!({"type": "response.output_item.added"}), vec![]),
        (
            json!({"type": "response.output_item.done", "item": whole}),
            vec![item(0, answer("hi"), Some(&whole))],
        ),
        (
            json!({"type": "response.output_text.delta", "delta": "a"}),
            vec![opened(0, ItemOpening::Assistant), text(0, "a")],
        ),
        (json!({"type": "response.output_text.delta", "delta": {"odd": 1}}), vec![]),
        (
            json!({"type": "response.refusal.delta", "delta": "no"}),
            vec![opened(0, ItemOpening::Assistant), text(0, "no")],
        ),
        (
            json!({"type": "response.reasoning_summary_text.delta", "delta": "a", "summary_index": 0}),
            vec![opened(0, ItemOpening::Reasoning), reasoning(0, "a")],
        ),
        (
            json!({"type": "response.reasoning_text.delta", "delta": "a"}),
            vec![opened(0, ItemOpening::Reasoning), reasoning(0, "a")],
        ),
        (json!({"type": "response.reasoning_summary_part.added", "summary_index": 0}), vec![]),
        (
            json!({"type": "response.function_call_arguments.delta", "delta": "{"}),
            vec![opened(0, ItemOpening::Call { name: String::new() })],
        ),
        (
            json!({"type": "response.metadata", "headers": {"X-Codex-Turn-State": "s"}}),
            vec![ModelDelta::TurnState("s".into())],
        ),
        (json!({"type": "codex.response.metadata", "headers": null}), vec![]),
        (
            json!({"type": "codex.rate_limits", "rate_limits": {"primary": {"used_percent": 5, "window_minutes": 300}}}),
            vec![ModelDelta::Limits(limits)],
        ),
    ];
    for (event, expected) in table {
        assert_eq!(take(std::slice::from_ref(&event)), (expected, None, None), "{event}");
    }
}

#[test]
fn broken_json_is_skipped_and_the_stream_goes_on() {
    let mut decoder = EventDecoder::new("r", WireSource::openai());
    for bad in [
        "",
        "{",
        "[DONE]",
        "nonsense",
        r#"{"type":"response.output_text.delta","delta":"a"#,
        "\u{0}",
    ] {
        assert_eq!(decoder.take(bad, NOW, &mut |delta| panic!("{delta:?}")), None, "{bad}");
    }
    assert!(decoder.take(&completed().to_string(), NOW, &mut |_| {}).is_some());
}

#[test]
fn deltas_find_their_item_by_id_by_index_or_by_kind() {
    let tables = [
        (json!({"item_id": "a"}), json!({"item_id": "b"})),
        (json!({"output_index": 0}), json!({"output_index": 1})),
        (
            json!({"output_index": 0, "item_id": "changed"}),
            json!({"output_index": 1, "item_id": "changed too"}),
        ),
    ];
    for (first, second) in tables {
        let piece = |hint: &serde_json::Value, text: &str| {
            let mut event = json!({"type": "response.output_text.delta", "delta": text});
            event.as_object_mut().unwrap().extend(hint.as_object().unwrap().clone());
            event
        };
        let got = deltas(&[
            json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "id": "a"}}),
            json!({"type": "response.output_item.added", "output_index": 1, "item": {"type": "message", "id": "b"}}),
            piece(&first, "1"),
            piece(&second, "2"),
            piece(&first, "3"),
        ]);
        assert_eq!(got[2..], [text(0, "1"), text(1, "2"), text(0, "3")], "{first}");
    }
    let by_kind = deltas(&[
        json!({"type": "response.output_item.added", "item": {"type": "reasoning", "id": "a"}}),
        json!({"type": "response.output_text.delta", "delta": "1"}),
        json!({"type": "response.reasoning_text.delta", "delta": "2"}),
    ]);
    assert_eq!(by_kind[1..], [opened(1, ItemOpening::Assistant), text(1, "1"), reasoning(0, "2")]);
}

#[test]
fn text_and_calls_of_one_response_are_all_told_in_order() {
    let (words, first, second) =
        (message("m", "both"), function("f1", "c1", "{}"), function("f2", "c2", r#"{"n":1}"#));
    let (got, end, _) = take(&[
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "id": "m"}}),
        json!({"type": "response.output_text.delta", "output_index": 0, "item_id": "m", "delta": "both"}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": words}),
        json!({"type": "response.output_item.added", "output_index": 1, "item": {"type": "function_call", "id": "f1", "name": "read"}}),
        json!({"type": "response.output_item.added", "output_index": 2, "item": {"type": "function_call", "id": "f2", "name": "read"}}),
        json!({"type": "response.output_item.done", "output_index": 2, "item": second}),
        json!({"type": "response.output_item.done", "output_index": 1, "item": first}),
        json!({"type": "response.completed", "response": {"output": [words, first, second], "end_turn": false, "usage":
            {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 3, "output_tokens_details": null, "total_tokens": 13}}}),
    ]);
    let expected = [
        opened(0, ItemOpening::Assistant),
        text(0, "both"),
        item(0, answer("both"), Some(&words)),
        opened(1, opens_call()),
        opened(2, opens_call()),
        item(2, call("c2", r#"{"n":1}"#), Some(&second)),
        item(1, call("c1", "{}"), Some(&first)),
    ];
    assert_eq!(got, expected);
    let usage = Usage { input: 10, cached: 4, output: 3, reasoning: 0, cost: None };
    assert_eq!(
        end,
        Some(DecoderEnd::Completed(ModelRequestEnd { usage: Some(usage), end_turn: Some(false) }))
    );
}

#[test]
fn an_item_that_is_told_twice_counts_once_but_two_alike_count_twice() {
    let done = |index: u64, item: &serde_json::Value| json!({"type": "response.output_item.done", "output_index": index, "item": item});
    let words = message("m", "hi");
    assert_eq!(deltas(&[done(0, &words), done(0, &words), completed()]).len(), 1);
    let other = message("n", "ho");
    // A server that numbers everything 0.
    assert_eq!(deltas(&[done(0, &words), done(0, &other), completed()]).len(), 2);
    let bare = json!({"type": "function_call", "call_id": "c", "name": "read", "arguments": "{}"});
    let twin = json!({"type": "function_call", "call_id": "d", "name": "read", "arguments": "{}"});
    assert_eq!(deltas(&[done(0, &bare), done(0, &twin), completed()]).len(), 2);
}

#[test]
fn a_delta_that_comes_after_its_item_is_whole_changes_nothing() {
    let words = message("m", "hi");
    let got = deltas(&[
        json!({"type": "response.output_item.done", "output_index": 0, "item": words}),
        json!({"type": "response.output_text.delta", "output_index": 0, "item_id": "m", "delta": "late"}),
        json!({"type": "response.output_text.delta", "output_index": 0, "delta": "late"}),
        json!({"type": "response.output_text.done", "output_index": 0, "text": "late"}),
        completed(),
    ]);
    assert_eq!(got, [item(0, answer("hi"), Some(&words))]);
}

#[test]
fn a_server_that_sends_only_deltas_gets_its_items_made() {
    let got = deltas(&[
        json!({"type": "response.reasoning_summary_text.delta", "delta": "thinking"}),
        json!({"type": "response.output_text.delta", "delta": "Hel"}),
        json!({"type": "response.output_text.delta", "delta": "lo"}),
        json!({"type": "response.output_item.added", "item": {"type": "function_call", "id": "f", "call_id": "c", "name": "read"}}),
        json!({"type": "response.function_call_arguments.delta", "item_id": "f", "delta": "{\"a\""}),
        json!({"type": "response.function_call_arguments.delta", "item_id": "f", "delta": ":1"}),
        json!({"type": "response.function_call_arguments.done", "item_id": "f", "arguments": "{\"a\":1}"}),
        json!({"type": "response.output_item.added", "item": {"type": "custom_tool_call", "id": "x", "name": "read"}}),
        json!({"type": "response.custom_tool_call_input.delta", "item_id": "x", "delta": "free"}),
        json!({"type": "response.function_call_arguments.delta", "item_id": "nameless", "delta": "{}"}),
        completed(),
    ]);
    let made = [
        item(0, ItemKind::Reasoning { summary: "thinking".into() }, None),
        item(
            1,
            answer("Hello"),
            Some(
                &json!({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]}),
            ),
        ),
        item(
            2,
            call("c", r#"{"a":1}"#),
            Some(
                &json!({"type": "function_call", "call_id": "c", "name": "read", "arguments": "{\"a\":1}"}),
            ),
        ),
        item(
            3,
            call("r.3", "free"),
            Some(
                &json!({"type": "custom_tool_call", "call_id": "r.3", "name": "read", "input": "free"}),
            ),
        ),
    ];
    let items: Vec<ModelDelta> =
        got.into_iter().filter(|delta| matches!(delta, ModelDelta::Item(_))).collect();
    assert_eq!(items, made);
}

#[test]
fn a_call_in_free_text_is_its_input_as_the_model_wrote_it() {
    let patch = "*** Begin Patch\n*** Delete File: a \"b\".txt\n*** End Patch\n";
    let whole = json!({"type": "custom_tool_call", "id": "x", "call_id": "c", "name": "read", "input": patch, "status": "completed"});
    let delta = |text: &str| json!({"type": "response.custom_tool_call_input.delta", "output_index": 0, "item_id": "x", "delta": text});
    let done = json!({"type": "response.output_item.done", "output_index": 0, "item": whole});
    let added = json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "custom_tool_call", "id": "x", "name": "read", "input": ""}});
    let input = json!({"type": "response.custom_tool_call_input.done", "output_index": 0, "item_id": "x", "input": patch});
    let named = opened(0, ItemOpening::Call { name: "read".into() });
    let unnamed = opened(0, ItemOpening::Call { name: String::new() });
    let item = item(0, call("c", patch), Some(&whole));
    for (events, opening) in [
        (
            vec![added.clone(), delta("*** Be"), delta("gin"), input, done.clone(), completed()],
            named.clone(),
        ),
        (vec![added, done.clone()], named),
        (vec![delta("*** Be"), done], unnamed),
    ] {
        assert_eq!(deltas(&events), [opening, item.clone()], "one item, and nothing of its pieces");
    }
}

#[test]
fn text_that_comes_whole_and_without_deltas_is_told_once() {
    let got = deltas(&[
        json!({"type": "response.output_item.added", "output_index": 0, "item": {"type": "message", "id": "m"}}),
        json!({"type": "response.output_text.done", "output_index": 0, "item_id": "m", "text": "all"}),
        json!({"type": "response.output_text.done", "output_index": 0, "item_id": "m", "text": "all"}),
    ]);
    assert_eq!(got, [opened(0, ItemOpening::Assistant), text(0, "all")]);
}

#[test]
fn the_final_response_fills_in_for_whole_items_that_never_came() {
    let (words, function) = (message("m", "hi"), function("f", "c", "{}"));
    let fin = json!({"type": "response.completed", "response": {"output": [words, function]}});
    let delta = json!({"type": "response.output_text.delta", "output_index": 0, "item_id": "m", "delta": "hi"});
    let got = deltas(&[delta, fin.clone()]);
    assert_eq!(
        got[2..],
        [item(0, answer("hi"), Some(&words)), item(1, call("c", "{}"), Some(&function))]
    );
    let got = deltas(&[json!({"type": "response.output_item.done", "item": words}), fin]);
    assert_eq!(
        got,
        [item(0, answer("hi"), Some(&words)), item(1, call("c", "{}"), Some(&function))]
    );
}

#[test]
fn sections_of_a_summary_are_set_apart() {
    let piece = |index: u64, text: &str| json!({"type": "response.reasoning_summary_text.delta", "item_id": "r", "summary_index": index, "delta": text});
    let got = deltas(&[
        json!({"type": "response.output_item.added", "item": {"type": "reasoning", "id": "r"}}),
        piece(0, "a"),
        piece(0, "b"),
        piece(1, "c"),
        json!({"type": "response.reasoning_text.delta", "item_id": "r", "delta": "raw"}),
    ]);
    assert_eq!(got[1..], [reasoning(0, "a"), reasoning(0, "b"), reasoning(0, "\n\nc")]);
}

#[test]
fn a_failure_is_remembered_and_a_completion_wins_over_it() {
    let failed = json!({"type": "response.failed", "response": {"error": {"code": "server_error", "message": "Oops."}}});
    let (_, end, failure) = take(std::slice::from_ref(&failed));
    assert_eq!(end, None);
    let failure = failure.unwrap();
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("server_error", "Oops"));
    assert!(matches!(take(&[failed, completed()]).1, Some(DecoderEnd::Completed(_))));
    assert_eq!(
        take(&[json!({"type": "response.failed", "response": {"error": null}})]).2,
        Some(ServerRefusal::default())
    );
}

#[test]
fn what_ends_a_response_early_is_told_at_once() {
    let incomplete = json!({"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}});
    assert_eq!(take(&[incomplete]).1, Some(DecoderEnd::Incomplete("max_output_tokens".into())));
    let not_so_complete = json!({"type": "response.completed", "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}});
    assert_eq!(
        take(&[not_so_complete]).1,
        Some(DecoderEnd::Incomplete("max_output_tokens".into()))
    );
    let error =
        json!({"type": "error", "error": {"type": "t", "code": "slow_down", "message": "m"}});
    assert!(
        matches!(take(&[error]).1, Some(DecoderEnd::Refused(refusal)) if refusal.code == "slow_down")
    );
}

#[test]
fn a_call_that_is_incomplete_is_not_told_and_leaves_no_good_answer() {
    for call in [
        json!({"type": "function_call", "call_id": "c", "name": "write", "arguments": "{}", "status": "incomplete"}),
        json!({"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": "*** Begin", "status": "incomplete"}),
    ] {
        let done = json!({"type": "response.output_item.done", "output_index": 0, "item": call});
        let (deltas, end, _) = take(&[done, completed()]);
        assert_eq!((deltas, end), (Vec::new(), Some(DecoderEnd::Incomplete(String::new()))));
        let in_response = json!({"type": "response.completed", "response": {"output": [call]}});
        let (deltas, end, _) = take(&[in_response]);
        assert_eq!((deltas, end), (Vec::new(), Some(DecoderEnd::Incomplete(String::new()))));
    }
}

#[test]
fn a_completion_counts_whatever_else_is_odd_in_it() {
    for response in [
        json!(null),
        json!({}),
        json!({"usage": null}),
        json!({"usage": "many"}),
        json!(7),
        json!({"output": [7, {}]}),
    ] {
        let event = json!({"type": "response.completed", "response": response});
        assert!(
            matches!(
                take(std::slice::from_ref(&event)).1,
                Some(DecoderEnd::Completed(ModelRequestEnd { usage: None, .. }))
            ),
            "{event}"
        );
    }
}

#[test]
fn a_search_for_tools_is_a_call_whose_id_counts_once_it_is_whole() {
    // The server names a call anew when it is whole.
    let search = |status: &str, arguments: serde_json::Value, call: &str| json!({"id": "tsc_1", "type": "tool_search_call", "status": status, "arguments": arguments, "call_id": call, "execution": "client"});
    let begun = search("in_progress", json!({}), "call_begun");
    let whole = search("completed", json!({"query": "sum", "limit": 8}), "call_1");
    let find = |arguments: &str| {
        ItemKind::Call(ToolCall {
            id: CallId::new("call_1"),
            name: "find_tools".into(),
            arguments: arguments.into(),
        })
    };
    let opening = ItemOpening::Call { name: "find_tools".into() };
    assert_eq!(
        deltas(&[
            json!({"type": "response.output_item.added", "output_index": 0, "item": begun}),
            json!({"type": "response.output_item.done", "output_index": 0, "item": whole}),
            json!({"type": "response.completed", "response": {"output": [whole]}}),
        ]),
        [opened(0, opening.clone()), item(0, find(r#"{"query":"sum","limit":8}"#), Some(&whole))]
    );
    let (cut, end, _) = take(&[
        json!({"type": "response.output_item.added", "output_index": 0, "item": begun}),
        completed(),
    ]);
    assert_eq!(cut, [opened(0, opening)], "no call is made of its beginning");
    assert!(matches!(end, Some(DecoderEnd::Completed(_))));
}
