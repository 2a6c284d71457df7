//! The settings as clients read and write them, and whom they name.

use std::fs;

use codling::demo::ScriptedAnswer;
use serde_json::{Value, json};

use super::scene::{Scene, Transport, over_both};
use crate::stage::Account;

#[test]
fn providers_are_told_with_how_they_are_signed_in_to() {
    let settings =
        "[provider.acme]\nbase_url = \"https://acme.example/v1\"\nkey_env = \"ACME_KEY\"\n";
    let mut scene = Scene::with(Transport::Pipe, Account::ApiKey, Default::default(), settings);
    let listed = scene.client.request("modelProvider/list", json!({}));
    assert_eq!(listed["data"][0]["settings"], json!({ "type": "openai" }));
    let acme = &listed["data"][1];
    let auth = json!({ "mode": "environmentVariable", "envKey": "ACME_KEY" });
    assert_eq!(acme["settings"], json!({ "type": "customGateway", "auth": auth }));
    assert_eq!(acme["baseUrl"], "https://acme.example/v1");
}

#[test]
fn a_provider_that_is_written_into_the_settings_is_there_at_once() {
    let mut scene = Scene::with(Transport::Pipe, Account::ApiKey, Default::default(), "");
    let origin = scene.stage.stand.origin().to_string();
    let names = |scene: &mut Scene| {
        let listed = scene.client.request("modelProvider/list", json!({}));
        listed["data"].as_array().unwrap().len()
    };
    let before = names(&mut scene);
    let section = json!({ "base_url": format!("{origin}/acme"), "models": ["large"] });
    let edit = write("provider.acme", section, &Value::Null);
    assert_eq!(scene.client.request("config/value/write", edit)["status"], "ok");
    assert_eq!(names(&mut scene), before + 1);
    let models = scene.client.request("model/list", json!({}));
    assert!(models["data"].as_array().unwrap().iter().any(|one| one["id"] == "acme/large"));
}

fn write(key: &str, value: Value, version: &Value) -> Value {
    json!({ "keyPath": key, "mergeStrategy": "replace", "value": value, "expectedVersion": version })
}

#[test]
fn settings_are_written_where_they_are_the_ones_that_were_read() {
    over_both(
        Account::ApiKey,
        &Default::default(),
        "# mine\r\neffort = \"low\" # for now\r\n",
        |scene| {
            let path = scene.stage.home.path().join("config/config.toml");
            let read = |scene: &mut Scene| {
                scene.client.request("config/read", json!({ "includeLayers": true }))
            };
            let before = read(scene);
            assert_eq!(before["config"]["model_reasoning_effort"], "low");
            assert_eq!(before["layers"][0]["name"]["file"], path.to_str().unwrap());
            let version = before["layers"][0]["version"].clone();
            let edits = json!([
                { "keyPath": "model", "mergeStrategy": "replace", "value": "gpt-5.2" },
                { "keyPath": "model_reasoning_effort", "mergeStrategy": "upsert", "value": "high" },
                { "keyPath": "approval_policy", "mergeStrategy": "replace", "value": "on-request" },
                { "keyPath": "permission.shell.\"make *\"", "mergeStrategy": "replace", "value": "allow" },
            ]);
            let batch = json!({ "edits": edits, "expectedVersion": version, "filePath": path });
            let written = scene.client.request("config/batchWrite", batch);
            assert_eq!(written["status"], "ok");
            assert_eq!(
                fs::read_to_string(&path).unwrap(),
                "# mine\r\neffort = \"high\" # for now\r\nmodel = \"gpt-5.2\"\r\napprovals = \"auto\"\r\n\
             \r\n[permission.shell]\r\n\"make *\" = \"allow\"\r\n"
            );
            let after = read(scene);
            assert_eq!(after["layers"][0]["version"], written["version"]);
            assert_eq!(after["config"]["model"], "gpt-5.2");
            // A new thread uses the new settings.
            let thread = scene.client.request("thread/start", json!({}));
            assert_eq!(
                (&thread["model"], &thread["reasoningEffort"], &thread["approvalPolicy"]),
                (&json!("gpt-5.2"), &json!("high"), &json!("on-request"))
            );
            let stale =
                scene.client.ask("config/value/write", write("model", json!("m"), &version));
            let error = scene.client.answer(stale)["error"].clone();
            assert_eq!(error["data"]["config_write_error_code"], "configVersionConflict");
            assert_eq!(error["code"], -32600);
            let gone = scene
                .client
                .request("config/value/write", write("model", Value::Null, &Value::Null));
            assert_eq!(gone["status"], "ok");
            assert_eq!(read(scene)["config"]["model"], Value::Null);
        },
    );
}

#[test]
fn settings_that_cannot_be_used_are_not_written() {
    let mut scene = Scene::new();
    let path = scene.stage.home.path().join("config/config.toml");
    for (key, value, code) in [
        ("no_such_setting", json!(1), "configSchemaUnknownKey"),
        ("tui.theme", json!("dark"), "configSchemaUnknownKey"),
        ("model_reasoning_effort", json!(7), "configValidationError"),
        ("approval_policy", json!("sometimes"), "configValidationError"),
        ("approvals", json!("full"), "configValidationError"),
        ("a..b", json!(1), "configValidationError"),
    ] {
        let id = scene.client.ask("config/value/write", write(key, value, &Value::Null));
        let error = scene.client.answer(id)["error"].clone();
        assert_eq!(error["data"]["config_write_error_code"], code, "{key}: {error}");
    }
    let mut elsewhere = write("effort", json!("low"), &Value::Null);
    elsewhere["filePath"] = json!(scene.folder().join("config.toml"));
    let id = scene.client.ask("config/value/write", elsewhere);
    let error = scene.client.answer(id)["error"].clone();
    assert_eq!(error["data"]["config_write_error_code"], "configLayerReadonly");
    assert_eq!(fs::read_to_string(path).unwrap(), "");
}

