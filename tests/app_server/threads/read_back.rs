//! Threads read from their logs: what clients were told while a turn ran is what they find later.

use codling::demo::{ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;
use serde_json::{Value, json};

use crate::app_server::client::Client;
use crate::app_server::scene::{Scene, over_both};
use crate::stage::Account;

/// The turns of a thread, in all the ways that they can be read.
fn turns(client: &mut Client, thread: &str) -> Vec<Value> {
    let params = json!({ "threadId": thread, "includeTurns": true });
    let read = client.request("thread/read", params)["thread"]["turns"].clone();
    let params = json!({ "threadId": thread, "itemsView": "full", "sortDirection": "asc" });
    let listed = client.request("thread/turns/list", params)["data"].clone();
    let bare = |turns: &Value| {
        let turns = turns.as_array().unwrap().iter();
        turns.map(|turn| json!([turn["id"], turn["status"], turn["items"]])).collect::<Vec<_>>()
    };
    assert_eq!(bare(&read), bare(&listed));
    bare(&read)
}

/// Checks that another server reads and resumes what this one has told.
fn is_read_back(scene: &mut Scene, thread: &str) -> Vec<Value> {
    let told = turns(&mut scene.client, thread);
    let (_server, mut client) = scene.second_server();
    assert_eq!(turns(&mut client, thread), told);
    scene.client.request("thread/unsubscribe", json!({ "threadId": thread }));
    told
}

fn steer(thread: &str, turn: &str, words: &str) -> Value {
    let input = json!([{ "type": "text", "text": words }]);
    json!({ "threadId": thread, "input": input, "expectedTurnId": turn })
}

fn interrupt(client: &mut Client, thread: &str, turn: &str) {
    client.request("turn/interrupt", json!({ "threadId": thread, "turnId": turn }));
    assert_eq!(client.ended(turn)["status"], "interrupted");
}

#[test]
fn a_prompt_that_steers_the_end_of_an_answer_is_part_of_its_turn_for_good() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        let slow = |word: &str, name: &str| {
            let done = completed(Usage::default());
            ScriptedAnswer::sse([created(), text(word), gate(name), done])
        };
        scene.stage.stand.script([
            slow("One.", "first"),
            slow("Two.", "second"),
            ScriptedAnswer::says("Three."),
            ScriptedAnswer::says("Four."),
        ]);
        let thread = scene.client.thread(json!({}));
        let turn = scene.client.prompt(&thread, "one");
        for (gate, words) in [("first", "two"), ("second", "three")] {
            assert!(scene.stage.stand.wait_reached(gate));
            scene.client.request("turn/steer", steer(&thread, &turn, words));
            scene.stage.stand.open(gate);
        }
        assert_eq!(scene.client.ended(&turn)["status"], "completed");
        let last = scene.client.prompt(&thread, "four");
        scene.client.ended(&last);
        let told = is_read_back(scene, &thread);
        assert_eq!(told.len(), 2);
        assert_eq!((&told[0][0], &told[1][0]), (&json!(turn), &json!(last)));
        let texts: Vec<_> = told[0][2]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["text"].as_str().or(it["content"][0]["text"].as_str()).unwrap())
            .collect();
        assert_eq!(texts, ["one", "One.", "two", "Two.", "three", "Three."]);
        // A copy that ends after the turn has all of it.
        let fork = json!({ "threadId": thread, "lastTurnId": turn });
        let copy = scene.client.request("thread/fork", fork)["thread"]["turns"].clone();
        assert_eq!(copy.as_array().unwrap().len(), 1);
        assert_eq!(copy[0]["items"].as_array().unwrap().len(), 6);
    });
}

#[test]
fn a_review_is_read_back_with_its_beginning_and_its_report() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        scene.stage.stand.script([
            ScriptedAnswer::says("It can be merged."),
            ScriptedAnswer::sse([created(), text("It"), gate("shut")]),
            ScriptedAnswer::sse([created(), gate("silent")]),
        ]);
        let thread = scene.client.thread(json!({}));
        let params = json!({ "threadId": thread, "target": { "type": "uncommittedChanges" } });
        let begin = |client: &mut Client| {
            let answer = client.request("review/start", params.clone());
            answer["turn"]["id"].as_str().unwrap().to_owned()
        };
        let first = begin(&mut scene.client);
        scene.client.ended(&first);
        let second = begin(&mut scene.client);
        scene.client.until("what was said of it", |it| {
            it["method"] == "item/agentMessage/delta" && it["params"]["turnId"] == second
        });
        interrupt(&mut scene.client, &thread, &second);
        let third = begin(&mut scene.client);
        assert!(scene.stage.stand.wait_reached("silent"));
        interrupt(&mut scene.client, &thread, &third);
        let told = is_read_back(scene, &thread);
        let reviews: Vec<_> = told
            .iter()
            .flat_map(|turn| turn[2].as_array().unwrap())
            .filter(|item| item["type"].as_str().unwrap().ends_with("ReviewMode"))
            .map(|item| (item["type"].as_str().unwrap(), item["review"].as_str().unwrap()))
            .collect();
        let [begins, ends] = ["enteredReviewMode", "exitedReviewMode"];
        let report = "It can be merged.";
        let expected = [report, "It", "The review ended without a report."]
            .map(|report| [(begins, "current changes"), (ends, report)]);
        assert_eq!(reviews, expected.concat());
        let ids = |item: &Value| item["id"].as_str().unwrap().to_owned();
        let all: Vec<String> =
            told.iter().flat_map(|turn| turn[2].as_array().unwrap()).map(ids).collect();
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len(), "{all:?}");
    });
}
