//! Signing in over the protocol. Each way a sign-in by device code can end is a story: the poll
//! stops, and the request is answered once.

use codling::demo::{DeviceCodes, DeviceDecision, Options, ScriptedAnswer, SeenRequest};
use serde_json::{Value, json};

use super::editor::LIMIT;
use super::scene::Scene;
use crate::stage::Account;
use crate::stage::sentences;

const CODE: &str = "/api/accounts/deviceauth/usercode";
const POLL: &str = "/api/accounts/deviceauth/token";

fn quick() -> Options {
    Options { interval: 1, ..Options::default() }
}

fn remote() -> Scene {
    let url = json!({ "elicitation": { "url": {} } });
    Scene::with(Account::Nobody, quick(), &[("NO_BROWSER", "1")], url)
}

/// Asks to sign in; returns the request's id.
fn begin(scene: &mut Scene) -> Value {
    scene.editor.ask("authenticate", json!({ "methodId": "chatgpt-device-code" }))
}

/// Returns the user code in the words that a person is shown.
fn code(asked: &Value) -> String {
    let message = asked["params"]["message"].as_str().unwrap();
    let behind = message.split("type the code ").nth(1).unwrap();
    behind.split('.').next().unwrap().to_owned()
}

fn approve(scene: &Scene, asked: &Value) {
    assert!(scene.stage.stand.decide_device(&code(asked), DeviceDecision::Approve));
}

/// Checks that no poll comes after the end of the sign-in: the next ones belong to another one. The
/// server may hear of the ended one's first poll only now, which was on its way at the end.
fn polls_no_more(scene: &mut Scene) {
    let before = scene.stage.stand.requests_to(POLL).len().max(1);
    let id = begin(scene);
    let asked = scene.editor.asked("elicitation/create");
    // The old code would have been asked for by now: each sign-in polls at once.
    let new = code(&asked);
    let is_new = |poll: &SeenRequest| poll.path == POLL && poll.body.contains(&new);
    scene.stage.stand.wait_for(is_new, LIMIT);
    let polls = scene.stage.stand.requests_to(POLL);
    assert!(polls[before..].iter().all(|poll| poll.body.contains(&new)), "{before}");
    scene.editor.reply(&asked, json!({ "action": "cancel" }));
    assert_eq!(scene.editor.answer(&id)["error"]["code"], -32000);
}

#[test]
fn a_code_is_shown_and_its_approval_answers_the_request() {
    let mut scene = remote();
    let id = json!("sign-in 1");
    let params = json!({ "methodId": "chatgpt-device-code" });
    scene.editor.ask_as(&id, "authenticate", params);
    let asked = scene.editor.asked("elicitation/create");
    let shown = &asked["params"];
    assert_eq!((&shown["mode"], &shown["requestId"]), (&json!("url"), &id));
    let page = format!("{}/codex/device", scene.stage.stand.origin());
    assert_eq!(shown["url"], page);
    assert!(!page.contains(&code(&asked)));
    let message = shown["message"].as_str().unwrap();
    assert!(message.contains("It expires in 15 minutes"), "{message}");
    assert!(message.contains(sentences::ONLY_IF_YOU_STARTED_IT), "{message}");
    // Consent does not end the sign-in.
    scene.editor.reply(&asked, json!({ "action": "accept" }));
    assert!(scene.editor.request("session/list", json!({}))["sessions"].is_array());
    assert!(scene.editor.heard.iter().all(|it| it["id"] != id));
    approve(&scene, &asked);
    assert_eq!(scene.editor.answer(&id)["result"], json!({}));
    assert_eq!(scene.editor.news("elicitation/complete")["elicitationId"], shown["elicitationId"]);
    let order: Vec<bool> = scene
        .editor
        .heard
        .iter()
        .filter(|it| it["method"] == "elicitation/complete" || it["id"] == id)
        .map(|it| it["id"] == id)
        .collect();
    assert_eq!(order, [false, true]);
    assert!(scene.auth_file().contains("oauth"));
    // Nothing secret crossed the protocol.
    let all: String = scene.editor.heard.iter().map(ToString::to_string).collect();
    let file: Value = serde_json::from_str(&scene.auth_file()).unwrap();
    for field in ["access", "refresh"] {
        let secret = file["openai"][field].as_str().unwrap();
        assert!(!all.contains(secret), "{field}");
    }
    assert!(scene.session().starts_with("ses_"));
    // The log holds nothing secret either.
    let log = scene.stage.home.path().join("state/codling.log");
    let log = std::fs::read_to_string(log).unwrap();
    let told = [code(&asked), file["openai"]["access"].as_str().unwrap().to_owned()];
    assert!(!log.is_empty() && told.iter().all(|secret| !log.contains(secret)), "{log}");
}

