//! The settings as clients read them, and the lists of what codling has none of.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    ApprovalMode, Command, ConfigCommand, ConfigView, Reply, ServiceTier, SignInMethod, Verbosity,
};

use super::connection::Asker;
use super::failure;
use super::methods::{Nothing, Params};
use super::paging::Page;
use super::permissions::{PROFILES, Permissions, SandboxMode};
use super::server::Server;
use super::wire::Fault;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadConfig {
    include_layers: bool,
}

impl Params for ReadConfig {}

pub fn read(server: &mut Server, asker: Asker, params: ReadConfig) {
    server.ask(Command::Config(ConfigCommand::Read), move |server, reply| {
        let result = match reply {
            Ok(Reply::Config(view)) => {
                let config = config(&view, server.setup.typed_mode.unwrap_or(view.approvals));
                let layer = json!({
                    "name": user_layer(&view), "version": view.version, "config": config.clone(),
                });
                let layers = params.include_layers.then(|| json!([layer]));
                Ok(json!({ "config": config, "layers": layers, "origins": {} }))
            }
            Ok(_) => Err(Fault::internal("the settings could not be read")),
            Err(problem) => Err(failure::fault(&problem)),
        };
        server.answer(asker, result);
    });
}

/// The person's own file, as the layer of the settings that it is.
pub fn user_layer(view: &ConfigView) -> Value {
    json!({ "type": "user", "file": view.file })
}

/// The settings under the names that the protocol has for them.
pub fn config(view: &ConfigView, mode: ApprovalMode) -> Value {
    let permissions = Permissions::of(mode);
    let workspaces = &view.sign_in_rule.workspaces;
    let provider = view.model.as_ref().map_or("openai", |model| model.provider.as_str());
    json!({
        "model": view.model.as_ref().map(|model| model.id.as_str()), "model_provider": provider,
        "model_reasoning_effort": view.effort.as_ref().map(|effort| effort.0.as_str()),
        "model_verbosity": view.verbosity.map(Verbosity::as_str),
        "service_tier": view.service_tier.map(ServiceTier::as_str),
        "approval_policy": permissions.ask_json(), "approvals_reviewer": "user",
        "sandbox_mode": permissions.sandbox_name(),
        "forced_login_method": view.sign_in_rule.method.map(method),
        "forced_chatgpt_workspace_id":
            if workspaces.is_empty() { Value::Null } else { json!(workspaces.to_vec()) },
    })
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

/// The profiles of permissions there are, as `permissions` of a thread or turn names them.
pub fn profiles(server: &mut Server, asker: Asker, params: ListProfiles) {
    let row = |(sandbox, description): (SandboxMode, &str)| json!({ "id": sandbox.profile(), "description": description, "allowed": true });
    let rows = PROFILES.into_iter().map(row).collect();
    let page = Page::of(rows, params.cursor.as_deref(), params.limit);
    server.answer(asker, page.map(Page::forwards));
}

/// The agents there are, as `collaborationMode` of a turn names them.
pub fn collaboration_modes(server: &mut Server, asker: Asker, _none: Nothing) {
    let row = |name: &str, mode: &str| json!({ "name": name, "mode": mode, "model": null, "reasoning_effort": null });
    let answer = json!({ "data": [row("Plan", "plan"), row("Default", "default")] });
    server.answer(asker, Ok(answer));
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListProfiles {
    cursor: Option<String>,
    limit: Option<usize>,
}

impl Params for ListProfiles {}

pub fn skills(server: &mut Server, asker: Asker, _none: Nothing) {
    server.answer(asker, Ok(json!({ "data": [] })));
}

pub fn mcp_servers(server: &mut Server, asker: Asker, _none: Nothing) {
    server.answer(asker, Ok(json!({ "data": [], "nextCursor": null })));
}
