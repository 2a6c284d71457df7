//! The settings as clients read them, and the lists of what codling has none of.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::SignInMethod;

use super::connection::Asker;
use super::methods::{Nothing, Params};
use super::permissions::Permissions;
use super::server::Server;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadConfig {
    include_layers: bool,
}

impl Params for ReadConfig {}

pub fn read(server: &mut Server, asker: Asker, params: ReadConfig) {
    let setup = &server.setup;
    let permissions = Permissions::of(setup.mode);
    let workspaces = &setup.sign_in_rule.workspaces;
    let config = json!({
        "model": setup.model.as_ref().map(|model| model.id.as_str()),
        "model_provider": setup.provider().as_str(),
        "model_reasoning_effort": setup.effort.as_ref().map(|effort| effort.0.as_str()),
        "approval_policy": permissions.ask_json(), "approvals_reviewer": "user",
        "sandbox_mode": permissions.sandbox_name(),
        "forced_login_method": setup.sign_in_rule.method.map(method),
        "forced_chatgpt_workspace_id":
            if workspaces.is_empty() { Value::Null } else { json!(workspaces.to_vec()) },
    });
    let layers = params.include_layers.then(|| {
        json!([{
            "name": { "type": "user", "file": setup.config_file }, "version": "1",
            "config": config.clone(),
        }])
    });
    let answer = json!({ "config": config, "layers": layers, "origins": {} });
    server.answer(asker, Ok(answer));
}

fn method(method: SignInMethod) -> &'static str {
    match method {
        SignInMethod::ApiKey => "api",
        SignInMethod::ChatGpt => "chatgpt",
    }
}

/// Nobody but the person themselves says what settings may be.
pub fn requirements(server: &mut Server, asker: Asker, _none: Nothing) {
    server.answer(asker, Ok(json!({ "requirements": null })));
}

pub fn features(server: &mut Server, asker: Asker, _none: Nothing) {
    server.answer(asker, Ok(json!({ "data": [], "nextCursor": null })));
}

pub fn skills(server: &mut Server, asker: Asker, _none: Nothing) {
    server.answer(asker, Ok(json!({ "data": [] })));
}

pub fn mcp_servers(server: &mut Server, asker: Asker, _none: Nothing) {
    server.answer(asker, Ok(json!({ "data": [], "nextCursor": null })));
}
