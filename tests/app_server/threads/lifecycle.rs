//! Threads and turns: begun, answered, steered, stopped, listed, copied and put aside.

use std::fs;

use codling::demo::{ScriptedAnswer, completed, created, function_call, gate, text};
use codling::protocol::Usage;
use serde_json::{Value, json};

use crate::app_server::scene::{Scene, Transport, over_both};
use crate::app_server::sentences;
use crate::stage::{Account, Stage};

fn kinds(turn: &Value) -> Vec<&str> {
    turn["items"].as_array().unwrap().iter().map(|item| item["type"].as_str().unwrap()).collect()
}

fn read(scene: &mut Scene, thread: &str) -> Value {
    let params = json!({ "threadId": thread, "includeTurns": true });
    scene.client.request("thread/read", params)["thread"].clone()
}

#[test]
fn a_prompt_is_answered_item_by_item() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        scene.stage.stand.script([ScriptedAnswer::says("Good morning").split_every(4)]);
        let started = scene.client.request("thread/start", json!({}));
        let thread = started["thread"]["id"].as_str().unwrap().to_owned();
        assert_eq!(started["thread"]["source"], "vscode");
        assert_eq!(started["cwd"], scene.folder().to_str().unwrap());
        // Codex's screen names the permissions of a folder that is among these.
        assert_eq!(started["runtimeWorkspaceRoots"], json!([started["cwd"]]));
        assert_eq!(scene.client.news("thread/started")["thread"]["id"], thread);
        let turn = scene.client.prompt(&thread, "hello");
        assert_eq!(scene.client.news("turn/started")["turn"]["id"], turn);
        let prompt = scene.client.news("item/completed")["item"].clone();
        assert_eq!(prompt["content"][0]["text"], "hello");
        let begun = scene.client.until("an answer", |it| {
            it["method"] == "item/started" && it["params"]["item"]["type"] == "agentMessage"
        });
        let item = begun["params"]["item"]["id"].clone();
        let whole = scene.client.until("the whole answer", |it| {
            it["method"] == "item/completed" && it["params"]["item"]["id"] == item
        });
        assert_eq!(whole["params"]["item"]["text"], "Good morning");
        let deltas = scene.client.all_news("item/agentMessage/delta");
        let streamed: String = deltas.iter().map(|it| it["delta"].as_str().unwrap()).collect();
        assert_eq!(streamed, "Good morning");
        let ended = scene.client.ended(&turn);
        assert_eq!(
            (ended["status"].as_str(), kinds(&ended)),
            (Some("completed"), vec!["userMessage", "agentMessage"])
        );
        let used = scene.client.news("thread/tokenUsage/updated");
        assert_eq!(used["turnId"], turn);
        // Clients subtract it without looking whether it is there.
        assert_eq!(used["tokenUsage"]["last"]["cacheWriteInputTokens"], 0);
        let kept = read(scene, &thread);
        assert_eq!(kept["turns"][0]["id"], turn);
        assert_eq!(kinds(&kept["turns"][0]), ["userMessage", "agentMessage"]);
        scene.stage.stand.check().unwrap();
    });
}

