//! The same client, SSE reader and error kinds, in another dialect.

use std::time::Duration;

use serde_json::{Value, json};

use crate::base::Secret;
use crate::model::responder::{Responder, piece, stream_end, stream_head};
use crate::model::{Api, ApiOptions, ModelError};
use crate::net::Net;
use crate::protocol::{
    Access, AccessKind, BaseUrl, Item, ModelDelta, ModelRef, ModelRequestEnd, Origins, Provider,
    SentCredential, SessionId,
};

use super::*;

async fn ask(lines: &[&str]) -> (Result<ModelRequestEnd, ModelError>, Vec<ModelDelta>, String) {
    let events: String = lines.iter().map(|line| format!("data: {line}\n\n")).collect();
    let server = Responder::start([vec![stream_head(""), piece(&events), stream_end()]]).await;
    let origin = server.origin();
    let folder = tempfile::tempdir().unwrap();
    let options = ApiOptions {
        user_agent: "codling/0 (test)".into(),
        idle_limit: Duration::from_secs(20),
        cache: folder.path().to_owned(),
        catalogue_file: None,
    };
    let provider = Provider {
        name: "Acme".into(),
        ..Provider::new("acme".into(), BaseUrl::parse(&origin.to_string()).unwrap(), "lines".into())
    };
    let origins =
        Origins { auth: origin.clone(), chatgpt: origin.clone(), api: origin, models: None };
    let api = Api::new(Net::default(), origins, options).with_providers([provider].into());
    let prompt = Item { id: ItemId::new("i"), kind: ItemKind::user("hello"), wire: None };
    let (session, model) = (SessionId::new("ses_1"), ModelRef::new("acme".into(), "large"));
    let request = ModelRequest::plain(session, model, vec![prompt.into()]);
    let kind = AccessKind::Provider {
        id: "acme".into(),
        credential: SentCredential::Key { place: "`ACME_KEY`".into() },
    };
    let access = Access { token: Secret::new("key-1"), kind };
    let mut deltas = Vec::new();
    let end = api.request(&request, &access, |delta| deltas.push(delta)).await;
    (end, deltas, server.requests()[0].body.clone())
}

#[tokio::test]
async fn another_dialect_is_asked_and_understood_by_the_same_client() {
    let (end, deltas, body) = ask(&["say Hello", "call read {\"path\":\"a\"}", "end"]).await;
    assert_eq!(end.unwrap(), ModelRequestEnd::default());
    let items: Vec<_> = deltas
        .iter()
        .filter_map(
            |delta| if let ModelDelta::Item(item) = delta { Some(&item.kind) } else { None },
        )
        .collect();
    assert!(
        matches!(&items[..], [ItemKind::Assistant { text, .. }, ItemKind::Call(call)]
            if text == "Hello" && call.name == "read" && call.arguments == "{\"path\":\"a\"}"),
        "{items:?}"
    );
    let body: Value = serde_json::from_str(&body).unwrap();
    let Some(ModelDelta::Item(Item { wire: Some(wire), .. })) = deltas.last() else {
        panic!("{deltas:?}")
    };
    assert_eq!((wire.source.provider.as_str(), wire.source.dialect.as_str()), ("acme", "lines"));
    assert_eq!(body, json!({"model": "large", "asked": ["user hello"]}));
}

#[tokio::test]
async fn several_calls_in_one_are_told_as_calls_of_their_own() {
    let both = r#"call multi_tool_use.parallel {"tool_uses":[{"recipient_name":"functions.read","parameters":{"path":"a"}},{"recipient_name":"functions.glob","parameters":{}}]}"#;
    let (_, deltas, _) = ask(&[both, "end"]).await;
    let names: Vec<&str> = deltas
        .iter()
        .filter_map(|delta| match delta {
            ModelDelta::Item(Item { kind: ItemKind::Call(call), .. }) => Some(&*call.name),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["read", "glob"]);
}

#[tokio::test]
async fn what_goes_wrong_in_another_dialect_has_the_same_words() {
    let (end, _, _) = ask(&["say Half", "no the kitchen is closed"]).await;
    let error = end.unwrap_err();
    assert!(error.to_string().contains("the kitchen is closed"), "{error}");
    let (end, _, _) = ask(&["say Half"]).await;
    assert!(matches!(end, Err(ModelError::BrokenStream {})), "{end:?}");
}
