//! Tokens that the client owns: held in memory, and asked for again when they are refused.

use std::path::Path;

use codling::demo::{Options, Person, ScriptedAnswer};
use serde_json::{Value, json};

use crate::app_server::scene::{Scene, Transport, over_both};
use crate::app_server::sentences;
use crate::stage::Account;

/// Tokens that the stand-in gave to somebody, in the client's hands.
fn tokens(scene: &Scene) -> Value {
    let tokens = scene.stage.stand.issue();
    json!({
        "type": "chatgptAuthTokens", "accessToken": tokens.access,
        "chatgptAccountId": tokens.account.unwrap(), "chatgptPlanType": "pro",
    })
}

fn hold(scene: &mut Scene) -> Value {
    let tokens = tokens(scene);
    let answer = scene.client.request("account/login/start", tokens.clone());
    assert_eq!(answer, json!({ "type": "chatgptAuthTokens" }));
    let end = scene.client.news("account/login/completed");
    assert_eq!((&end["loginId"], &end["success"]), (&Value::Null, &json!(true)));
    let news = scene.client.news("account/updated");
    assert_eq!(news, json!({ "authMode": "chatgptAuthTokens", "planType": "pro" }));
    tokens
}

/// The bearers of the requests for a response, in order.
fn bearers(scene: &Scene) -> Vec<String> {
    let requests = scene.stage.stand.responses();
    requests.iter().map(|request| request.bearer().unwrap().to_owned()).collect()
}

fn refused() -> ScriptedAnswer {
    ScriptedAnswer::error(401, "token_expired", "Your token has expired")
}

#[test]
fn tokens_of_the_client_are_used_and_nothing_of_them_reaches_a_file() {
    over_both(Account::Nobody, &Options::default(), "", |scene| {
        let tokens = hold(scene);
        let account = scene.client.request("account/read", json!({}))["account"].clone();
        assert_eq!((&account["type"], &account["planType"]), (&json!("chatgpt"), &json!("pro")));
        assert!(account["email"].is_string());
        let again = scene.client.request("account/read", json!({ "refreshToken": true }));
        assert_eq!(again["account"], account, "the client is not asked for others");
        let thread = scene.client.thread(json!({}));
        let turn = scene.client.prompt(&thread, "hello");
        assert_eq!(scene.client.ended(&turn)["status"], "completed");
        let access = tokens["accessToken"].as_str().unwrap();
        assert_eq!(bearers(scene), [access]);
        for login in [json!({ "type": "apiKey", "apiKey": "k" }), json!({ "type": "chatgpt" })] {
            let (code, why) = scene.client.refusal("account/login/start", login);
            assert_eq!(code, -32600);
            assert_eq!(why, sentences::EXTERNAL_ACTIVE);
        }
        scene.client.request("account/logout", json!({}));
        assert_eq!(scene.client.news("account/updated")["authMode"], Value::Null);
        assert_eq!(scene.client.request("account/read", json!({}))["account"], Value::Null);
        assert_eq!(scene.auth_file(), "");
        assert!(!scene.client.heard.contains(access), "the token is in no message");
        assert_eq!(files_with(scene.stage.home.path(), access), [] as [String; 0]);
    });
}

/// The files below a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(files_with(&path, text)),
            path => {
                let bytes = std::fs::read(&path).unwrap_or_default();
                if String::from_utf8_lossy(&bytes).contains(text) {
                    found.push(path.display().to_string());
                }
            }
        }
    }
    found
}

#[test]
fn a_token_that_is_refused_is_asked_for_anew_and_the_turn_goes_on() {
    over_both(Account::Nobody, &Options::default(), "", |scene| {
        let first = hold(scene);
        let account = first["chatgptAccountId"].clone();
        let second = scene.stage.stand.issue();
        scene.stage.stand.script([refused(), ScriptedAnswer::says("there you are")]);
        let thread = scene.client.thread(json!({}));
        let turn = scene.client.prompt(&thread, "hello");
        let asked = scene.client.asked("account/chatgptAuthTokens/refresh");
        let wanted = json!({ "reason": "unauthorized", "previousAccountId": account });
        assert_eq!(asked["params"], wanted);
        let given = json!({ "accessToken": second.access, "chatgptAccountId": account });
        scene.client.reply(&asked, given);
        assert_eq!(scene.client.ended(&turn)["status"], "completed");
        assert_eq!(bearers(scene), [first["accessToken"].as_str().unwrap(), &second.access]);
        assert_eq!(scene.client.all_news("account/updated"), [] as [Value; 0]);
    });
}

