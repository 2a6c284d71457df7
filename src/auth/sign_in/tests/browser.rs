//! The browser way: callbacks, floods, pastes, ports and cancels.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, mpsc};
use url::Url;

use crate::auth::EndpointError;
use crate::base::Advice;
use crate::protocol::{Opened, PortHolder, ProblemKind, SignInStep};

use super::server::{Reply, Server};
use super::{NOW, PACE, Pace, SignIn, ground, refusal, retries, soon};
use crate::auth::sign_in::browser::at_pace;
use crate::auth::sign_in::error::SignInError;
use crate::auth::sign_in::listener::Ports;
use crate::auth::sign_in::opener::Opener;

const EXCHANGE: &str = "POST /oauth/token";
const ANY: Ports = Ports { first: 0, second: 0 };

fn good_tokens() -> Reply {
    Reply::Json(200, json!({"access_token": "at-secret", "refresh_token": "rt-secret", "id_token": "id-secret", "expires_in": 3600}))
}

/// A browser sign-in whose page is up.
struct Browser {
    sign_in: SignIn,
    paste: mpsc::UnboundedSender<String>,
    url: Url,
    query: HashMap<String, String>,
    port: u16,
    busy: Option<PortHolder>,
    opened: Opened,
}

impl Browser {
    async fn start(server: &Server) -> Self {
        Self::with(server, ANY, Opener::None, PACE).await
    }

    async fn with(server: &Server, ports: Ports, opener: Opener, pace: Pace) -> Self {
        let (mut sign_in, paste) = launch(server, ports, opener, pace);
        let SignInStep::Browser { url, port, opened, expires, busy } = sign_in.step().await else { panic!("the page comes first") };
        assert_eq!(expires, NOW + pace.browser);
        let url = Url::parse(&url).unwrap();
        let query = url.query_pairs().into_owned().collect();
        Self { sign_in, paste, url, query, port, busy, opened }
    }

    fn state(&self) -> &str {
        &self.query["state"]
    }

    fn callback(&self) -> String {
        format!("/auth/callback?code=code-secret&state={}", self.state())
    }

    async fn get(&self, target: &str) -> String {
        get(self.port, target).await
    }
}

fn launch(server: &Server, ports: Ports, opener: Opener, pace: Pace) -> (SignIn, mpsc::UnboundedSender<String>) {
    let (tell, steps) = mpsc::unbounded_channel();
    let (paste, pasted) = mpsc::unbounded_channel();
    let ground = ground(&server.origin);
    let running = tokio::spawn(async move {
        let tell = move |step| drop(tell.send(step));
        at_pace(&ground, ports, opener, pasted, &tell, pace).await
    });
    (SignIn { steps, running }, paste)
}

async fn get(port: u16, target: &str) -> String {
    say(port, &format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\n\r\n")).await
}

async fn say(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}

fn assert_free(port: u16) {
    StdListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free again");
    if StdListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        StdListener::bind((Ipv6Addr::LOCALHOST, port)).expect("the IPv6 port is free again");
    }
}

#[tokio::test]
async fn approving_in_the_browser_brings_the_tokens() {
    let server = Server::start(|_, _| good_tokens()).await;
    let browser = Browser::start(&server).await;
    assert_eq!(browser.opened, Opened::NotTried);
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
    assert_eq!((browser.query["code_challenge"].len(), browser.state().len(), browser.query.len()), (43, 43, 10));

    let page = browser.get(&browser.callback()).await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("Signed in"), "{page}");
    for secret in ["code-secret", browser.state(), "at-secret", "rt-secret", "id-secret", "Location"] {
        assert!(!page.contains(secret), "{secret} in {page}");
    }
    let (port, challenge) = (browser.port, browser.query["code_challenge"].clone());
    let (ended, rest) = browser.sign_in.end().await;
    let tokens = ended.unwrap();
    assert_eq!((tokens.access.expose(), tokens.refresh.expose()), ("at-secret", "rt-secret"));
    assert_eq!(rest, [SignInStep::Exchanging]);
    let requests = server.seen(EXCHANGE);
    let form = requests[0].form();
    assert_eq!((requests.len(), form["code"].as_str(), form["redirect_uri"].as_str()), (1, "code-secret", redirect.as_str()));
    let hash = <sha2::Sha256 as sha2::Digest>::digest(form["code_verifier"].as_bytes());
    let expected = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, hash);
    assert_eq!(challenge, expected, "the verifier is the one the challenge was made of");
    assert_free(port);
}

