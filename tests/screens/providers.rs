//! A custom provider on another loopback server: on the screen, in `run`, unreachable, with a wrong
//! key, and unknown.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use codling::demo::{Options, ScriptedAnswer, SeenRequest, Stand, raw};
use serde_json::json;

use crate::pty::Setup;
use crate::stage::sentences;
use crate::stage::{Account, Stage, until};

use super::scene::{LIMIT, Person, Scene, open};

const REQUESTS: &str = "/acme/responses";

struct Acme {
    stage: Stage,
    server: Stand,
}

impl Acme {
    fn new(account: Account) -> Self {
        let acme =
            Self { stage: Stage::new(account), server: Stand::start(Options::default()).unwrap() };
        acme.set(&acme.server.origin().to_string(), "key_env = 'ACME_KEY'");
        acme
    }

    /// Writes the settings with an extra line.
    fn set(&self, origin: &str, line: &str) {
        let folder = self.stage.home.path().join("config");
        fs::create_dir_all(&folder).unwrap();
        let text = format!(
            "reconnect_seconds = 0\n[provider.acme]\nname = 'Acme'\nbase_url = '{origin}/acme'\nheaders = {{ 'X-Team' = 'tools' }}\n{line}\n"
        );
        fs::write(folder.join("config.toml"), text).unwrap();
    }

    fn says(&self, words: &str) {
        self.server.fault(REQUESTS, ScriptedAnswer::says(words));
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let folder = tempfile::tempdir().unwrap();
        let mut command =
            self.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), folder.path());
        command.arg("run").args(arguments).env("ACME_KEY", "acme-key-1");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    }

    fn asked(&self) -> Vec<SeenRequest> {
        self.server.requests_to(REQUESTS)
    }

    /// Requests of the program to OpenAI's servers.
    fn asked_of_openai(&self) -> Vec<String> {
        self.stage.stand.requests().into_iter().map(|request| request.path).collect()
    }
}

fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn run_asks_a_provider_of_ones_own_without_any_sign_in_and_goes_on_with_it_later() {
    let acme = Acme::new(Account::Nobody);
    acme.says("Hello from Acme.");
    let ran = acme.run(&["-m", "acme/large", "--json", "hello"]);
    let out = said(&ran.stdout);
    assert_eq!(ran.status.code(), Some(0), "{out} {}", said(&ran.stderr));
    assert!(out.contains("Hello from Acme.") && out.contains(r#""model":"acme/large""#), "{out}");
    acme.says("Hello again.");
    let folder = tempfile::tempdir().unwrap();
    let listed = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["session"].as_str().or(line["id"].as_str()).map(str::to_owned)
    };
    let session = out.lines().find_map(listed).unwrap_or_else(|| panic!("{out}"));
    drop(folder);
    let ran = acme.run(&["--resume", &session, "-m", "small", "and now?"]);
    assert!(
        said(&ran.stdout).contains("Hello again."),
        "{} {}",
        said(&ran.stdout),
        said(&ran.stderr)
    );
    let asked = acme.asked();
    let models: Vec<_> = asked.iter().map(|request| request.json()["model"].clone()).collect();
    assert_eq!(models, ["large", "small"], "a bare id keeps the provider in use");
    for request in &asked {
        assert_eq!(request.header("authorization"), Some("Bearer acme-key-1"));
        assert_eq!(request.header("x-team"), Some("tools"));
        assert_eq!(request.json().get("include"), None);
    }
    let again = asked[1].json()["input"].to_string();
    assert!(again.contains("msg") && again.contains("Hello from Acme."), "{again}");
    assert_eq!(acme.asked_of_openai(), Vec::<String>::new());
}

#[test]
fn a_wrong_key_is_told_in_clear_words_and_renews_nothing_of_openais() {
    let acme = Acme::new(Account::ChatGpt);
    acme.server.fault(REQUESTS, ScriptedAnswer::error(401, "invalid_api_key", "No such key"));
    let ran = acme.run(&["-m", "acme/large", "hello"]);
    let err = said(&ran.stderr);
    assert!(err.contains(sentences::REFUSED_ACME_KEY), "{err}");
    assert!(err.contains(sentences::CHANGE_ACME_KEY), "{err}");
    assert!(!err.contains("acme-key-1"), "{err}");
    assert_eq!(
        (ran.status.code(), acme.asked().len(), acme.stage.stand.refreshes()),
        (Some(1), 1, 0)
    );
    assert_eq!(acme.asked_of_openai(), Vec::<String>::new());
}

#[test]
fn the_openai_sign_in_is_lent_only_where_the_settings_say_so_and_renewed_for_it() {
    let acme = Acme::new(Account::ChatGpt);
    acme.set(&acme.server.origin().to_string(), "requires_openai_auth = true");
    acme.server.fault(REQUESTS, ScriptedAnswer::error(401, "token_expired", "Too old"));
    acme.says("Hello from Acme.");
    let ran = acme.run(&["-m", "acme/large", "hello"]);
    assert!(said(&ran.stdout).contains("Hello from Acme."), "{}", said(&ran.stderr));
    assert_eq!((acme.asked().len(), acme.stage.stand.refreshes()), (2, 1));
    let bearers: Vec<_> = acme
        .asked()
        .iter()
        .map(|request| request.header("authorization").unwrap().to_owned())
        .collect();
    assert!(
        bearers[0] != bearers[1] && bearers[0].starts_with("Bearer ey"),
        "the token was renewed"
    );
    assert!(acme.asked().iter().all(|request| request.header("chatgpt-account-id").is_none()));
}

#[test]
fn a_key_never_follows_to_another_origin() {
    let acme = Acme::new(Account::Nobody);
    let elsewhere = Stand::start(Options::default()).unwrap();
    let moved = ScriptedAnswer::redirect(&format!("{}{REQUESTS}", elsewhere.origin()));
    acme.server.fault(REQUESTS, moved);
    let ran = acme.run(&["-m", "acme/large", "hello"]);
    assert!(said(&ran.stderr).contains(sentences::NOT_FOLLOWED), "{}", said(&ran.stderr));
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_dead_provider_and_one_that_nobody_named_are_told_by_name() {
    let acme = Acme::new(Account::ChatGpt);
    // No server listens on port 1.
    acme.set("http://127.0.0.1:1", "models = ['large']");
    let ran = acme.run(&["-m", "acme/large", "hello"]);
    let err = said(&ran.stderr);
    assert!(err.contains("`127.0.0.1` was not reached"), "{err}");
    assert_eq!(ran.status.code(), Some(1));
    let ran = acme.run(&["-m", "nope/large", "hello"]);
    let err = said(&ran.stderr);
    assert!(err.contains(sentences::NO_PROVIDER_NOPE) && err.contains("`acme`"), "{err}");
    assert!(err.contains("[provider.nope]"), "{err}");
    assert_eq!(ran.status.code(), Some(2));
    assert_eq!(acme.asked_of_openai(), Vec::<String>::new());
}

#[test]
fn a_projects_provider_is_refused_and_never_asked() {
    let acme = Acme::new(Account::ApiKey);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(".codling")).unwrap();
    let text = format!("[provider.evil]\nbase_url = '{}/acme'\n", acme.server.origin());
    fs::write(folder.path().join(".codling/config.toml"), text).unwrap();
    let mut command = acme.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), folder.path());
    let ran =
        command.args(["run", "-m", "evil/large", "hello"]).stderr(Stdio::piped()).output().unwrap();
    assert!(said(&ran.stderr).contains(sentences::NO_PROVIDER_EVIL), "{}", said(&ran.stderr));
    acme.stage.stand.script([ScriptedAnswer::says("Hi.")]);
    let mut command = acme.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), folder.path());
    let ran = command.args(["run", "hello"]).stderr(Stdio::piped()).output().unwrap();
    let err = said(&ran.stderr);
    assert!(err.contains(sentences::NOT_A_PROJECTS_SETTING), "{err}");
    assert!(acme.server.requests().is_empty());
}

