//! Who is signed in: read, signed in with a key, signed out.

use codling::demo::{Options, Person, ScriptedAnswer};
use serde_json::{Value, json};

use crate::app_server::scene::{Scene, Transport, over_both};
use crate::app_server::sentences;
use crate::stage::Account;

fn read(scene: &mut Scene) -> Value {
    scene.client.request("account/read", json!({}))["account"].clone()
}

#[test]
fn signing_out_takes_the_key_away_and_tells_everybody() {
    over_both(Account::ApiKey, &Options::default(), "", |scene| {
        assert_eq!(read(scene), json!({ "type": "apiKey" }));
        assert_eq!(scene.client.request("account/logout", Value::Null), json!({}));
        let news = scene.client.news("account/updated");
        assert_eq!(news, json!({ "authMode": null, "planType": null }));
        assert!(!scene.auth_file().contains("sk-"), "{}", scene.auth_file());
        assert_eq!(read(scene), Value::Null);
    });
}

#[test]
fn signing_out_works_while_the_settings_are_broken() {
    let mut scene = Scene::new();
    let config = scene.stage.home.path().join("config/config.toml");
    std::fs::write(config, "= nonsense").unwrap();
    assert_eq!(scene.client.request("account/logout", json!({})), json!({}));
    assert_eq!(scene.client.news("account/updated")["authMode"], Value::Null);
    assert!(!scene.auth_file().contains("sk-"));
}

#[test]
fn a_key_signs_in_and_everybody_is_told() {
    over_both(Account::Nobody, &Options::default(), "", |scene| {
        assert_eq!(read(scene), Value::Null);
        let login = json!({ "type": "apiKey", "apiKey": "sk-demo-story" });
        let answer = scene.client.request("account/login/start", login);
        assert_eq!(answer, json!({ "type": "apiKey" }));
        let ended = scene.client.news("account/login/completed");
        let ended = (&ended["loginId"], &ended["success"], &ended["error"]);
        assert_eq!(ended, (&Value::Null, &json!(true), &Value::Null));
        let news = scene.client.news("account/updated");
        assert_eq!(news, json!({ "authMode": "apikey", "planType": null }));
        assert!(scene.auth_file().contains("sk-demo-story"));
        assert_eq!(read(scene), json!({ "type": "apiKey" }));
        assert!(!scene.client.heard.contains("sk-demo"), "the key is told to nobody");
        let log = std::fs::read_to_string(scene.stage.home.path().join("state/codling.log"));
        assert!(!log.unwrap().contains("sk-demo"), "nor is it in the log");
    });
}

#[test]
fn settings_that_force_one_way_refuse_the_other() {
    let chatgpt = "forced_login_method = 'chatgpt'";
    over_both(Account::Nobody, &Options::default(), chatgpt, |scene| {
        let login = json!({ "type": "apiKey", "apiKey": "sk-demo" });
        let (code, why) = scene.client.refusal("account/login/start", login);
        assert_eq!(code, -32600);
        assert_eq!(why, sentences::KEY_DISABLED);
        assert_eq!(scene.auth_file(), "");
    });
    over_both(Account::Nobody, &Options::default(), "forced_login_method = 'api'", |scene| {
        for kind in ["chatgpt", "chatgptDeviceCode"] {
            let (code, why) = scene.client.refusal("account/login/start", json!({ "type": kind }));
            assert_eq!(code, -32600);
            assert_eq!(why, sentences::CHATGPT_DISABLED);
        }
        let tokens = json!({
            "type": "chatgptAuthTokens", "accessToken": "a.b.c", "chatgptAccountId": "w",
        });
        let (_, why) = scene.client.refusal("account/login/start", tokens);
        assert_eq!(why, sentences::EXTERNAL_DISABLED);
    });
}

#[test]
fn a_chatgpt_account_is_read_with_its_plan() {
    let person = Person { plan: Some("pro".into()), ..Person::default() };
    let email = person.email.clone();
    let options = Options { person, ..Options::default() };
    over_both(Account::ChatGpt, &options, "", |scene| {
        let account = read(scene);
        assert_eq!(account["type"], "chatgpt");
        assert_eq!((&account["email"], &account["planType"]), (&json!(email), &json!("pro")));
        let status = scene.client.request("getAuthStatus", json!({ "includeToken": true }));
        let told =
            json!({ "authMethod": "chatgpt", "authToken": null, "requiresOpenaiAuth": true });
        assert_eq!(status, told, "a token is told to nobody");
        let limits = scene.client.request("account/rateLimits/read", json!({}));
        assert_eq!(limits["rateLimits"]["primary"]["usedPercent"], 12);
    });
}

#[test]
fn a_plan_that_the_protocol_has_no_word_for_is_unknown() {
    let person = Person { plan: Some("galactic".into()), ..Person::default() };
    let options = Options { person, ..Options::default() };
    let mut scene = Scene::with(Transport::Pipe, Account::ChatGpt, options, "");
    assert_eq!(read(&mut scene)["planType"], "unknown");
}

#[test]
fn a_provider_that_needs_no_sign_in_has_no_account() {
    let settings = "model = 'acme/large'\n[provider.acme]\nbase_url = 'http://127.0.0.1:9/v1'\n";
    over_both(Account::ApiKey, &Options::default(), settings, |scene| {
        let answer = scene.client.request("account/read", json!({}));
        assert_eq!(answer["account"], Value::Null);
        assert_eq!(answer["requiresOpenaiAuth"], false);
    });
}

#[test]
fn a_sign_in_that_cannot_be_renewed_any_more_is_no_account() {
    over_both(Account::ChatGpt, &Options::default(), "", |scene| {
        let refused = ScriptedAnswer::error(401, "refresh_token_reused", "used before");
        scene.stage.stand.fault("/oauth/token", refused);
        let answer = scene.client.request("account/read", json!({ "refreshToken": true }));
        assert_eq!(answer["account"], Value::Null);
    });
}

#[test]
fn a_sign_in_is_renewed_where_the_client_asks_for_it() {
    let mut scene = Scene::with(Transport::Pipe, Account::ChatGpt, Options::default(), "");
    let answer = scene.client.request("account/read", json!({ "refreshToken": true }));
    assert_eq!(answer["account"]["type"], "chatgpt");
    assert_eq!(scene.stage.stand.refreshes(), 1);
}