/// The error of a turn whose token was refused, by what the client answered then.
fn failure(scene: &mut Scene, answer: impl FnOnce(&mut Scene, &Value)) -> String {
    hold(scene);
    scene.stage.stand.script([refused()]);
    let thread = scene.client.thread(json!({}));
    let turn = scene.client.prompt(&thread, "hello");
    let asked = scene.client.asked("account/chatgptAuthTokens/refresh");
    answer(scene, &asked);
    let error = scene.client.news("error");
    assert_eq!((&error["willRetry"], &error["turnId"]), (&json!(false), &json!(turn)));
    let ended = scene.client.ended(&turn);
    assert_eq!(ended["status"], "failed");
    assert_eq!(ended["error"], error["error"]);
    ended["error"]["message"].as_str().unwrap().to_owned()
}

#[test]
fn a_client_that_has_no_other_token_fails_the_turn_and_its_words_are_withheld() {
    over_both(Account::Nobody, &Options::default(), "", |scene| {
        let message = failure(scene, |scene, asked| {
            let error = json!({ "code": -32000, "message": "secret words" });
            scene.client.send(&json!({ "id": asked["id"], "error": error }));
        });
        assert_eq!(message, sentences::REFRESH_FAILED);
        assert!(!scene.client.heard.contains("secret words"));
    });
}

#[test]
fn a_token_that_is_none_fails_the_turn() {
    over_both(Account::Nobody, &Options::default(), "", |scene| {
        let message = failure(scene, |scene, asked| {
            let account = scene.stage.stand.issue().account;
            let given = json!({ "accessToken": "not-a-jwt", "chatgptAccountId": account });
            scene.client.reply(asked, given);
        });
        assert_eq!(message, sentences::REFRESH_INVALID);
    });
}

#[test]
fn a_token_of_a_workspace_that_the_settings_do_not_name_fails_the_turn() {
    let account = Person::default().account.unwrap();
    let settings = format!("forced_chatgpt_workspace_id = '{account}'");
    over_both(Account::Nobody, &Options::default(), &settings, |scene| {
        let other = |scene: &Scene| {
            json!({
                "type": "chatgptAuthTokens", "accessToken": scene.stage.stand.issue().access,
                "chatgptAccountId": "another",
            })
        };
        let login = other(scene);
        let (_, why) = scene.client.refusal("account/login/start", login);
        assert!(why.starts_with(sentences::OTHER_WORKSPACE), "{why}");
        let message = failure(scene, |scene, asked| {
            let given = other(scene);
            scene.client.reply(asked, given);
        });
        let text = format!(
            "Login is restricted to workspace(s) {account}, but current credentials belong to another"
        );
        assert_eq!(message, text);
    });
}

#[test]
fn a_client_that_does_not_answer_fails_the_turn_after_ten_seconds() {
    let mut scene = Scene::with(Transport::Pipe, Account::Nobody, Options::default(), "");
    let began = std::time::Instant::now();
    let message = failure(&mut scene, |_, _| {});
    assert_eq!(message, sentences::REFRESH_TIMED_OUT);
    assert!(began.elapsed().as_secs() >= 10);
}

#[test]
fn what_is_no_token_is_not_taken() {
    let mut scene = Scene::with(Transport::Pipe, Account::Nobody, Options::default(), "");
    let login =
        json!({ "type": "chatgptAuthTokens", "accessToken": "no", "chatgptAccountId": "a" });
    let (code, why) = scene.client.refusal("account/login/start", login);
    assert_eq!(code, -32603);
    assert_eq!(why, sentences::NO_ID_TOKEN);
}

#[test]
fn tokens_of_the_client_end_a_sign_in_that_is_under_way() {
    over_both(Account::Nobody, &Options::default(), "", |scene| {
        let login = scene.client.request("account/login/start", json!({ "type": "chatgpt" }));
        let tokens = tokens(scene);
        scene.client.request("account/login/start", tokens);
        let cancel = json!({ "loginId": login["loginId"] });
        let answer = scene.client.request("account/login/cancel", cancel);
        assert_eq!(answer, json!({ "status": "notFound" }));
    });
}
