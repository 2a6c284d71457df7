//! Signing in with a browser and with a device code, in the background of the server.

use codling::demo::{DeviceCodes, DeviceDecision, Options, ScriptedAnswer};
use serde_json::{Value, json};
use url::Url;

use crate::app_server::client::Client;
use crate::app_server::scene::{Scene, Transport, over_both};
use crate::app_server::sentences;
use crate::stage::{Account, visit};

const CODE: &str = "/api/accounts/deviceauth/usercode";
const POLL: &str = "/api/accounts/deviceauth/token";
const NOTHING: [Value; 0] = [];

fn start(scene: &mut Scene, kind: &str) -> Value {
    scene.client.request("account/login/start", json!({ "type": kind }))
}

/// The refusal of a sign-in by device code.
fn no_code(scene: &mut Scene) -> (i64, String) {
    scene.client.refusal("account/login/start", json!({ "type": "chatgptDeviceCode" }))
}

fn quick() -> Options {
    Options { interval: 1, ..Options::default() }
}

/// How the sign-in of this id ended.
fn ended(scene: &mut Scene, login: &Value) -> Value {
    let id = login["loginId"].clone();
    assert!(id.is_string());
    let ended = scene.client.until("the end of the sign-in", |it| {
        it["method"] == "account/login/completed" && it["params"]["loginId"] == id
    });
    ended["params"].clone()
}

fn approve(scene: &Scene, login: &Value) {
    let code = login["userCode"].as_str().unwrap();
    assert!(scene.stage.stand.decide_device(code, DeviceDecision::Approve));
}

#[test]
fn a_device_code_is_answered_at_once_and_signs_in_in_the_background() {
    over_both(Account::Nobody, &quick(), "", |scene| {
        let login = start(scene, "chatgptDeviceCode");
        let page = format!("{}/codex/device", scene.stage.stand.origin());
        assert_eq!(
            (&login["type"], &login["verificationUrl"]),
            (&json!("chatgptDeviceCode"), &json!(page))
        );
        approve(scene, &login);
        let end = ended(scene, &login);
        assert_eq!((&end["success"], &end["error"]), (&json!(true), &Value::Null));
        let news = scene.client.news("account/updated");
        assert_eq!(news, json!({ "authMode": "chatgpt", "planType": "plus" }));
        assert!(scene.auth_file().contains("oauth"));
    });
}

#[test]
fn a_server_without_device_codes_is_told_of_and_begins_nothing() {
    let options = Options { device_codes: DeviceCodes::NotEnabled, ..Options::default() };
    over_both(Account::Nobody, &options, "", |scene| {
        let (code, why) = no_code(scene);
        assert_eq!(code, -32600);
        assert_eq!(why, sentences::NO_DEVICE_CODES);
        assert_eq!(scene.client.all_news("account/login/completed"), NOTHING);
        assert_eq!(scene.auth_file(), "");
    });
}

#[test]
fn a_server_that_gives_no_code_just_now_is_told_of_at_once() {
    over_both(Account::Nobody, &quick(), "", |scene| {
        scene.stage.stand.fault(CODE, ScriptedAnswer::status(503));
        let (code, why) = no_code(scene);
        assert_eq!(code, -32603);
        let text = "failed to request device code: device code request failed with status 503 Service Unavailable";
        assert_eq!(why, text);
        assert_eq!(scene.client.all_news("account/login/completed"), NOTHING);
    });
}

#[test]
fn a_poll_that_fails_ends_the_sign_in_and_changes_no_account() {
    over_both(Account::Nobody, &quick(), "", |scene| {
        scene.stage.stand.fault(POLL, ScriptedAnswer::status(500));
        let login = start(scene, "chatgptDeviceCode");
        let end = ended(scene, &login);
        assert_eq!(end["success"], false);
        assert_eq!(end["error"], "device auth failed with status 500 Internal Server Error");
        assert_eq!(scene.client.all_news("account/updated"), NOTHING);
        assert_eq!(scene.auth_file(), "");
    });
}

