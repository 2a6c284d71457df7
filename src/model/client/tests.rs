use std::sync::Mutex;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use serde_json::{Value, json};

use crate::base::{Advice, Secret, Timestamp};
use crate::model::responder::{Responder, Step, answer, piece, stream_end, stream_head};
use crate::model::sse::Events;
use crate::protocol::{Item, ItemKind, ProblemKind, Retry, SessionId, Usage};

use super::*;

/// 2026-11-21 09:00:00 UTC.
const NOW: Timestamp = Timestamp(1_795_251_600_000);

struct Stage {
    server: Responder,
    api: Api,
    told: Mutex<Vec<Delta>>,
    _cache: tempfile::TempDir,
}

impl Stage {
    async fn new(scripts: impl IntoIterator<Item = Vec<Step>>) -> Self {
        Self::with_limit(Duration::from_secs(20), scripts).await
    }

    async fn with_limit(idle_limit: Duration, scripts: impl IntoIterator<Item = Vec<Step>>) -> Self {
        let server = Responder::start(scripts).await;
        let origin = server.origin();
        Self::at(Origins { auth: origin.clone(), chatgpt: origin.clone(), api: origin }, server, idle_limit)
    }

    fn at(origins: Origins, server: Responder, idle_limit: Duration) -> Self {
        let cache = tempfile::tempdir().unwrap();
        let options = ApiOptions { user_agent: "codling/0 (test)".into(), idle_limit, cache: cache.path().to_owned() };
        let api = Api::new(Net::new(), origins, options).with_time(Clock::standing(NOW), TimeZone::UTC);
        Self { server, api, told: Mutex::default(), _cache: cache }
    }

    async fn sample(&self, access: &Access) -> Result<SampleEnd, ModelError> {
        self.api.sample(&prompt(None), access, |delta| self.told.lock().unwrap().push(delta)).await
    }

    fn told(&self) -> Vec<Delta> {
        self.told.lock().unwrap().clone()
    }

    fn items(&self) -> Vec<Item> {
        self.told().into_iter().filter_map(|delta| if let Delta::Item(item) = delta { Some(item) } else { None }).collect()
    }
}

fn prompt(turn_state: Option<&str>) -> Prompt {
    Prompt {
        session: SessionId::new("ses_1"),
        model: ModelId::new("gpt-5.5"),
        effort: None,
        instructions: "Be brief".into(),
        items: Vec::new(),
        tools: Vec::new().into(),
        turn_state: turn_state.map(Into::into),
    }
}

fn chatgpt() -> Access {
    Access { token: Secret::new("token-1"), kind: AccessKind::ChatGpt { account: Some("acc".into()), residency: None } }
}

fn key() -> Access {
    Access { token: Secret::new("sk-key-1"), kind: AccessKind::ApiKey }
}

fn sse(events: &[Value]) -> String {
    events.iter().map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default())).collect()
}

fn streamed(events: &[Value]) -> Vec<Step> {
    vec![stream_head(""), piece(&sse(events)), stream_end()]
}

fn done(text: &str) -> Value {
    let item = json!({"type": "message", "id": format!("m-{text}"), "content": [{"type": "output_text", "text": text}]});
    json!({"type": "response.output_item.done", "item": item})
}

fn completed() -> Value {
    json!({"type": "response.completed", "response": {"usage": {"input_tokens": 5, "output_tokens": 2}}})
}

fn refused(status: &str, headers: &str, body: &str) -> Vec<Step> {
    answer(&format!("{status}{headers}\r\ncontent-type: application/json"), body)
}

