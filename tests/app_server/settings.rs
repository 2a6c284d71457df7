//! The settings as clients read and write them, and whom they name.

use serde_json::json;

use super::scene::{Scene, Transport};
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