#[test]
fn on_the_screen_a_model_of_it_is_named_listed_and_shown_and_the_conversation_goes_over() {
    let acme = Acme::new(Account::ApiKey);
    let list = json!({"data": [{"id": "large", "context_length": 64_000}, {"id": "small"}]});
    acme.server.fault("/acme/models", ScriptedAnswer::json(&list));
    let terminal = open(&acme.stage, |setup| setup.env("ACME_KEY", "acme-key-1").size(120, 40));
    acme.stage.stand.script([ScriptedAnswer::says("Hello from OpenAI.")]);
    terminal.ask("hello");
    terminal.wait_for("Hello from OpenAI.");
    terminal.ask("/model acme/large");
    terminal.wait_for("acme/large");
    acme.says("Hello from Acme.");
    terminal.ask("and you?");
    terminal.wait_for("Hello from Acme.");
    let request = acme.asked().remove(0);
    let input = request.json()["input"].to_string();
    assert!(input.contains("Hello from OpenAI.") && !input.contains("\"id\""), "{input}");
    terminal.ask("/status");
    terminal.wait_for("key from `ACME_KEY`");
    terminal.press("esc");
    terminal.wait_gone("key from `ACME_KEY`");
    terminal.ask("/models");
    terminal.wait_for("acme/small");
    assert!(acme.server.wait_for(|request| request.path == "/acme/models", LIMIT).is_some());
    terminal.press("esc");
    terminal.wait_gone("Search models");
    terminal.ask("/model nope/large");
    terminal.wait_for(sentences::NO_PROVIDER_NOPE_ON_SCREEN);
    Scene { terminal, stage: acme.stage }.end();
}

#[test]
fn settings_that_hold_headers_are_read_by_no_tool_and_no_command_gets_the_key() {
    let acme = Acme::new(Account::Nobody);
    let config = acme.stage.home.path().join("config/config.toml");
    let path = json!({ "filePath": config });
    acme.server.fault(REQUESTS, ScriptedAnswer::calls("a", "read", &path));
    acme.server.fault(REQUESTS, ScriptedAnswer::runs("b", "echo key=$ACME_KEY."));
    acme.says("Done.");
    let ran = acme.run(&["-m", "acme/large", "--approval-mode", "full", "look"]);
    assert!(said(&ran.stdout).contains("Done."), "{}", said(&ran.stderr));
    let input = acme.asked()[2].json()["input"].to_string();
    assert!(input.contains("key=.") && !input.contains("acme-key-1"), "{input}");
    assert!(!input.contains("X-Team"), "{input}");
}

/// An answer of a server that speaks Chat Completions.
fn chunks(chunks: &[serde_json::Value]) -> ScriptedAnswer {
    let events = chunks.iter().map(|chunk| format!("data: {chunk}\n\n"));
    let stream = events.chain(["data: [DONE]\n\n".to_owned()]).collect::<String>();
    ScriptedAnswer::sse([raw(stream)])
}

fn chunk(delta: serde_json::Value, finish: Option<&str>) -> serde_json::Value {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
}