#[tokio::test]
async fn a_chatgpt_request_says_who_sends_it_and_tells_what_comes_back() {
    let head = "x-codex-turn-state: st1\r\nx-codex-primary-used-percent: 62\r\nx-codex-primary-window-minutes: 300\r\n";
    let stage = Stage::new([vec![stream_head(head), piece(&sse(&[done("hi"), completed()])), stream_end()]]).await;
    let end = stage.api.sample(&prompt(Some("st0")), &chatgpt(), |delta| stage.told.lock().unwrap().push(delta)).await.unwrap();
    assert_eq!(end.usage, Some(Usage { input: 5, output: 2, ..Usage::default() }));
    let told = stage.told();
    assert!(matches!(&told[0], Delta::Limits(limits) if limits.primary.unwrap().used_percent == 62.0), "{told:?}");
    assert_eq!(told[1], Delta::TurnState("st1".into()));
    assert!(matches!(&told[2], Delta::Item(Item { kind: ItemKind::Assistant { text }, .. }) if text == "hi"), "{told:?}");
    let request = &stage.server.requests()[0];
    assert_eq!(request.line, "POST /backend-api/codex/responses HTTP/1.1");
    for (name, value) in [
        ("authorization", "Bearer token-1"),
        ("chatgpt-account-id", "acc"),
        ("originator", "codling"),
        ("session-id", "ses_1"),
        ("user-agent", "codling/0 (test)"),
        ("x-codex-turn-state", "st0"),
        ("accept", "text/event-stream"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert_eq!(serde_json::from_str::<Value>(&request.body).unwrap()["prompt_cache_key"], "ses_1");
    assert!(!request.body.contains("token-1"));
}

#[tokio::test]
async fn each_credential_reaches_its_own_origin_only() {
    let (chatgpt_server, api_server) =
        (Responder::start([streamed(&[completed()])]).await, Responder::start([streamed(&[completed()])]).await);
    let origins = Origins { auth: chatgpt_server.origin(), chatgpt: chatgpt_server.origin(), api: api_server.origin() };
    let stage = Stage::at(origins, api_server, Duration::from_secs(20));
    stage.sample(&chatgpt()).await.unwrap();
    stage.sample(&key()).await.unwrap();
    let (to_chatgpt, to_api) = (chatgpt_server.requests(), stage.server.requests());
    assert_eq!((to_chatgpt.len(), to_api.len()), (1, 1));
    assert_eq!(to_chatgpt[0].header("authorization"), Some("Bearer token-1"));
    assert_eq!(to_api[0].header("authorization"), Some("Bearer sk-key-1"));
    assert_eq!(to_api[0].line, "POST /v1/responses HTTP/1.1");
    assert_eq!((to_api[0].header("originator"), to_api[0].header("session-id")), (None, None));
}

#[tokio::test]
async fn a_redirect_to_another_origin_is_not_followed() {
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let elsewhere = Responder::start([streamed(&[completed()])]).await;
        let stage = Stage::new([answer(&format!("{status}\r\nlocation: {}/x", elsewhere.origin()), "")]).await;
        let error = stage.sample(&chatgpt()).await.unwrap_err();
        assert!(matches!(error, ModelError::Redirected { .. }), "{status} {error:?}");
        assert_eq!((error.retry(), elsewhere.left()), (Retry::Never, 1), "{status}");
        assert!(elsewhere.requests().is_empty(), "{status}");
    }
}

#[tokio::test]
async fn a_stream_cut_before_its_end_is_broken_and_keeps_the_items_told() {
    let words = sse(&[done("kept"), json!({"type": "response.output_text.delta", "item_id": "m2", "delta": "half"})]);
    let cuts = [
        vec![stream_head(""), piece(&words), stream_end()],
        vec![stream_head(""), piece(&words), Step::Close],
        vec![stream_head(""), piece(&words), Step::Send(b"40\r\ndata: {\"type\":\"resp".to_vec()), Step::Close],
    ];
    for cut in cuts {
        let stage = Stage::new([cut]).await;
        let error = stage.sample(&chatgpt()).await.unwrap_err();
        assert!(matches!(error, ModelError::BrokenStream {}), "{error:?}");
        assert_eq!((error.retry(), error.kind()), (Retry::Backoff, ProblemKind::BrokenStream));
        let items = stage.items();
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].kind, ItemKind::Assistant { text: "kept".into() });
    }
}