#[tokio::test]
async fn the_callback_is_heard_on_ipv6_too() {
    let server = Server::start(|_, _| good_tokens()).await;
    let browser = Browser::start(&server).await;
    if StdListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return browser.sign_in.drop_it().await;
    }
    let mut stream = TcpStream::connect((Ipv6Addr::LOCALHOST, browser.port)).await.unwrap();
    stream.write_all(format!("GET {} HTTP/1.1\r\n\r\n", browser.callback()).as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.contains("Signed in"));
    assert!(browser.sign_in.end().await.0.is_ok());
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
    let long = say(browser.port, &format!("GET /auth/callback?code={} HTTP/1.1\r\n\r\n", "x".repeat(20_000))).await;
    assert!(long.starts_with("HTTP/1.1 431 "), "{long}");
    assert!(server.seen(EXCHANGE).is_empty(), "nothing was exchanged");

    assert!(browser.get(&browser.callback()).await.contains("Signed in"));
    let (ended, rest) = browser.sign_in.end().await;
    assert!(ended.is_ok());
    assert_eq!(rest, [SignInStep::Exchanging], "strays are told to nobody");
}

#[tokio::test]
async fn a_flood_of_strays_and_of_silent_connections_stops_nothing() {
    let server = Server::start(|_, _| good_tokens()).await;
    let browser = Browser::start(&server).await;
    let port = browser.port;
    let mut silent = Vec::new();
    for _ in 0..150 {
        silent.push(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap());
    }
    let mut strays = tokio::task::JoinSet::new();
    for at in 0..500 {
        strays.spawn(async move { get(port, &format!("/auth/callback?code=x{at}&state=guess{at}")).await });
    }
    let answered = soon(strays.join_all()).await;
    assert!(answered.iter().all(|page| page.starts_with("HTTP/1.1 400 ")));
    assert!(browser.get(&browser.callback()).await.contains("Signed in"));
    assert!(browser.sign_in.end().await.0.is_ok());
    assert_eq!(server.seen(EXCHANGE).len(), 1);
    drop(silent);
}

#[tokio::test]
async fn a_connection_that_dawdles_is_let_go() {
    let server = Server::start(|_, _| good_tokens()).await;
    let pace = Pace { connection: Duration::from_millis(300), ..PACE };
    let browser = Browser::with(&server, ANY, Opener::None, pace).await;
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, browser.port)).await.unwrap();
    stream.write_all(b"GET /auth/callb").await.unwrap();
    let mut rest = Vec::new();
    assert_eq!(soon(stream.read_to_end(&mut rest)).await.unwrap(), 0);
    browser.sign_in.drop_it().await;
}

#[tokio::test]
async fn dropping_the_sign_in_frees_the_port_at_once() {
    let server = Server::start(|_, _| good_tokens()).await;
    let browser = Browser::start(&server).await;
    let port = browser.port;
    let mut idle = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    browser.get("/").await;
    browser.sign_in.drop_it().await;
    assert_free(port);
    let mut rest = Vec::new();
    // Closed or reset: either way nobody is there any more.
    assert!(soon(idle.read_to_end(&mut rest)).await.is_err() || rest.is_empty());
}