/// Saves a key for Acme, as a person does who pipes it in.
fn log_in(acme: &Acme, key: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = acme.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), folder.path());
    command.args(["auth", "login", "acme"]).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(key.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn a_key_is_checked_kept_for_its_origin_and_sent_to_no_other() {
    const MODELS: &str = "/acme/models";
    let acme = Acme::new(Account::Nobody);
    acme.set(&acme.server.origin().to_string(), "");
    let run = |words: &str| {
        let folder = tempfile::tempdir().unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_codling"));
        let mut command = acme.stage.command(program, folder.path());
        command.args(["run", "-m", "acme/large", words]).stdout(Stdio::piped());
        command.stderr(Stdio::piped()).output().unwrap()
    };
    let unauthorized = json!({ "error": { "message": "who?" } });
    acme.server.fault(MODELS, ScriptedAnswer::status(401).json_body(&unauthorized));
    let refused = log_in(&acme, "acme-wrong");
    assert_ne!(refused.status.code(), Some(0), "{}", said(&refused.stdout));
    acme.server.fault(MODELS, ScriptedAnswer::json(&json!({ "data": [{ "id": "large" }] })));
    let saved = log_in(&acme, "acme-key-9\n");
    assert_eq!(saved.status.code(), Some(0), "{}", said(&saved.stderr));
    let keys: Vec<_> = acme.server.requests_to(MODELS);
    let keys: Vec<_> = keys.iter().map(|asked| asked.header("authorization")).collect();
    assert_eq!(keys, [Some("Bearer acme-wrong"), Some("Bearer acme-key-9")]);
    let file = acme.stage.home.path().join("data/auth.json");
    let entry: serde_json::Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let origin = acme.server.origin().to_string();
    assert_eq!(
        entry["acme"],
        json!({ "type": "api", "key": "acme-key-9", "metadata": { "origin": origin } })
    );
    acme.says("Hello.");
    assert_eq!(run("hello").status.code(), Some(0));
    assert_eq!(acme.asked()[0].header("authorization"), Some("Bearer acme-key-9"));
    // The settings name another server: it gets no request at all.
    let other = Stand::start(Options::default()).unwrap();
    acme.set(&other.origin().to_string(), "");
    let moved = run("hello");
    assert_ne!(moved.status.code(), Some(0));
    assert!(said(&moved.stderr).contains(&other.origin().to_string()), "{}", said(&moved.stderr));
    assert!(!said(&moved.stderr).contains("acme-key-9"));
    assert!(other.requests().is_empty());
}

#[test]
fn a_provider_that_is_not_connected_is_asked_nothing() {
    let acme = Acme::new(Account::Nobody);
    let ran = acme.run(&["-m", "groq/large", "hello"]);
    let err = said(&ran.stderr);
    assert_ne!(ran.status.code(), Some(0), "{err}");
    assert!(err.contains(sentences::SIGN_IN_TO_GROQ) && err.contains("GROQ_API_KEY"), "{err}");
}

#[test]
fn a_tool_is_called_and_answered_over_chat_completions() {
    const CHAT: &str = "/acme/chat/completions";
    let acme = Acme::new(Account::Nobody);
    acme.set(&acme.server.origin().to_string(), "dialect = 'chat'\nkey_env = 'ACME_KEY'");
    let call = |arguments: &str| json!([{ "index": 0, "id": "call_1", "type": "function", "function": { "name": "list", "arguments": arguments } }]);
    acme.server.fault(
        CHAT,
        chunks(&[
            chunk(json!({ "role": "assistant", "reasoning_content": "I look first." }), None),
            chunk(json!({ "content": "I look." }), None),
            chunk(json!({ "tool_calls": call("") }), None),
            chunk(
                json!({ "tool_calls": [{ "index": 0, "function": { "arguments": "{}" } }] }),
                None,
            ),
            chunk(json!({}), Some("tool_calls")),
        ]),
    );
    acme.server.fault(
        CHAT,
        chunks(&[
            chunk(json!({ "content": "Nothing is there." }), None),
            chunk(json!({}), Some("stop")),
            json!({ "choices": [], "usage": { "prompt_tokens": 30, "completion_tokens": 4 } }),
        ]),
    );
    let ran = acme.run(&["-m", "acme/large", "--json", "what is here?"]);
    let out = said(&ran.stdout);
    assert_eq!(ran.status.code(), Some(0), "{out} {}", said(&ran.stderr));
    assert!(out.contains("Nothing is there."), "{out}");
    let asked = acme.server.requests_to(CHAT);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].header("authorization"), Some("Bearer acme-key-1"));
    let [first, second] = [&asked[0], &asked[1]].map(|request| request.json()["messages"].clone());
    let (first, second) = (first.as_array().unwrap(), second.as_array().unwrap());
    assert_eq!(first[..], second[..first.len()], "the beginning stays as it was");
    let [answer, output] = &second[first.len()..] else { panic!("{second:?}") };
    assert_eq!(answer["tool_calls"][0]["id"], "call_1");
    assert_eq!(
        (&answer["content"], &answer["reasoning_content"]),
        (&json!("I look."), &json!("I look first."))
    );
    assert_eq!((&output["role"], &output["tool_call_id"]), (&json!("tool"), &json!("call_1")));
}