#[test]
fn a_sign_in_that_is_under_way_can_be_cancelled() {
    for (kind, error) in [
        ("chatgptDeviceCode", sentences::NOT_COMPLETED),
        ("chatgpt", sentences::SERVER_NOT_COMPLETED),
    ] {
        over_both(Account::Nobody, &quick(), "", |scene| {
            let login = start(scene, kind);
            let cancel = json!({ "loginId": login["loginId"] });
            let answer = scene.client.request("account/login/cancel", cancel.clone());
            assert_eq!(answer, json!({ "status": "canceled" }));
            let end = ended(scene, &login);
            assert_eq!((&end["success"], &end["error"]), (&json!(false), &json!(error)));
            let again = scene.client.request("account/login/cancel", cancel);
            assert_eq!(again, json!({ "status": "notFound" }));
            assert_eq!(scene.client.all_news("account/updated"), NOTHING);
            assert_eq!(scene.auth_file(), "");
        });
    }
    let mut scene = Scene::new();
    let refused = scene.client.refusal("account/login/cancel", json!({ "loginId": "xyz" }));
    assert_eq!(refused, (-32600, "invalid login id: xyz".into()));
}

/// A parameter of the address where a person approves.
fn asked_for(login: &Value, name: &str) -> String {
    let url = Url::parse(login["authUrl"].as_str().unwrap()).unwrap();
    let found = url.query_pairs().find(|(known, _)| known == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[test]
fn the_browser_comes_back_to_this_machine_and_signs_in() {
    over_both(Account::Nobody, &Options::default(), "", |scene| {
        let login = start(scene, "chatgpt");
        let redirect = asked_for(&login, "redirect_uri");
        assert!(redirect.starts_with("http://localhost:"), "{redirect}");
        let url = login["authUrl"].as_str().unwrap();
        let back = scene.stage.stand.authorize(url, DeviceDecision::Approve).unwrap();
        let page = visit(&back);
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert_eq!(ended(scene, &login)["success"], true);
        assert_eq!(scene.client.news("account/updated")["authMode"], "chatgpt");
        assert!(scene.auth_file().contains("oauth"));
    });
}

#[test]
fn workspaces_that_the_settings_name_are_asked_for() {
    for (setting, asked) in [("'ws-1'", "ws-1"), ("['ws-1', 'ws-2']", "ws-1,ws-2")] {
        let settings = format!("forced_chatgpt_workspace_id = {setting}");
        let mut scene =
            Scene::with(Transport::Pipe, Account::Nobody, Options::default(), &settings);
        let login = start(&mut scene, "chatgpt");
        assert_eq!(asked_for(&login, "allowed_workspace_id"), asked);
    }
}

#[test]
fn an_account_of_another_workspace_is_not_kept() {
    let settings = "forced_chatgpt_workspace_id = 'ws-1'";
    let mut scene = Scene::with(Transport::Pipe, Account::Nobody, quick(), settings);
    let login = start(&mut scene, "chatgptDeviceCode");
    approve(&scene, &login);
    let end = ended(&mut scene, &login);
    assert_eq!(end["success"], false);
    let error = end["error"].as_str().unwrap();
    assert!(error.contains("restricted to workspace(s) ws-1"), "{error}");
    assert_eq!(scene.auth_file(), "");
}

#[test]
fn a_newer_sign_in_takes_the_place_of_the_one_before() {
    over_both(Account::Nobody, &quick(), "", |scene| {
        let first = start(scene, "chatgptDeviceCode");
        let second = start(scene, "chatgptDeviceCode");
        let end = ended(scene, &first);
        assert_eq!(
            (&end["success"], &end["error"]),
            (&json!(false), &json!(sentences::NOT_COMPLETED))
        );
        let late = json!({ "loginId": first["loginId"] });
        let late = scene.client.request("account/login/cancel", late);
        assert_eq!(late, json!({ "status": "notFound" }));
        let login = json!({ "type": "apiKey", "apiKey": "sk-demo-story" });
        scene.client.request("account/login/start", login);
        assert_eq!(ended(scene, &second)["success"], false);
        assert_eq!(scene.client.news("account/updated")["authMode"], "apikey");
    });
}

#[test]
fn a_sign_in_goes_on_when_the_client_that_began_it_is_gone() {
    let mut scene = Scene::with(Transport::WebSocket, Account::Nobody, quick(), "");
    let mut other = scene.another();
    let login = start(&mut scene, "chatgptDeviceCode");
    let address = scene.address.clone().unwrap();
    scene.client = Client::connect(&address);
    approve(&scene, &login);
    let end = other.news("account/login/completed");
    assert_eq!((&end["loginId"], &end["success"]), (&login["loginId"], &json!(true)));
    assert_eq!(other.news("account/updated")["authMode"], "chatgpt");
}