#[test]
fn a_command_and_a_change_of_a_file_are_approved_by_the_client() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        let write = json!({ "filePath": "new.txt", "content": "one\ntwo\n" });
        scene.stage.stand.script([
            ScriptedAnswer::calls("call_1", "shell", &json!({ "command": "touch made; echo out" })),
            ScriptedAnswer::calls("call_2", "write", &write),
            ScriptedAnswer::calls("call_3", "shell", &json!({ "command": "touch never" })),
            ScriptedAnswer::says("done"),
        ]);
        let thread = scene.client.thread(json!({ "approvalPolicy": "untrusted" }));
        let turn = scene.client.prompt(&thread, "go");
        let asked = scene.client.asked("item/commandExecution/requestApproval");
        let about = &asked["params"];
        assert_eq!(
            (&about["itemId"], &about["command"]),
            (&json!("call_1"), &json!("bash -lc 'touch made; echo out'"))
        );
        let status = json!({ "type": "active", "activeFlags": ["waitingOnApproval"] });
        let told = scene.client.until("its status", |it| it["params"]["status"] == status);
        assert_eq!(told["method"], "thread/status/changed");
        scene.client.reply(&asked, json!({ "decision": "accept" }));
        let resolved = scene.client.news("serverRequest/resolved");
        assert_eq!((&resolved["requestId"], &resolved["threadId"]), (&asked["id"], &json!(thread)));
        let done = item(scene, "call_1");
        assert_eq!((&done["status"], &done["exitCode"]), (&json!("completed"), &json!(0)));
        assert_eq!(done["aggregatedOutput"], "out\n");

        let asked = scene.client.asked("item/fileChange/requestApproval");
        let begun = scene.client.until("the change", |it| {
            it["method"] == "item/started" && it["params"]["item"]["id"] == "call_2"
        });
        let change = &begun["params"]["item"]["changes"][0];
        let path = scene.folder().join("new.txt");
        assert_eq!(change["path"], path.to_str().unwrap());
        assert_eq!(
            (&change["kind"]["type"], &change["diff"]),
            (&json!("add"), &json!("one\ntwo\n"))
        );
        scene.client.reply(&asked, json!({ "decision": "accept" }));
        let diff = scene.client.news("turn/diff/updated")["diff"].clone();
        assert!(diff.as_str().unwrap().contains("+++ b/new.txt"), "{diff}");
        assert_eq!(fs::read_to_string(path).unwrap(), "one\ntwo\n");

        let asked = scene.client.asked("item/commandExecution/requestApproval");
        scene.client.reply(&asked, json!({ "decision": "decline" }));
        assert_eq!(item(scene, "call_3")["status"], "declined");
        assert_eq!(scene.client.ended(&turn)["status"], "completed");
        assert!(!scene.folder().join("never").exists());
        let kept = read(scene, &thread);
        let turn = &kept["turns"][0];
        assert_eq!(
            kinds(turn),
            ["userMessage", "commandExecution", "fileChange", "commandExecution", "agentMessage"]
        );
    });
}

/// Waits until an item is completed, and returns it.
fn item(scene: &mut Scene, id: &str) -> Value {
    let whole = scene
        .client
        .until(id, |it| it["method"] == "item/completed" && it["params"]["item"]["id"] == id);
    whole["params"]["item"].clone()
}

#[test]
fn an_answer_that_cannot_be_understood_lets_nothing_run() {
    let mut scene = Scene::new();
    scene.stage.stand.script([
        ScriptedAnswer::calls("call_1", "shell", &json!({ "command": "touch made" })),
        ScriptedAnswer::says("done"),
    ]);
    let thread = scene.client.thread(json!({ "approvalPolicy": "untrusted" }));
    let turn = scene.client.prompt(&thread, "go");
    let asked = scene.client.asked("item/commandExecution/requestApproval");
    scene.client.reply(&asked, json!({ "decision": "perhaps" }));
    assert_eq!(item(&mut scene, "call_1")["status"], "declined");
    assert_eq!(scene.client.ended(&turn)["status"], "completed");
    assert!(!scene.folder().join("made").exists());
}

#[test]
fn a_client_that_cancels_an_approval_stops_the_turn_and_one_that_never_asks_is_not_asked() {
    let mut scene = Scene::new();
    let call = |id: &str| ScriptedAnswer::calls(id, "shell", &json!({ "command": "touch made" }));
    scene.stage.stand.script([call("call_1")]);
    let thread = scene.client.thread(json!({ "approvalPolicy": "untrusted" }));
    let turn = scene.client.prompt(&thread, "go");
    let asked = scene.client.asked("item/commandExecution/requestApproval");
    scene.client.reply(&asked, json!({ "decision": "cancel" }));
    assert_eq!(scene.client.ended(&turn)["status"], "interrupted");
    scene.stage.stand.script([call("call_2"), ScriptedAnswer::says("I may not")]);
    let never = json!({ "approvalPolicy": "never", "sandbox": "read-only" });
    let thread = scene.client.thread(never);
    let turn = scene.client.prompt(&thread, "go");
    assert_eq!(scene.client.ended(&turn)["status"], "completed");
    assert_ne!(item(&mut scene, "call_2")["status"], "completed");
    assert!(!scene.folder().join("made").exists());
}

