//! Pasted addresses, good and bad.

use crate::protocol::SignInStep;

use super::fixture::{Browser, EXCHANGE, assert_free, get, good_tokens};
use super::server::Server;

#[tokio::test]
async fn a_pasted_address_completes_as_well_as_the_listener() {
    for dress in [
        "http://localhost:{port}{target}",
        "  \"http://localhost:{port}{target}\"\n",
        "{query}",
        "?{query}",
    ] {
        let server = Server::start(|_, _| good_tokens()).await;
        let browser = Browser::start(&server).await;
        let target = browser.callback();
        let query = target.split_once('?').unwrap().1;
        let text = dress
            .replace("{port}", &browser.port.to_string())
            .replace("{target}", &target)
            .replace("{query}", query);
        browser.paste.send(text).unwrap();
        let port = browser.port;
        let (ended, rest) = browser.sign_in.end().await;
        assert_eq!(ended.unwrap().access.expose(), "at-secret", "{dress}");
        assert_eq!(rest, [SignInStep::Exchanging]);
        assert_eq!(server.seen(EXCHANGE)[0].form()["code"], "code-secret");
        assert_free(port);
    }
}

#[tokio::test]
async fn a_bad_paste_is_told_with_a_next_step_and_a_good_one_still_counts() {
    let server = Server::start(|_, _| good_tokens()).await;
    let mut browser = Browser::start(&server).await;
    let here = format!("http://localhost:{}", browser.port);
    let authorize = browser.url.to_string();
    for (text, words) in [
        (format!("{here}/auth/callback?code=x&state=wrong"), "another sign-in"),
        (format!("{here}/auth/callback?state={}", browser.state()), "no code"),
        ("https://chatgpt.com/".to_owned(), "not the address"),
        (authorize, "address to approve at"),
        ("ABCD-12345".to_owned(), "not an address"),
    ] {
        browser.paste.send(text.clone()).unwrap();
        let SignInStep::PasteRefused(problem) = browser.sign_in.step().await else {
            panic!("{text} should be refused")
        };
        assert!(problem.message.contains(words), "{text}: {problem:?}");
        assert!(problem.next.is_some() && !problem.message.contains("code=x"), "{problem:?}");
    }
    browser.paste.send(format!("{here}{}", browser.callback())).unwrap();
    assert!(browser.sign_in.end().await.0.is_ok());
    assert_eq!(server.seen(EXCHANGE).len(), 1);
}

#[tokio::test]
async fn closing_the_paste_field_leaves_the_listener_up() {
    let server = Server::start(|_, _| good_tokens()).await;
    let browser = Browser::start(&server).await;
    let (port, target) = (browser.port, browser.callback());
    drop(browser.paste);
    assert!(get(port, &target).await.contains("Signed in"));
    assert!(browser.sign_in.end().await.0.is_ok());
}
