//! Hello, and what is refused before it; the dialect of the wire.

use serde_json::{Value, json};

use crate::app_server::client::Client;
use crate::app_server::scene::{Scene, Transport, program};
use crate::stage::{Account, Ending, Stage};

#[test]
fn nothing_is_answered_before_hello_and_hello_is_said_once() {
    let (stage, root) = (Stage::new(Account::ApiKey), tempfile::tempdir().unwrap());
    std::fs::create_dir(root.path().join("work")).unwrap();
    let mut server = Ending(program(&stage, root.path()).spawn().unwrap());
    let input = server.0.stdin.take().unwrap();
    let mut client = Client::of_pipe(input, server.0.stdout.take().unwrap());
    let not_yet = (-32600, "Not initialized".to_owned());
    assert_eq!(client.refusal("account/read", json!({})), not_yet);
    let (code, why) = client.refusal("nope/nope", json!({}));
    let unknown = "Invalid request: unknown variant `nope/nope`: codling has no such method";
    assert!(code == -32600 && why.starts_with(unknown), "{why}");
    let (_, why) = client.refusal("initialize", json!({}));
    assert_eq!(why, "Invalid request: missing field `clientInfo`");
    let hello = client.initialize();
    assert!(hello["userAgent"].as_str().unwrap().starts_with("story/0.169.0 ("), "{hello}");
    assert_eq!(hello["codexHome"], stage.home.path().to_str().unwrap());
    assert_eq!(hello["platformFamily"], std::env::consts::FAMILY);
    let again = json!({ "clientInfo": { "name": "a", "version": "1" } });
    assert_eq!(client.refusal("initialize", again).1, "Already initialized");
}

#[test]
fn bad_parameters_are_named_and_ids_come_back_as_they_were() {
    let mut scene = Scene::new();
    let number = json!({ "threadId": 5, "input": [] });
    for (method, params, why) in [
        ("thread/resume", json!({}), "missing field `threadId`"),
        ("turn/start", number, "invalid type: integer `5`, expected a string"),
        ("thread/start", Value::Null, "missing field `params`"),
        ("account/login/start", json!({ "type": "magic" }), "unknown variant `magic`"),
    ] {
        let (code, message) = scene.client.refusal(method, params);
        assert_eq!(code, -32600);
        assert!(message.starts_with(&format!("Invalid request: {why}")), "{message}");
    }
    for id in [json!(""), json!(0), json!("x-1"), json!(-5)] {
        scene.client.send(&json!({ "id": id, "method": "thread/loaded/list", "jsonrpc": "2.0" }));
        let answer =
            scene.client.until("the answer", |it| it["id"] == id && it["method"].is_null());
        assert_eq!(answer["result"]["data"], json!([]));
        assert!(answer["jsonrpc"].is_null());
    }
    assert_eq!(scene.client.refusal("thread/read", json!({ "threadId": "zzz" })).0, -32600);
}

#[test]
fn what_is_experimental_is_for_those_who_asked_and_nobody_hears_what_they_opted_out_of() {
    let scene = Scene::over(Transport::WebSocket);
    let mut plain = Client::connect(scene.address.as_ref().unwrap());
    plain.request(
        "initialize",
        json!({
            "clientInfo": { "name": "plain", "version": "1" },
            "capabilities": { "optOutNotificationMethods": ["thread/started", "no/such"] },
        }),
    );
    let login = "account/login/start";
    let granular = json!({ "sandbox_approval": true, "rules": true, "mcp_elicitations": true });
    let granular = json!({ "approvalPolicy": { "granular": granular } });
    let tokens = json!({
        "type": "chatgptAuthTokens", "accessToken": "a", "chatgptAccountId": "b",
    });
    let settings = json!({ "threadId": "x" });
    for (method, params, what) in [
        ("thread/settings/update", settings, "thread/settings/update"),
        ("thread/start", json!({ "dynamicTools": [] }), "thread/start.dynamicTools"),
        ("thread/start", granular, "askForApproval.granular"),
        (login, json!({ "type": "amazonBedrock" }), "account/login/start.amazonBedrock"),
        (login, tokens, "account/login/start.chatgptAuthTokens"),
    ] {
        let refused = (-32600, format!("{what} requires experimentalApi capability"));
        assert_eq!(plain.refusal(method, params), refused);
    }
    let thread = plain.thread(json!({}));
    plain.request("thread/archive", json!({ "threadId": thread }));
    assert_eq!(plain.news("thread/archived")["threadId"], thread);
    assert!(!plain.heard.contains("\"thread/started\""), "{}", plain.heard);
}