#[test]
fn a_running_turn_is_steered_and_stopped_by_its_id() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        scene.stage.stand.script([
            ScriptedAnswer::sse([
                created(),
                text("Well"),
                gate("first"),
                completed(Usage::default()),
            ]),
            ScriptedAnswer::sse([
                created(),
                text("And"),
                gate("second"),
                completed(Usage::default()),
            ]),
        ]);
        let thread = scene.client.thread(json!({}));
        let input = |text: &str| json!([{ "type": "text", "text": text }]);
        let idle = json!({ "threadId": thread, "input": input("x"), "expectedTurnId": "t" });
        assert_eq!(scene.client.refusal("turn/steer", idle).1, sentences::NO_TURN_TO_STEER);
        let stop = |turn: &str| json!({ "threadId": thread, "turnId": turn });
        assert_eq!(
            scene.client.refusal("turn/interrupt", stop("t")).1,
            sentences::NO_TURN_TO_INTERRUPT
        );
        let turn = scene.client.prompt(&thread, "hello");
        assert!(scene.stage.stand.wait_reached("first"));
        let wrong = json!({ "threadId": thread, "input": input("x"), "expectedTurnId": "t" });
        let expected = format!("expected active turn id `t` but found `{turn}`");
        assert_eq!(scene.client.refusal("turn/steer", wrong).1, expected);
        let steer = json!({ "threadId": thread, "input": input("more"), "expectedTurnId": turn });
        assert_eq!(scene.client.request("turn/steer", steer), json!({ "turnId": turn }));
        assert_eq!(scene.client.prompt(&thread, "again"), turn, "it joins the turn that runs");
        scene.stage.stand.open("first");
        assert!(scene.stage.stand.wait_reached("second"));
        assert_eq!(scene.client.request("turn/interrupt", stop(&turn)), json!({}));
        assert_eq!(scene.client.ended(&turn)["status"], "interrupted");
        let asked = scene.stage.stand.responses().pop().unwrap().body;
        assert!(asked.contains("more") && asked.contains("again"), "{asked}");
    });
}

#[test]
fn a_failed_turn_says_why_and_the_thread_goes_on() {
    let mut scene = Scene::new();
    let refused = ScriptedAnswer::error(400, "invalid_request_error", "That model is not for you");
    scene.stage.stand.script([refused, ScriptedAnswer::says("here")]);
    let thread = scene.client.thread(json!({}));
    let turn = scene.client.prompt(&thread, "hello");
    let ended = scene.client.ended(&turn);
    assert_eq!(
        (&ended["status"], &ended["error"]["codexErrorInfo"]),
        (&json!("failed"), &json!("badRequest"))
    );
    let status =
        scene.client.until("its status", |it| it["params"]["status"]["type"] == "systemError");
    assert_eq!(status["method"], "thread/status/changed");
    let turn = scene.client.prompt(&thread, "again");
    assert_eq!(scene.client.ended(&turn)["status"], "completed");
}

#[test]
fn an_answer_can_be_held_to_a_form_and_the_clients_instructions_reach_the_model() {
    let mut scene = Scene::new();
    scene.stage.stand.script([ScriptedAnswer::says("{\"a\":1}")]);
    let thread = scene.client.thread(json!({
        "baseInstructions": "You write titles.", "developerInstructions": "In five words.",
    }));
    let schema = json!({ "type": "object", "properties": { "a": { "type": "integer" } } });
    let start = json!({
        "threadId": thread, "input": [{ "type": "text", "text": "go" }], "outputSchema": schema,
        "clientUserMessageId": "mine",
    });
    scene.client.request("turn/start", start);
    scene.client.news("turn/completed");
    let begun =
        scene.client.until("the prompt", |it| it["params"]["item"]["type"] == "userMessage");
    assert_eq!(begun["params"]["item"]["clientId"], "mine");
    let asked = scene.stage.stand.responses().pop().unwrap().json();
    assert_eq!(asked["instructions"], "You write titles.\n\nIn five words.");
    assert_eq!(asked["text"]["format"]["schema"], schema);
}

