//! The speed of decoding event streams, however they are cut. No process, no network.

use std::convert::Infallible;
use std::time::Instant;

use bytes::Bytes;
use codling::model::count_deltas;
use codling::model::sse::Events;
use futures_util::{StreamExt, stream};

use crate::ask::Ask;
use crate::table::{Table, Target};

const DELTAS: usize = 263_886;
/// Their text stays below what one answer may bring.
const OF_ONE_ANSWER: usize = 90_000;
const LARGE: usize = 20 << 20;

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["sse", "decode"]) {
        return;
    }
    let small: String = (0..DELTAS)
        .map(|number| {
            format!("event: response.output_text.delta\ndata: {{\"type\":\"response.output_text.delta\",\"item_id\":\"msg_0123456789abcdef\",\"output_index\":1,\"content_index\":0,\"sequence_number\":{number},\"delta\":\"twenty characters ok\"}}\n\n")
        })
        .collect();
    let large = format!(
        "event: response.output_item.done\ndata: {{\"text\":\"{}\"}}\n\n",
        "x".repeat(LARGE)
    );
    for (what, text, events) in [("small deltas", small, DELTAS), ("one 20 MB event", large, 1)] {
        let bytes = Bytes::from(text);
        for (name, chunk) in
            [("100 B", 100), ("1.4 kB", 1_400), ("64 kB", 64 << 10), ("1 MiB", 1 << 20)]
        {
            let speeds: Vec<f64> = (0..ask.runs).map(|_| decode(&bytes, chunk, events)).collect();
            table.add(
                &format!("SSE, {what} in chunks of {name}"),
                "MB/s",
                Target::AtLeast(200.0),
                &speeds,
            );
        }
    }
    for dialect in ["chat", "anthropic"] {
        let events = answer(dialect);
        let speeds: Vec<f64> = (0..ask.runs).map(|_| decode_answer(dialect, &events)).collect();
        let row = format!("deltas of `{dialect}` decoded");
        table.add(&row, "MB/s", Target::AtLeast(200.0), &speeds);
    }
}

/// Deltas, arguments of a call and an end, in the words of a dialect.
fn answer(dialect: &str) -> Vec<String> {
    let deltas = 0..OF_ONE_ANSWER;
    match dialect {
        "chat" => deltas
            .map(|number| {
                let delta = match number % 4 {
                    3 => r#"{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"read","arguments":"twenty characters ok"}}]}"#,
                    _ => r#"{"content":"twenty characters ok"}"#,
                };
                format!(r#"{{"id":"chatcmpl-0123456789abcdef","object":"chat.completion.chunk","created":1764000000,"model":"large","system_fingerprint":"fp_{number}","choices":[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":null}}],"usage":null}}"#)
            })
            .collect(),
        _ => deltas
            .map(|_| r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"twenty characters ok"}}"#.to_owned())
            .collect(),
    }
}

/// Megabytes per second of a dialect's decoder.
fn decode_answer(dialect: &str, events: &[String]) -> f64 {
    let bytes: usize = events.iter().map(String::len).sum();
    let began = Instant::now();
    let count = count_deltas(dialect, events.iter().map(String::as_str));
    assert!(count > OF_ONE_ANSWER / 2, "{dialect}: every delta has to come, not {count}");
    bytes as f64 / 1e6 / began.elapsed().as_secs_f64()
}

/// Megabytes per second.
fn decode(bytes: &Bytes, chunk: usize, wanted: usize) -> f64 {
    let chunks = (0..bytes.len())
        .step_by(chunk)
        .map(|at| Ok::<_, Infallible>(bytes.slice(at..bytes.len().min(at + chunk))));
    let mut events = Events::new(stream::iter(chunks));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let began = Instant::now();
    let found = runtime.block_on(async {
        let mut found = 0;
        while let Some(event) = events.next().await {
            found += usize::from(!event.expect("an event").is_empty());
        }
        found
    });
    assert_eq!(found, wanted, "every event has to come");
    bytes.len() as f64 / 1e6 / began.elapsed().as_secs_f64()
}