#[tokio::test]
async fn silence_beyond_the_limit_breaks_a_stream_and_a_request() {
    let limit = Duration::from_millis(50);
    for script in [vec![stream_head(""), piece(&sse(&[done("kept")])), Step::Stall], vec![stream_head(""), Step::Stall], vec![Step::Stall]]
    {
        let stage = Stage::with_limit(limit, [script]).await;
        let error = stage.sample(&chatgpt()).await.unwrap_err();
        assert_eq!(error.to_string(), "nothing came from the server for 50 ms");
        assert_eq!(error.retry(), Retry::Backoff);
    }
}

#[tokio::test]
async fn a_comment_begins_the_limit_of_silence_anew() {
    let mut script = vec![stream_head("")];
    script.extend((0..10).flat_map(|_| [Step::Pause(Duration::from_millis(60)), piece(": ping\n\n")]));
    script.extend([piece(&sse(&[completed()])), stream_end()]);
    let stage = Stage::with_limit(Duration::from_millis(500), [script]).await;
    assert!(stage.sample(&chatgpt()).await.is_ok());
}

#[tokio::test]
async fn a_failed_response_is_raised_at_the_end_unless_it_completes_after_all() {
    let failed = json!({"type": "response.failed", "response": {"error": {"code": "server_error", "message": "Oops."}}});
    for script in [streamed(std::slice::from_ref(&failed)), vec![stream_head(""), piece(&sse(std::slice::from_ref(&failed))), Step::Stall]]
    {
        let stage = Stage::new([script]).await;
        let error = stage.sample(&chatgpt()).await.unwrap_err();
        assert_eq!(error.to_string(), "the server could not answer: Oops");
    }
    let stage = Stage::new([streamed(&[failed, completed()])]).await;
    assert!(stage.sample(&chatgpt()).await.is_ok());
}

#[tokio::test]
async fn ends_that_are_told_early_are_errors_at_once() {
    let incomplete = |reason: &str| json!({"type": "response.incomplete", "response": {"incomplete_details": {"reason": reason}}});
    let table = [
        (incomplete("max_output_tokens"), "the answer reached its length limit"),
        (incomplete("content_filter"), "the answer was stopped by a content filter"),
        (json!({"type": "error", "code": "slow_down", "message": "token-1 is hot"}), "the server asks to slow down"),
        (json!({"type": "error", "error": {"code": "server_error", "message": "token-1 is hot"}}), "the server could not answer: … is hot"),
    ];
    for (event, sentence) in table {
        let stage = Stage::new([vec![stream_head(""), piece(&sse(&[event])), Step::Stall]]).await;
        assert_eq!(stage.sample(&chatgpt()).await.unwrap_err().to_string(), sentence);
    }
}

