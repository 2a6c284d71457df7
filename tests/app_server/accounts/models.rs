//! The models as clients list them, and as they name one.

use codling::demo::{Catalogue, Options, ScriptedAnswer};
use serde_json::{Value, json};

use crate::app_server::scene::{Scene, Transport};
use crate::stage::Account;

fn account() -> Options {
    Options { catalogue: Catalogue::Codex, ..Options::default() }
}

fn list(scene: &mut Scene) -> Vec<Value> {
    let listed = scene.client.request("model/list", json!({}));
    listed["data"].as_array().unwrap().clone()
}

fn defaults(models: &[Value]) -> Vec<&Value> {
    models.iter().filter(|model| model["isDefault"] == true).collect()
}

#[test]
fn the_first_list_is_the_one_of_the_account() {
    let mut scene = Scene::with(Transport::Pipe, Account::ChatGpt, account(), "");
    let models = list(&mut scene);
    assert_eq!(models[0]["id"], "gpt-6.1-sol");
    assert_eq!(defaults(&models), [&models[0]]);
}

#[test]
fn a_burst_of_clients_is_answered_to_the_last() {
    let scene = Scene::with(Transport::WebSocket, Account::ChatGpt, account(), "");
    let mut clients: Vec<_> = (0..10).map(|_| scene.another()).collect();
    let asked: Vec<Vec<_>> = clients
        .iter_mut()
        .map(|client| (0..10).map(|_| client.ask("model/list", json!({}))).collect())
        .collect();
    for (client, asked) in clients.iter_mut().zip(asked) {
        for id in asked {
            let answer = client.answer(id);
            assert_eq!(answer["result"]["data"][0]["id"], "gpt-6.1-sol", "{answer}");
        }
    }
}

#[test]
fn a_model_of_a_provider_is_named_by_its_id_and_its_provider_apart() {
    let stand = codling::demo::Stand::start(Options::default()).unwrap();
    let settings = format!(
        "model = 'mock/mock-model'\n[provider.mock]\nbase_url = '{origin}/mock'\n\
         [provider.acme]\nmodels = ['large']\nbase_url = '{origin}/acme'\n",
        origin = stand.origin(),
    );
    stand.fault("/mock/models", ScriptedAnswer::json(&json!({ "data": [{ "id": "listed" }] })));
    stand.fault("/acme/responses", ScriptedAnswer::says("One."));
    let mut scene = Scene::with(Transport::Pipe, Account::ChatGpt, account(), &settings);
    let models = list(&mut scene);
    let found = |id: &str| models.iter().find(|model| model["id"] == id).unwrap();
    assert_eq!(found("acme/large")["model"], "large");
    assert_eq!(found("mock/listed")["model"], "listed");
    assert_eq!(found("gpt-6.1-sol")["model"], "gpt-6.1-sol");
    assert_eq!(defaults(&models), [found("mock/mock-model")]);

    let thread = scene.client.request("thread/start", json!({}));
    assert_eq!([&thread["model"], &thread["modelProvider"]], ["mock-model", "mock"]);
    let again = scene
        .client
        .request("thread/start", json!({ "model": "mock-model", "modelProvider": "mock" }));
    assert_eq!([&again["model"], &again["modelProvider"]], ["mock-model", "mock"]);
    // Picked from the list, where OpenAI's are asked otherwise.
    let openai = json!({ "model": "gpt-6.1-sol", "modelProvider": "openai" });
    let thread = scene.client.request("thread/start", openai);
    assert_eq!([&thread["model"], &thread["modelProvider"]], ["gpt-6.1-sol", "openai"]);
    let id = thread["thread"]["id"].clone();
    let input = json!([{ "type": "text", "text": "hello" }]);
    scene.client.request("turn/start", json!({ "threadId": id, "input": input, "model": "large" }));
    scene.client.news("turn/completed");
    let request: Value =
        serde_json::from_str(&stand.requests_to("/acme/responses")[0].body).unwrap();
    assert_eq!(request["model"], "large");
}