#[test]
fn threads_are_listed_named_copied_put_aside_and_deleted() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        let empty = scene.client.thread(json!({}));
        let early = json!({ "threadId": empty });
        let (_, why) = scene.client.refusal("thread/turns/list", early);
        assert!(why.contains(sentences::NOT_MATERIALIZED), "{why}");
        let thread = scene.client.thread(json!({}));
        scene.stage.stand.script([ScriptedAnswer::says("good morning")]);
        let turn = scene.client.prompt(&thread, "hello");
        scene.client.ended(&turn);
        let hidden = scene.client.thread(json!({ "ephemeral": true }));
        let turn = scene.client.prompt(&hidden, "a title");
        scene.client.ended(&turn);
        let ids = |scene: &mut Scene, params: Value| -> Vec<String> {
            let list = scene.client.request("thread/list", params);
            let rows = list["data"].as_array().unwrap().clone();
            rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(ids(scene, json!({})), [thread.as_str(), empty.as_str()]);
        let early = json!({ "threadId": empty });
        assert_eq!(scene.client.request("thread/archive", early.clone()), json!({}));
        assert_eq!(scene.client.news("thread/archived")["threadId"], empty);
        assert_eq!(ids(scene, json!({})), [thread.as_str()]);
        scene.client.request("thread/unarchive", early.clone());
        assert_eq!(scene.client.news("thread/unarchived")["threadId"], empty);
        let resumed = scene.client.request("thread/resume", early.clone())["thread"].clone();
        assert_eq!((&resumed["id"], &resumed["turns"]), (&json!(empty), &json!([])));
        scene.client.request("thread/delete", early);
        assert_eq!(ids(scene, json!({ "cwd": "/elsewhere" })), [] as [&str; 0]);
        assert_eq!(
            scene.client.refusal("thread/list", json!({ "cursor": "zzz" })).1,
            "invalid cursor: zzz"
        );
        let name = json!({ "threadId": thread, "name": "Morning" });
        scene.client.request("thread/name/set", name);
        assert_eq!(scene.client.news("thread/name/updated")["threadName"], "Morning");
        assert_eq!(ids(scene, json!({ "searchTerm": "morn" })), [thread.as_str()]);
        let one = json!({ "threadId": thread });
        let copy = scene.client.request("thread/fork", one.clone())["thread"].clone();
        assert_eq!(
            (&copy["forkedFromId"], kinds(&copy["turns"][0])),
            (&json!(thread), vec!["userMessage", "agentMessage"])
        );
        let copy = copy["id"].as_str().unwrap().to_owned();
        assert_eq!(ids(scene, json!({})), [copy.as_str(), thread.as_str()]);
        scene.client.request("thread/archive", json!({ "threadId": copy }));
        assert_eq!(scene.client.news("thread/archived")["threadId"], copy);
        scene.client.request("thread/unarchive", json!({ "threadId": copy }));
        assert_eq!(scene.client.news("thread/unarchived")["threadId"], copy);
        assert!(!scene.client.heard.contains("\"warning\""), "{}", scene.client.heard);
        scene.client.request("thread/delete", json!({ "threadId": copy }));
        assert_eq!(scene.client.request("thread/archive", one.clone()), json!({}));
        assert_eq!(scene.client.news("thread/archived")["threadId"], thread);
        assert_eq!(ids(scene, json!({})), [] as [&str; 0]);
        assert_eq!(ids(scene, json!({ "archived": true })), [thread.as_str()]);
        let gone = format!("no rollout found for thread id {thread}");
        assert_eq!(scene.client.refusal("thread/resume", one.clone()), (-32600, gone));
        let back = scene.client.request("thread/unarchive", one.clone());
        assert_eq!(back["thread"]["name"], "Morning");
        assert_eq!(scene.client.news("thread/unarchived")["threadId"], thread);
        let resumed = scene.client.request("thread/resume", one.clone())["thread"].clone();
        assert_eq!(kinds(&resumed["turns"][0]), ["userMessage", "agentMessage"]);
        assert_eq!(scene.client.request("thread/delete", one.clone()), json!({}));
        assert_eq!(ids(scene, json!({})), [] as [&str; 0]);
        let hidden = json!({ "threadId": hidden });
        let left = scene.client.request("thread/unsubscribe", hidden);
        assert_eq!(left["status"], "unsubscribed");
        scene.client.news("thread/closed");
        let folder = scene.stage.home.path().join("data/sessions");
        crate::stage::until(
            crate::app_server::client::LIMIT,
            "the hidden thread is deleted",
            || {
                fs::read_dir(&folder)
                    .unwrap()
                    .flatten()
                    .all(|entry| entry.path().extension().is_none_or(|end| end != "jsonl"))
            },
        );
    });
}

