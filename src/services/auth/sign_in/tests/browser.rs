//! The browser way: what the authorize page is sent, and what its answer does.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::base::Advice;
use crate::protocol::{BrowserLaunch, SignInStep};

use super::fixture::{ANY, Browser, EXCHANGE, assert_free, good_tokens, say};
use super::server::Server;
use super::{PACE, refusal};
use crate::auth::sign_in::opener::Opener;

#[tokio::test]
async fn approving_in_the_browser_brings_the_tokens() {
    let server = Server::start(|_, _| good_tokens()).await;
    let browser = Browser::start(&server).await;
    assert_eq!(browser.opened, BrowserLaunch::NotTried);
    assert!(server.origin.holds(&browser.url));
    assert_eq!(browser.url.path(), "/oauth/authorize");
    let redirect = format!("http://localhost:{}/auth/callback", browser.port);
    for (key, value) in [
        ("response_type", "code"),
        ("client_id", "app_EMoamEEZ73f0CkXaXp7hrann"),
        ("redirect_uri", redirect.as_str()),
        ("scope", "openid profile email offline_access"),
        ("code_challenge_method", "S256"),
        ("id_token_add_organizations", "true"),
        ("codex_cli_simplified_flow", "true"),
        ("originator", "codling"),
    ] {
        assert_eq!(browser.query[key], value, "{key}");
    }
    assert_eq!(
        (browser.query["code_challenge"].len(), browser.state().len(), browser.query.len()),
        (43, 43, 10)
    );

    let page = browser.get(&browser.callback()).await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("Signed in"), "{page}");
    for secret in
        ["code-secret", browser.state(), "at-secret", "rt-secret", "id-secret", "Location"]
    {
        assert!(!page.contains(secret), "{secret} in {page}");
    }
    let (port, challenge) = (browser.port, browser.query["code_challenge"].clone());
    let (ended, rest) = browser.sign_in.end().await;
    let tokens = ended.unwrap();
    assert_eq!((tokens.access.expose(), tokens.refresh.expose()), ("at-secret", "rt-secret"));
    assert_eq!(rest, [SignInStep::Exchanging]);
    let requests = server.seen(EXCHANGE);
    let form = requests[0].form();
    assert_eq!(
        (requests.len(), form["code"].as_str(), form["redirect_uri"].as_str()),
        (1, "code-secret", redirect.as_str())
    );
    let hash = <sha2::Sha256 as sha2::Digest>::digest(form["code_verifier"].as_bytes());
    let expected = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, hash);
    assert_eq!(challenge, expected, "the verifier is the one the challenge was made of");
    assert_free(port);
}

#[tokio::test]
async fn only_a_call_with_the_right_state_and_a_code_completes() {
    let server = Server::start(|_, _| good_tokens()).await;
    let browser = Browser::start(&server).await;
    let state = browser.state().to_owned();
    for (target, status) in [
        ("/auth/callback?code=x&state=wrong".to_owned(), 400),
        ("/auth/callback?code=x".to_owned(), 400),
        ("/auth/callback?error=access_denied&state=wrong".to_owned(), 400),
        (format!("/auth/callback?state={state}"), 400),
        (format!("/auth/callback?code=&state={state}"), 400),
        (format!("/auth/callback?code=a&code=b&state={state}"), 400),
        (format!("/auth/callback?code=a&state={state}&state=b"), 400),
        (format!("/auth/callback/?code=a&state={state}"), 404),
        (format!("/cancel?state={state}"), 404),
        ("/cancel".to_owned(), 404),
        ("/success".to_owned(), 404),
        ("/".to_owned(), 404),
    ] {
        let page = browser.get(&target).await;
        assert!(page.starts_with(&format!("HTTP/1.1 {status} ")), "{target}: {page}");
        assert!(page.contains("Content-Security-Policy: default-src 'none'"), "{target}");
    }
    let head = say(browser.port, &format!("HEAD {} HTTP/1.1\r\n\r\n", browser.callback())).await;
    assert!(head.starts_with("HTTP/1.1 405 "), "{head}");
    let long = say(
        browser.port,
        &format!("GET /auth/callback?code={} HTTP/1.1\r\n\r\n", "x".repeat(20_000)),
    )
    .await;
    assert!(long.starts_with("HTTP/1.1 431 "), "{long}");
    assert!(server.seen(EXCHANGE).is_empty(), "nothing was exchanged");

    assert!(browser.get(&browser.callback()).await.contains("Signed in"));
    let (ended, rest) = browser.sign_in.end().await;
    assert!(ended.is_ok());
    assert_eq!(rest, [SignInStep::Exchanging], "other requests are not reported");
}

