//! The record of the stand, and the laws it checks.

use std::time::Duration;

use serde_json::json;

use super::client::{Connection, ask, get, stand};
use crate::demo::{KeepRequests, Options, ScriptedAnswer, Stand};

#[test]
fn every_request_is_remembered_as_it_came() {
    let stand = stand();
    get(&stand, "/nothing/here?a=1%202", "sk-demo-1");
    let request = stand.requests().remove(0);
    assert_eq!(
        (request.method.as_str(), request.path.as_str(), request.query("a").as_deref()),
        ("GET", "/nothing/here", Some("1 2"))
    );
    assert_eq!((request.bearer(), request.status), (Some("sk-demo-1"), Some(404)));
    assert_eq!(stand.requests_to("/nothing/here").len(), 1);
}

#[test]
fn a_request_can_be_waited_for_from_a_thread_and_from_a_task() {
    let stand = stand();
    std::thread::scope(|scope| {
        scope.spawn(|| ask(&stand, "hello").finish());
        let request = stand
            .wait_for(
                |request| request.is_responses() && request.ended.is_some(),
                Duration::from_secs(20),
            )
            .unwrap();
        assert!(request.ended.unwrap() >= request.at);
        assert_eq!(request.input()[0]["content"], "hello");
    });
    assert!(stand.wait_for(|request| request.path == "/never", Duration::ZERO).is_none());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(stand.seen(|request| request.is_responses())).number, 0);
}

#[test]
fn a_conversation_without_an_output_for_a_call_is_turned_down_and_named() {
    let stand = stand();
    let tokens = stand.issue();
    let body = json!({ "model": "m", "stream": true, "store": false, "input": [{ "type": "function_call", "call_id": "c7", "name": "x", "arguments": "{}" }] });
    let bearer = format!("Bearer {}", tokens.access);
    let headers = [("authorization", bearer.as_str()), ("session-id", "s")];
    let reply = Connection::open(
        &stand,
        "POST",
        "/backend-api/codex/responses",
        &headers,
        &body.to_string(),
    )
    .finish()
    .unwrap();
    assert_eq!(
        (reply.status, reply.json()["error"]["message"].clone()),
        (400, json!("No tool output found for function call c7"))
    );
    assert!(stand.check().unwrap_err().contains("c7"));
}

#[test]
fn what_the_endpoints_insist_on_is_insisted_on() {
    let stand = stand();
    let bearer = format!("Bearer {}", stand.issue().access);
    let good = json!({ "model": "m", "stream": true, "store": false, "input": [] });
    let without = |name: &str| {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(name);
        body.to_string()
    };
    let cases = [
        (good.to_string(), 200),
        (without("model"), 400),
        (without("stream"), 400),
        (without("store"), 400),
        (without("input"), 400),
        ("{".into(), 400),
    ];
    for (body, status) in cases {
        let headers = [("authorization", bearer.as_str())];
        let reply =
            Connection::open(&stand, "POST", "/backend-api/codex/responses", &headers, &body)
                .finish()
                .unwrap();
        assert_eq!(reply.status, status, "{body}");
    }
}

#[test]
fn another_accounts_id_is_noticed() {
    let stand = stand();
    let bearer = format!("Bearer {}", stand.issue().access);
    let headers = [("authorization", bearer.as_str()), ("chatgpt-account-id", "somebody-else")];
    Connection::open(&stand, "GET", "/backend-api/codex/models", &headers, "").finish().unwrap();
    assert!(stand.check().unwrap_err().contains("another account's id"));
}

#[test]
fn the_demo_forgets_old_requests() {
    let stand =
        Stand::start(Options { keep: KeepRequests::Latest(2), ..Options::default() }).unwrap();
    for path in ["/a", "/b", "/c"] {
        get(&stand, path, "");
    }
    let paths: Vec<_> =
        stand.requests().into_iter().map(|request| (request.number, request.path)).collect();
    assert_eq!(paths, [(1, "/b".into()), (2, "/c".into())]);
}

#[test]
fn dropping_the_stand_ends_a_stream_that_hangs() {
    let stand = stand();
    stand.script([ScriptedAnswer::sse([crate::demo::created(), crate::demo::gate("never")])]);
    let mut connection = ask(&stand, "hello");
    connection.read_until("response.created");
    assert!(stand.wait_reached("never"));
    drop(stand);
    assert!(!connection.finish().unwrap().whole);
}
