//! The listener: who else holds its port, who floods it, and that it goes when the sign-in goes.

use std::net::{Ipv4Addr, Ipv6Addr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::base::Advice;

use super::fixture::{ANY, Browser, EXCHANGE, assert_free, get, good_tokens};
use super::server::{Reply, Server};
use super::{PACE, SignInPace, refusal, soon};
use crate::auth::sign_in::error::SignInError;
use crate::auth::sign_in::listener::Ports;
use crate::auth::sign_in::opener::Opener;

#[tokio::test]
#[cfg_attr(not(has_ipv6), ignore = "needs IPv6")]
async fn the_callback_is_heard_on_ipv6_too() {
    let server = Server::start(|_, _| good_tokens()).await;
    let browser = Browser::start(&server).await;
    let mut stream = TcpStream::connect((Ipv6Addr::LOCALHOST, browser.port)).await.unwrap();
    stream
        .write_all(format!("GET {} HTTP/1.1\r\n\r\n", browser.callback()).as_bytes())
        .await
        .unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.contains("Signed in"));
    assert!(browser.sign_in.end().await.0.is_ok());
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
        strays.spawn(async move {
            get(port, &format!("/auth/callback?code=x{at}&state=guess{at}")).await
        });
    }
    let answered = soon(strays.join_all()).await;
    assert!(answered.iter().all(|page| page.starts_with("HTTP/1.1 400 ")));
    assert!(browser.get(&browser.callback()).await.contains("Signed in"));
    assert!(browser.sign_in.end().await.0.is_ok());
    assert_eq!(server.seen(EXCHANGE).len(), 1);
    drop(silent);
}

#[tokio::test]
async fn of_many_silent_connections_the_oldest_are_let_go() {
    let server = Server::start(|_, _| good_tokens()).await;
    let pace = SignInPace { connection: Duration::from_secs(60), ..PACE };
    let browser = Browser::with(&server, ANY, Opener::None, pace).await;
    let mut silent = Vec::new();
    for _ in 0..70 {
        silent.push(TcpStream::connect((Ipv4Addr::LOCALHOST, browser.port)).await.unwrap());
    }
    let mut rest = Vec::new();
    for old in &mut silent[..6] {
        assert_eq!(soon(old.read_to_end(&mut rest)).await.unwrap(), 0);
    }
    let young = silent.last().unwrap().try_read(&mut [0]);
    assert_eq!(
        young.unwrap_err().kind(),
        std::io::ErrorKind::WouldBlock,
        "the youngest still gets the answer"
    );
    browser.sign_in.drop_it().await;
}

#[tokio::test]
async fn a_connection_that_dawdles_is_let_go() {
    let server = Server::start(|_, _| good_tokens()).await;
    let pace = SignInPace { connection: Duration::from_millis(300), ..PACE };
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
    let server =
        Server::start(move |_, _| Reply::After(gate.clone(), Box::new(good_tokens()))).await;
    let browser = Browser::start(&server).await;
    let port = browser.port;
    let target = browser.callback();
    let tab = tokio::spawn(async move { get(port, &target).await });
    server.wait_for(EXCHANGE, 1).await;
    browser.sign_in.drop_it().await;
    assert_free(port);
    assert_eq!(soon(tab).await.unwrap(), "", "the tab does not show success");
}

#[tokio::test]
async fn a_busy_port_gives_way_to_the_second_and_names_its_holder() {
    let server = Server::start(|_, _| good_tokens()).await;
    let held = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let first = held.local_addr().unwrap().port();
    let browser = Browser::with(&server, Ports { first, second: 0 }, Opener::None, PACE).await;
    assert_ne!(browser.port, first);
    assert_eq!(
        browser.query["redirect_uri"],
        format!("http://localhost:{}/auth/callback", browser.port)
    );
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
#[cfg_attr(not(has_ipv6), ignore = "needs IPv6")]
async fn a_port_that_is_held_on_ipv6_alone_counts_as_busy() {
    let held = StdListener::bind((Ipv6Addr::LOCALHOST, 0)).expect("loopback has IPv6");
    let server = Server::start(|_, _| good_tokens()).await;
    let first = held.local_addr().unwrap().port();
    let browser = Browser::with(&server, Ports { first, second: 0 }, Opener::None, PACE).await;
    assert_eq!(
        browser.busy.as_ref().map(|holder| holder.port),
        Some(first),
        "a browser may take `localhost` for ::1"
    );
    browser.sign_in.drop_it().await;
}

#[tokio::test]
async fn two_busy_ports_are_both_named_and_a_pasted_address_ends_it_all_the_same() {
    let server = Server::start(|_, _| good_tokens()).await;
    let held = [(); 2].map(|()| StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    let [first, second] = [0, 1].map(|at: usize| held[at].local_addr().unwrap().port());
    let browser = Browser::with(&server, Ports { first, second }, Opener::None, PACE).await;
    assert_eq!(browser.port, first);
    let problem = browser.deaf.clone().unwrap();
    let words = problem.message;
    assert!(words.contains(&first.to_string()) && words.contains(&second.to_string()), "{words}");
    if cfg!(target_os = "linux") {
        assert_eq!(words.matches(&format!("pid {}", std::process::id())).count(), 2, "{words}");
    }
    assert!(problem.next.unwrap().contains("headless"));
    browser.paste.send(browser.callback()).unwrap();
    assert!(browser.sign_in.end().await.0.is_ok());
}

#[tokio::test]
async fn nobody_approving_in_time_ends_it_and_frees_the_port() {
    let server = Server::start(|_, _| good_tokens()).await;
    let pace = SignInPace { browser: Duration::from_millis(200), ..PACE };
    let browser = Browser::with(&server, ANY, Opener::None, pace).await;
    let port = browser.port;
    let failure = refusal(browser.sign_in.end().await.0);
    assert!(matches!(failure, SignInError::TimedOut));
    assert!(failure.next_step().is_some());
    assert_free(port);
}