#[test]
fn a_tool_is_called_and_answered_over_messages_and_thoughts_go_back() {
    const MESSAGES: &str = "/acme/messages";
    let acme = Acme::new(Account::Nobody);
    acme.set(&acme.server.origin().to_string(), "dialect = 'anthropic'\nkey_env = 'ACME_KEY'");
    let start = |index: u64, block: serde_json::Value| json!({ "type": "content_block_start", "index": index, "content_block": block });
    let delta = |index: u64, delta: serde_json::Value| json!({ "type": "content_block_delta", "index": index, "delta": delta });
    let stop = |index: u64| json!({ "type": "content_block_stop", "index": index });
    let ends = |reason: &str| {
        [
            json!({ "type": "message_delta", "delta": { "stop_reason": reason }, "usage": { "output_tokens": 4 } }),
            json!({ "type": "message_stop" }),
        ]
    };
    let began = json!({ "type": "message_start", "message": { "usage": { "input_tokens": 30, "output_tokens": 1 } } });
    let thought = json!({ "type": "thinking", "thinking": "I look first.", "signature": "sig==" });
    let called = json!({ "type": "tool_use", "id": "toolu_1", "name": "list", "input": {} });
    let [end, over] = ends("tool_use");
    acme.server.fault(
        MESSAGES,
        chunks(&[
            began.clone(),
            start(0, json!({ "type": "thinking", "thinking": "", "signature": "" })),
            delta(0, json!({ "type": "thinking_delta", "thinking": "I look first." })),
            delta(0, json!({ "type": "signature_delta", "signature": "sig==" })),
            stop(0),
            json!({ "type": "ping" }),
            start(1, called.clone()),
            delta(1, json!({ "type": "input_json_delta", "partial_json": "{}" })),
            stop(1),
            end,
            over,
        ]),
    );
    let [end, over] = ends("end_turn");
    acme.server.fault(
        MESSAGES,
        chunks(&[
            began,
            start(0, json!({ "type": "text", "text": "" })),
            delta(0, json!({ "type": "text_delta", "text": "Nothing is there." })),
            stop(0),
            end,
            over,
        ]),
    );
    let ran = acme.run(&["-m", "acme/claude-opus-5", "--json", "what is here?"]);
    let out = said(&ran.stdout);
    assert_eq!(ran.status.code(), Some(0), "{out} {}", said(&ran.stderr));
    assert!(out.contains("Nothing is there."), "{out}");
    let asked = acme.server.requests_to(MESSAGES);
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0].header("x-api-key"), Some("acme-key-1"));
    assert_eq!(asked[0].header("authorization"), None);
    assert_eq!(asked[0].header("anthropic-version"), Some("2023-06-01"));
    let messages = asked[1].json()["messages"].clone();
    let [.., answer, output] = messages.as_array().unwrap().as_slice() else {
        panic!("{messages}")
    };
    assert_eq!(answer["content"], json!([thought, called]));
    let output = output["content"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&output["type"], &output["tool_use_id"]),
        (&json!("tool_result"), &json!("toolu_1"))
    );
}

/// An answer of one text in the words of each dialect.
fn says_over(dialect: &str, text: &str) -> ScriptedAnswer {
    match dialect {
        "responses" => ScriptedAnswer::says(text),
        "chat" => chunks(&[
            chunk(json!({ "reasoning_content": "hm" }), None),
            chunk(json!({ "content": text }), None),
            chunk(json!({}), Some("stop")),
        ]),
        _ => chunks(&[
            json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "thinking", "thinking": "hm", "signature": "sig==" } }),
            json!({ "type": "content_block_stop", "index": 0 }),
            json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "text", "text": text } }),
            json!({ "type": "content_block_stop", "index": 1 }),
            json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" } }),
            json!({ "type": "message_stop" }),
        ]),
    }
}

