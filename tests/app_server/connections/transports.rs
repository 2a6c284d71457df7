//! Where the server listens, and whom it lets in.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Output;

use codling::demo::{ScriptedAnswer, created, gate, text};
use serde_json::json;
use tokio_tungstenite::tungstenite::{self, Message, http};

use crate::app_server::client::LIMIT;
use crate::app_server::scene::{Scene, Transport, address, program};
use crate::stage::{Account, Ending, Stage};

/// Returns the head and the body of a server's answer.
fn get(address: &str, head: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "{head}\r\nhost: {address}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Returns the status of a request to become a websocket with these headers.
fn upgrade(address: &str, headers: &[(&str, &str)]) -> u16 {
    let key = tungstenite::handshake::client::generate_key();
    let mut request = http::Request::builder().uri(format!("ws://{address}/any/path"));
    for (name, value) in [
        ("host", address),
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", &key),
    ] {
        request = request.header(name, value);
    }
    request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let stream = TcpStream::connect(address).unwrap();
    match tungstenite::client(request.body(()).unwrap(), stream) {
        Ok(_) => 101,
        Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer))) => {
            answer.status().as_u16()
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn a_port_answers_probes_and_refuses_what_a_browser_sends() {
    let scene = Scene::over(Transport::WebSocket);
    let address = scene.address.as_ref().unwrap();
    for path in ["/readyz", "/healthz"] {
        assert!(get(address, &format!("GET {path} HTTP/1.1")).starts_with("HTTP/1.1 200"));
        let browser = format!("GET {path} HTTP/1.1\r\norigin: http://evil.example");
        assert!(get(address, &browser).starts_with("HTTP/1.1 403"));
    }
    assert!(get(address, "GET / HTTP/1.1").starts_with("HTTP/1.1 400"));
    assert_eq!(upgrade(address, &[]), 101);
    assert_eq!(upgrade(address, &[("origin", "http://localhost")]), 403);
    assert_eq!(upgrade(address, &[("origin", "null")]), 403);
}

/// Runs the program with these arguments to its end.
fn refused(arguments: &[&str]) -> Output {
    let (stage, root) = (Stage::new(Account::ApiKey), tempfile::tempdir().unwrap());
    std::fs::create_dir(root.path().join("work")).unwrap();
    let token = root.path().join("work/token");
    std::fs::write(&token, "s3cret\n").unwrap();
    std::fs::set_permissions(&token, PermissionsExt::from_mode(0o600)).unwrap();
    program(&stage, root.path()).args(arguments).output().unwrap()
}

#[test]
fn what_is_no_address_or_would_be_open_to_others_does_not_start() {
    let auth = ["--ws-auth", "capability-token"];
    for (arguments, why) in [
        (vec!["--listen", "ws://localhost:1"], "`ws://localhost:1` is no address"),
        (vec!["--listen", "unix://"], "no address to"),
        (vec!["--listen", "ws://0.0.0.0:0"], "from other machines"),
        (vec!["--listen", "ws://[::]:0"], "from other machines"),
        (vec!["--listen", "ws://127.0.0.1:0", "--ws-token-file", "token"], "need `--ws-auth"),
        (vec!["--listen", "ws://127.0.0.1:0", auth[0], auth[1]], "needs `--ws-token-file`"),
        (vec![auth[0], auth[1], "--ws-token-file", "token"], "is for `--listen ws://"),
        (
            vec!["--listen", "ws://127.0.0.1:0", auth[0], auth[1], "--ws-token-file", "no"],
            "token file",
        ),
        (
            vec!["--listen", "ws://127.0.0.1:0", auth[0], auth[1], "--ws-token-sha256", "ab"],
            "64 hex",
        ),
    ] {
        let output = refused(&arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {said}");
        assert!(said.to_lowercase().contains(&why.to_lowercase()), "{arguments:?}: {said}");
        assert!(output.stdout.is_empty());
    }
    let taken = Scene::over(Transport::WebSocket);
    let address = format!("ws://{}", taken.address.as_ref().unwrap());
    assert_eq!(refused(&["--listen", &address]).status.code(), Some(1));
}

#[test]
fn a_token_is_asked_for_before_anything_is_said() {
    let (stage, root) = (Stage::new(Account::ApiKey), tempfile::tempdir().unwrap());
    std::fs::create_dir(root.path().join("work")).unwrap();
    let token = root.path().join("work/token");
    std::fs::write(&token, "s3cret\n").unwrap();
    std::fs::set_permissions(&token, PermissionsExt::from_mode(0o644)).unwrap();
    let listen = ["--listen", "ws://0.0.0.0:0", "--ws-auth", "capability-token"];
    let mut open = program(&stage, root.path());
    let open = open.args(listen).args(["--ws-token-file", "token"]).output().unwrap();
    let said = String::from_utf8(open.stderr).unwrap();
    assert!(open.status.code() == Some(2) && said.contains("chmod 600"), "{said}");
    std::fs::set_permissions(&token, PermissionsExt::from_mode(0o600)).unwrap();
    let mut command = program(&stage, root.path());
    command.args(listen);
    let mut server = Ending(command.args(["--ws-token-file", "token"]).spawn().unwrap());
    let address =
        address(&mut server).strip_prefix("ws://").unwrap().replace("0.0.0.0", "127.0.0.1");
    assert_eq!(upgrade(&address, &[]), 401);
    assert_eq!(upgrade(&address, &[("authorization", "Bearer wrong")]), 401);
    assert_eq!(upgrade(&address, &[("authorization", "Bearer s3cret")]), 101);
    let browser = [("authorization", "Bearer s3cret"), ("origin", "http://a")];
    assert_eq!(upgrade(&address, &browser), 403);
    assert!(get(&address, "GET /readyz HTTP/1.1").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_unix_socket_is_its_owners_alone_and_goes_with_the_server() {
    let (stage, root) = (Stage::new(Account::ApiKey), tempfile::tempdir().unwrap());
    std::fs::create_dir(root.path().join("work")).unwrap();
    let path = root.path().join("work/socket");
    // A killed server left this socket behind.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let mut command = program(&stage, root.path());
    let mut server = Ending(command.args(["--listen", "unix://socket"]).spawn().unwrap());
    assert!(address(&mut server).starts_with("unix://"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let stream = UnixStream::connect(&path).unwrap();
    let (mut socket, _) = tungstenite::client("ws://localhost/", stream).unwrap();
    let hello = json!({ "clientInfo": { "name": "a", "version": "1" } });
    let hello = json!({ "id": 1, "method": "initialize", "params": hello });
    socket.send(Message::text(hello.to_string())).unwrap();
    assert!(socket.read().unwrap().to_text().unwrap().contains("userAgent"));
    let mut raw = UnixStream::connect(&path).unwrap();
    raw.write_all(format!("{hello}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    raw.read_to_string(&mut answer).unwrap();
    assert!(!answer.contains("userAgent"), "{answer}");
    terminate(&server);
    assert_eq!(server.ended(LIMIT), Some(0));
    assert!(!path.exists());
}

fn terminate(server: &Ending) {
    let pid = rustix::process::Pid::from_child(&server.0);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
}

#[test]
fn a_signal_lets_the_running_turn_come_to_its_end() {
    let mut scene = Scene::over(Transport::WebSocket);
    scene.stage.stand.script([ScriptedAnswer::sse([
        created(),
        text("Well"),
        gate("half"),
        codling::demo::completed(codling::protocol::Usage::default()),
    ])]);
    let thread = scene.client.thread(json!({}));
    let turn = scene.client.prompt(&thread, "hello");
    assert!(scene.stage.stand.wait_reached("half"));
    terminate(&scene.server);
    scene.client.request("thread/loaded/list", json!({}));
    // Nothing else is begun meanwhile.
    for (method, params) in [
        ("thread/shellCommand", json!({ "threadId": thread, "command": "touch made" })),
        ("thread/compact/start", json!({ "threadId": thread })),
    ] {
        assert_eq!(scene.client.refusal(method, params).0, -32001, "{method}");
    }
    scene.stage.stand.open("half");
    assert_eq!(scene.client.ended(&turn)["status"], "completed");
    assert_eq!(scene.ended(), Some(0));
}
