//! Answers, and all the ways they can end.

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};

use crate::base::Advice;
use crate::base::text::says;
use crate::model::stream::sse::Events;
use crate::protocol::{ItemKind, ProblemKind, RetryAdvice};

use super::*;

/// Whether an error is the one that an answer means.
type IsMeant = fn(&ModelError) -> bool;

#[tokio::test]
async fn a_stream_cut_before_its_end_is_broken_and_keeps_the_items_told() {
    let words = sse(&[
        done("kept"),
        json!({"type": "response.output_text.delta", "item_id": "m2", "delta": "half"}),
    ]);
    let cuts = [
        vec![stream_head(""), piece(&words), stream_end()],
        vec![stream_head(""), piece(&words), ScriptStep::Close],
        vec![
            stream_head(""),
            piece(&words),
            ScriptStep::Send(b"40\r\ndata: {\"type\":\"resp".to_vec()),
            ScriptStep::Close,
        ],
    ];
    for cut in cuts {
        let fixture = Fixture::new([cut]).await;
        let error = fixture.request(&chatgpt()).await.unwrap_err();
        assert!(matches!(error, ModelError::BrokenStream {}), "{error:?}");
        assert_eq!(
            (error.retry(), error.kind()),
            (RetryAdvice::Backoff, ProblemKind::BrokenStream)
        );
        let items = fixture.items();
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].kind, ItemKind::assistant("kept"));
    }
}

#[tokio::test]
async fn silence_beyond_the_limit_breaks_a_stream_and_a_request() {
    let limit = Duration::from_millis(50);
    for script in [
        vec![stream_head(""), piece(&sse(&[done("kept")])), ScriptStep::Stall],
        vec![stream_head(""), ScriptStep::Stall],
        vec![ScriptStep::Stall],
    ] {
        let fixture = Fixture::with_limit(limit, [script]).await;
        let error = fixture.request(&chatgpt()).await.unwrap_err();
        assert!(matches!(error, ModelError::Idle { .. }), "{error}");
        assert_eq!(error.retry(), RetryAdvice::Backoff);
    }
}

#[tokio::test]
async fn only_words_thoughts_and_calls_begin_the_limit_of_silence_anew() {
    let limit = Duration::from_millis(400);
    let pieces = |script: &mut Vec<ScriptStep>, text: &dyn Fn(usize) -> String| {
        script.extend(
            (0..9).flat_map(|at| [ScriptStep::Pause(Duration::from_millis(100)), piece(&text(at))]),
        );
    };
    let delta = |kind: &str, at: usize| {
        sse(&[
            json!({"type": format!("response.{kind}.delta"), "item_id": "i", "delta": at.to_string()}),
        ])
    };
    let talks: [&dyn Fn(usize) -> String; 3] =
        [&|at| delta("output_text", at), &|at| delta("reasoning_summary_text", at), &|at| {
            delta("function_call_arguments", at)
        }];
    for text in talks {
        let mut script = vec![stream_head("")];
        pieces(&mut script, text);
        script.extend([piece(&sse(&[completed()])), stream_end()]);
        let fixture = Fixture::with_limit(limit, [script]).await;
        assert!(fixture.request(&chatgpt()).await.is_ok(), "{}", text(0));
    }
    let trickles: [&dyn Fn(usize) -> String; 5] = [
        &|_| ": ping\n\n".into(),
        &|_| sse(&[json!({"type": "response.pondering"})]),
        &|_| delta("output_text", 0).replace("\"0\"", "\"\""),
        &|_| "d".into(),
        &|_| " ".into(),
    ];
    for text in trickles {
        let mut script = vec![stream_head("")];
        pieces(&mut script, text);
        script.push(ScriptStep::Stall);
        let fixture = Fixture::with_limit(limit, [script]).await;
        let error = fixture.request(&chatgpt()).await.unwrap_err();
        assert!(matches!(error, ModelError::Idle { .. }), "{error:?}: {}", text(0));
        assert_eq!(error.retry(), RetryAdvice::Backoff);
    }
}

