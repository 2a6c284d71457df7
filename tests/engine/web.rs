//! The provider's own web search: who gets it, and how its results are handled.

use std::sync::Arc;

use codling::demo::{
    Home, Options, ScriptedAnswer, SeenRequest, Stand, cite, completed, created, reasoning, text,
    web_search,
};
use codling::protocol::{
    ApprovalMode, Citation, Command, EventKind, ItemKind, SettingsCommand, Usage, WebAction,
};
use serde_json::{Value, json};

use super::scene::Scene;

const PAGE: &str = "https://pears.example/";

fn usage() -> Usage {
    Usage { input: 100, cached: 0, output: 10, reasoning: 0, cost: None }
}

/// A signed-in fixture with these settings.
fn with_settings(settings: &str) -> Scene {
    let home = Home::create().unwrap();
    let folder = home.path().join("config");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), settings).unwrap();
    let stand = Stand::start(Options::default()).unwrap();
    let scene = Scene::beside(Arc::new(stand), Arc::new(home));
    scene.home.sign_in(&scene.stand.issue()).unwrap();
    scene
}

/// The tools of a request after those that run here.
fn hosted(request: &SeenRequest) -> Option<Value> {
    let tools = request.json()["tools"].as_array().unwrap().clone();
    tools.last().filter(|tool| tool["type"] == "web_search").cloned()
}

#[test]
fn the_search_is_offered_as_the_settings_say_and_stays_whatever_the_mode_becomes() {
    let offered = |live: bool| Some(json!({"type": "web_search", "external_web_access": live}));
    for (settings, expected) in [
        ("", offered(false)),
        ("web_search = 'live'", offered(true)),
        ("web_search = 'off'", None),
        ("approvals = 'read-only'", None),
        ("approvals = 'read-only'\nweb_search = 'cached'", offered(false)),
    ] {
        let scene = with_settings(settings);
        scene.stand.script([ScriptedAnswer::says("One."), ScriptedAnswer::says("Two.")]);
        scene.ask("one");
        for mode in [ApprovalMode::ReadOnly, ApprovalMode::Auto] {
            scene.send(Command::Settings(scene.session(), SettingsCommand::Mode(mode)));
        }
        scene.ask("two");
        let requests = scene.stand.responses();
        assert_eq!(requests.len(), 2);
        assert!(requests.iter().all(|request| hosted(request) == expected), "{settings}");
        scene.end();
    }
}

#[test]
fn what_was_searched_is_told_and_goes_back_letter_for_letter() {
    let scene = Scene::signed_in(Options::default());
    let open = json!({"type": "open_page", "url": PAGE});
    scene.stand.script([
        ScriptedAnswer::sse([
            created(),
            reasoning("Where to look"),
            web_search(json!({"type": "search", "query": "pears", "sources": [{"type": "url", "url": PAGE}]})),
            web_search(open.clone()),
            text("Pears."),
            cite(PAGE, "All pears"),
            text(" Many."),
            cite(PAGE, "The same"),
            completed(usage()),
        ]),
        ScriptedAnswer::says("Yes."),
    ]);
    scene.submit("Which pears?");
    let mut searches = Vec::new();
    let cited = scene.wait("the answer", |event| match event {
        EventKind::ItemDone(item) => match &item.kind {
            ItemKind::WebSearch(search) => {
                searches.push(search.action.clone());
                None
            }
            ItemKind::Assistant { text, citations } => {
                assert_eq!(text, "Pears. Many.");
                Some(citations.clone())
            }
            _ => None,
        },
        _ => None,
    });
    assert_eq!(
        searches,
        [WebAction::Search { queries: vec!["pears".into()] }, WebAction::Open { url: PAGE.into() }]
    );
    assert_eq!(cited, [Citation { title: "All pears".into(), url: PAGE.into() }]);
    scene.outcome();
    scene.ask("Sure?");

    let requests = scene.stand.responses();
    let last = &requests[1];
    for action in [
        r#"{"type":"search","query":"pears","sources":[{"type":"url","url":"https://pears.example/"}]}"#,
        r#"{"type":"open_page","url":"https://pears.example/"}"#,
    ] {
        let action: Value = serde_json::from_str(action).unwrap();
        let item = last.input().into_iter().find(|item| item["action"] == action).unwrap();
        assert_eq!(
            (&item["type"], &item["status"]),
            (&json!("web_search_call"), &json!("completed"))
        );
        // Exactly as the server wrote it, with the order of its fields.
        let id = item["id"].as_str().unwrap();
        let sent =
            json!({"id": id, "type": "web_search_call", "status": "completed", "action": action});
        assert!(last.body.contains(&sent.to_string()), "{}", last.body);
    }
    let kinds: Vec<String> = last
        .input()
        .iter()
        .map(|item| item["type"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert!(
        kinds
            .windows(4)
            .any(|four| four == ["reasoning", "web_search_call", "web_search_call", "message"]),
        "{kinds:?}"
    );
    let message = last.input().into_iter().rfind(|item| item["role"] == "assistant").unwrap();
    assert_eq!(message["content"][0]["annotations"].as_array().unwrap().len(), 2);
    assert_eq!(message["content"][0]["annotations"][1]["title"], "The same");
    scene.end();
}
