//! A published stand-in for model providers, asked by codling in every wire dialect.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use super::*;

/// The answers that it is told to give, by a part of the prompt.
const ANSWERS: &str = r#"{"fixtures":[
{"match":{"userMessage":"plain"},"response":{"content":"Plain words.","reasoning":"hm"}},
{"match":{"userMessage":"one tool","hasToolResult":true},"response":{"content":"It is empty."}},
{"match":{"userMessage":"one tool"},"response":{"content":"I look.","toolCalls":[{"name":"list","arguments":"{\"path\":\".\"}"}]}},
{"match":{"userMessage":"two tools","hasToolResult":true},"response":{"content":"Both are empty."}},
{"match":{"userMessage":"two tools"},"response":{"toolCalls":[{"name":"list","arguments":"{\"path\":\".\"}"},{"name":"glob","arguments":"{\"pattern\":\"*\"}"}]}},
{"match":{"userMessage":"no key"},"response":{"error":{"message":"Who are you","type":"authentication_error"},"status":401}},
{"match":{"userMessage":"no credit"},"response":{"error":{"message":"No credit","type":"billing_error"},"status":402}},
{"match":{"userMessage":"broken server"},"response":{"error":{"message":"Boom","type":"server_error"},"status":500}}
]}"#;

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _gone = self.0.wait();
    }
}

/// The exit of a run, and its items by their kind.
fn brought(output: &Output) -> (Option<i32>, BTreeMap<String, Vec<String>>) {
    let mut items: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let kind = line["type"].as_str().unwrap_or_default();
        let field = if kind == "call" { "arguments" } else { "text" };
        if matches!(kind, "call" | "output" | "reasoning" | "text_delta") {
            let text = line[field].as_str().unwrap_or_default().to_owned();
            items.entry(kind.to_owned()).or_default().push(text);
        }
    }
    // How a text is cut, and which of two calls ends first, is nobody's promise.
    if let Some(texts) = items.get_mut("text_delta") {
        *texts = vec![texts.concat()];
    }
    items.values_mut().for_each(|texts| texts.sort());
    (output.status.code(), items)
}

#[test]
#[ignore = "installs a published server: CODLING_PEERS=1"]
fn a_published_stand_in_is_understood_alike_in_every_dialect() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let bin = npm(&root.path().join("npm"), &["@copilotkit/aimock@1.43.0"]);
    let answers = root.path().join("answers.json");
    fs::write(&answers, ANSWERS).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut server = Command::new(bin.join("llmock"));
    server.args(["-p", &port.to_string(), "--host", "127.0.0.1", "-f"]).arg(&answers);
    let mut server = Server(server.stdout(Stdio::piped()).spawn().unwrap());
    let mut said_by_it = BufReader::new(server.0.stdout.take().unwrap()).lines();
    assert!(said_by_it.any(|line| line.is_ok_and(|line| line.contains("listening"))));
    let (config, work) = (root.path().join("codling/config"), root.path().join("work"));
    for folder in [&config, &work] {
        fs::create_dir_all(folder).unwrap();
    }
    let section = |dialect: &str| {
        format!(
            "[provider.by-{dialect}]\nbase_url = 'http://127.0.0.1:{port}/v1'\ndialect = '{dialect}'\n"
        )
    };
    let dialects = ["responses", "chat", "anthropic"];
    let sections = dialects.map(section).concat();
    fs::write(config.join("config.toml"), format!("reconnect_seconds = 0\n{sections}")).unwrap();
    let cases = [
        ("plain", 0),
        ("one tool", 0),
        ("two tools", 0),
        ("no key", 1),
        ("no credit", 1),
        ("broken server", 1),
    ];
    for (words, code) in cases {
        let [first, others @ ..] = dialects.map(|dialect| {
            let output = Command::new(env!("CARGO_BIN_EXE_codling"))
                .args(["run", "--json", "-m", &format!("by-{dialect}/large"), words])
                .current_dir(&work)
                .env("HOME", root.path())
                .env("CODLING_HOME", root.path().join("codling"))
                .output()
                .unwrap();
            let (exit, items) = brought(&output);
            assert_eq!(exit == Some(0), code == 0, "{words} over {dialect}: {}", said(&output));
            items
        });
        assert!(others.iter().all(|other| *other == first), "{words}: {first:?} {others:?}");
        assert_eq!(first.is_empty(), code != 0, "{words}: {first:?}");
    }
}