#[tokio::test]
async fn a_denial_with_the_right_state_ends_it_with_its_own_words() {
    for (error, words, next) in [
        ("error=access_denied", "declined", "Sign in again"),
        (
            "error=access_denied&error_description=missing_codex_entitlement%20x",
            "no access to Codex",
            "workspace administrator",
        ),
        (
            "error=server_error&error_description=%3Cb%3EBoom%3C%2Fb%3E+%26+%22bang%22",
            "&lt;b&gt;Boom&lt;/b&gt;",
            "Sign in again",
        ),
        (
            "error=server_error&error_description=it+%3Cimg+src%3Dx%3E+broke",
            "it &lt;img src=x&gt; broke",
            "another account",
        ),
    ] {
        let server = Server::start(|_, _| good_tokens()).await;
        let browser = Browser::start(&server).await;
        let page = browser.get(&format!("/auth/callback?{error}&state={}", browser.state())).await;
        let port = browser.port;
        let failure = refusal(browser.sign_in.end().await.0);
        assert!(page.starts_with("HTTP/1.1 403 "), "{error}: {page}");
        assert!(
            !page.contains("missing_codex_entitlement")
                && !page.contains("<img")
                && !page.contains("<b>"),
            "{page}"
        );
        if words.contains("Boom") {
            assert!(!page.contains("Boom"), "what looks like a page is not repeated");
            assert!(failure.to_string().ends_with("no reason given"));
        } else {
            assert!(page.contains(words), "{error}: {page}");
        }
        assert!(failure.next_step().unwrap().contains(next), "{failure}");
        assert!(server.seen(EXCHANGE).is_empty());
        assert_free(port);
    }
}

#[tokio::test]
async fn the_address_is_opened_once_and_is_the_one_that_is_told() {
    let server = Server::start(|_, _| good_tokens()).await;
    let (seen, mut addresses) = mpsc::unbounded_channel();
    let opener = Opener::Call(Arc::new(move |url: &str| {
        seen.send(url.to_owned()).unwrap();
        BrowserLaunch::Started
    }));
    let browser = Browser::with(&server, ANY, opener, PACE).await;
    assert_eq!(browser.opened, BrowserLaunch::Started);
    assert_eq!(addresses.recv().await.unwrap(), browser.url.as_str());
    browser.sign_in.drop_it().await;
    assert!(addresses.recv().await.is_none());
}

#[tokio::test]
async fn a_stranger_on_this_machine_or_in_a_page_can_neither_end_nor_complete_nor_block_a_sign_in()
{
    let server = Server::start(|_, _| good_tokens()).await;
    let browser = Browser::start(&server).await;
    let (port, state) = (browser.port, browser.state().to_owned());
    let long = "a".repeat(20_000);
    let good = format!("/auth/callback?code=x&state={state}");
    // Requests that no browser sent here by the authorize page would make, each with the status it
    // gets; none for a connection just closed.
    for (request, status) in [
        (format!("HEAD {good} HTTP/1.1\r\nHost: localhost\r\n\r\n"), "405"),
        (format!("POST {good} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"), "405"),
        (format!("OPTIONS {good} HTTP/1.1\r\nOrigin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n\r\n"), "405"),
        (format!("GET http://localhost{good} HTTP/1.1\r\nHost: localhost\r\n\r\n"), "400"),
        (format!("GET //evil.example{good} HTTP/1.1\r\n\r\n"), "404"),
        (format!("GET /%61uth/callback?code=x&state={state} HTTP/1.1\r\n\r\n"), "404"),
        (format!("GET /x/../auth/callback?code=x&state={state} HTTP/1.1\r\n\r\n"), "404"),
        (format!("GET /auth/callback?code=x&state={state}x HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "400"),
        (format!("GET /auth/callback?code=x&STATE={state} HTTP/1.1\r\n\r\n"), "400"),
        (format!("GET /auth/callback?code=x&state%00={state} HTTP/1.1\r\n\r\n"), "400"),
        (format!("GET /auth/callback?state={state}%00&code=x HTTP/1.1\r\n\r\n"), "400"),
        (format!("GET /auth/callback?code=x&state=no HTTP/1.1\r\n\r\nGET {good} HTTP/1.1\r\n\r\n"), "400"),
        (format!("GET /auth/callback?code={long}&state=no HTTP/1.1\r\n\r\n"), "431"),
        (format!("GET / HTTP/1.1\r\nX: {long}\r\n\r\n"), "431"),
        ("GET /auth/callback?error=<script>alert(1)</script>&error_description=\"><img&state=no HTTP/1.1\r\n\r\n".into(), "400"),
    ] {
        let answer = say(port, &request).await;
        assert!(answer.is_empty() || answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request:.120}: {answer:.120}");
        let lower = answer.to_lowercase();
        assert!(!lower.contains("access-control") && !answer.contains("alert(1)") && !answer.contains(&state), "{answer}");
    }
    // Connections that say nothing, more than are held at once.
    let mut silent = Vec::new();
    for _more in 0..200 {
        silent.push(
            tokio::net::TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port)).await.unwrap(),
        );
    }
    assert!(server.seen(EXCHANGE).is_empty());
    let page = browser.get(&browser.callback()).await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page:.200}");
    drop(silent);
    assert!(browser.sign_in.end().await.0.is_ok());
    assert_eq!(server.seen(EXCHANGE).len(), 1);
}
