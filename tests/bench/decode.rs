//! The speed of decoding event streams, however they are cut. No process, no network.

use std::convert::Infallible;
use std::time::Instant;

use bytes::Bytes;
use codling::model::sse::Events;
use futures_util::{StreamExt, stream};

use crate::ask::Ask;
use crate::table::{Table, Target};

const DELTAS: usize = 263_886;
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
