//! Every style of file, and what is wrong in one.

use std::fs;

use super::*;
use crate::protocol::{McpApproval, McpTransport};

struct Fixture {
    folder: tempfile::TempDir,
    files: McpFiles,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        fs::create_dir_all(folder.path().join("project/.git")).unwrap();
        fs::create_dir_all(folder.path().join("project/.codex")).unwrap();
        fs::create_dir_all(&home).unwrap();
        let files = McpFiles {
            own: home.join("config.toml"),
            codex: home.join("codex.toml"),
            opencode: vec![home.join("opencode.json")],
        };
        Self { folder, files }
    }

    fn own(self, text: &str) -> Self {
        fs::write(&self.files.own, text).unwrap();
        self
    }

    fn project(self, file: &str, text: &str) -> Self {
        fs::write(self.folder.path().join("project").join(file), text).unwrap();
        self
    }

    fn load(&self) -> LoadedServers {
        let variables = |name: &str| (name == "TOKEN").then(|| "sk-7".to_owned());
        load(&self.files, &self.folder.path().join("project"), &variables)
    }
}

fn stdio(server: &McpServer) -> (Vec<&str>, Vec<(&str, &str)>) {
    let McpTransport::Stdio { command, variables, .. } = &server.transport else {
        panic!("{server:?}")
    };
    let variables = variables.iter().map(|(name, value)| (name.as_str(), value.expose()));
    (command.iter().map(String::as_str).collect(), variables.collect())
}

#[test]
fn the_same_server_comes_out_of_every_style() {
    let wanted = (vec!["npx", "-y", "docs"], vec![("KEY", "sk-7")]);
    for (file, text) in [
        (
            ".mcp.json",
            r#"{"mcpServers":{"docs":{"command":"npx","args":["-y","docs"],"env":{"KEY":"${TOKEN}"}}}}"#,
        ),
        (
            "opencode.json",
            r#"{ "mcp": { "docs": { "type": "local", // a comment
            "command": ["npx", "-y", "docs"], "environment": { "KEY": "{env:TOKEN}" }, }, } }"#,
        ),
        (
            ".codex/config.toml",
            "[mcp_servers.docs]\ncommand = 'npx'\nargs = ['-y', 'docs']\nenv = { KEY = '{env:TOKEN}' }",
        ),
    ] {
        let loaded = Fixture::new().project(file, text).load();
        assert_eq!(loaded.notices, [], "{file}");
        assert_eq!(stdio(&loaded.servers[0]), wanted, "{file}");
        assert!(loaded.servers[0].owner.is_project());
        // A person says yes to what stands there, not to a secret.
        assert!(!loaded.servers[0].definition.contains("sk-7"), "{file}");
    }
    let own = Fixture::new()
        .own("[mcp.docs]\ncommand = 'npx'\nargs = ['-y', 'docs']\nenv = { KEY = '{env:TOKEN}' }");
    assert_eq!(stdio(&own.load().servers[0]), wanted);
}

#[test]
fn codexs_fields_are_all_read() {
    let loaded = Fixture::new()
        .own(
            "[mcp.web]\nurl = 'https://mcp.acme.test/mcp'\nbearer_token_env_var = 'TOKEN'\nhttp_headers = { x-team = 'a' }\nstartup_timeout_sec = 2.5\ntool_timeout_sec = 7\nenabled_tools = ['a', 'b']\ndisabled_tools = ['b']\ndefault_tools_approval_mode = 'prompt'\ntools.a.approval_mode = 'approve'\nrequired = true\n",
        )
        .load();
    assert_eq!(loaded.notices, []);
    let server = &loaded.servers[0];
    let McpTransport::Http { url, headers, .. } = &server.transport else { panic!() };
    assert_eq!(url, "https://mcp.acme.test/mcp");
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(headers, [("x-team", "a"), ("authorization", "Bearer sk-7")]);
    assert_eq!((server.start_limit.as_millis(), server.call_limit.as_secs()), (2500, 7));
    assert!(server.tools.takes("a") && !server.tools.takes("b") && server.is_required);
    assert_eq!(server.approvals.of("a"), McpApproval::Approve);
    assert_eq!(server.approvals.of("b"), McpApproval::Prompt);
}

#[test]
fn what_is_wrong_with_one_server_keeps_no_other_from_being_used() {
    let long = "n".repeat(200);
    for entry in [
        "command = 'a'\nurl = 'https://a.test'",
        "enabled = true",
        "url = 'http://acme.test/mcp'",
        "url = 'https://me:word@acme.test/mcp'",
        "url = 'nonsense'",
        "url = 'https://a.test'\nbearer_token = 'x'",
        "url = 'https://a.test'\nbearer_token_env_var = 'MISSING'",
        "command = ''",
        "command = 'a'\nargs = 'b'",
        "command = 'a'\nstartup_timeout_sec = -1",
        "command = 'a'\nenv = { A = '{env:MISSING}' }",
        "command = 'a'\nunknown = 1",
    ] {
        let text = format!("[mcp.good]\ncommand = 'b'\n[mcp.bad]\n{entry}\n");
        let loaded = Fixture::new().own(&text).load();
        assert!(loaded.servers.iter().any(|server| server.name == "good"), "{entry}");
        assert_eq!(loaded.notices.len(), 1, "{entry}");
        assert!(!loaded.notices[0].message.contains("word"), "{entry}");
    }
    for name in ["a__b", &long, "\"a b\""] {
        let loaded = Fixture::new().own(&format!("[mcp.{name}]\ncommand = 'b'\n")).load();
        assert_eq!((loaded.servers.len(), loaded.notices.len()), (0, 1), "{name}");
    }
    for broken in ["{", "[]", r#"{"mcpServers": 7}"#] {
        let loaded =
            Fixture::new().own("[mcp.good]\ncommand = 'b'\n").project(".mcp.json", broken).load();
        assert_eq!((loaded.servers.len(), loaded.notices.len()), (1, 1), "{broken}");
    }
}

#[test]
fn a_project_cannot_take_the_place_of_a_server_of_ones_own() {
    let loaded = Fixture::new()
        .own("[mcp.docs]\ncommand = 'mine'\n")
        .project(".mcp.json", r#"{"mcpServers":{"docs":{"command":"theirs"}}}"#)
        .load();
    assert_eq!(stdio(&loaded.servers[0]).0, ["mine"]);
    assert_eq!(loaded.notices.len(), 1);
}

#[test]
fn opencode_switches_a_server_with_one_field() {
    let fixture = Fixture::new();
    fs::write(&fixture.files.codex, "[mcp_servers.docs]\ncommand = 'a'\n").unwrap();
    fs::write(&fixture.files.opencode[0], r#"{"mcp":{"docs":{"enabled":false}}}"#).unwrap();
    let fixture = fixture.project("opencode.json", r#"{"mcp":{"docs":{"enabled":true}}}"#);
    let loaded = fixture.load();
    assert_eq!(loaded.notices, []);
    assert!(!loaded.servers[0].is_enabled, "a folder cannot switch it on again");
}
