//! The way to the model against a scripted server.

mod lists;
mod offers;
mod own_provider;
mod requests;
mod streams;

use std::sync::Mutex;

use serde_json::{Value, json};

use crate::base::{Secret, Timestamp};
use crate::model::responder::{Responder, ScriptStep, answer, piece, stream_end, stream_head};
use crate::protocol::{Item, Limits, Model, ModelRef, ModelSource, Patches, SessionId};

use super::*;

/// 2026-11-21 09:00:00 UTC.
const NOW: Timestamp = Timestamp(1_795_251_600_000);

struct Fixture {
    server: Responder,
    api: Api,
    deltas: Mutex<Vec<ModelDelta>>,
    _cache: tempfile::TempDir,
}

impl Fixture {
    async fn new(scripts: impl IntoIterator<Item = Vec<ScriptStep>>) -> Self {
        Self::with_limit(Duration::from_secs(20), scripts).await
    }

    async fn with_limit(
        idle_limit: Duration,
        scripts: impl IntoIterator<Item = Vec<ScriptStep>>,
    ) -> Self {
        let server = Responder::start(scripts).await;
        let origin = server.origin();
        Self::at(
            Origins { auth: origin.clone(), chatgpt: origin.clone(), api: origin, models: None },
            server,
            idle_limit,
        )
    }

    fn at(origins: Origins, server: Responder, idle_limit: Duration) -> Self {
        let cache = tempfile::tempdir().unwrap();
        let options = ApiOptions {
            user_agent: "codling/0 (test)".into(),
            idle_limit,
            cache: cache.path().to_owned(),
            catalogue_file: None,
        };
        let api = Api::new(Net::default(), origins, options)
            .with_time(Clock::standing(NOW), TimeZone::UTC);
        Self { server, api, deltas: Mutex::default(), _cache: cache }
    }

    async fn request(&self, access: &Access) -> Result<ModelRequestEnd, ModelError> {
        self.api
            .request(&prompt(None), access, |delta| self.deltas.lock().unwrap().push(delta))
            .await
    }

    fn deltas(&self) -> Vec<ModelDelta> {
        self.deltas.lock().unwrap().clone()
    }

    fn items(&self) -> Vec<Item> {
        self.deltas()
            .into_iter()
            .filter_map(|delta| if let ModelDelta::Item(item) = delta { Some(item) } else { None })
            .collect()
    }
}

fn prompt(turn_state: Option<&str>) -> ModelRequest {
    ModelRequest {
        patches: Patches::AsText,
        instructions: "Be brief".into(),
        turn_state: turn_state.map(Into::into),
        ..ModelRequest::plain(SessionId::new("ses_1"), ModelRef::openai("gpt-5.5"), Vec::new())
    }
}

fn chatgpt() -> Access {
    Access {
        token: Secret::new("token-1"),
        kind: AccessKind::ChatGpt { account: Some("acc".into()), residency: None },
    }
}

fn key() -> Access {
    Access { token: Secret::new("sk-key-1"), kind: AccessKind::ApiKey }
}

fn sse(events: &[Value]) -> String {
    events
        .iter()
        .map(|event| {
            format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default())
        })
        .collect()
}

fn streamed(events: &[Value]) -> Vec<ScriptStep> {
    vec![stream_head(""), piece(&sse(events)), stream_end()]
}

fn done(text: &str) -> Value {
    let item = json!({"type": "message", "id": format!("m-{text}"), "content": [{"type": "output_text", "text": text}]});
    json!({"type": "response.output_item.done", "item": item})
}

fn completed() -> Value {
    json!({"type": "response.completed", "response": {"usage": {"input_tokens": 5, "output_tokens": 2}}})
}

fn refused(status: &str, headers: &str, body: &str) -> Vec<ScriptStep> {
    answer(&format!("{status}{headers}\r\ncontent-type: application/json"), body)
}
