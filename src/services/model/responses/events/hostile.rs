//! Events of a server gone mad: nothing it sends may panic, hang or grow beyond what it sent.

use std::time::{Duration, Instant};

use crate::model::stream::bounds;
use crate::protocol::ItemKind;

use super::*;

const NOW: Timestamp = Timestamp(i64::MAX);

fn feed<'a>(
    events: impl IntoIterator<Item = impl AsRef<str> + 'a>,
) -> (Vec<ModelDelta>, Option<DecoderEnd>) {
    let mut decoder = EventDecoder::new("r", WireSource::openai());
    let mut deltas = Vec::new();
    for event in events {
        if let Some(end) = decoder.take(event.as_ref(), NOW, &mut |delta| deltas.push(delta)) {
            return (deltas, Some(end));
        }
    }
    (deltas, None)
}

#[test]
fn no_single_event_breaks_the_decoder() {
    let deep = |lead: &str, open: &str, close: &str| {
        format!("{lead}{}{}", open.repeat(100_000), close.repeat(100_000))
    };
    let kinds = [
        "response.output_text.delta",
        "response.output_item.added",
        "response.output_item.done",
        "response.completed",
        "response.incomplete",
        "response.failed",
        "response.metadata",
        "codex.rate_limits",
        "error",
        "response.function_call_arguments.delta",
        "response.reasoning_summary_text.delta",
    ];
    let bodies = [
        format!(r#""item":{},"delta":1"#, deep("", "[", "]")),
        format!(r#""response":{},"item":{}"#, deep("", r#"{"a":"#, "1}").replace("{\"a\":1}", "{}"), "{}"),
        format!(r#""item":{{"type":"function_call","arguments":{}}}"#, deep("", "[", "]")),
        format!(r#""item":{{"type":"message","content":{}}}"#, deep("", "[", "]")),
        r#""item":{"type":"reasoning","summary":[[[]],{},null,7,{"text":7}]}"#.to_owned(),
        r#""output_index":1e400,"delta":"x""#.to_owned(),
        r#""output_index":-1,"delta":"x""#.to_owned(),
        r#""output_index":18446744073709551615,"summary_index":18446744073709551615,"delta":"x""#.to_owned(),
        r#""response":{"usage":{"input_tokens":1e300,"output_tokens":-1},"output":[null,1,[],{}],"end_turn":"maybe","error":"boo"}"#.to_owned(),
        r#""response":{"error":{"message":"try again in 99999999999999999999999999999999h","resets_at":1e300,"resets_in_seconds":9223372036854775807}}"#.to_owned(),
        r#""error":{"resets_in_seconds":-9223372036854775808},"status":99999999999,"headers":{"retry-after":"-1e400","\u0000":"x"}"#.to_owned(),
        r#""rate_limits":{"primary":{"used_percent":1e300,"window_minutes":18446744073709551615,"reset_at":9223372036854775807},"secondary":{"used_percent":-1,"reset_after_seconds":-9223372036854775808}}"#.to_owned(),
        r#""headers":{"x-codex-turn-state":["a"],"X-Codex-Turn-State":"b\r\nc: d"}"#.to_owned(),
    ];
    for kind in kinds {
        for body in &bodies {
            let (deltas, _end) = feed([format!(r#"{{"type":"{kind}",{body}}}"#)]);
            assert!(deltas.len() < 20, "{kind} {body:.80}");
        }
    }
    for text in [
        "",
        "null",
        "[]",
        "\u{0}",
        "{",
        "\"response.completed\"",
        r#"{"type":{}}"#,
        r#"{"type":null}"#,
        &deep("", "[", "]"),
    ] {
        assert_eq!(feed([text]), (Vec::new(), None), "{text:.20}");
    }
}

#[test]
fn a_flood_of_calls_ends_at_the_bound_before_anybody_waits() {
    let begun = Instant::now();
    let call = |n: usize| {
        format!(
            r#"{{"type":"response.output_item.done","output_index":{n},"item":{{"type":"function_call","id":"f{n}","call_id":"c\n\u001b{}","name":"read","arguments":"{{}}"}}}}"#,
            n % 5000
        )
    };
    let delta = |n: usize| {
        format!(r#"{{"type":"response.output_text.delta","item_id":"m{}","delta":"x"}}"#, n % 500)
    };
    let (deltas, end) = feed((0..100_000).map(delta).chain((0..100_000).map(call)));
    let calls = deltas.iter().filter(|delta| matches!(delta, ModelDelta::Item(item) if matches!(item.kind, ItemKind::Call(_)))).count();
    assert_eq!(
        (calls, end),
        (bounds::CALLS, Some(DecoderEnd::Excessive(AnswerExcess::Calls))),
        "whose ids are the same is the session's to judge"
    );
    // Generous: a debug build on a busy machine.
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

#[test]
fn an_item_that_is_too_large_by_itself_is_not_told() {
    let text = "x".repeat(bounds::TEXT + 1);
    for (item, excess) in [
        (format!(r#"{{"type":"message","content":"{text}"}}"#), AnswerExcess::Text),
        (
            format!(r#"{{"type":"reasoning","summary":[{{"text":"{text}"}}]}}"#),
            AnswerExcess::Reasoning,
        ),
        (
            format!(r#"{{"type":"function_call","name":"a","arguments":"{text}{text}"}}"#),
            AnswerExcess::Arguments,
        ),
        (format!(r#"{{"type":"wonder","data":"{}"}}"#, text.repeat(7)), AnswerExcess::Whole),
    ] {
        let done = format!(r#"{{"type":"response.output_item.done","item":{item}}}"#);
        assert_eq!(feed([done]), (Vec::new(), Some(DecoderEnd::Excessive(excess))));
        let completed =
            format!(r#"{{"type":"response.completed","response":{{"output":[{item}]}}}}"#);
        assert_eq!(feed([completed]), (Vec::new(), Some(DecoderEnd::Excessive(excess))));
    }
}

#[test]
fn what_comes_in_deltas_and_whole_again_is_counted_once() {
    let text = "x".repeat(bounds::TEXT);
    let delta =
        format!(r#"{{"type":"response.output_text.delta","item_id":"m","delta":"{text}"}}"#);
    let whole = format!(
        r#"{{"type":"response.output_item.done","item":{{"type":"message","id":"m","content":"{text}"}}}}"#
    );
    let (deltas, end) = feed([delta, whole]);
    assert_eq!((deltas.len(), end), (3, None));
}
