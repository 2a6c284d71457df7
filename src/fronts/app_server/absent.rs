//! Methods about what Codex has and codling has not (apps, plugins, hooks, goals, terminals in the
//! background): each answers that there is none.

use serde::Deserialize;
use serde_json::{Value, json};

use super::connection::Asker;
use super::methods::{Nothing, Params};
use super::server::Server;

/// Parameters about a thread, of which nothing is kept.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AboutThread {
    #[serde(rename = "threadId")]
    _thread_id: String,
}

impl Params for AboutThread {}

fn say(server: &mut Server, asker: Asker, answer: Value) {
    server.answer(asker, Ok(answer));
}

/// A list that has pages elsewhere.
pub fn page(server: &mut Server, asker: Asker, _none: Nothing) {
    say(server, asker, json!({ "data": [], "nextCursor": null }));
}

pub fn list(server: &mut Server, asker: Asker, _none: Nothing) {
    say(server, asker, json!({ "data": [] }));
}

pub fn terminals(server: &mut Server, asker: Asker, _about: AboutThread) {
    say(server, asker, json!({ "data": [], "nextCursor": null }));
}

pub fn cleaned(server: &mut Server, asker: Asker, _about: AboutThread) {
    say(server, asker, json!({}));
}

pub fn plugins(server: &mut Server, asker: Asker, _none: Nothing) {
    let none = json!({ "marketplaces": [], "marketplaceLoadErrors": [] });
    say(server, asker, none);
}

pub fn goal(server: &mut Server, asker: Asker, _about: AboutThread) {
    say(server, asker, json!({ "goal": null }));
}

pub fn goal_cleared(server: &mut Server, asker: Asker, _about: AboutThread) {
    say(server, asker, json!({ "cleared": false }));
}

pub fn gov_cloud(server: &mut Server, asker: Asker, _none: Nothing) {
    say(server, asker, json!({ "isGovCloud": false, "shouldWarn": false }));
}
