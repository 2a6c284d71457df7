//! Copies of threads that end at a turn, and threads that go back to one.

use std::fs;

use codling::demo::{ScriptedAnswer, created, gate};
use serde_json::{Value, json};

use crate::app_server::scene::{Scene, over_both};
use crate::app_server::sentences;
use crate::stage::Account;

/// Starts a thread with these prompts; returns its id and the ids of its turns.
fn turns_of(scene: &mut Scene, prompts: &[&str]) -> (String, Vec<String>) {
    scene
        .stage
        .stand
        .script(prompts.iter().map(|prompt| ScriptedAnswer::says(&format!("re: {prompt}"))));
    let thread = scene.client.thread(json!({}));
    let turns = prompts.iter().map(|prompt| {
        let turn = scene.client.prompt(&thread, prompt);
        scene.client.ended(&turn);
        turn
    });
    let turns = turns.collect();
    (thread, turns)
}

/// The prompts of a thread as it is read.
fn prompts(scene: &mut Scene, thread: &str) -> Vec<String> {
    let params = json!({ "threadId": thread, "includeTurns": true });
    let read = scene.client.request("thread/read", params)["thread"].clone();
    of(&read)
}

fn of(thread: &Value) -> Vec<String> {
    let turns = thread["turns"].as_array().unwrap().iter();
    turns.map(|turn| turn["items"][0]["content"][0]["text"].as_str().unwrap().to_owned()).collect()
}

/// Sends a prompt; returns the request that the model gets.
fn sent(scene: &mut Scene, thread: &str) -> String {
    scene.stage.stand.script([ScriptedAnswer::says("more")]);
    let turn = scene.client.prompt(thread, "last");
    assert_eq!(scene.client.ended(&turn)["status"], "completed");
    scene.stage.stand.responses().last().unwrap().body.clone()
}

#[test]
fn a_copy_ends_where_its_client_says() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        let (from, turns) = turns_of(scene, &["one", "two", "three"]);
        for (end, left) in [
            (json!({}), vec!["one", "two", "three"]),
            (json!({ "lastTurnId": turns[2] }), vec!["one", "two", "three"]),
            (json!({ "lastTurnId": turns[0] }), vec!["one"]),
            (json!({ "beforeTurnId": turns[2] }), vec!["one", "two"]),
            (json!({ "beforeTurnId": turns[0] }), vec![]),
        ] {
            let mut params = end.clone();
            params["threadId"] = json!(from);
            let copy = scene.client.request("thread/fork", params)["thread"].clone();
            assert_eq!(
                (of(&copy), &copy["forkedFromId"]),
                (left.iter().map(|it| (*it).to_owned()).collect(), &json!(from)),
                "{end}"
            );
            let copy = copy["id"].as_str().unwrap().to_owned();
            let body = sent(scene, &copy);
            for prompt in ["one", "two", "three"] {
                assert_eq!(
                    body.contains(&format!("re: {prompt}")),
                    left.contains(&prompt),
                    "{end}"
                );
            }
        }
        assert_eq!(prompts(scene, &from), ["one", "two", "three"]);
        for (params, words) in [
            (json!({ "threadId": from, "lastTurnId": "none" }), sentences::NO_TURN_CALLED_NONE),
            (
                json!({ "threadId": from, "lastTurnId": turns[0], "beforeTurnId": turns[1] }),
                "cannot be combined",
            ),
        ] {
            let (_, why) = scene.client.refusal("thread/fork", params);
            assert!(why.contains(words), "{why}");
        }
    });
}

#[test]
fn a_thread_goes_back_to_where_its_client_says_and_goes_on_from_there() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        let (id, turns) = turns_of(scene, &["one", "two", "three"]);
        let revert = |turn: &str| json!({ "threadId": id, "beforeTurnId": turn });
        let read = scene.client.request("thread/read", json!({ "threadId": id }));
        let path = read["thread"]["path"].as_str().unwrap().to_owned();
        let whole = fs::read(&path).unwrap();
        let answer = scene.client.request("thread/revert", revert(&turns[1]));
        assert_eq!((&answer["thread"]["id"], &answer["thread"]["turns"]), (&json!(id), &json!([])));
        assert_eq!(scene.client.news("thread/reverted")["threadId"], json!(id));
        assert_eq!(prompts(scene, &id), ["one"]);
        let body = sent(scene, &id);
        assert!(body.contains("re: one") && !body.contains("re: two"), "{body}");
        assert_eq!(prompts(scene, &id), ["one", "last"]);
        let (_, why) = scene.client.refusal("thread/revert", revert("none"));
        assert_eq!(why, sentences::NO_TURN_CALLED_NONE);
        scene.client.request("thread/revert", revert(&turns[0]));
        assert_eq!(prompts(scene, &id), Vec::<String>::new(), "a thread may lose its first turn");
        assert!(fs::read(&path).unwrap().starts_with(&whole), "a log is only ever added to");
    });
}

#[test]
fn a_thread_does_not_go_back_while_a_turn_runs() {
    let mut scene = Scene::new();
    let (id, turns) = turns_of(&mut scene, &["one", "two"]);
    scene.stage.stand.script([ScriptedAnswer::sse([created(), gate("shut")])]);
    scene.client.prompt(&id, "three");
    let params = json!({ "threadId": id, "beforeTurnId": turns[1] });
    let (_, why) = scene.client.refusal("thread/revert", params);
    assert!(why.contains(sentences::TURN_IN_PROGRESS), "{why}");
}