#[tokio::test]
async fn a_flood_that_says_nothing_counts_as_silence_too() {
    let limits = json!({"type": "codex.rate_limits", "rate_limits": {"primary": {"used_percent": 1.0, "window_minutes": 300, "reset_at": 1}}});
    let ScriptStep::Send(piece) = piece(&sse(&[limits]).repeat(200)) else { unreachable!() };
    let script = vec![stream_head(""), ScriptStep::Repeat(piece, 200_000)];
    let fixture = Fixture::with_limit(Duration::from_millis(300), [script]).await;
    let error = tokio::time::timeout(Duration::from_secs(20), fixture.request(&chatgpt()))
        .await
        .unwrap()
        .unwrap_err();
    assert!(matches!(error, ModelError::Idle { .. }), "{error:?}");
}

#[tokio::test]
async fn an_answer_that_never_ends_is_ended_with_a_sentence_and_keeps_what_was_whole() {
    let long = "x".repeat(64 * 1024);
    let delta = |kind: &str| {
        sse(&[json!({"type": format!("response.{kind}.delta"), "item_id": "i", "delta": long})])
    };
    let call = |n: usize| json!({"type": "response.output_item.done", "item": {"type": "function_call", "id": format!("f{n}"), "call_id": format!("c{n}"), "name": "read", "arguments": "{}"}});
    let calls: Vec<Value> = (0..10_000).map(call).collect();
    let thought = |n: usize| json!({"type": "response.output_item.done", "item": {"type": "reasoning", "id": format!("r{n}"), "summary": []}});
    let thoughts: Vec<Value> = (0..10_000).map(thought).collect();
    let table = [
        (delta("output_text").repeat(64), 1, "2 MB of text"),
        (delta("reasoning_summary_text").repeat(64), 1, "2 MB of reasoning"),
        (delta("function_call_arguments").repeat(80), 1, "4 MB of arguments"),
        (sse(&calls), 257, "256 tool calls"),
        (sse(&thoughts), 1024, "1024 items"),
    ];
    for (flood, kept, words) in table {
        // It would go on for ever: nothing of it is read beyond the bound.
        let fixture = Fixture::new([vec![
            stream_head(""),
            piece(&sse(&[done("kept")])),
            piece(&flood),
            ScriptStep::Stall,
        ]])
        .await;
        let error = fixture.request(&chatgpt()).await.unwrap_err();
        let is_excess = matches!(error, ModelError::Excessive { .. });
        assert!(is_excess && says(&error.to_string(), &format!("more than {words}")), "{error}");
        assert_eq!((error.retry(), error.kind()), (RetryAdvice::Never, ProblemKind::BrokenStream));
        assert_eq!(fixture.items().len(), kept, "{words}");
        assert_eq!(fixture.items()[0].kind, ItemKind::assistant("kept"));
    }
}

#[tokio::test]
async fn a_head_of_blanks_that_never_ends_is_not_gathered() {
    let blanks = " ".repeat(256 * 1024);
    let fixture = Fixture::new([vec![stream_head(""), piece(&blanks), ScriptStep::Stall]]).await;
    assert!(matches!(fixture.request(&chatgpt()).await, Err(ModelError::Oversized { .. })));
}

#[tokio::test]
async fn a_failed_response_is_raised_at_the_end_unless_it_completes_after_all() {
    let failed = json!({"type": "response.failed", "response": {"error": {"code": "server_error", "message": "Oops."}}});
    for script in [
        streamed(std::slice::from_ref(&failed)),
        vec![stream_head(""), piece(&sse(std::slice::from_ref(&failed))), ScriptStep::Stall],
    ] {
        let fixture = Fixture::new([script]).await;
        let error = fixture.request(&chatgpt()).await.unwrap_err();
        assert!(
            matches!(&error, ModelError::Overloaded { message, .. } if message == "Oops"),
            "{error}"
        );
    }
    let fixture = Fixture::new([streamed(&[failed, completed()])]).await;
    assert!(fixture.request(&chatgpt()).await.is_ok());
}

