//! The fixture for stories of the browser sign-in: its page is up, and a browser can call it.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener as StdListener};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use url::Url;

use crate::protocol::{BrowserLaunch, PortHolder, SignInStep};

use super::server::{Reply, Server};
use super::{NOW, PACE, SignIn, SignInPace, context, soon};
use crate::auth::sign_in::browser::at_pace;
use crate::auth::sign_in::listener::Ports;
use crate::auth::sign_in::opener::Opener;

pub const EXCHANGE: &str = "POST /oauth/token";
pub const ANY: Ports = Ports { first: 0, second: 0 };

pub fn good_tokens() -> Reply {
    Reply::Json(
        200,
        json!({"access_token": "at-secret", "refresh_token": "rt-secret", "id_token": "id-secret", "expires_in": 3600}),
    )
}

/// A browser sign-in whose page is up.
pub struct Browser {
    pub sign_in: SignIn,
    pub paste: mpsc::UnboundedSender<String>,
    pub url: Url,
    pub query: HashMap<String, String>,
    pub port: u16,
    pub busy: Option<PortHolder>,
    pub deaf: Option<crate::protocol::Problem>,
    pub opened: BrowserLaunch,
}

impl Browser {
    pub async fn start(server: &Server) -> Self {
        Self::with(server, ANY, Opener::None, PACE).await
    }

    pub async fn with(server: &Server, ports: Ports, opener: Opener, pace: SignInPace) -> Self {
        let (mut sign_in, paste) = launch(server, ports, opener, pace);
        let SignInStep::Browser { url, port, opened, expires, busy, deaf } = sign_in.step().await
        else {
            panic!("the page comes first")
        };
        assert_eq!(expires, NOW + pace.browser);
        let url = Url::parse(&url).unwrap();
        let query = url.query_pairs().into_owned().collect();
        Self { sign_in, paste, url, query, port, busy, deaf, opened }
    }

    pub fn state(&self) -> &str {
        &self.query["state"]
    }

    pub fn callback(&self) -> String {
        format!("/auth/callback?code=code-secret&state={}", self.state())
    }

    pub async fn get(&self, target: &str) -> String {
        get(self.port, target).await
    }
}

pub fn launch(
    server: &Server,
    ports: Ports,
    opener: Opener,
    pace: SignInPace,
) -> (SignIn, mpsc::UnboundedSender<String>) {
    let (report, steps) = mpsc::unbounded_channel();
    let (paste, pasted) = mpsc::unbounded_channel();
    let context = context(&server.origin);
    let running = tokio::spawn(async move {
        let report = move |step| drop(report.send(step));
        at_pace(&context, ports, opener, pasted, &report, pace).await
    });
    (SignIn { steps, running }, paste)
}

pub async fn get(port: u16, target: &str) -> String {
    say(
        port,
        &format!("GET {target} HTTP/1.1\r\nHost: localhost:{port}\r\nAccept: text/html\r\n\r\n"),
    )
    .await
}

pub async fn say(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A connection that is cut has said what it had to say.
    let _cut = soon(stream.read_to_end(&mut answer)).await;
    String::from_utf8(answer).unwrap()
}

pub fn assert_free(port: u16) {
    StdListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free again");
    if StdListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
        StdListener::bind((Ipv6Addr::LOCALHOST, port)).expect("the IPv6 port is free again");
    }
}
