//! The list of models with as many as there are, and the public catalogue of providers.

use codling::demo::ScriptedAnswer;
use serde_json::json;

use crate::ask::Ask;
use crate::scene::{Scene, milliseconds, settle};
use crate::stage::{Account, Stage};
use crate::table::{Table, Target};
use crate::usage::{peak, resident};

const MODELS: usize = 9_000;
const PROVIDERS: usize = 225;
const OF_A_PROVIDER: usize = 37;
const LIST: &str = "/acme/models";

pub fn measure(ask: &Ask, table: &mut Table) {
    if ask.wants(&["models", "catalogue"]) {
        let (opened, keys): (Vec<f64>, Vec<f64>) = (0..ask.runs).map(|_| many(ask)).unzip();
        table.add("/models with 9,000 rows opens", "ms", Target::AtMost(16.0), &opened);
        table.add("the same: a key filters them", "ms", Target::AtMost(5.0), &keys);
        let (more, left): (Vec<f64>, Vec<f64>) = (0..ask.runs).filter_map(|_| read(ask)).unzip();
        table.add(
            "reading a catalogue of 5 MB: peak over idle",
            "MiB",
            Target::AtMost(30.0),
            &more,
        );
        table.add("the same: memory that stays", "MiB", Target::AtMost(8.0), &left);
    }
}

/// Opens the list a second time, when all models are known, and types a letter.
fn many(ask: &Ask) -> (f64, f64) {
    let stage = Stage::new(Account::ChatGpt);
    let data: Vec<_> =
        (0..MODELS).map(|at| json!({ "id": format!("org-{}/model-{at}", at % 90) })).collect();
    stage.stand.fault(LIST, ScriptedAnswer::json(&json!({ "data": data })));
    let origin = stage.stand.origin().to_string();
    let settings = format!("[provider.acme]\nbase_url = '{origin}/acme'\ndialect = 'chat'\n");
    let scene = Scene::begin_set(ask, stage, &settings, &[]);
    let terminal = &scene.terminal;
    let open = || {
        terminal.type_text("/models");
        terminal.wait_for("/models");
        settle(terminal);
        terminal.send(b"\r")
    };
    open();
    terminal.wait_for("Choose a model");
    terminal.type_text("model-8999");
    terminal.wait_for("acme/org-89/model-8999");
    terminal.send(b"\x1b");
    settle(terminal);
    let asked = open();
    let opened = milliseconds(terminal.wait_for("Choose a model").duration_since(asked));
    settle(terminal);
    let typed = terminal.send(b"7");
    let filtered = terminal.wait_gone("Search models");
    (opened, milliseconds(filtered.duration_since(typed)))
}

/// Has the catalogue read; returns the peak of its memory, and what stays of that.
fn read(ask: &Ask) -> Option<(f64, f64)> {
    let stage = Stage::new(Account::ChatGpt);
    let model = |at: usize| {
        let text = "A model of some length that is described by its maker. ".repeat(5);
        let facts = json!({ "id": format!("m-{at}"), "description": text, "tool_call": true,
            "modalities": { "input": ["text", "image"], "output": ["text"] },
            "limit": { "context": 200_000, "output": 64_000 }, "cost": { "input": 1.5, "output": 6 } });
        (format!("m-{at}"), facts)
    };
    let provider = |at: usize| {
        let models: serde_json::Map<String, serde_json::Value> =
            (0..OF_A_PROVIDER).map(model).collect();
        let listed = json!({ "name": format!("Provider {at}"), "npm": "@ai-sdk/openai-compatible",
            "api": format!("https://p{at}.example/v1"), "models": models });
        (format!("p{at}"), listed)
    };
    let all: serde_json::Map<String, serde_json::Value> = (0..PROVIDERS).map(provider).collect();
    stage.stand.fault("/api.json", ScriptedAnswer::json(&all.into()));
    let variables = [
        ("CODLING_MODELS_ORIGIN", stage.stand.origin().to_string()),
        ("OPENCODE_DISABLE_MODELS_FETCH", "0".to_owned()),
    ];
    let scene = Scene::begin_set(ask, stage, "", &variables);
    let (terminal, pid) = (&scene.terminal, scene.terminal.pid());
    terminal.type_text("/connect");
    terminal.wait_for("/connect");
    terminal.send(b"\r");
    terminal.wait_for("Connect a provider");
    terminal.type_text("models.dev");
    settle(terminal);
    let (idle, before) = (resident(pid)?, peak(pid)?);
    terminal.send(b"\r");
    terminal.wait_for("They are in the list now");
    settle(terminal);
    let (after, left) = (peak(pid)?, resident(pid)?);
    Some((after.max(before) - idle, left - idle))
}