#[tokio::test]
async fn a_failed_response_is_not_kept_alive_by_events_that_say_nothing() {
    let failed = json!({"type": "response.failed", "response": {"error": {"code": "server_error", "message": "Oops."}}});
    let mut script = vec![stream_head(""), piece(&sse(&[failed]))];
    script.extend((0..1000).flat_map(|_| {
        [
            ScriptStep::Pause(Duration::from_millis(100)),
            piece(&sse(&[json!({"type": "response.pondering"})])),
        ]
    }));
    let fixture = Fixture::new([script]).await;
    let error = tokio::time::timeout(Duration::from_secs(20), fixture.request(&chatgpt()))
        .await
        .unwrap()
        .unwrap_err();
    assert!(
        matches!(&error, ModelError::Overloaded { message, .. } if message == "Oops"),
        "{error}"
    );
}

#[tokio::test]
async fn ends_that_are_told_early_are_errors_at_once() {
    let incomplete = |reason: &str| json!({"type": "response.incomplete", "response": {"incomplete_details": {"reason": reason}}});
    let table: [(Value, IsMeant); 4] = [
        (incomplete("max_output_tokens"), |error| matches!(error, ModelError::LengthLimit {})),
        (incomplete("content_filter"), |error| matches!(error, ModelError::ContentFilter {})),
        (json!({"type": "error", "code": "slow_down", "message": "token-1 is hot"}), |error| {
            matches!(error, ModelError::RateLimited { .. })
        }),
        (
            json!({"type": "error", "error": {"code": "server_error", "message": "token-1 is hot"}}),
            |error| matches!(error, ModelError::Overloaded { message, .. } if message == "… is hot"),
        ),
    ];
    for (event, is_meant) in table {
        let fixture =
            Fixture::new([vec![stream_head(""), piece(&sse(&[event])), ScriptStep::Stall]]).await;
        let error = fixture.request(&chatgpt()).await.unwrap_err();
        assert!(is_meant(&error) && !error.to_string().contains("token-1"), "{error}");
    }
}

