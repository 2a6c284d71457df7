//! Published MCP servers: the reference server over both transports, and one that people sign in
//! to.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use codling::demo::{ScriptedAnswer, completed, created, function_call};
use codling::protocol::Usage;
use serde_json::{Value, json};

use super::{demand_consent, npm, python};
use crate::agent::fixture::{Fixture, LIMIT};
use crate::stage::{until, visit};

/// A server with a sign-in server of its own, in Python: approves everybody at once, and gives out
/// tokens that end soon and refresh tokens that work once.
const GUARDED: &str = r#"
import sys, time, secrets, uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions
from mcp.server.auth.provider import AuthorizationCode, RefreshToken, AccessToken, construct_redirect_uri
from mcp.shared.auth import OAuthToken

port = int(sys.argv[1])
origin = f"http://127.0.0.1:{port}"

class Provider:
    def __init__(self):
        self.clients, self.codes, self.access, self.refresh = {}, {}, {}, {}
    async def get_client(self, id): return self.clients.get(id)
    async def register_client(self, client): self.clients[client.client_id] = client
    async def authorize(self, client, params):
        code = "code-" + secrets.token_hex(8)
        self.codes[code] = AuthorizationCode(code=code, scopes=params.scopes or [], expires_at=time.time() + 60,
            client_id=client.client_id, code_challenge=params.code_challenge, redirect_uri=params.redirect_uri,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly, resource=params.resource)
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state)
    async def load_authorization_code(self, client, code): return self.codes.get(code)
    def give(self, client, scopes, resource):
        access, refresh = "a-" + secrets.token_hex(8), "r-" + secrets.token_hex(8)
        self.access[access] = AccessToken(token=access, client_id=client.client_id, scopes=scopes, expires_at=int(time.time()) + 3600, resource=resource)
        self.refresh[refresh] = RefreshToken(token=refresh, client_id=client.client_id, scopes=scopes, resource=resource)
        return OAuthToken(access_token=access, token_type="Bearer", expires_in=5, refresh_token=refresh, scope=" ".join(scopes))
    async def exchange_authorization_code(self, client, code):
        del self.codes[code.code]
        return self.give(client, code.scopes, code.resource)
    async def load_refresh_token(self, client, token): return self.refresh.get(token)
    async def exchange_refresh_token(self, client, token, scopes):
        del self.refresh[token.token]
        print("renewed", flush=True)
        return self.give(client, scopes, token.resource)
    async def load_access_token(self, token): return self.access.get(token)
    async def revoke_token(self, token): pass

server = MCPServer("guarded", auth_server_provider=Provider(), auth=AuthSettings(
    issuer_url=origin, resource_server_url=origin + "/mcp", required_scopes=["user"],
    client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=["user"], default_scopes=["user"])))

@server.tool()
def shout(text: str) -> str:
    """Says it louder"""
    return text.upper()

print("serving", flush=True)
uvicorn.run(server.streamable_http_app(), host="127.0.0.1", port=port, log_level="warning")
"#;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