#[test]
fn a_conversation_changes_its_provider_and_keeps_its_words_but_not_foreign_thoughts() {
    let acme = Acme::new(Account::Nobody);
    let origin = acme.server.origin().to_string();
    let dialects = ["chat", "anthropic", "responses"];
    let sections = dialects.map(|dialect| {
        format!("[provider.by-{dialect}]\nbase_url = '{origin}/{dialect}'\ndialect = '{dialect}'\n")
    });
    acme.set(&origin, &sections.concat());
    let paths = ["/chat/chat/completions", "/anthropic/messages", "/responses/responses"];
    let folder = tempfile::tempdir().unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_codling"));
    let ask = |at: usize, turn: usize| {
        let answer = says_over(dialects[at], &format!("Answer {turn}."));
        acme.server.fault(paths[at], answer);
        let mut command = acme.stage.command(program, folder.path());
        let model = format!("by-{}/large", dialects[at]);
        let words = format!("Question {turn}?");
        command.args(["run", "-m", model.as_str(), "--json"]);
        command.args((turn > 1).then_some("--continue"));
        let ran =
            command.arg(words).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(ran.status.code(), Some(0), "{}", said(&ran.stderr));
        let out = said(&ran.stdout);
        assert!(out.contains(&format!("Answer {turn}.")), "{out}");
        acme.server.requests_to(paths[at]).pop().unwrap().body
    };
    // Each follows each other one.
    let order = [0, 1, 2, 0, 2, 1, 0];
    for (before, at) in order.into_iter().enumerate() {
        let body = ask(at, before + 1);
        for turn in 1..=before {
            let question =
                body.find(&format!("Question {turn}?")).unwrap_or_else(|| panic!("{body}"));
            let answer = body.find(&format!("Answer {turn}.")).unwrap_or_else(|| panic!("{body}"));
            assert!(question < answer, "{body}");
        }
        // Thoughts go back to the provider that wrote them alone.
        let own = order[..before].iter().filter(|earlier| **earlier == at).count();
        let sent = ["\"reasoning_content\":\"hm\"", "\"signature\":\"sig==\""]
            .map(|thought| body.matches(thought).count());
        let expected = [0, 1].map(|dialect| if dialect == at { own } else { 0 });
        assert_eq!(sent, expected, "{body}");
    }
}

#[test]
fn a_small_model_gives_the_title_and_sums_up() {
    let acme = Acme::new(Account::ApiKey);
    let origin = acme.server.origin().to_string();
    let small = format!(
        "[provider.small]\nbase_url = '{origin}/small'\ndialect = 'responses'\nkey_env = 'ACME_KEY'\n"
    );
    let file = acme.stage.home.path().join("config/config.toml");
    fs::write(file, format!("small_model = 'small/tiny'\n{small}")).unwrap();
    acme.stage.stand.script([ScriptedAnswer::says("Pears ripen.")]);
    acme.server.fault("/small/responses", ScriptedAnswer::says("\"Ripening pears.\""));
    let setup = Setup::codling().envs(acme.stage.variables()).size(100, 30);
    let terminal = setup.envs([("ACME_KEY", "acme-key-1".to_owned())]).start();
    terminal.wait_for("Ask anything");
    terminal.ask("how do pears ripen?");
    terminal.wait_for("Pears ripen.");
    let asked = || acme.server.requests_to("/small/responses");
    until(LIMIT, "the title's request", || !asked().is_empty());
    assert!(asked()[0].body.contains("how do pears ripen?"));
    assert_eq!(asked()[0].bearer(), Some("acme-key-1"));
    // The list shows the titles that there are when it is opened.
    let sessions = acme.stage.home.path().join("data/sessions");
    let is_kept = |log: fs::DirEntry| {
        fs::read(log.path()).is_ok_and(|log| String::from_utf8_lossy(&log).contains("Ripening"))
    };
    until(LIMIT, "the title is kept", || fs::read_dir(&sessions).unwrap().flatten().any(is_kept));
    terminal.type_text("/sessions").press("enter");
    terminal.wait_for("Ripening pears");
    terminal.press("esc");
    terminal.wait_gone("Ripening pears");
    acme.server.fault("/small/responses", ScriptedAnswer::says("We spoke of pears."));
    terminal.ask("/compact");
    until(LIMIT, "the summary's request", || asked().len() == 2);
    terminal.leave();
}