#[test]
fn what_a_client_takes_back_at_once_is_taken_back() {
    let mut scene = Scene::new();
    scene.stage.stand.script([
        ScriptedAnswer::calls("call_1", "shell", &json!({ "command": "touch made" })),
        ScriptedAnswer::says("done"),
    ]);
    let before = scene.client.thread(json!({ "approvalPolicy": "untrusted" }));
    let settings = |id: i64, ask: &str, sandbox: &str, model: &str| {
        let params = json!({
            "threadId": before, "approvalPolicy": ask, "sandboxPolicy": { "type": sandbox },
            "model": model,
        });
        json!({ "id": id, "method": "thread/settings/update", "params": params }).to_string()
    };
    // Both requests arrive before the engine has answered the first one.
    scene.client.send_text(&format!(
        "{}\n{}",
        settings(1001, "never", "dangerFullAccess", "gpt-5.2"),
        settings(1002, "untrusted", "workspaceWrite", "gpt-5.1"),
    ));
    let told = scene.client.until("the settings that were said last", |it| {
        let settings = &it["params"]["threadSettings"];
        it["method"] == "thread/settings/updated"
            && settings["approvalPolicy"] == "untrusted"
            && settings["model"] == "gpt-5.1"
    });
    assert_eq!(told["params"]["threadSettings"]["sandboxPolicy"]["type"], "workspaceWrite");
    let turn = scene.client.prompt(&before, "go");
    let asked = scene.client.asked("item/commandExecution/requestApproval");
    scene.client.reply(&asked, json!({ "decision": "decline" }));
    assert_eq!(scene.client.ended(&turn)["status"], "completed");
    assert!(!scene.folder().join("made").exists());
}

#[test]
fn whoever_changes_a_thread_need_not_listen_to_it_and_those_who_do_are_told() {
    let mut scene = Scene::over(Transport::WebSocket);
    let mut other = scene.another();
    let thread = scene.client.thread(json!({ "sandbox": "read-only" }));
    let params = json!({
        "threadId": thread, "approvalPolicy": "never", "sandboxPolicy": { "type": "workspaceWrite" },
    });
    assert_eq!(other.request("thread/settings/update", params), json!({}));
    let told = scene.client.until("the settings", |it| {
        it["method"] == "thread/settings/updated"
            && it["params"]["threadSettings"]["approvalPolicy"] == "never"
    });
    let sandbox = &told["params"]["threadSettings"]["sandboxPolicy"];
    assert_eq!(sandbox["type"], "workspaceWrite");
    assert!(other.all_news("thread/settings/updated").is_empty());
    // The other client may subscribe as well, and finds the same settings.
    let joined = other.request("thread/resume", json!({ "threadId": thread }));
    assert_eq!(joined["approvalPolicy"], "never");
}

#[test]
fn a_rule_that_a_client_brings_along_with_its_approval_is_not_learned() {
    for decision in [
        json!({ "acceptWithExecpolicyAmendment": { "execpolicy_amendment": ["touch", "a"] } }),
        json!({ "applyNetworkPolicyAmendment":
            { "network_policy_amendment": { "host": "example.org", "action": "deny" } } }),
    ] {
        let mut scene = Scene::new();
        let call = |id| ScriptedAnswer::calls(id, "shell", &json!({ "command": "touch made" }));
        scene.stage.stand.script([call("call_1"), call("call_2"), ScriptedAnswer::says("done")]);
        let thread = scene.client.thread(json!({ "approvalPolicy": "untrusted" }));
        let turn = scene.client.prompt(&thread, "go");
        let asked = scene.client.asked("item/commandExecution/requestApproval");
        scene.client.reply(&asked, json!({ "decision": decision }));
        let again = scene.client.asked("item/commandExecution/requestApproval");
        assert_eq!(again["params"]["itemId"], "call_2", "the same command is asked about again");
        scene.client.reply(&again, json!({ "decision": "decline" }));
        assert_eq!(scene.client.ended(&turn)["status"], "completed");
        let learned = scene.stage.home.path().join("config/allowed.toml");
        assert!(!learned.exists(), "{:?}", fs::read_to_string(learned));
    }
}

#[test]
fn a_settings_file_that_cannot_be_used_is_told_and_the_server_starts_without_it() {
    let settings = "model = 'gpt-5.5'\napprovals = = 'auto'\n";
    over_both(Account::ApiKey, &Default::default(), settings, |scene| {
        let path = scene.stage.home.path().join("config/config.toml");
        let told = scene.client.news("configWarning");
        assert_eq!(told["path"], path.to_str().unwrap());
        assert_eq!(told["range"]["start"]["line"], 2, "{told}");
        let read = scene.client.request("config/read", json!({}));
        assert_eq!(read["config"]["model"], Value::Null);
        let started = scene.client.request("thread/start", json!({}));
        assert_eq!(started["approvalPolicy"], "untrusted");
        // A refused write leaves the file as it was.
        let error =
            scene.client.ask("config/value/write", write("model", json!("m"), &Value::Null));
        assert!(!scene.client.answer(error)["error"].is_null());
        assert_eq!(fs::read_to_string(&path).unwrap(), settings);
    });
}

#[test]
fn a_setting_that_is_ignored_is_told_with_its_place() {
    over_both(Account::ApiKey, &Default::default(), "# mine\nmodle = 'm'\n", |scene| {
        let told = scene.client.news("configWarning");
        assert_eq!(told["range"]["start"], json!({ "line": 2, "column": 1 }));
    });
}
