//! The API key way: what is cut off a pasted key, and what each answer to it means.

use std::time::Duration;

use serde_json::json;

use crate::base::{Advice, Secret};
use crate::protocol::{Origin, Origins};

use super::context;
use super::server::{Reply, Server};
use crate::auth::sign_in::api_key::{KeyError, KeyErrorKind, check_key, tidy_key, within};

const MODELS: &str = "GET /v1/models";

#[test]
fn a_pasted_key_is_freed_of_what_came_with_it() {
    for text in [
        "sk-proj-aB_9",
        "  sk-proj-aB_9\r\n",
        "\"sk-proj-aB_9\"",
        "' sk-proj-aB_9 '",
        "Bearer sk-proj-aB_9",
        "authorization: bearer sk-proj-aB_9",
        "OPENAI_API_KEY=sk-proj-aB_9",
        "export OPENAI_API_KEY=\"sk-proj-aB_9\"\n",
        "OPENAI_API_KEY: sk-proj-aB_9",
        "\u{feff}sk-proj-aB_9;",
    ] {
        assert_eq!(tidy_key(text).unwrap().expose(), "sk-proj-aB_9", "{text:?}");
    }
}

#[test]
fn what_cannot_be_a_key_is_refused_with_a_reason() {
    let long = "k".repeat(1025);
    for (text, words) in [
        ("", "empty"),
        (" \n", "empty"),
        ("OPENAI_API_KEY=", "empty"),
        ("Bearer ", "empty"),
        ("\"\"", "empty"),
        ("sk-1 sk-2", "white space"),
        ("sk-1\nsk-2", "white space"),
        ("sk-\u{1b}[31m", "control"),
        ("sk-ключ", "ASCII"),
        ("sk-…", "ASCII"),
        (long.as_str(), "1024"),
    ] {
        let error = tidy_key(text).unwrap_err();
        assert!(error.to_string().contains(words), "{text:?}: {error}");
        assert!(error.kind() == KeyErrorKind::Malformed && error.next_step().is_some());
        assert!(
            text.is_empty()
                || text.trim().len() < 4
                || !format!("{error} {error:?}").contains(text.trim()),
            "{error:?} repeats it"
        );
    }
}

#[tokio::test]
async fn each_answer_of_the_api_means_one_thing() {
    use KeyErrorKind::{Refused, Unchecked};
    let error = |code: &str| json!({"error": {"message": "x", "code": code}});
    for (reply, expected) in [
        (Reply::Json(200, json!({"data": []})), None),
        (Reply::Json(401, error("invalid_api_key")), Some(Refused)),
        (Reply::Json(403, error("insufficient_permissions")), None),
        (Reply::Json(403, error("unsupported_country_region_territory")), Some(Unchecked)),
        (Reply::Html(403), Some(Unchecked)),
        (Reply::Html(200), Some(Unchecked)),
        (Reply::With(403, "cf-mitigated", "challenge"), Some(Unchecked)),
        (Reply::With(302, "Location", "https://example.com/"), Some(Unchecked)),
        (Reply::Json(404, json!({})), Some(Unchecked)),
        (Reply::Json(429, error("rate_limit_exceeded")), Some(Unchecked)),
        (Reply::Json(500, json!({})), Some(Unchecked)),
        (Reply::Html(502), Some(Unchecked)),
    ] {
        let reply = std::sync::Mutex::new(Some(reply));
        let server = Server::start(move |_, _| reply.lock().unwrap().take().unwrap()).await;
        let outcome =
            check_key(&context(&server.origin), &Secret::new(" Bearer sk-secret\n")).await;
        let found = outcome.as_ref().err().map(KeyError::kind);
        assert_eq!(found, expected, "{outcome:?}");
        if let Err(error) = &outcome {
            assert!(
                error.next_step().is_some() && !format!("{error} {error:?}").contains("sk-secret"),
                "{error:?}"
            );
            assert!(!error.to_string().contains('<'), "{error}");
        }
        let seen = server.seen(MODELS);
        assert_eq!(seen.len(), 1);
        assert!(seen[0].head.contains("Bearer sk-secret\r\n"), "{}", seen[0].head);
    }
}

#[tokio::test]
async fn a_key_goes_to_the_api_alone_and_a_bad_one_nowhere() {
    let elsewhere = Server::start(|_, _| Reply::Json(200, json!({}))).await;
    let api = Server::start(|_, _| Reply::Json(200, json!({}))).await;
    let mut context = context(&elsewhere.origin);
    context.origins = Origins { api: api.origin.clone(), ..context.origins };
    assert!(check_key(&context, &Secret::new("sk-1")).await.is_ok());
    assert_eq!((api.seen(MODELS).len(), elsewhere.seen(MODELS).len()), (1, 0));
    assert!(check_key(&context, &Secret::new("sk 1")).await.is_err());
    assert_eq!(api.seen(MODELS).len(), 1);
}

#[tokio::test]
async fn silence_and_a_closed_port_leave_the_key_unchecked() {
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let server =
        Server::start(move |_, _| Reply::After(gate.clone(), Box::new(Reply::Break))).await;
    let slow = within(&context(&server.origin), &Secret::new("sk-1"), Duration::from_millis(100))
        .await
        .unwrap_err();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let closed = check_key(
        &context(&Origin::parse(&format!("http://{free}")).unwrap()),
        &Secret::new("sk-1"),
    )
    .await
    .unwrap_err();
    for error in [slow, closed] {
        assert_eq!(error.kind(), KeyErrorKind::Unchecked);
        assert!(matches!(error, KeyError::Unreachable { .. }), "{error:?}");
        assert!(error.next_step().unwrap().contains("unchecked"));
    }
}