#[test]
fn an_approval_ends_the_sign_in_though_the_client_never_answered() {
    let mut scene = remote();
    let id = begin(&mut scene);
    let asked = scene.editor.asked("elicitation/create");
    approve(&scene, &asked);
    assert_eq!(scene.editor.answer(&id)["result"], json!({}));
    assert_eq!(scene.editor.news("$/cancel_request")["requestId"], asked["id"]);
    // A late answer changes nothing.
    scene.editor.reply(&asked, json!({ "action": "decline" }));
    assert!(scene.session().starts_with("ses_"));
}

#[test]
fn a_person_who_would_not_ends_it() {
    for action in ["decline", "cancel", "later"] {
        let mut scene = remote();
        let id = begin(&mut scene);
        let asked = scene.editor.asked("elicitation/create");
        scene.editor.reply(&asked, json!({ "action": action }));
        let error = scene.editor.answer(&id)["error"].clone();
        assert_eq!(error["code"], -32000, "{action}: {error}");
        assert_eq!(error["data"]["methodId"], "chatgpt-device-code");
        polls_no_more(&mut scene);
        assert_eq!(scene.editor.count("elicitation/complete"), 0, "{action}");
        assert_eq!(scene.auth_file(), "");
    }
}

#[test]
fn a_client_that_cannot_show_it_after_all_is_no_unknown_method() {
    for code in [-32601, -32603, -32602] {
        let mut scene = remote();
        let id = begin(&mut scene);
        let asked = scene.editor.asked("elicitation/create");
        scene.editor.reply_error(&asked, code, "Method not found");
        let error = scene.editor.answer(&id)["error"].clone();
        assert_eq!(error["code"], -32603, "{error}");
        polls_no_more(&mut scene);
    }
}

#[test]
fn a_denial_is_told_with_its_reason() {
    let mut scene = remote();
    let id = begin(&mut scene);
    let asked = scene.editor.asked("elicitation/create");
    scene.editor.reply(&asked, json!({ "action": "accept" }));
    assert!(scene.stage.stand.decide_device(&code(&asked), DeviceDecision::Deny));
    let error = scene.editor.answer(&id)["error"].clone();
    assert_eq!(error["code"], -32000);
    assert!(error["message"].as_str().unwrap().contains("declined"), "{error}");
    assert_eq!(scene.editor.count("elicitation/complete"), 1);
    polls_no_more(&mut scene);
}

#[test]
fn a_code_that_has_expired_ends_it_and_no_other_is_fetched() {
    let mut scene = remote();
    let refusal = json!({ "error": { "code": "expired_token", "message": "It has expired" } });
    scene.stage.stand.fault(POLL, ScriptedAnswer::status(400).json_body(&refusal));
    let id = begin(&mut scene);
    let error = scene.editor.answer(&id)["error"].clone();
    assert_eq!(error["code"], -32000, "{error}");
    assert!(error["message"].as_str().unwrap().contains("expired"), "{error}");
    assert_eq!(scene.stage.stand.requests_to(CODE).len(), 1);
    assert_eq!(scene.editor.count("elicitation/complete"), 1);
}

#[test]
fn a_server_out_of_reach_is_an_error_of_its_own() {
    let mut scene = remote();
    scene.stage.stand.fault(POLL, ScriptedAnswer::hang_up());
    let id = begin(&mut scene);
    let error = scene.editor.answer(&id)["error"].clone();
    assert_eq!(error["code"], -32603, "{error}");

    let url = json!({ "elicitation": { "url": {} } });
    let offline = [("CODLING_AUTH_ORIGIN", "http://127.0.0.1:1")];
    let mut scene = Scene::with(Account::Nobody, quick(), &offline, url);
    let id = begin(&mut scene);
    assert_eq!(scene.editor.answer(&id)["error"]["code"], -32603);
    assert_eq!(scene.editor.count("elicitation/create"), 0);
}

#[test]
fn a_server_that_gives_no_codes_is_told_of_and_nothing_is_shown() {
    let url = json!({ "elicitation": { "url": {} } });
    let options = Options { device_codes: DeviceCodes::NotEnabled, ..Options::default() };
    let mut scene = Scene::with(Account::Nobody, options, &[], url);
    let id = begin(&mut scene);
    let error = scene.editor.answer(&id)["error"].clone();
    assert_eq!(error["code"], -32000, "{error}");
    assert!(error["message"].as_str().unwrap().contains("device code"), "{error}");
    assert_eq!(scene.editor.count("elicitation/create"), 0);
}

