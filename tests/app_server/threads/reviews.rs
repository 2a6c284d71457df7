//! `review/start`: changes that are looked at in a turn of their thread.

use codling::demo::{ScriptedAnswer, created, gate};
use serde_json::json;

use crate::app_server::scene::{Scene, over_both};
use crate::app_server::sentences;
use crate::stage::Account;

#[test]
fn a_review_is_a_turn_between_two_items_that_say_so() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        scene.stage.stand.script([ScriptedAnswer::says("It can be merged.")]);
        let thread = scene.client.thread(json!({}));
        let target = json!({ "type": "baseBranch", "branch": "main" });
        let params = json!({ "threadId": thread, "target": target, "delivery": "inline" });
        let answer = scene.client.request("review/start", params);
        assert_eq!(answer["reviewThreadId"], thread);
        let turn = answer["turn"]["id"].as_str().unwrap().to_owned();
        scene.client.ended(&turn);
        let items: Vec<_> = scene.client.all_news("item/completed");
        let items: Vec<_> = items.iter().map(|it| &it["item"]).collect();
        let kinds: Vec<_> = items.iter().map(|it| it["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["userMessage", "enteredReviewMode", "agentMessage", "exitedReviewMode"]);
        let shown = "Review changes against 'main'";
        assert_eq!(items[0]["content"][0]["text"], shown);
        let list = scene.client.request("thread/list", json!({}));
        assert_eq!(list["data"][0]["preview"], shown);
        assert_eq!(items[1]["review"], "changes against 'main'");
        assert_eq!(items[3]["review"], "It can be merged.");
        let sent = scene.stage.stand.responses().last().unwrap().body.clone();
        assert!(sent.contains("git merge-base HEAD main"), "{sent}");
    });
}

#[test]
fn what_cannot_be_reviewed_is_refused() {
    let mut scene = Scene::new();
    let thread = scene.client.thread(json!({}));
    for (target, words) in [
        (json!({ "type": "baseBranch", "branch": "--output=/tmp/x" }), "branch must be"),
        (json!({ "type": "commit", "sha": "" }), "sha must be"),
        (json!({ "type": "custom", "instructions": " " }), sentences::NO_INSTRUCTIONS),
        (json!({ "type": "everything" }), "unknown variant `everything`"),
    ] {
        let params = json!({ "threadId": thread, "target": target });
        let (_, why) = scene.client.refusal("review/start", params);
        assert!(why.contains(words), "{why}");
    }
    scene.stage.stand.script([ScriptedAnswer::sse([created(), gate("shut")])]);
    scene.client.prompt(&thread, "go");
    let params = json!({ "threadId": thread, "target": { "type": "uncommittedChanges" } });
    let (_, why) = scene.client.refusal("review/start", params);
    assert!(why.contains(sentences::TURN_IN_PROGRESS), "{why}");
}