#[tokio::test]
async fn a_good_status_without_a_stream_is_seen_for_what_it_is() {
    let table = [
        ("application/json", r#" {"error":{"code":"insufficient_quota","message":"m"}}"#, "the account's quota is used up"),
        (
            "text/event-stream",
            "<!DOCTYPE html><html>log in here</html>",
            "`127.0.0.1` answered with something that is not the model's answer",
        ),
        ("text/html", "<html>", "`127.0.0.1` answered with something that is not the model's answer"),
        ("application/json", r#"{"id":"resp_1","output":[]}"#, "`127.0.0.1` answered with something that is not the model's answer"),
        ("text/plain", "", "the answer broke off before its end"),
    ];
    for (kind, body, sentence) in table {
        let stage = Stage::new([answer(&format!("200 OK\r\ncontent-type: {kind}"), body)]).await;
        assert_eq!(stage.sample(&chatgpt()).await.unwrap_err().to_string(), sentence, "{body}");
    }
    let unnamed = [answer("200 OK", &sse(&[done("hi"), completed()]))];
    assert!(Stage::new(unnamed).await.sample(&chatgpt()).await.is_ok(), "a stream needs no name");
}

#[tokio::test]
async fn a_usage_limit_tells_the_limits_first_and_then_the_time() {
    let body = r#"{"error":{"type":"usage_limit_reached","plan_type":"plus","resets_in_seconds":79200}}"#;
    let stage = Stage::new([refused("429 Too Many", "\r\nx-codex-primary-used-percent: 100", body)]).await;
    let error = stage.sample(&chatgpt()).await.unwrap_err();
    assert_eq!(error.to_string(), "the plan's usage limit is reached; it resets at Nov 22, 7:00 AM");
    assert_eq!(error.kind(), ProblemKind::UsageLimit { resets: Some(NOW + Duration::from_secs(79_200)) });
    assert!(error.next_step().unwrap().contains("Upgrade to Pro"));
    assert!(matches!(stage.told()[..], [Delta::Limits(_)]));
}

#[tokio::test]
async fn a_huge_no_is_read_in_part_and_an_endless_one_not_for_long() {
    let huge = format!("<html>{}", "x".repeat(1 << 20));
    let stage = Stage::new([answer("403 Forbidden\r\ncontent-type: text/html", &huge)]).await;
    let error = stage.sample(&chatgpt()).await.unwrap_err();
    assert!(matches!(error, ModelError::Blocked { .. }), "{error:?}");
    let endless = vec![Step::Send(b"HTTP/1.1 400 Bad\r\ncontent-length: 99\r\n\r\n{".to_vec()), Step::Stall];
    let stage = Stage::with_limit(Duration::from_millis(50), [endless]).await;
    assert_eq!(stage.sample(&chatgpt()).await.unwrap_err().to_string(), "the server refused the request: HTTP 400 Bad Request");
}

#[tokio::test]
async fn an_unreachable_server_is_network_trouble() {
    let stage = Stage::new([]).await;
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let origin = crate::protocol::Origin::parse(&format!("http://{dead}")).unwrap();
    let origins = Origins { auth: origin.clone(), chatgpt: origin.clone(), api: origin };
    let stage = Stage::at(origins, stage.server, Duration::from_secs(20));
    let error = stage.sample(&chatgpt()).await.unwrap_err();
    assert!(matches!(error, ModelError::Network { trouble: Trouble::Connection { .. }, .. }), "{error:?}");
    assert_eq!((error.retry(), error.kind()), (Retry::Backoff, ProblemKind::Network));
}

#[tokio::test]
async fn an_api_account_that_may_have_no_summary_is_asked_without_from_then_on() {
    let no = r#"{"error":{"message":"Your organization must be verified","param":"reasoning.summary","code":"unsupported_value"}}"#;
    let stage = Stage::new([refused("400 Bad", "", no), streamed(&[completed()]), streamed(&[completed()])]).await;
    stage.sample(&key()).await.unwrap();
    stage.sample(&key()).await.unwrap();
    let summaries: Vec<Value> = stage
        .server
        .requests()
        .iter()
        .map(|request| serde_json::from_str::<Value>(&request.body).unwrap()["reasoning"]["summary"].take())
        .collect();
    assert_eq!(summaries, [json!("auto"), Value::Null, Value::Null]);
}

#[tokio::test]
async fn one_connection_serves_step_after_step() {
    let late_end = vec![stream_head(""), piece(&sse(&[completed()])), piece("data: [DONE]\n\n"), stream_end()];
    let stage = Stage::new([streamed(&[completed()]), late_end, streamed(&[completed()])]).await;
    for _ in 0..3 {
        stage.sample(&chatgpt()).await.unwrap();
        // What is left of the stream runs out beside us.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    let connections: Vec<usize> = stage.server.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 0, 0]);
}

#[tokio::test]
async fn dropping_the_future_ends_the_stream() {
    let stage = Stage::new([vec![stream_head(""), piece(&sse(&[done("kept")])), Step::Stall]]).await;
    let told = || !stage.told().is_empty();
    let access = chatgpt();
    tokio::select! {
        ended = stage.sample(&access) => panic!("{ended:?}"),
        () = async { while !told() { tokio::task::yield_now().await; } } => {}
    }
    assert_eq!(stage.items().len(), 1);
    stage.server.abandoned().await;
}

#[tokio::test]
async fn models_of_a_chatgpt_account_are_fetched_and_known_from_then_on() {
    let list = r#"{"models":[{"slug":"gpt-9-sol","priority":1,"visibility":"list"},{"slug":"x","visibility":"hide"}]}"#;
    let stage = Stage::new([answer("200 OK", list)]).await;
    let access = chatgpt();
    let (before, source) = stage.api.known_models(&access.kind);
    assert_eq!((before[0].id.as_str(), source), ("gpt-6.1-sol", ModelSource::BuiltIn));
    let models = stage.api.fetch_models(&access).await.unwrap();
    assert_eq!(models.len(), 1);
    assert_eq!(stage.api.known_models(&access.kind), (models, ModelSource::Cache));
    assert_eq!(stage.api.known_models(&AccessKind::ApiKey).1, ModelSource::BuiltIn);
    let request = &stage.server.requests()[0];
    assert_eq!(request.line, "GET /backend-api/codex/models?client_version=0.169.0 HTTP/1.1");
    assert_eq!(request.header("chatgpt-account-id"), Some("acc"));
}

#[tokio::test]
async fn models_of_a_key_are_those_that_can_chat() {
    let list = r#"{"data":[{"id":"whisper-1"},{"id":"gpt-4.1"},{"id":"gpt-5.5"}]}"#;
    let stage = Stage::new([answer("200 OK", list)]).await;
    let models = stage.api.fetch_models(&key()).await.unwrap();
    let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["gpt-5.5", "gpt-4.1"]);
    assert_eq!(stage.server.requests()[0].line, "GET /v1/models HTTP/1.1");
}

#[tokio::test]
async fn a_list_that_is_none_is_an_error_and_leaves_the_known_one() {
    for body in ["<html>", r#"{"models":[]}"#, r#"{"models":[{"slug":"x","visibility":"hide"}]}"#] {
        let stage = Stage::new([answer("200 OK", body)]).await;
        let access = chatgpt();
        assert!(matches!(stage.api.fetch_models(&access).await, Err(ModelError::Garbled { .. })), "{body}");
        assert_eq!(stage.api.known_models(&access.kind).1, ModelSource::BuiltIn);
    }
    let stage = Stage::new([refused("401 Unauthorized", "", "{}")]).await;
    assert!(matches!(stage.api.fetch_models(&chatgpt()).await, Err(ModelError::SignInRejected { .. })));
}

#[tokio::test]
async fn limits_come_from_the_usage_endpoint_of_a_plan() {
    let usage = r#"{"plan_type":"plus","rate_limit":{"primary_window":{"used_percent":12,"limit_window_seconds":18000,"reset_at":9}}}"#;
    let stage = Stage::new([answer("200 OK", usage)]).await;
    let limits = stage.api.limits(&chatgpt()).await.unwrap();
    assert_eq!(limits.primary.unwrap().window_minutes, Some(300));
    assert_eq!(stage.server.requests()[0].line, "GET /backend-api/wham/usage HTTP/1.1");
    assert_eq!(stage.api.limits(&key()).await.unwrap(), Limits::default());
    assert_eq!(stage.server.requests().len(), 1, "a key is not sent there");
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
    let deltas = |chunks: Vec<Bytes>| {
        let mut events = Events::new(stream::iter(chunks.into_iter().map(Ok::<_, std::convert::Infallible>)));
        let (mut decoder, mut told, mut end) = (Decoder::new("r"), Vec::new(), None);
        while let Some(Some(data)) = events.next().now_or_never() {
            end = decoder.take(&data.unwrap(), NOW, &mut |delta| told.push(delta)).or(end);
        }
        (told, end)
    };
    let whole = deltas(vec![Bytes::from(script.clone())]);
    assert_eq!(whole.0.len(), 5, "{whole:?}");
    assert!(whole.1.is_some());
    for cut in 1..script.len() {
        let (head, tail) = script.split_at(cut);
        assert_eq!(deltas(vec![Bytes::copy_from_slice(head), Bytes::copy_from_slice(tail)]), whole, "cut at {cut}");
    }
    for size in [1, 2, 3, 7, 64] {
        assert_eq!(deltas(script.chunks(size).map(Bytes::copy_from_slice).collect()), whole, "chunks of {size}");
    }
}
