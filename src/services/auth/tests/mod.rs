//! A sign-in server on loopback, a folder and a clock for the stories beside this. Nothing here
//! leaves the machine.

mod codex;
mod endpoint;
mod failure;
#[cfg(unix)]
mod hostile;
mod provider_key;
mod renewal;
mod signing;
mod store;

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::credentials::SignedOut;
use super::warning::AuthWarning;
use super::*;
use crate::auth::auth_json::auth_file::{AuthChange, AuthFile, AuthStore, Damaged};
use crate::auth::auth_json::credential::Credential;
use crate::auth::auth_json::oauth_grant::OAuthGrant;
use crate::auth::endpoint::wire;
use crate::base::{Clock, Secret, Timestamp};
use crate::net::Net;
use crate::protocol::{Access, AccessKind, Origin, Origins, SignInRule};

/// Noon of some day; the clock of these stories stands there until it is moved.
const NOON: Timestamp = Timestamp(1_700_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);

/// A request as the server saw it.
#[derive(Clone, Debug)]
struct Seen {
    path: String,
    /// In lower case, with the request line.
    head: String,
    body: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Answers `/oauth/token` from a queue, and `/oauth/revoke` with a fixed status and body.
struct Server {
    origin: Origin,
    state: Arc<State>,
}

struct State {
    answers: Mutex<VecDeque<String>>,
    revoke: Mutex<(u16, &'static str)>,
    seen: watch::Sender<Vec<Seen>>,
    /// A permit lets one answer of the token endpoint out.
    gate: Semaphore,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let state = Arc::new(State {
            answers: Mutex::default(),
            revoke: Mutex::new((200, "")),
            seen: watch::Sender::default(),
            gate: Semaphore::new(1000),
        });
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _peer)) = listener.accept().await {
                tokio::spawn(answer(stream, shared.clone()));
            }
        });
        Self { origin, state }
    }

    fn will_answer(&self, status: u16, body: impl Into<String>) -> &Self {
        self.will_answer_with(status, "content-type: application/json\r\n", body)
    }

    fn will_answer_with(&self, status: u16, headers: &str, body: impl Into<String>) -> &Self {
        self.state.answers.lock().unwrap().push_back(reply(status, headers, &body.into()));
        self
    }

    /// With a good answer that ends in the middle.
    fn will_break_off(&self) -> &Self {
        let whole = reply(200, "", r#"{"access_token": "a", "refresh_token": "r"}"#);
        self.state.answers.lock().unwrap().push_back(whole[..whole.len() - 9].to_owned());
        self
    }

    fn will_renew(&self, access: &Secret, refresh: &str) -> &Self {
        self.will_answer(
            200,
            json!({"access_token": access.expose(), "refresh_token": refresh}).to_string(),
        )
    }

    fn seen(&self, path: &str) -> Vec<Seen> {
        self.state.seen.borrow().iter().filter(|seen| seen.path == path).cloned().collect()
    }

    async fn wait_for(&self, path: &str, count: usize) -> Vec<Seen> {
        let mut changes = self.state.seen.subscribe();
        let enough =
            changes.wait_for(|seen| seen.iter().filter(|seen| seen.path == path).count() >= count);
        tokio::time::timeout(Duration::from_secs(20), enough).await.expect("in time").unwrap();
        self.seen(path)
    }
}

async fn answer(mut stream: TcpStream, state: Arc<State>) {
    let seen = request(&mut stream).await;
    let path = seen.path.clone();
    state.seen.send_modify(|all| all.push(seen));
    let reply = match path.as_str() {
        wire::REVOKE_PATH => {
            let (status, body) = *state.revoke.lock().unwrap();
            reply(status, "", body)
        }
        _ => {
            state.gate.acquire().await.unwrap().forget();
            state
                .answers
                .lock()
                .unwrap()
                .pop_front()
                .unwrap_or_else(|| reply(500, "", "no answer was prepared"))
        }
    };
    let _gone = stream.write_all(reply.as_bytes()).await;
}

async fn request(stream: &mut TcpStream) -> Seen {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let n = stream.read(&mut piece).await.unwrap();
        bytes.extend_from_slice(&piece[..n]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
            .unwrap_or(0);
        if body.len() >= length {
            let path = head.split(' ').nth(1).unwrap().to_owned();
            return Seen { path, head, body: body.to_owned() };
        }
        assert!(n > 0, "the request broke off");
    }
}

fn reply(status: u16, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A folder with an auth.json to be, a server and a clock.
struct Fixture {
    folder: TempDir,
    server: Server,
    clock: Clock,
}

impl Fixture {
    async fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            server: Server::start().await,
            clock: Clock::standing(NOON),
        }
    }

    fn context(&self) -> AuthContext {
        let origin = self.server.origin.clone();
        AuthContext {
            net: Net::default(),
            origins: Origins {
                auth: origin.clone(),
                chatgpt: origin.clone(),
                api: origin,
                models: None,
            },
            clock: self.clock.clone(),
            user_agent: "codling/test".into(),
            rule: SignInRule::default(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("auth.json")
    }

    fn place(&self) -> CredentialPlace {
        CredentialPlace {
            file: self.file(),
            opencode_file: self.folder.path().join("opencode/auth.json"),
            codex_file: self.folder.path().join("codex/auth.json"),
            api_key: None,
            providers: Arc::new([]),
        }
    }

    /// Each call is another process, as far as auth can tell.
    fn auth(&self) -> Auth {
        Auth::new(self.context(), self.place())
    }

    fn write(&self, text: &str) -> &Self {
        fs::write(self.file(), text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(self.file(), fs::Permissions::from_mode(0o600)).unwrap();
        }
        self
    }

    /// Signed in with a refresh token and this access token.
    fn signed_in(&self, access: &Secret, refresh: &str) -> &Self {
        self.write(&json!({"openai": {"type": "oauth", "refresh": refresh, "access": access.expose(), "expires": 1}}).to_string())
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn entry(&self, provider: &str) -> Value {
        serde_json::from_str::<Value>(&self.text()).unwrap()[provider].clone()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// An access token of an account that ends some minutes from noon; unlike any other.
fn token(account: &str, minutes: i64) -> Secret {
    let exp = NOON.0 / 1000 + minutes * 60;
    let claims = json!({
        "exp": exp,
        wire::AUTH_CLAIM: {"chatgpt_account_id": account, "chatgpt_plan_type": "plus"},
        wire::PROFILE_CLAIM: {"email": "ada@example.com"},
    });
    Secret::new(format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string())))
}

fn bearer(token: &Secret, account: &str) -> Access {
    Access {
        token: token.clone(),
        kind: AccessKind::ChatGpt { account: Some(account.into()), residency: None },
    }
}

fn oauth_error(code: &str) -> String {
    json!({"error": {"code": code, "message": "Your refresh token is of no more use."}}).to_string()
}