#[tokio::test]
async fn dropping_it_during_the_exchange_frees_the_port_too() {
    let gate = Arc::new(Notify::new());
    let server = Server::start(move |_, _| Reply::After(gate.clone(), Box::new(good_tokens()))).await;
    let browser = Browser::start(&server).await;
    let port = browser.port;
    let target = browser.callback();
    let tab = tokio::spawn(async move { get(port, &target).await });
    server.wait_for(EXCHANGE, 1).await;
    browser.sign_in.drop_it().await;
    assert_free(port);
    assert_eq!(soon(tab).await.unwrap(), "", "the tab is not told that it went well");
}

#[tokio::test]
async fn the_page_waits_for_the_exchange_and_a_second_tab_gets_the_same() {
    let gate = Arc::new(Notify::new());
    let held = gate.clone();
    let server = Server::start(move |_, _| Reply::After(held.clone(), Box::new(good_tokens()))).await;
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
    let server = Server::start(move |_, _| Reply::After(held.clone(), Box::new(good_tokens()))).await;
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
async fn a_pasted_address_completes_as_well_as_the_listener() {
    for dress in ["http://localhost:{port}{target}", "  \"http://localhost:{port}{target}\"\n", "{query}", "?{query}"] {
        let server = Server::start(|_, _| good_tokens()).await;
        let browser = Browser::start(&server).await;
        let target = browser.callback();
        let query = target.split_once('?').unwrap().1;
        let text = dress.replace("{port}", &browser.port.to_string()).replace("{target}", &target).replace("{query}", query);
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
        let SignInStep::PasteRefused(problem) = browser.sign_in.step().await else { panic!("{text} should be refused") };
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

#[tokio::test]
async fn a_denial_with_the_right_state_ends_it_with_its_own_words() {
    for (error, words, next) in [
        ("error=access_denied", "declined", "Sign in again"),
        ("error=access_denied&error_description=missing_codex_entitlement%20x", "no access to Codex", "workspace administrator"),
        ("error=server_error&error_description=%3Cb%3EBoom%3C%2Fb%3E+%26+%22bang%22", "&lt;b&gt;Boom&lt;/b&gt;", "Sign in again"),
        ("error=server_error&error_description=it+%3Cimg+src%3Dx%3E+broke", "it &lt;img src=x&gt; broke", "another account"),
    ] {
        let server = Server::start(|_, _| good_tokens()).await;
        let browser = Browser::start(&server).await;
        let page = browser.get(&format!("/auth/callback?{error}&state={}", browser.state())).await;
        let port = browser.port;
        let failure = refusal(browser.sign_in.end().await.0);
        assert!(page.starts_with("HTTP/1.1 403 "), "{error}: {page}");
        assert!(!page.contains("missing_codex_entitlement") && !page.contains("<img") && !page.contains("<b>"), "{page}");
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
async fn a_refused_exchange_is_said_on_the_page_and_ends_it() {
    let server =
        Server::start(|_, _| Reply::Json(400, json!({"error": "invalid_grant", "error_description": "<i>Code</i> is used up"}))).await;
    let browser = Browser::start(&server).await;
    let page = browser.get(&browser.callback()).await;
    assert!(page.starts_with("HTTP/1.1 502 ") && page.contains("Sign-in failed"), "{page}");
    assert!(page.contains("&lt;i&gt;Code&lt;/i&gt; is used up") && !page.contains("code-secret"), "{page}");
    let (ended, rest) = browser.sign_in.end().await;
    let failure = refusal(ended);
    assert!(matches!(&failure, SignInError::Exchange { source: EndpointError::Refused { .. } }), "{failure:?}");
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
    let codes: Vec<String> = server.seen(EXCHANGE).iter().map(|seen| seen.form()["code"].clone()).collect();
    assert_eq!(codes, ["code-secret"; 3]);
}

#[tokio::test]
async fn a_page_from_a_proxy_in_place_of_tokens_is_named_and_never_shown() {
    for status in [403, 200] {
        let server = Server::start(move |_, _| Reply::Html(status)).await;
        let browser = Browser::start(&server).await;
        let page = browser.get(&browser.callback()).await;
        let failure = refusal(browser.sign_in.end().await.0);
        assert!(!page.contains("Attention") && !failure.to_string().contains("Attention"), "{page}");
        assert!(failure.to_string().contains("web page"), "{failure}");
        assert_eq!(failure.kind(), ProblemKind::Refused);
        assert_eq!(server.seen(EXCHANGE).len(), 1);
    }
}

#[tokio::test]
async fn a_busy_port_gives_way_to_the_second_and_names_its_holder() {
    let server = Server::start(|_, _| good_tokens()).await;
    let held = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let first = held.local_addr().unwrap().port();
    let browser = Browser::with(&server, Ports { first, second: 0 }, Opener::None, PACE).await;
    assert_ne!(browser.port, first);
    assert_eq!(browser.query["redirect_uri"], format!("http://localhost:{}/auth/callback", browser.port));
    let holder = browser.busy.clone().unwrap();
    assert_eq!(holder.port, first);
    if cfg!(target_os = "linux") {
        assert_eq!(holder.pid, Some(std::process::id()));
        assert!(holder.name.is_some());
    }
    assert!(browser.get(&browser.callback()).await.contains("Signed in"));
    assert!(browser.sign_in.end().await.0.is_ok());
}

#[tokio::test]
async fn a_port_that_is_held_on_ipv6_alone_counts_as_busy() {
    let Ok(held) = StdListener::bind((Ipv6Addr::LOCALHOST, 0)) else { return };
    let server = Server::start(|_, _| good_tokens()).await;
    let first = held.local_addr().unwrap().port();
    let browser = Browser::with(&server, Ports { first, second: 0 }, Opener::None, PACE).await;
    assert_eq!(browser.busy.as_ref().map(|holder| holder.port), Some(first), "a browser may take `localhost` for ::1");
    browser.sign_in.drop_it().await;
}

#[tokio::test]
async fn two_busy_ports_are_both_named_and_the_headless_way_advised() {
    let server = Server::start(|_, _| good_tokens()).await;
    let held = [(); 2].map(|()| StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    let [first, second] = [0, 1].map(|at: usize| held[at].local_addr().unwrap().port());
    let (sign_in, _paste) = launch(&server, Ports { first, second }, Opener::None, PACE);
    let (ended, rest) = sign_in.end().await;
    let failure = refusal(ended);
    let words = failure.to_string();
    assert!(words.contains(&first.to_string()) && words.contains(&second.to_string()), "{words}");
    if cfg!(target_os = "linux") {
        assert_eq!(words.matches(&format!("pid {}", std::process::id())).count(), 2, "{words}");
    }
    assert!(failure.next_step().unwrap().contains("headless"));
    assert!(rest.is_empty());
}

#[tokio::test]
async fn the_address_is_opened_once_and_is_the_one_that_is_told() {
    let server = Server::start(|_, _| good_tokens()).await;
    let (seen, mut addresses) = mpsc::unbounded_channel();
    let opener = Opener::Call(Arc::new(move |url: &str| {
        seen.send(url.to_owned()).unwrap();
        Opened::Started
    }));
    let browser = Browser::with(&server, ANY, opener, PACE).await;
    assert_eq!(browser.opened, Opened::Started);
    assert_eq!(addresses.recv().await.unwrap(), browser.url.as_str());
    browser.sign_in.drop_it().await;
    assert!(addresses.recv().await.is_none());
}

#[tokio::test]
async fn nobody_approving_in_time_ends_it_and_frees_the_port() {
    let server = Server::start(|_, _| good_tokens()).await;
    let pace = Pace { browser: Duration::from_millis(200), ..PACE };
    let browser = Browser::with(&server, ANY, Opener::None, pace).await;
    let port = browser.port;
    let failure = refusal(browser.sign_in.end().await.0);
    assert!(matches!(failure, SignInError::TimedOut));
    assert!(failure.next_step().is_some());
    assert_free(port);
}