#[tokio::test]
async fn a_good_status_without_a_stream_is_seen_for_what_it_is() {
    let is_garbled: IsMeant =
        |error| matches!(error, ModelError::Garbled { host, .. } if host == "127.0.0.1");
    let quota = r#" {"error":{"code":"insufficient_quota","message":"m"}}"#;
    let table: [(&str, &str, IsMeant); 5] = [
        ("application/json", quota, |error| matches!(error, ModelError::Quota {})),
        ("text/event-stream", "<!DOCTYPE html><html>log in here</html>", is_garbled),
        ("text/html", "<html>", is_garbled),
        ("application/json", r#"{"id":"resp_1","output":[]}"#, is_garbled),
        ("text/plain", "", |error| matches!(error, ModelError::BrokenStream {})),
    ];
    for (kind, body, is_meant) in table {
        let fixture =
            Fixture::new([answer(&format!("200 OK\r\ncontent-type: {kind}"), body)]).await;
        let error = fixture.request(&chatgpt()).await.unwrap_err();
        assert!(is_meant(&error), "{body}: {error:?}");
    }
    let unnamed = [answer("200 OK", &sse(&[done("hi"), completed()]))];
    assert!(
        Fixture::new(unnamed).await.request(&chatgpt()).await.is_ok(),
        "a stream needs no name"
    );
}

#[tokio::test]
async fn a_usage_limit_tells_the_limits_first_and_then_the_time() {
    let body =
        r#"{"error":{"type":"usage_limit_reached","plan_type":"plus","resets_in_seconds":79200}}"#;
    let fixture =
        Fixture::new([refused("429 Too Many", "\r\nx-codex-primary-used-percent: 100", body)])
            .await;
    let error = fixture.request(&chatgpt()).await.unwrap_err();
    assert!(says(&error.to_string(), "limit … Nov 22 07:00"), "{error}");
    assert_eq!(
        error.kind(),
        ProblemKind::UsageLimit { resets: Some(NOW + Duration::from_secs(79_200)) }
    );
    assert!(error.next_step().unwrap().contains("Upgrade to Pro"));
    assert!(matches!(fixture.deltas()[..], [ModelDelta::Limits(_)]));
}

#[tokio::test]
async fn a_huge_no_is_read_in_part_and_an_endless_one_not_for_long() {
    let huge = format!("<html>{}", "x".repeat(1 << 20));
    let fixture = Fixture::new([answer("403 Forbidden\r\ncontent-type: text/html", &huge)]).await;
    let error = fixture.request(&chatgpt()).await.unwrap_err();
    assert!(matches!(error, ModelError::Blocked { .. }), "{error:?}");
    let endless = vec![
        ScriptStep::Send(b"HTTP/1.1 400 Bad\r\ncontent-length: 99\r\n\r\n{".to_vec()),
        ScriptStep::Stall,
    ];
    let fixture = Fixture::with_limit(Duration::from_secs(1), [endless]).await;
    let error = fixture.request(&chatgpt()).await.unwrap_err();
    assert!(
        matches!(&error, ModelError::Invalid { message, .. } if message == "HTTP 400 Bad Request"),
        "{error}"
    );
}

#[tokio::test]
async fn dropping_the_future_ends_the_stream() {
    let fixture =
        Fixture::new([vec![stream_head(""), piece(&sse(&[done("kept")])), ScriptStep::Stall]])
            .await;
    let (arrived, prompt, access) = (tokio::sync::Notify::new(), prompt(None), chatgpt());
    tokio::select! {
        ended = fixture.api.request(&prompt, &access, |_| arrived.notify_one()) => panic!("{ended:?}"),
        () = arrived.notified() => {}
    }
    fixture.server.abandoned().await;
}

#[test]
fn every_split_of_a_stream_brings_the_same_deltas() {
    let script = [
        "\u{feff}: hello\r\n\r\n".to_owned(),
        sse(&[json!({"type": "response.created", "response": {}})]).replace('\n', "\r\n"),
        sse(&[json!({"type": "response.output_text.delta", "item_id": "m", "delta": "é👍 \\\" \u{1}"})]).replace('\n', "\r"),
        "data: {\"type\":\"response.output_text.delta\",\ndata: \"item_id\":\"m\",\"delta\":\"two lines\"}\n\n".into(),
        "data: {broken\n\nevent: x\n\n".into(),
        sse(&[done("whole"), completed()]),
    ]
    .concat()
    .into_bytes();
    let decoded = |chunks: Vec<Bytes>| {
        let mut events =
            Events::new(stream::iter(chunks.into_iter().map(Ok::<_, std::convert::Infallible>)));
        let (mut decoder, mut deltas, mut end) = (
            crate::model::responses::EventDecoder::new("r", crate::protocol::WireSource::openai()),
            Vec::new(),
            None,
        );
        while let Some(Some(data)) = events.next().now_or_never() {
            end = decoder.take(&data.unwrap(), NOW, &mut |delta| deltas.push(delta)).or(end);
        }
        (deltas, end)
    };
    let whole = decoded(vec![Bytes::from(script.clone())]);
    assert_eq!(whole.0.len(), 5, "{whole:?}");
    assert!(whole.1.is_some());
    for cut in 1..script.len() {
        let (head, tail) = script.split_at(cut);
        assert_eq!(
            decoded(vec![Bytes::copy_from_slice(head), Bytes::copy_from_slice(tail)]),
            whole,
            "cut at {cut}"
        );
    }
    for size in [1, 2, 3, 7, 64] {
        assert_eq!(
            decoded(script.chunks(size).map(Bytes::copy_from_slice).collect()),
            whole,
            "chunks of {size}"
        );
    }
}
