//! Signing in with a browser on this machine. `BROWSER` names a program that writes down what it
//! was asked to open; the story reads that and does what a person would.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use codling::demo::{DeviceDecision, Options};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use super::editor::LIMIT;
use super::scene::Scene;
use crate::stage::sentences;
use crate::stage::{Account, find, until, visit};

/// A scene with a browser, and where the browser writes.
struct Desktop {
    scene: Scene,
    opened: PathBuf,
    _folder: TempDir,
}

impl Desktop {
    fn new() -> Self {
        Self::with("0,0")
    }

    /// Returns a scene whose agent may listen on these ports.
    fn with(ports: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (browser, opened) = (folder.path().join("browser"), folder.path().join("opened"));
        // The browser's output must not become the agent's.
        let script = format!("#!/bin/sh\necho opening; echo \"$1\" >> '{}'\n", opened.display());
        fs::write(&browser, script).unwrap();
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
        let variables = [
            ("DISPLAY", ":0"),
            ("BROWSER", browser.to_str().unwrap()),
            ("CODLING_CALLBACK_PORTS", ports),
        ];
        let scene = Scene::with(Account::Nobody, Options::default(), &variables, json!({}));
        Self { scene, opened, _folder: folder }
    }

    /// Asks to sign in; returns the request's id.
    fn begin(&mut self) -> Value {
        self.scene.editor.ask("authenticate", json!({ "methodId": "chatgpt" }))
    }

    /// Returns the page that the browser was asked to open as the `n`th, from 0.
    fn page(&self, n: usize) -> String {
        find(LIMIT, "the browser opens a page", || {
            let text = fs::read_to_string(&self.opened).ok()?;
            let whole = text.rsplit_once('\n')?.0;
            whole.lines().nth(n).map(str::to_owned)
        })
    }

    /// Approves or denies on that page; returns what the browser reads at the end.
    fn decide(&self, page: &str, decision: DeviceDecision) -> String {
        visit(&self.scene.stage.stand.authorize(page, decision).unwrap())
    }