#[test]
fn what_there_is_not_is_refused_by_its_name() {
    let mut scene = Scene::new();
    let id = "01a2063c-3960-717e-bb77-36f3a43bb7f8";
    let one = json!({ "threadId": id });
    let input = json!({ "threadId": id, "input": [{ "type": "text", "text": "x" }] });
    for (method, params, why) in [
        ("thread/read", one.clone(), format!("thread not loaded: {id}")),
        ("thread/resume", one.clone(), format!("no rollout found for thread id {id}")),
        ("thread/fork", one.clone(), format!("no rollout found for thread id {id}")),
        ("turn/start", input, format!("thread not found: {id}")),
    ] {
        assert_eq!(scene.client.refusal(method, params), (-32600, why), "{method}");
    }
    let status = scene.client.request("thread/unsubscribe", one)["status"].clone();
    assert_eq!(status, "notLoaded");
}

#[test]
fn a_conversation_of_another_front_is_listed_and_taken_up_and_the_other_way_round() {
    let mut scene = Scene::new();
    let run = |stage: &Stage, folder: &std::path::Path, arguments: &[&str]| {
        let program = std::path::Path::new(env!("CARGO_BIN_EXE_codling"));
        let output = stage
            .command(program, folder)
            .args(arguments)
            .stdout(std::process::Stdio::piped())
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let folder = scene.folder();
    run(&scene.stage, &folder, &["run", "hello from a shell"]);
    let list = scene.client.request("thread/list", json!({}));
    let thread = list["data"][0].clone();
    assert_eq!(thread["preview"], "hello from a shell");
    let id = thread["id"].as_str().unwrap();
    let resumed = scene.client.request("thread/resume", json!({ "threadId": id }));
    assert_eq!(resumed["thread"]["turns"].as_array().unwrap().len(), 1);
    let turn = scene.client.prompt(id, "hello from an editor");
    scene.client.ended(&turn);
    scene.client.hang_up();
    assert_eq!(scene.ended(), Some(0));
    let shown = run(&scene.stage, &folder, &["sessions", "show", &id.replace('-', "")]);
    assert!(shown.contains("hello from an editor"), "{shown}");
}

#[test]
fn a_server_over_a_pipe_ends_with_its_client_in_the_middle_of_a_turn() {
    let mut scene = Scene::over(Transport::Pipe);
    scene.stage.stand.script([ScriptedAnswer::sse([created(), text("Well"), gate("never")])]);
    let thread = scene.client.thread(json!({}));
    scene.client.prompt(&thread, "hello");
    assert!(scene.stage.stand.wait_reached("never"));
    scene.client.hang_up();
    assert_eq!(scene.ended(), Some(0));
}

#[test]
fn with_a_reviewer_that_codling_does_not_have_what_would_ask_is_declined() {
    let setting = json!({ "approvals_reviewer": "auto_review" });
    for reviewed in [
        json!({ "approvalsReviewer": "auto_review" }),
        json!({ "approvalsReviewer": "guardian_subagent" }),
        json!({ "config": setting }),
    ] {
        let mut scene = Scene::new();
        let command = "touch ../beside";
        scene.stage.stand.script([
            ScriptedAnswer::sse([
                created(),
                function_call("call_1", "shell", json!({ "command": command }).to_string()),
                completed(Usage::default()),
            ]),
            ScriptedAnswer::says("It was declined."),
        ]);
        let mut params = reviewed.clone();
        params["approvalPolicy"] = "on-request".into();
        params["sandbox"] = "workspace-write".into();
        let started = scene.client.request("thread/start", params);
        assert_ne!(started["approvalsReviewer"], "user");
        let thread = started["thread"]["id"].as_str().unwrap().to_owned();
        let turn = scene.client.prompt(&thread, "go");
        scene.client.ended(&turn);
        assert!(scene.client.all_news("item/commandExecution/requestApproval").is_empty());
        assert!(!scene.folder().parent().unwrap().join("beside").exists());
    }
}

#[test]
fn a_profile_and_the_mode_that_plans_are_listed_and_chosen() {
    let mut scene = Scene::new();
    let profiles = scene.client.request("permissionProfile/list", json!({}));
    let ids: Vec<&Value> =
        profiles["data"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [":read-only", ":workspace", ":danger-full-access"]);
    let modes = scene.client.request("collaborationMode/list", json!({}));
    assert_eq!(modes["data"][0]["mode"], "plan");

    let started = scene.client.request("thread/start", json!({ "permissions": ":read-only" }));
    assert_eq!(started["activePermissionProfile"]["id"], ":read-only");
    assert_eq!(started["sandbox"]["type"], "readOnly");
    let id = started["thread"]["id"].clone();
    let change = json!({
        "threadId": id, "permissions": ":workspace",
        "collaborationMode": { "mode": "plan", "settings": { "model": "m" } },
    });
    scene.client.request("thread/settings/update", change);
    let told = scene.client.until("Plan in the folder", |it| {
        let settings = &it["params"]["threadSettings"];
        settings["collaborationMode"]["mode"] == "plan"
            && settings["activePermissionProfile"]["id"] == ":workspace"
    });
    assert_eq!(told["method"], "thread/settings/updated");
    let (_, why) = scene.client.refusal("thread/start", json!({ "permissions": ":mine" }));
    assert!(why.contains("`:mine`"), "{why}");
}

#[test]
fn threads_are_found_by_what_they_are_about() {
    let mut scene = Scene::new();
    scene.stage.stand.script(["One.", "Two."].map(ScriptedAnswer::says));
    for prompt in ["plant tomatoes", "prune the roses"] {
        let thread = scene.client.thread(json!({}));
        let turn = scene.client.prompt(&thread, prompt);
        scene.client.ended(&turn);
    }
    let found = scene.client.request("thread/search", json!({ "searchTerm": "Roses" }));
    assert_eq!(found["data"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found["data"][0]["snippet"], "prune the roses");
}

#[test]
fn what_codling_does_not_have_is_answered_as_none() {
    let mut scene = Scene::new();
    let thread = scene.client.thread(json!({}));
    let about = json!({ "threadId": thread });
    for (method, params, member) in [
        ("hooks/list", json!({}), "data"),
        ("app/list", json!({}), "data"),
        ("plugin/list", json!({}), "marketplaces"),
        ("plugin/installed", json!({}), "marketplaces"),
        ("thread/backgroundTerminals/list", about.clone(), "data"),
    ] {
        assert_eq!(scene.client.request(method, params)[member], json!([]), "{method}");
    }
    assert_eq!(scene.client.request("thread/goal/get", about.clone())["goal"], Value::Null);
    assert_eq!(scene.client.request("thread/goal/clear", about.clone())["cleared"], false);
    scene.client.request("thread/backgroundTerminals/clean", about);
    let asked = "account/bedrock/checkGovCloudRequirements";
    assert_eq!(scene.client.request(asked, json!({}))["shouldWarn"], false);
}

#[test]
fn a_usage_limit_is_waited_out_where_the_settings_say_so_and_fails_the_turn_elsewhere() {
    for (settings, waits) in [("wait_for_limit = true", true), ("", false)] {
        let mut scene =
            Scene::with(Transport::Pipe, Account::ChatGpt, Default::default(), settings);
        scene.stage.stand.script([ScriptedAnswer::usage_limit(1), ScriptedAnswer::says("on")]);
        let thread = scene.client.thread(json!({}));
        let turn = scene.client.prompt(&thread, "go");
        let error = scene.client.news("error");
        assert_eq!(error["willRetry"], waits);
        assert_eq!(error["error"]["codexErrorInfo"], "usageLimitExceeded");
        let ended = scene.client.ended(&turn);
        assert_eq!(ended["status"], if waits { "completed" } else { "failed" });
    }
}