#[test]
fn the_request_can_be_cancelled() {
    let mut scene = remote();
    let id = begin(&mut scene);
    let asked = scene.editor.asked("elicitation/create");
    scene.editor.reply(&asked, json!({ "action": "accept" }));
    scene.editor.notify("$/cancel_request", json!({ "requestId": id }));
    assert_eq!(scene.editor.answer(&id)["error"]["code"], -32800);
    assert_eq!(scene.editor.count("elicitation/complete"), 1);
    polls_no_more(&mut scene);
}

#[test]
fn a_second_sign_in_takes_the_place_of_the_first_and_both_are_answered() {
    let mut scene = remote();
    let first = begin(&mut scene);
    let asked = scene.editor.asked("elicitation/create");
    let second = begin(&mut scene);
    let error = scene.editor.answer(&first)["error"].clone();
    assert_eq!(error["code"], -32000);
    assert_eq!(scene.editor.news("$/cancel_request")["requestId"], asked["id"]);
    let asked = scene.editor.asked("elicitation/create");
    approve(&scene, &asked);
    assert_eq!(scene.editor.answer(&second)["result"], json!({}));
    let answers = scene.editor.heard.iter().filter(|it| it["id"] == first || it["id"] == second);
    assert_eq!(answers.filter(|it| it["method"].is_null()).count(), 2);
}

#[test]
fn the_end_of_the_client_is_the_end_of_the_sign_in() {
    let mut scene = remote();
    let id = begin(&mut scene);
    let asked = scene.editor.asked("elicitation/create");
    scene.editor.hang_up();
    assert_eq!(scene.editor.answer(&id)["error"]["code"], -32000);
    assert_eq!(scene.ended(), Some(0));
    approve(&scene, &asked);
    assert_eq!(scene.auth_file(), "");
}

#[test]
fn whoever_is_signed_in_is_answered_at_once() {
    let url = json!({ "elicitation": { "url": {} } });
    let mut scene = Scene::with(Account::ChatGpt, Options::default(), &[], url);
    let params = json!({ "methodId": "chatgpt-device-code" });
    assert_eq!(scene.editor.request("authenticate", params), json!({}));
    assert_eq!(scene.editor.count("elicitation/create"), 0);
    let params = json!({ "methodId": "api-key" });
    let error = scene.editor.refusal("authenticate", params);
    assert!(error["message"].as_str().unwrap().contains("log out"), "{error}");
}

#[test]
fn a_key_in_the_environment_signs_in() {
    let params = json!({ "methodId": "api-key" });
    let key = [("OPENAI_API_KEY", "sk-demo-story")];
    let mut scene = Scene::with(Account::Nobody, Options::default(), &key, json!({}));
    assert_eq!(scene.editor.request("authenticate", params.clone()), json!({}));
    assert!(scene.session().starts_with("ses_"));
    let mut scene = Scene::with(Account::Nobody, Options::default(), &[], json!({}));
    let error = scene.editor.refusal("authenticate", params);
    assert_eq!(error["code"], -32000);
    assert!(error["message"].as_str().unwrap().contains("OPENAI_API_KEY"), "{error}");
}

#[test]
fn a_way_that_was_not_offered_is_refused() {
    let mut scene = Scene::with(Account::Nobody, quick(), &[], json!({}));
    for (method, code) in [
        ("chatgpt-device-code", -32600),
        ("chatgpt", -32602),
        ("chatgpt-terminal", -32602),
        ("carrier-pigeon", -32602),
    ] {
        let error = scene.editor.refusal("authenticate", json!({ "methodId": method }));
        assert_eq!(error["code"], code, "{method}: {error}");
    }
    assert_eq!(scene.stage.stand.requests_to(CODE).len(), 0);
}

#[test]
fn signing_out_is_well_as_often_as_it_is_asked() {
    let mut scene = Scene::with(Account::ChatGpt, Options::default(), &[], json!({}));
    for _ in 0..2 {
        assert_eq!(scene.editor.request("logout", json!({})), json!({}));
        assert!(!scene.auth_file().contains("oauth"));
    }
    let place = scene.place();
    assert_eq!(scene.editor.refusal("session/new", place)["code"], -32000);
}
