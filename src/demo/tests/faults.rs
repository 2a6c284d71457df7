//! Scripts and faults: what goes wrong does so exactly where it was asked to.

use std::time::{Duration, Instant};

use serde_json::json;

use super::client::{ask, events, get, stand};
use crate::demo::{
    ScriptedAnswer, completed, completed_to_go_on, completed_without_usage, created, custom_call,
    cut, event, failed, function_call, gate, incomplete, item, item_done, raw, reasoning, stall,
    text, wait,
};
use crate::protocol::Usage;

const USAGE: Usage = Usage { input: 10, cached: 4, output: 6, reasoning: 2, cost: None };

#[test]
fn the_events_of_an_answer_fit_together() {
    let stand = stand();
    let arguments = r#"{"filePath":"a long enough name.rs"}"#;
    stand.script([ScriptedAnswer::sse([
        created(),
        reasoning("Let me "),
        reasoning("think"),
        text("Hel"),
        text("lo"),
        function_call("call_1", "read", arguments),
        custom_call("call_2", "apply_patch", "*** Begin"),
        completed(USAGE),
    ])]);
    let reply = ask(&stand, "hello").finish().unwrap();
    assert_eq!(
        (reply.status, reply.header("content-type"), reply.whole),
        (200, Some("text/event-stream"), true)
    );
    let events = reply.events();
    let numbers: Vec<_> =
        events.iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..events.len() as u64).collect::<Vec<_>>());

    let of = |kind: &str| {
        events.iter().filter(move |event| event["type"] == kind).cloned().collect::<Vec<_>>()
    };
    let done = of("response.output_item.done");
    let added = of("response.output_item.added");
    let kinds: Vec<_> = done.iter().map(|event| event["item"]["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["reasoning", "message", "function_call", "custom_tool_call"]);
    for (index, (added, done)) in added.iter().zip(&done).enumerate() {
        assert_eq!((&added["output_index"], &done["output_index"]), (&json!(index), &json!(index)));
        assert_eq!(added["item"]["id"], done["item"]["id"]);
    }
    let joined = |kind: &str| {
        of(kind).iter().map(|event| event["delta"].as_str().unwrap().to_owned()).collect::<String>()
    };
    assert_eq!(joined("response.output_text.delta"), "Hello");
    assert_eq!(done[1]["item"]["content"][0]["text"], "Hello");
    assert_eq!(
        done[0]["item"]["summary"][0]["text"],
        joined("response.reasoning_summary_text.delta")
    );
    assert_eq!(joined("response.function_call_arguments.delta"), arguments);
    assert_eq!(done[2]["item"]["arguments"], arguments);
    assert!(
        of("response.output_text.delta")
            .iter()
            .all(|event| event["item_id"] == done[1]["item"]["id"])
    );
    assert_eq!(
        of("response.completed")[0]["response"]["usage"]["input_tokens_details"]["cached_tokens"],
        4
    );
}

#[test]
fn odd_streams_can_be_told_too() {
    let stand = stand();
    stand.script([
        ScriptedAnswer::sse([
            text("a"),
            item_done(),
            text("b"),
            item(json!({ "type": "new_thing" })),
            completed_to_go_on(USAGE),
        ]),
        ScriptedAnswer::sse([failed("rate_limit_exceeded", "try again in 2s")]),
        ScriptedAnswer::sse([incomplete("max_output_tokens")]),
        ScriptedAnswer::sse([
            raw(": a comment\n\ndata: {broken\n\n"),
            event(json!({ "type": "codex.rate_limits" })),
            completed_without_usage(),
        ]),
    ]);
    let first = ask(&stand, "1").finish().unwrap().events();
    let done: Vec<_> = first
        .iter()
        .filter(|event| event["type"] == "response.output_item.done")
        .map(|event| event["item"]["type"].clone())
        .collect();
    assert_eq!(done, ["message", "message", "new_thing"]);
    assert_eq!(first.last().unwrap()["response"]["end_turn"], false);
    assert_eq!(
        ask(&stand, "2").finish().unwrap().events()[0]["response"]["error"]["code"],
        "rate_limit_exceeded"
    );
    assert_eq!(
        ask(&stand, "3").finish().unwrap().events()[0]["response"]["incomplete_details"]["reason"],
        "max_output_tokens"
    );
    let raw = ask(&stand, "4").finish().unwrap().text();
    assert!(raw.starts_with(": a comment\n\ndata: {broken\n\nevent: codex.rate_limits\n"), "{raw}");
    assert_eq!(stand.script_left(), 0);
}

#[test]
fn a_gate_holds_the_stream_until_it_is_opened() {
    let stand = stand();
    stand.script([ScriptedAnswer::sse([
        created(),
        text("before"),
        gate("g"),
        text("after"),
        completed(USAGE),
    ])]);
    let mut connection = ask(&stand, "hello");
    connection.read_until("before");
    assert!(stand.wait_reached("g"));
    assert!(!String::from_utf8_lossy(&connection.received).contains("after"));
    assert!(stand.requests()[0].ended.is_none());
    stand.open("g");
    assert!(connection.finish().unwrap().text().contains("after"));
}

#[test]
fn a_gate_before_the_head_holds_the_head() {
    let stand = stand();
    stand.script([ScriptedAnswer::says("hi").gated("head")]);
    let connection = ask(&stand, "hello");
    assert!(stand.wait_reached("head"));
    assert_eq!(stand.requests()[0].status, None);
    stand.open("head");
    assert!(connection.finish().unwrap().whole);
}

#[test]
fn bytes_are_split_wherever_it_was_asked() {
    let stand = stand();
    let answer = || ScriptedAnswer::sse([created(), text("schöne Grüße 🐟"), completed(USAGE)]);
    stand.script([answer().split_every(7), answer()]);
    let split = ask(&stand, "1").finish().unwrap();
    assert!(split.whole && split.chunks.len() > 50);
    assert!(split.chunks.iter().rev().skip(1).all(|chunk| chunk.len() == 7));
    assert_eq!(split.events().len(), ask(&stand, "2").finish().unwrap().events().len());
}

#[test]
fn a_connection_is_cut_in_the_middle_of_an_event() {
    let stand = stand();
    stand.script([
        ScriptedAnswer::says("hello").cut_after(300),
        ScriptedAnswer::sse([
            created(),
            text("one"),
            raw("data: {\"type\":\"resp"),
            cut(),
            completed(USAGE),
        ]),
        ScriptedAnswer::says("hello").split_every(64).cut_after(64),
        ScriptedAnswer::json(&json!({ "a": "a longer body" })).cut_after(4),
    ]);
    let reply = ask(&stand, "1").finish().unwrap();
    assert_eq!((reply.chunks.concat().len(), reply.whole), (300, false));
    let reply = ask(&stand, "2").finish().unwrap();
    assert!(!reply.whole && reply.text().ends_with("data: {\"type\":\"resp"), "{}", reply.text());
    let reply = ask(&stand, "3").finish().unwrap();
    assert_eq!((reply.chunks.concat().len(), reply.whole), (64, false));
    let reply = ask(&stand, "4").finish().unwrap();
    assert_eq!((reply.text().as_str(), reply.whole), ("{\"a\"", false));
    assert!(stand.requests().iter().all(|request| request.ended.is_none()));
}

#[test]
fn a_stand_that_hangs_up_says_nothing_at_all() {
    let stand = stand();
    stand.script([ScriptedAnswer::hang_up()]);
    assert!(ask(&stand, "hello").finish().is_none());
    assert_eq!(stand.requests()[0].status, None);
}

#[test]
fn a_stalled_stream_stays_open_and_silent() {
    let stand = stand();
    stand.script([
        ScriptedAnswer::sse([created(), gate("silent"), stall(), text("never")]),
        ScriptedAnswer::stall(),
    ]);
    stand.open("silent");
    let mut stalled = ask(&stand, "1");
    stalled.read_until("response.in_progress");
    let silent = ask(&stand, "2");
    assert!(stand.wait_for(|request| request.number == 1, Duration::from_secs(20)).is_some());
    // Another is answered meanwhile: the stall is of that stream alone.
    assert_eq!(get(&stand, "/v1/models", "sk-demo-1").status, 200);
    drop(stand);
    assert!(!stalled.finish().unwrap().text().contains("never"));
    assert!(silent.finish().is_none());
}

#[test]
fn a_pace_is_kept_by_the_clock() {
    let stand = stand();
    let many: Vec<_> = (0..41).map(|number| text(format!("{number} "))).collect();
    stand.script([ScriptedAnswer::sse(many).per_second(200)]);
    let begin = Instant::now();
    assert_eq!(events(&ask(&stand, "1").finish().unwrap().text()).len(), 41 + 2);
    assert!(begin.elapsed() >= Duration::from_millis(200));
}

#[test]
fn waits_and_delays_take_their_time() {
    let stand = stand();
    let short = Duration::from_millis(30);
    stand.script([
        ScriptedAnswer::sse([created(), wait(short), completed(USAGE)]),
        ScriptedAnswer::says("hi").delay(short),
    ]);
    for prompt in ["1", "2"] {
        let begin = Instant::now();
        assert!(ask(&stand, prompt).finish().unwrap().whole);
        assert!(begin.elapsed() >= short);
    }
}

#[test]
fn a_fault_is_for_one_path_and_one_request() {
    let stand = stand();
    stand.fault("/v1/models", ScriptedAnswer::status(503).header("retry-after", "1"));
    stand.fault("/v1/models", ScriptedAnswer::error(429, "rate_limit_exceeded", "Slow down"));
    let first = get(&stand, "/v1/models", "sk-demo-1");
    assert_eq!((first.status, first.header("retry-after")), (503, Some("1")));
    let second = get(&stand, "/v1/models", "sk-demo-1");
    assert_eq!(
        (second.status, second.json()["error"]["code"].clone()),
        (429, json!("rate_limit_exceeded"))
    );
    assert_eq!(get(&stand, "/v1/models", "sk-demo-1").status, 200);
}

#[test]
fn a_load_is_whole_markdown_in_as_many_deltas_as_asked() {
    let stand = stand();
    stand.script([
        ScriptedAnswer::load(20_000, None).gated("go"),
        ScriptedAnswer::load(100, Some(2_000)),
    ]);
    let burst = ask(&stand, "1");
    assert!(stand.wait_reached("go"));
    stand.open("go");
    let events = burst.finish().unwrap().events();
    let deltas: Vec<_> = events
        .iter()
        .filter(|event| event["type"] == "response.output_text.delta")
        .map(|event| event["delta"].as_str().unwrap())
        .collect();
    assert_eq!(deltas.len(), 20_000);
    let done = events.iter().find(|event| event["type"] == "response.output_item.done").unwrap();
    assert_eq!(done["item"]["content"][0]["text"], deltas.concat());

    let begin = Instant::now();
    let paced = ask(&stand, "2").finish().unwrap();
    assert!(begin.elapsed() >= Duration::from_millis(49));
    assert!(paced.chunks.len() > 2, "it came bit by bit: {}", paced.chunks.len());
}
