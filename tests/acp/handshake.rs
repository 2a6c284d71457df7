//! `initialize`: one version, honest capabilities, and the ways to sign in that a client can use.

use codling::demo::Options;
use serde_json::{Value, json};

use super::scene::Scene;
use crate::stage::Account;

/// Returns the ids of the ways to sign in that a client with these capabilities is offered by an
/// agent with these variables.
fn methods(variables: &[(&str, &str)], capabilities: Value) -> Vec<String> {
    let mut scene = Scene::silent(Account::Nobody, Options::default(), variables, "");
    let hello = scene.editor.initialize(capabilities);
    let methods = hello["authMethods"].as_array().unwrap();
    methods.iter().map(|method| method["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn version_one_is_the_answer_to_every_version_as_often_as_it_is_asked() {
    let mut scene = Scene::silent(Account::ApiKey, Options::default(), &[], "");
    for version in [1, 0, 2, 99] {
        let hello = scene.editor.request("initialize", json!({ "protocolVersion": version }));
        assert_eq!(hello["protocolVersion"], 1, "asked for {version}");
        assert_eq!(hello["agentInfo"]["name"], "codling");
    }
    assert!(scene.session().starts_with("ses_"));
}

#[test]
fn capabilities_are_those_that_there_are() {
    let mut scene = Scene::silent(Account::ApiKey, Options::default(), &[], "");
    let hello = scene.editor.initialize(json!({}));
    assert_eq!(
        hello["agentCapabilities"],
        json!({
            "loadSession": true,
            "promptCapabilities": { "image": true, "audio": false, "embeddedContext": true },
            "mcpCapabilities": { "http": true, "sse": false },
            "sessionCapabilities": {
                "list": {}, "delete": {}, "fork": {}, "resume": {}, "close": {},
            },
            "auth": { "logout": {} },
        })
    );
}

#[test]
fn a_client_is_offered_the_ways_to_sign_in_that_it_can_show() {
    let url = json!({ "elicitation": { "url": {} } });
    assert_eq!(methods(&[], json!({})), ["api-key"]);
    let hidden = [("DISPLAY", ":0"), ("NO_BROWSER", "1")];
    assert_eq!(methods(&hidden, json!({})), ["api-key"]);
    let remote = [("DISPLAY", ":0"), ("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")];
    assert_eq!(methods(&remote, url.clone()), ["api-key", "chatgpt-device-code"]);
    for none in [json!({ "elicitation": {} }), json!({ "elicitation": { "url": null } })] {
        assert_eq!(methods(&[], none), ["api-key"]);
    }
    let mut scene = Scene::silent(Account::Nobody, Options::default(), &[], "");
    let hello = scene.editor.initialize(json!({ "auth": { "terminal": true } }));
    let terminal = &hello["authMethods"][1];
    assert_eq!(
        (&terminal["id"], &terminal["type"]),
        (&json!("chatgpt-terminal"), &json!("terminal"))
    );
    assert_eq!(terminal["args"], json!(["auth", "login", "--device"]));
}

#[test]
fn the_words_of_the_terminal_way_work_behind_acp_as_behind_the_program() {
    for words in [&["acp", "auth", "status"][..], &["auth", "status"][..]] {
        let stage = crate::stage::Stage::new(Account::Nobody);
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_codling"));
        let mut command = stage.command(program, stage.home.path());
        let output = command.args(words).stdout(std::process::Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{words:?}: {output:?}");
    }
}

#[test]
fn a_way_that_the_settings_forbid_is_not_offered() {
    let settings = "forced_login_method = 'api'";
    let mut scene = Scene::silent(Account::Nobody, Options::default(), &[], settings);
    let hello = scene.editor.initialize(json!({ "elicitation": { "url": {} } }));
    let ids: Vec<&Value> =
        hello["authMethods"].as_array().unwrap().iter().map(|method| &method["id"]).collect();
    assert_eq!(ids, ["api-key"]);
}
