//! Signing in at the stand: by browser, by code, by refresh, and out again.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::client::{Connection, get, post_form, post_json, stand};
use crate::base::{Clock, Timestamp};
use crate::demo::accounts::jwt::challenge;
use crate::demo::{CLIENT_ID, DeviceCodes, DeviceDecision, Options, Stand};

const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more-";
const REDIRECT: &str = "http://localhost:1455/auth/callback";

fn address(stand: &Stand, changes: &[(&str, &str)]) -> String {
    let challenge = challenge(VERIFIER);
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", REDIRECT),
        ("scope", "openid profile email offline_access"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("state", "a&b=<c>"),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    let mut url = stand.origin().at("/oauth/authorize");
    url.query_pairs_mut().extend_pairs(fields);
    url.into()
}

fn pair(url: &str, name: &str) -> Option<String> {
    Url::parse(url)
        .unwrap()
        .query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

fn exchange(stand: &Stand, code: &str, changes: &[(&str, &str)]) -> (u16, Value) {
    let mut fields = vec![
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    for (name, value) in changes {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    let reply = post_form(stand, "/oauth/token", &fields);
    (reply.status, reply.json())
}

fn approved(stand: &Stand) -> String {
    let back = stand.authorize(&address(stand, &[]), DeviceDecision::Approve).unwrap();
    pair(&back, "code").unwrap()
}

fn refresh(stand: &Stand, token: &str) -> (u16, Value) {
    let body =
        json!({ "client_id": CLIENT_ID, "grant_type": "refresh_token", "refresh_token": token });
    let reply = post_json(stand, "/oauth/token", &body);
    (reply.status, reply.json())
}

/// Every page that a person may see holds this sentence.
const STAND_IN: &str = "This is a stand-in, not OpenAI";

#[test]
fn a_person_who_approves_in_the_browser_is_signed_in() {
    let stand = stand();
    let address = address(&stand, &[]);
    let path = address.strip_prefix(&stand.origin().to_string()).unwrap();
    let page = get(&stand, path, "").text();
    assert!(page.contains(STAND_IN), "{page}");
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "a resource from elsewhere: {page}"
    );

    let query = path.split_once('?').unwrap().1;
    let pressed =
        post_form(&stand, "/oauth/authorize", &[("request", query), ("decision", "approve")]);
    assert_eq!(pressed.status, 302);
    let back = pressed.header("location").unwrap();
    assert!(back.starts_with(REDIRECT), "{back}");
    assert_eq!(pair(back, "state").unwrap(), "a&b=<c>");

    let (status, tokens) = exchange(&stand, &pair(back, "code").unwrap(), &[]);
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(tokens["expires_in"], 864_000);
    let usage = get(&stand, "/backend-api/wham/usage", tokens["access_token"].as_str().unwrap());
    assert_eq!((usage.status, usage.json()["plan_type"].clone()), (200, json!("plus")));
    stand.check().unwrap();
}

#[test]
fn a_person_who_denies_comes_back_with_an_error_and_no_code() {
    let stand = stand();
    let back = stand.authorize(&address(&stand, &[]), DeviceDecision::Deny).unwrap();
    assert_eq!(pair(&back, "error").unwrap(), "access_denied");
    assert_eq!(pair(&back, "code"), None);
}

#[test]
fn an_authorize_address_that_is_not_right_gets_a_page_that_says_why() {
    let stand = stand();
    let cases = [
        ("redirect_uri", "https://evil.example/auth/callback", "redirect_uri"),
        ("redirect_uri", "http://localhost.evil.example/x", "redirect_uri"),
        ("code_challenge_method", "plain", "S256"),
        ("code_challenge", "", "code_challenge"),
        ("client_id", "another", "client_id"),
        ("state", "", "state"),
    ];
    for (name, value, said) in cases {
        let address = address(&stand, &[(name, value)]);
        let page = get(&stand, address.strip_prefix(&stand.origin().to_string()).unwrap(), "");
        assert_eq!(page.status, 400, "{name}={value}");
        assert!(page.text().contains(said), "{name}={value}: {}", page.text());
        assert!(stand.authorize(&address, DeviceDecision::Approve).is_err());
    }
}

#[test]
fn a_code_is_good_once_for_its_redirect_and_its_verifier() {
    let stand = stand();
    let cases = [
        ("code_verifier", "another-verifier"),
        ("redirect_uri", "http://127.0.0.1:1455/auth/callback"),
        ("client_id", "another"),
    ];
    for (name, value) in cases {
        let (status, error) = exchange(&stand, &approved(&stand), &[(name, value)]);
        assert!((400..=401).contains(&status), "{name}: {status}");
        assert!(error["error_description"].is_string(), "{error}");
    }
    let code = approved(&stand);
    assert_eq!(exchange(&stand, &code, &[]).0, 200);
    assert_eq!(
        exchange(&stand, &code, &[]),
        (
            400,
            json!({ "error": "invalid_grant", "error_description": "The code is unknown or was already used" })
        )
    );
}

#[test]
fn an_id_token_is_not_traded_for_a_key() {
    let stand = stand();
    let fields = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("client_id", CLIENT_ID),
    ];
    assert_eq!(post_form(&stand, "/oauth/token", &fields).status, 400);
}

#[test]
fn a_refresh_token_is_spent_by_its_first_use() {
    let stand =
        Stand::start(Options { access_lifetime: Duration::from_secs(60), ..Options::default() })
            .unwrap();
    let first = stand.issue().refresh;
    let (status, tokens) = refresh(&stand, &first);
    assert_eq!(status, 200);
    assert_ne!(tokens["refresh_token"], json!(first));
    assert_eq!(stand.refreshes(), 1);
    stand.check().unwrap();

    let (status, error) = refresh(&stand, &first);
    assert_eq!((status, error["error"]["code"].clone()), (401, json!("refresh_token_reused")));
    assert!(stand.check().unwrap_err().contains("sent again"));
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", tokens["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(
        post_form(&stand, "/oauth/token", &form).status,
        200,
        "the newer token is not harmed, and forms are as good as JSON"
    );
}

#[test]
fn a_refresh_without_need_breaks_a_law_and_one_after_a_refusal_does_not() {
    let stand = stand();
    refresh(&stand, &stand.issue().refresh);
    assert!(stand.check().unwrap_err().contains("refreshed 8"));

    let stand = super::client::stand();
    let tokens = stand.issue();
    stand.fault("/backend-api/wham/usage", crate::demo::ScriptedAnswer::status(401));
    assert_eq!(get(&stand, "/backend-api/wham/usage", &tokens.access).status, 401);
    assert_eq!(refresh(&stand, &tokens.refresh).0, 200);
    stand.check().unwrap();
}

#[test]
fn an_access_token_ends_with_its_time() {
    let clock = Clock::standing(Timestamp::from_seconds(1_800_000_000));
    let stand = Stand::start(Options {
        clock: clock.clone(),
        access_lifetime: Duration::from_secs(60),
        ..Options::default()
    })
    .unwrap();
    let tokens = stand.issue();
    assert_eq!(get(&stand, "/backend-api/codex/models", &tokens.access).status, 200);
    clock.advance(Duration::from_secs(60));
    assert_eq!(get(&stand, "/backend-api/codex/models", &tokens.access).status, 401);
    assert_eq!(refresh(&stand, &tokens.refresh).0, 200);
    stand.check().unwrap();
}

#[test]
fn refresh_tokens_that_ended_or_were_revoked_say_so() {
    let stand = stand();
    let (expired, revoked) = (stand.issue(), stand.issue());
    assert_eq!(
        post_json(&stand, "/oauth/revoke", &json!({ "token": revoked.refresh })).status,
        200
    );
    stand.expire_refresh_tokens();
    let code = |token: &str| refresh(&stand, token).1["error"]["code"].as_str().unwrap().to_owned();
    assert_eq!(code(&expired.refresh), "refresh_token_expired");
    assert_eq!(code(&revoked.refresh), "refresh_token_invalidated");
    assert_eq!(code("never seen"), "refresh_token_invalidated");
    assert!(stand.is_revoked(&revoked.refresh) && !stand.is_revoked(&expired.refresh));
    assert_eq!(
        get(&stand, "/backend-api/codex/models", &revoked.access).status,
        401,
        "its access token goes with it"
    );
}

fn begin(stand: &Stand) -> Value {
    post_json(stand, "/api/accounts/deviceauth/usercode", &json!({ "client_id": CLIENT_ID })).json()
}

fn poll(stand: &Stand, device: &Value) -> (u16, Value) {
    let body =
        json!({ "device_auth_id": device["device_auth_id"], "user_code": device["user_code"] });
    let reply = post_json(stand, "/api/accounts/deviceauth/token", &body);
    (reply.status, reply.json())
}

#[test]
fn a_code_typed_on_the_page_signs_another_device_in() {
    let stand = stand();
    let device = begin(&stand);
    assert_eq!(device["interval"], "5", "a string, as the real one");
    assert_eq!(poll(&stand, &device).0, 403);
    assert!(get(&stand, "/codex/device", "").text().contains(STAND_IN));

    assert_eq!(
        post_form(&stand, "/codex/device", &[("code", "NONE-00000"), ("decision", "approve")])
            .status,
        400
    );
    let code = device["user_code"].as_str().unwrap();
    assert_eq!(
        post_form(&stand, "/codex/device", &[("code", code), ("decision", "approve")]).status,
        200
    );

    let (status, grant) = poll(&stand, &device);
    assert_eq!(status, 200);
    let text = |name: &str| grant[name].as_str().unwrap().to_owned();
    assert_eq!(challenge(&text("code_verifier")), text("code_challenge"));
    let redirect = format!("{}/deviceauth/callback", stand.origin());
    let changes = [("redirect_uri", redirect.as_str()), ("code_verifier", &text("code_verifier"))];
    assert_eq!(exchange(&stand, &text("authorization_code"), &changes).0, 200);
    assert_eq!(poll(&stand, &device).0, 404, "it can be fetched once");
}

#[test]
fn a_device_may_be_denied_and_codes_may_be_off() {
    let stand = stand();
    let device = begin(&stand);
    assert!(stand.decide_device(device["user_code"].as_str().unwrap(), DeviceDecision::Deny));
    assert_eq!(poll(&stand, &device).0, 401);

    let stand =
        Stand::start(Options { device_codes: DeviceCodes::NotEnabled, ..Options::default() })
            .unwrap();
    assert_eq!(
        post_json(&stand, "/api/accounts/deviceauth/usercode", &json!({ "client_id": CLIENT_ID }))
            .status,
        404
    );
}

#[test]
fn in_the_demo_a_device_code_approves_itself_after_four_seconds() {
    let clock = Clock::standing(Timestamp::from_seconds(1_800_000_000));
    let stand = Stand::start(Options { clock: clock.clone(), ..Options::demo() }).unwrap();
    let device = begin(&stand);
    clock.advance(Duration::from_millis(3_999));
    assert_eq!(poll(&stand, &device).0, 403);
    clock.advance(Duration::from_millis(1));
    assert_eq!(poll(&stand, &device).0, 200);
}

#[test]
fn keys_are_told_from_no_keys() {
    let stand =
        Stand::start(Options { keys: vec!["sk-mine".into()], ..Options::default() }).unwrap();
    for (key, status) in [("sk-mine", 200), ("sk-demo-1", 200), ("sk-other", 401), ("", 401)] {
        assert_eq!(get(&stand, "/v1/models", key).status, status, "{key}");
    }
    assert_eq!(get(&stand, "/v1/models", &stand.key()).status, 200);
}

#[test]
fn a_page_on_the_web_that_points_its_name_here_gets_nothing() {
    let stand = stand();
    let reply = Connection::open_as(&stand, "evil.example", "GET", "/codex/device", &[], "")
        .finish()
        .unwrap();
    assert_eq!(reply.status, 403);
}