fn set(fixture: &Fixture, settings: &str) {
    let file = fixture.stage.home.path().join("config/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, settings).unwrap();
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Runs a prompt whose model calls these tools one after the other; returns what they answered.
fn outputs(fixture: &Fixture, prompt: &str, calls: &[(&str, Value)]) -> Vec<String> {
    let call = |(at, (name, arguments)): (usize, &(&str, Value))| {
        let id = format!("c{at}");
        let call = function_call(&id, *name, arguments.to_string());
        ScriptedAnswer::sse([created(), call, completed(Usage::default())])
    };
    let answers = calls.iter().enumerate().map(call);
    fixture.script(answers.chain([ScriptedAnswer::says("Done.")]).collect::<Vec<_>>());
    let output = fixture.run(&["--approval-mode", "full", prompt]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    (0..calls.len()).map(|at| fixture.output(&format!("c{at}"))).collect()
}

#[test]
#[ignore = "installs a published server: CODLING_PEERS=1"]
fn the_reference_server_works_over_both_transports() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let package = "@modelcontextprotocol/server-everything@2026.8.31";
    let program = npm(&root.path().join("npm"), &[package]).join("mcp-server-everything");
    let port = free_port();
    let mut server = Command::new(&program);
    server.arg("streamableHttp").env("PORT", port.to_string());
    server.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut server = Server(server.spawn().unwrap());
    let mut said = BufReader::new(server.0.stderr.take().unwrap()).lines();
    assert!(said.any(|line| line.is_ok_and(|line| line.contains(&port.to_string()))));
    std::thread::spawn(move || said.for_each(drop));
    let stdio = format!("[mcp.every-thing]\ncommand = {program:?}\nargs = ['stdio']\n");
    let http = format!("[mcp.every-thing]\nurl = 'http://127.0.0.1:{port}/mcp'\n");
    for settings in [stdio, http] {
        let fixture = Fixture::new();
        set(&fixture, &settings);
        let answers = outputs(
            &fixture,
            "/mcp:every-thing:args-prompt city=Paris state=Texas",
            &[
                ("mcp__every_thing__echo", json!({ "message": "hello" })),
                ("mcp__every_thing__get_sum", json!({ "a": 2, "b": 40 })),
                (
                    "mcp__every_thing__trigger_long_running_operation",
                    json!({ "duration": 1, "steps": 4 }),
                ),
                ("mcp__every_thing__get_tiny_image", json!({})),
                ("mcp__every_thing__get_structured_content", json!({ "location": "Chicago" })),
                ("mcp__every_thing__list_resources", json!({})),
                ("mcp__every_thing__get_resource_reference", json!({})),
                ("mcp__every_thing__no_such_tool", json!({})),
            ],
        );
        let first = fixture.stage.stand.responses().remove(0);
        let tools = Fixture::tools(&first);
        let external = tools.iter().filter(|name| name.starts_with("mcp__")).count();
        assert!(external >= 13, "{tools:?}");
        assert!(first.json().to_string().contains("Paris"), "the prompt is filled in");
        for (at, wanted) in
            ["hello", "42", "completed", "image", "emperature", "://", "://"].iter().enumerate()
        {
            assert!(answers[at].contains(wanted), "{at}: {}", answers[at]);
        }
        let uri = answers[5]
            .lines()
            .find_map(|line| Some(line.strip_prefix("- ")?.split(": ").next()?.to_owned()));
        let read = outputs(
            &fixture,
            "read it",
            &[("mcp__every_thing__read_resource", json!({ "uri": uri.expect("a resource") }))],
        );
        assert!(read[0].len() > 20, "{}", read[0]);
    }
}

#[test]
#[ignore = "installs a published server: CODLING_PEERS=1"]
fn a_published_sign_in_server_registers_signs_in_and_renews() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let python = python(&root.path().join("python"), &[&["mcp==2.3.0", "uvicorn"]]);
    let script = root.path().join("guarded.py");
    fs::write(&script, GUARDED).unwrap();
    let port = free_port();
    let mut server = Command::new(python);
    server.arg(script).arg(port.to_string()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = Server(server.spawn().unwrap());
    let mut said = BufReader::new(server.0.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.is_ok_and(|line| line == "serving")));
    until(LIMIT, "it listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    let (sender, renewals) = std::sync::mpsc::channel();
    std::thread::spawn(move || said.map_while(Result::ok).for_each(|line| drop(sender.send(line))));
    let fixture = Fixture::new();
    set(&fixture, &format!("[mcp.guarded]\nurl = 'http://127.0.0.1:{port}/mcp'\n"));
    let mut login = fixture.program();
    login.args(["mcp", "login", "guarded"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let page = format!("http://127.0.0.1:{port}/authorize");
    let mut login = Server(login.spawn().unwrap());
    let mut lines = BufReader::new(login.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let link = lines.find(|line| line.trim().starts_with(&page)).expect("a link");
    let page = visit(&link.trim().replacen("127.0.0.1", "localhost", 1));
    let back = page.lines().find_map(|line| line.strip_prefix("location: "));
    visit(back.unwrap_or_else(|| panic!("{page}")));
    lines.for_each(drop);
    assert_eq!(login.0.wait().unwrap().code(), Some(0), "nobody was signed in");
    let answers =
        outputs(&fixture, "shout", &[("mcp__guarded__shout", json!({ "text": "hello" }))]);
    assert!(answers[0].contains("HELLO"), "{}", answers[0]);
    fixture.script((0..3).map(|_| ScriptedAnswer::says("Hello.")));
    let runs: Vec<Child> = (0..3)
        .map(|_| fixture.command(&["hello"]).stdout(Stdio::null()).spawn().unwrap())
        .collect();
    for run in runs {
        assert_eq!(run.wait_with_output().unwrap().status.code(), Some(0));
    }
    for request in fixture.stage.stand.responses().iter().rev().take(3) {
        assert!(Fixture::tools(request).contains(&"mcp__guarded__shout".to_owned()));
    }
    assert!(renewals.try_iter().any(|line| line == "renewed"));
}
