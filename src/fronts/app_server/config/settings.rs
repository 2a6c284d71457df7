//! The settings as clients read them, and the lists for features that codling does not have.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    ApprovalMode, Command, ConfigCommand, ConfigView, McpStatus, Reply, ServiceTier, SignInMethod,
    Verbosity,
};

use crate::app_server::outside::Outside;
use crate::app_server::request::paging::Page;
use crate::app_server::request::params::Nothing;
use crate::app_server::request::permissions::{PROFILES, Permissions, SandboxMode};
use crate::app_server::thread::mcp_servers::entry;
use crate::app_server::threads::loaded_threads::Threads;
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReadConfig {
    include_layers: bool,
}

pub fn read(outside: &mut Outside, asker: Asker, params: ReadConfig) {
    outside.ask(Command::Config(ConfigCommand::Read), move |outside, reply| {
        let result = match reply {
            Ok(Reply::Config(view)) => {
                let config = config(&view, outside.setup.typed_mode.unwrap_or(view.approvals));
                let layer = json!({
                    "name": user_layer(&view), "version": view.version, "config": config.clone(),
                });
                let layers = params.include_layers.then(|| json!([layer]));
                Ok(json!({ "config": config, "layers": layers, "origins": {} }))
            }
            Ok(_) => Err(Fault::internal("the settings could not be read")),
            Err(problem) => Err(problem.into()),
        };
        outside.answer(asker, result);
    });
}

/// The layer of settings that comes from the person's own file.
pub fn user_layer(view: &ConfigView) -> Value {
    json!({ "type": "user", "file": view.file })
}

/// The settings under the protocol's names.
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

/// Answers that no administrator restricts the settings: only the person decides them.
pub fn requirements(outside: &mut Outside, asker: Asker, _none: Nothing) {
    outside.answer(asker, Ok(json!({ "requirements": null })));
}

pub fn features(outside: &mut Outside, asker: Asker, _none: Nothing) {
    outside.answer(asker, Ok(json!({ "data": [], "nextCursor": null })));
}

/// Lists the permission profiles that `permissions` of a thread or turn may name.
pub fn profiles(outside: &mut Outside, asker: Asker, params: ListProfiles) {
    let row = |(sandbox, description): (SandboxMode, &str)| json!({ "id": sandbox.profile(), "description": description, "allowed": true });
    let rows = PROFILES.into_iter().map(row).collect();
    let page = Page::of(rows, params.cursor.as_deref(), params.limit);
    outside.answer(asker, page.map(Page::forwards));
}

/// Lists the agents that `collaborationMode` of a turn may name.
pub fn collaboration_modes(outside: &mut Outside, asker: Asker, _none: Nothing) {
    let row = |name: &str, mode: &str| json!({ "name": name, "mode": mode, "model": null, "reasoning_effort": null });
    let answer = json!({ "data": [row("Plan", "plan"), row("Default", "default")] });
    outside.answer(asker, Ok(answer));
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListProfiles {
    cursor: Option<String>,
    limit: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListServers {
    thread_id: Option<String>,
    server_name: Option<String>,
}

/// The servers of a thread; of the one that was loaded last where none is named.
pub fn mcp_servers(
    threads: &mut Threads,
    outside: &mut Outside,
    asker: Asker,
    params: ListServers,
) {
    let servers = threads.mcp_servers(params.thread_id.as_deref());
    let wanted =
        |status: &&McpStatus| params.server_name.as_ref().is_none_or(|name| **name == *status.name);
    let data: Vec<Value> = servers.iter().filter(wanted).map(entry).collect();
    outside.answer(asker, Ok(json!({ "data": data, "nextCursor": null })));
}
