//! The exchange of a code for tokens: trouble on the way, and the last page in the browser.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::Notify;

use crate::auth::EndpointError;
use crate::protocol::ProblemKind;

use super::fixture::{Browser, EXCHANGE, get, good_tokens};
use super::server::{Reply, Server};
use super::{refusal, retries, soon};
use crate::auth::sign_in::error::SignInError;

#[tokio::test]
async fn the_page_waits_for_the_exchange_and_a_second_tab_gets_the_same() {
    let gate = Arc::new(Notify::new());
    let held = gate.clone();
    let server =
        Server::start(move |_, _| Reply::After(held.clone(), Box::new(good_tokens()))).await;
    let browser = Browser::start(&server).await;
    let (port, target) = (browser.port, browser.callback());
    let mut tabs = tokio::task::JoinSet::new();
    let first = target.clone();
    tabs.spawn(async move { get(port, &first).await });
    server.wait_for(EXCHANGE, 1).await;
    for _ in 0..2 {
        let again = target.clone();
        tabs.spawn(async move { get(port, &again).await });
    }
    let stray = browser.get("/auth/callback?code=x&state=y").await;
    assert!(stray.starts_with("HTTP/1.1 400 "), "strays are answered meanwhile");
    assert!(tabs.try_join_next().is_none(), "no tab is answered before the exchange is over");
    gate.notify_one();
    let pages = soon(tabs.join_all()).await;
    assert!(pages.iter().filter(|page| page.contains("Signed in")).count() >= 1, "{pages:?}");
    assert!(pages.iter().all(|page| page.is_empty() || page.contains("Signed in")), "{pages:?}");
    assert!(browser.sign_in.end().await.0.is_ok());
    assert_eq!(server.seen(EXCHANGE).len(), 1);
}

#[tokio::test]
async fn more_tabs_than_can_wait_are_told_that_it_is_under_way() {
    let gate = Arc::new(Notify::new());
    let held = gate.clone();
    let server =
        Server::start(move |_, _| Reply::After(held.clone(), Box::new(good_tokens()))).await;
    let browser = Browser::start(&server).await;
    let (port, target) = (browser.port, browser.callback());
    let mut tabs = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let target = target.clone();
        tabs.spawn(async move { get(port, &target).await });
    }
    for _ in 0..12 {
        let page = soon(tabs.join_next()).await.unwrap().unwrap();
        assert!(page.starts_with("HTTP/1.1 409 "), "{page}");
    }
    gate.notify_one();
    let pages = soon(tabs.join_all()).await;
    assert!(pages.len() == 8 && pages.iter().all(|page| page.contains("Signed in")), "{pages:?}");
    assert!(browser.sign_in.end().await.0.is_ok());
}

#[tokio::test]
async fn a_refused_exchange_is_said_on_the_page_and_ends_it() {
    let server = Server::start(|_, _| {
        Reply::Json(
            400,
            json!({"error": "invalid_grant", "error_description": "<i>Code</i> is used up"}),
        )
    })
    .await;
    let browser = Browser::start(&server).await;
    let page = browser.get(&browser.callback()).await;
    assert!(page.starts_with("HTTP/1.1 502 ") && page.contains("Sign-in failed"), "{page}");
    assert!(
        page.contains("&lt;i&gt;Code&lt;/i&gt; is used up") && !page.contains("code-secret"),
        "{page}"
    );
    let (ended, rest) = browser.sign_in.end().await;
    let failure = refusal(ended);
    assert!(
        matches!(&failure, SignInError::Exchange { source: EndpointError::Refused { .. } }),
        "{failure:?}"
    );
    assert_eq!((failure.kind(), rest.len()), (ProblemKind::SignIn, 1));
    assert_eq!(server.seen(EXCHANGE).len(), 1, "a code is not spent twice");
}

#[tokio::test]
async fn an_exchange_gets_through_passing_trouble() {
    let server = Server::start(|_, before| match before {
        0 => Reply::Break,
        1 => Reply::With(503, "Retry-After", "1"),
        _ => good_tokens(),
    })
    .await;
    let browser = Browser::start(&server).await;
    let page = browser.get(&browser.callback()).await;
    assert!(page.contains("Signed in"), "{page}");
    let (ended, rest) = browser.sign_in.end().await;
    assert!(ended.is_ok());
    assert_eq!(retries(&rest).len(), 2, "{rest:?}");
    let codes: Vec<String> =
        server.seen(EXCHANGE).iter().map(|seen| seen.form()["code"].clone()).collect();
    assert_eq!(codes, ["code-secret"; 3]);
}

#[tokio::test]
async fn a_page_from_a_proxy_in_place_of_tokens_is_named_and_never_shown() {
    for status in [403, 200] {
        let server = Server::start(move |_, _| Reply::Html(status)).await;
        let browser = Browser::start(&server).await;
        let page = browser.get(&browser.callback()).await;
        let failure = refusal(browser.sign_in.end().await.0);
        assert!(
            !page.contains("Attention") && !failure.to_string().contains("Attention"),
            "{page}"
        );
        assert!(failure.to_string().contains("web page"), "{failure}");
        assert_eq!(failure.kind(), ProblemKind::Refused);
        assert_eq!(server.seen(EXCHANGE).len(), 1);
    }
}
