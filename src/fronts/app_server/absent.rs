//! Methods about features that Codex has and codling lacks (apps, plugins, hooks, goals, background
//! terminals): each answers that there are none.

use serde::Deserialize;
use serde_json::{Value, json};

use super::outside::Outside;
use super::request::params::Nothing;
use super::transport::connection::Asker;

/// Parameters that name a thread; the id is not used.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AboutThread {
    #[serde(rename = "threadId")]
    _thread_id: String,
}

fn say(outside: &mut Outside, asker: Asker, answer: Value) {
    outside.answer(asker, Ok(answer));
}

/// Answers with the only page of an empty list.
pub fn page(outside: &mut Outside, asker: Asker, _none: Nothing) {
    say(outside, asker, json!({ "data": [], "nextCursor": null }));
}

pub fn list(outside: &mut Outside, asker: Asker, _none: Nothing) {
    say(outside, asker, json!({ "data": [] }));
}

pub fn terminals(outside: &mut Outside, asker: Asker, _about: AboutThread) {
    say(outside, asker, json!({ "data": [], "nextCursor": null }));
}

pub fn cleaned(outside: &mut Outside, asker: Asker, _about: AboutThread) {
    say(outside, asker, json!({}));
}

pub fn plugins(outside: &mut Outside, asker: Asker, _none: Nothing) {
    let none = json!({ "marketplaces": [], "marketplaceLoadErrors": [] });
    say(outside, asker, none);
}

pub fn goal(outside: &mut Outside, asker: Asker, _about: AboutThread) {
    say(outside, asker, json!({ "goal": null }));
}

pub fn goal_cleared(outside: &mut Outside, asker: Asker, _about: AboutThread) {
    say(outside, asker, json!({ "cleared": false }));
}

pub fn gov_cloud(outside: &mut Outside, asker: Asker, _none: Nothing) {
    say(outside, asker, json!({ "isGovCloud": false, "shouldWarn": false }));
}
