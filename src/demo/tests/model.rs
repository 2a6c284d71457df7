//! The models the stand offers, and the one that answers when nothing is scripted.

use serde_json::{Value, json};

use super::client::{Connection, ask, get, stand};
use crate::demo::{Catalogue, Options, ScriptedAnswer, Stand};

fn slugs(list: &Value, entries: &str, name: &str) -> Vec<String> {
    list[entries]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry[name].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_demo_models_say_what_they_are() {
    let stand = stand();
    let list =
        get(&stand, "/backend-api/codex/models?client_version=1", &stand.issue().access).json();
    assert_eq!(
        slugs(&list, "models", "display_name"),
        ["Demo (rule-driven)", "Demo mini (rule-driven)", "Demo patches (rule-driven)"]
    );
    let list = get(&stand, "/v1/models", "sk-demo-1").json();
    assert_eq!(
        slugs(&list, "data", "id"),
        ["codling-demo", "codling-demo-mini", "gpt-5-codling-demo"]
    );
    assert_eq!(list["data"][0]["context_window"], 128_000);
}

#[test]
fn the_list_of_codex_can_be_had_for_tests() {
    let stand =
        Stand::start(Options { catalogue: Catalogue::Codex, ..Options::default() }).unwrap();
    let list = get(&stand, "/backend-api/codex/models", &stand.issue().access).json();
    assert_eq!(slugs(&list, "models", "slug")[0], "gpt-6.1-sol");
    assert_eq!(list["models"][0]["context_window"], 272_000);
    assert!(
        slugs(&get(&stand, "/v1/models", "sk-demo-1").json(), "data", "id")
            .contains(&"whisper-1".into())
    );
}

#[test]
fn without_a_script_the_rules_answer_and_with_one_they_wait() {
    let stand = stand();
    stand.script([ScriptedAnswer::says("scripted")]);
    assert!(ask(&stand, "hello").finish().unwrap().text().contains("scripted"));
    assert!(ask(&stand, "hello").finish().unwrap().text().contains("rules"));
}

#[test]
fn edits_patches_and_commands_can_be_scripted_in_a_line() {
    let stand = stand();
    for (answer, kind, said) in [
        (
            ScriptedAnswer::patches("c1", "*** Delete File: a.md"),
            "custom_tool_call",
            r#""input":"*** Begin Patch\n*** Delete File: a.md\n*** End Patch""#,
        ),
        (ScriptedAnswer::runs("c2", "ls"), "function_call", r#"\"command\":\"ls\""#),
        (
            ScriptedAnswer::edits("c3", "a.md", "old", "new"),
            "function_call",
            r#"\"oldString\":\"old\""#,
        ),
    ] {
        stand.script([answer]);
        let text = ask(&stand, "hello").finish().unwrap().text();
        let item = text
            .lines()
            .rfind(|line| line.starts_with("data: ") && line.contains("output_item.done"))
            .unwrap();
        assert!(item.contains(&format!(r#""type":"{kind}""#)) && item.contains(said), "{item}");
    }
}

#[test]
fn a_chatgpt_response_tells_the_limits_and_a_script_may_tell_others() {
    let stand = stand();
    stand.script([
        ScriptedAnswer::says("hi"),
        ScriptedAnswer::says("hi").header("x-codex-primary-used-percent", "99.5"),
    ]);
    let bearer = format!("Bearer {}", stand.issue().access);
    let body = json!({ "model": "m", "stream": true, "store": false, "input": [] }).to_string();
    let headers = [("authorization", bearer.as_str()), ("session-id", "s")];
    let used = |reply: &super::client::Reply| {
        reply.header("x-codex-primary-used-percent").map(str::to_owned)
    };
    let first = Connection::open(&stand, "POST", "/backend-api/codex/responses", &headers, &body)
        .finish()
        .unwrap();
    assert_eq!(
        (used(&first).as_deref(), first.header("x-codex-secondary-window-minutes")),
        (Some("12"), Some("10080"))
    );
    let second = Connection::open(&stand, "POST", "/backend-api/codex/responses", &headers, &body)
        .finish()
        .unwrap();
    assert_eq!(used(&second).as_deref(), Some("99.5"));
    assert!(first.header("x-codex-turn-state").is_some());
    assert!(used(&ask(&stand, "hello").finish().unwrap()).is_none(), "keys have no plan");
    stand.check().unwrap();
}

#[test]
fn credentials_open_their_own_door_only() {
    let stand = stand();
    let access = stand.issue().access;
    let cases = [
        ("/backend-api/codex/models", access.as_str(), 200),
        ("/backend-api/codex/models", "sk-demo-1", 401),
        ("/v1/models", &access, 401),
        ("/backend-api/wham/usage", "", 401),
    ];
    for (path, bearer, status) in cases {
        assert_eq!(get(&stand, path, bearer).status, status, "{path}");
    }
    stand.revoke_access_tokens();
    assert_eq!(get(&stand, "/backend-api/codex/models", &access).status, 401);
    assert_eq!(stand.check().unwrap_err().lines().count(), 2, "both strayed credentials are named");
}