    fn error(&mut self, id: &Value) -> (i64, String) {
        let error = self.scene.editor.answer(id)["error"].clone();
        assert_eq!(error["data"]["methodId"], "chatgpt", "{error}");
        (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
    }
}

/// Returns the port that the page sends the browser back to.
fn port(page: &str) -> u16 {
    let url = Url::parse(page).unwrap();
    let redirect = url.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1;
    Url::parse(&redirect).unwrap().port().unwrap()
}

fn is_let_go(port: u16) {
    until(LIMIT, &format!("port {port} is free"), || {
        TcpStream::connect(("127.0.0.1", port)).is_err()
    });
}

#[test]
fn a_page_that_is_approved_in_the_browser_answers_the_request() {
    let mut desktop = Desktop::new();
    let id = desktop.begin();
    let page = desktop.page(0);
    // Other requests are answered meanwhile.
    let list = desktop.scene.editor.request("session/list", json!({}));
    assert_eq!(list["sessions"], json!([]));
    let stray = format!("http://localhost:{}/auth/callback?code=c&state=wrong", port(&page));
    assert!(visit(&stray).starts_with("HTTP/1.1 400 "));
    let back = desktop.scene.stage.stand.authorize(&page, DeviceDecision::Approve).unwrap();
    let end = visit(&back);
    assert!(end.starts_with("HTTP/1.1 200 ") && end.contains("Signed in"), "{end}");
    assert_eq!(desktop.scene.editor.answer(&id)["result"], json!({}));
    is_let_go(port(&page));
    assert!(desktop.scene.session().starts_with("ses_"));
    let params = json!({ "methodId": "chatgpt" });
    assert_eq!(desktop.scene.editor.request("authenticate", params), json!({}));
    assert_eq!(fs::read_to_string(&desktop.opened).unwrap().lines().count(), 1);
    // Nothing secret crossed the protocol, nor is it in the log.
    let file: Value = serde_json::from_str(&desktop.scene.auth_file()).unwrap();
    let query = |address: &str, name: &str| {
        let url = Url::parse(address).unwrap();
        let found = url.query_pairs().find(|(known, _)| known == name).unwrap();
        found.1.into_owned()
    };
    let heard: String = desktop.scene.editor.heard.iter().map(ToString::to_string).collect();
    let log = desktop.scene.stage.home.path().join("state/codling.log");
    let log = fs::read_to_string(log).unwrap();
    assert!(!log.is_empty());
    for secret in [
        file["openai"]["access"].as_str().unwrap(),
        file["openai"]["refresh"].as_str().unwrap(),
        &query(&back, "code"),
        &query(&back, "state"),
    ] {
        assert!(!heard.contains(secret) && !log.contains(secret));
    }
}

#[test]
fn a_page_that_is_declined_says_so_there_and_here() {
    let mut desktop = Desktop::new();
    let id = desktop.begin();
    let end = desktop.decide(&desktop.page(0), DeviceDecision::Deny);
    assert!(end.starts_with("HTTP/1.1 403 "), "{end}");
    let (code, message) = desktop.error(&id);
    assert_eq!(code, -32000);
    assert!(message.contains("declined"), "{message}");
    assert_eq!(desktop.scene.auth_file(), "");
}

#[test]
fn a_cancelled_request_lets_its_port_go() {
    let mut desktop = Desktop::new();
    let id = desktop.begin();
    let page = desktop.page(0);
    desktop.scene.editor.notify("$/cancel_request", json!({ "requestId": id }));
    assert_eq!(desktop.scene.editor.answer(&id)["error"]["code"], -32800);
    is_let_go(port(&page));
    assert_eq!(desktop.scene.auth_file(), "");
}

#[test]
fn a_second_sign_in_takes_the_place_of_the_first_and_both_are_answered() {
    let mut desktop = Desktop::new();
    let first = desktop.begin();
    let old = desktop.page(0);
    let second = desktop.begin();
    let (code, message) = desktop.error(&first);
    assert_eq!((code, message.as_str()), (-32000, sentences::TAKEN_OVER));
    is_let_go(port(&old));
    let end = desktop.decide(&desktop.page(1), DeviceDecision::Approve);
    assert!(end.starts_with("HTTP/1.1 200 "), "{end}");
    assert_eq!(desktop.scene.editor.answer(&second)["result"], json!({}));
}

#[test]
fn the_end_of_the_client_is_the_end_of_the_sign_in() {
    let mut desktop = Desktop::new();
    let id = desktop.begin();
    let page = desktop.page(0);
    desktop.scene.editor.hang_up();
    assert_eq!(desktop.error(&id).0, -32000);
    assert_eq!(desktop.scene.ended(), Some(0));
    assert!(TcpStream::connect(("127.0.0.1", port(&page))).is_err());
    assert_eq!(desktop.scene.auth_file(), "");
}

#[test]
fn a_port_that_is_held_leaves_the_other_one() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let held = holder.local_addr().unwrap().port();
    let mut desktop = Desktop::with(&format!("{held},0"));
    let id = desktop.begin();
    let page = desktop.page(0);
    assert_ne!(port(&page), held);
    desktop.decide(&page, DeviceDecision::Approve);
    assert_eq!(desktop.scene.editor.answer(&id)["result"], json!({}));
}

#[test]
fn with_both_ports_held_the_way_on_is_one_that_an_editor_has() {
    let holders = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [first, second] = holders.each_ref().map(|holder| holder.local_addr().unwrap().port());
    let mut desktop = Desktop::with(&format!("{first},{second}"));
    let id = desktop.begin();
    let (code, message) = desktop.error(&id);
    assert_eq!(code, -32000);
    assert!(message.contains(&first.to_string()), "{message}");
    assert!(message.contains("run `codling auth login`"), "{message}");
    assert!(!message.contains("paste"), "{message}");
    // Its page may be opened late, and must not be taken for the next one.
    desktop.page(0);
    // Once one of the ports is free, the sign-in goes on.
    drop(holders);
    let id = desktop.begin();
    let page = desktop.page(1);
    let end = desktop.decide(&page, DeviceDecision::Approve);
    assert!(end.starts_with("HTTP/1.1 200 "), "{end}");
    assert_eq!(desktop.scene.editor.answer(&id)["result"], json!({}));
}

#[test]
fn a_browser_that_would_take_the_terminal_is_not_opened() {
    let variables = [("DISPLAY", ":0"), ("BROWSER", "lynx")];
    let mut scene = Scene::with(Account::Nobody, Options::default(), &variables, json!({}));
    let error = scene.editor.refusal("authenticate", json!({ "methodId": "chatgpt" }));
    assert_eq!((&error["code"], &error["data"]["methodId"]), (&json!(-32000), &json!("chatgpt")));
    assert!(error["message"].as_str().unwrap().contains(sentences::NO_BROWSER), "{error}");
}
