//! Requests: their bodies, their addresses and their connections.

use crate::protocol::{ItemKind, ProblemKind, RetryAdvice, Usage};

use super::*;

#[tokio::test]
async fn a_chatgpt_request_says_who_sends_it_and_tells_what_comes_back() {
    let head = "x-codex-turn-state: st1\r\nx-codex-primary-used-percent: 62\r\nx-codex-primary-window-minutes: 300\r\n";
    let fixture = Fixture::new([vec![
        stream_head(head),
        piece(&sse(&[done("hi"), completed()])),
        stream_end(),
    ]])
    .await;
    let end = fixture
        .api
        .request(&prompt(Some("st0")), &chatgpt(), |delta| {
            fixture.deltas.lock().unwrap().push(delta)
        })
        .await
        .unwrap();
    assert_eq!(end.usage, Some(Usage { input: 5, output: 2, ..Usage::default() }));
    let deltas = fixture.deltas();
    assert!(
        matches!(&deltas[0], ModelDelta::Limits(limits) if limits.primary.unwrap().used_percent == 62.0),
        "{deltas:?}"
    );
    assert_eq!(deltas[1], ModelDelta::TurnState("st1".into()));
    assert!(
        matches!(&deltas[2], ModelDelta::Item(Item { kind: ItemKind::Assistant { text, .. }, .. }) if text == "hi"),
        "{deltas:?}"
    );
    let request = &fixture.server.requests()[0];
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
    let (chatgpt_server, api_server) = (
        Responder::start([streamed(&[completed()])]).await,
        Responder::start([streamed(&[completed()])]).await,
    );
    let origins = Origins {
        auth: chatgpt_server.origin(),
        chatgpt: chatgpt_server.origin(),
        api: api_server.origin(),
        models: None,
    };
    let fixture = Fixture::at(origins, api_server, Duration::from_secs(20));
    fixture.request(&chatgpt()).await.unwrap();
    fixture.request(&key()).await.unwrap();
    let (to_chatgpt, to_api) = (chatgpt_server.requests(), fixture.server.requests());
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
        let fixture =
            Fixture::new([answer(&format!("{status}\r\nlocation: {}/x", elsewhere.origin()), "")])
                .await;
        let error = fixture.request(&chatgpt()).await.unwrap_err();
        assert!(matches!(error, ModelError::Redirected { .. }), "{status} {error:?}");
        assert_eq!((error.retry(), elsewhere.left()), (RetryAdvice::Never, 1), "{status}");
        assert!(elsewhere.requests().is_empty(), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_within_the_origin_is_followed_with_all_it_carries() {
    let moved = answer("307 Temporary\r\nlocation: /backend-api/moved", "");
    let fixture = Fixture::new([moved, streamed(&[done("hi"), completed()])]).await;
    fixture.request(&chatgpt()).await.unwrap();
    let requests = fixture.server.requests();
    assert_eq!(requests[1].line, "POST /backend-api/moved HTTP/1.1");
    assert_eq!(requests[1].header("authorization"), Some("Bearer token-1"));
    assert_eq!(requests[1].body, requests[0].body);
}

#[tokio::test]
async fn an_unreachable_server_is_network_trouble() {
    let fixture = Fixture::new([]).await;
    let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let origin = crate::protocol::Origin::parse(&format!("http://{dead}")).unwrap();
    let origins =
        Origins { auth: origin.clone(), chatgpt: origin.clone(), api: origin, models: None };
    let fixture = Fixture::at(origins, fixture.server, Duration::from_secs(20));
    let error = fixture.request(&chatgpt()).await.unwrap_err();
    assert!(
        matches!(error, ModelError::Network { failure: NetFailure::Connection { .. }, .. }),
        "{error:?}"
    );
    assert_eq!((error.retry(), error.kind()), (RetryAdvice::Unreachable, ProblemKind::Network));
}

#[tokio::test]
async fn an_api_account_that_may_have_no_summary_is_asked_without_from_then_on() {
    let no = r#"{"error":{"message":"Your organization must be verified","param":"reasoning.summary","code":"unsupported_value"}}"#;
    let fixture = Fixture::new([
        refused("400 Bad", "", no),
        streamed(&[completed()]),
        streamed(&[completed()]),
    ])
    .await;
    fixture.request(&key()).await.unwrap();
    fixture.request(&key()).await.unwrap();
    let summaries: Vec<Value> = fixture
        .server
        .requests()
        .iter()
        .map(|request| {
            serde_json::from_str::<Value>(&request.body).unwrap()["reasoning"]["summary"].take()
        })
        .collect();
    assert_eq!(summaries, [json!("auto"), Value::Null, Value::Null]);
}

#[tokio::test]
async fn one_connection_serves_step_after_step() {
    let late_end =
        vec![stream_head(""), piece(&sse(&[completed()])), piece("data: [DONE]\n\n"), stream_end()];
    let fixture =
        Fixture::new([streamed(&[completed()]), late_end, streamed(&[completed()])]).await;
    for _ in 0..3 {
        fixture.request(&chatgpt()).await.unwrap();
        // The rest of the stream runs out in the background.
        for _ in 0..500 {
            tokio::task::yield_now().await;
        }
    }
    let connections: Vec<usize> =
        fixture.server.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [0, 0, 0]);
}

#[test]
fn a_request_can_run_on_any_thread() {
    fn movable<T: Send>(_: impl FnOnce(&'static Api, &'static Access) -> T) {}
    movable(|api, access| async move { api.request(&prompt(None), access, |_| {}).await });
    movable(|api, access| api.fetch_models(access));
    movable(|api, access| api.limits(access));
}
