//! Models and limits, asked for and remembered.

use super::*;

#[tokio::test]
async fn models_of_a_chatgpt_account_are_fetched_and_known_from_then_on() {
    let list = r#"{"models":[{"slug":"gpt-9-sol","priority":1,"visibility":"list"},{"slug":"x","visibility":"hide"}]}"#;
    let fixture = Fixture::new([answer("200 OK", list)]).await;
    let access = chatgpt();
    let (before, source) = fixture.api.known_models(&access.kind);
    assert_eq!((before[0].id.as_str(), source), ("gpt-6.1-sol", ModelSource::BuiltIn));
    let models = fixture.api.fetch_models(&access).await.unwrap();
    assert_eq!(models.len(), 1);
    assert_eq!(fixture.api.known_models(&access.kind), (models, ModelSource::Cache));
    assert_eq!(fixture.api.known_models(&AccessKind::ApiKey).1, ModelSource::BuiltIn);
    let request = &fixture.server.requests()[0];
    assert_eq!(request.line, "GET /backend-api/codex/models?client_version=0.169.0 HTTP/1.1");
    assert_eq!(request.header("chatgpt-account-id"), Some("acc"));
}

#[tokio::test]
async fn models_of_a_key_are_those_that_can_chat() {
    let list = r#"{"data":[{"id":"whisper-1"},{"id":"gpt-4.1"},{"id":"gpt-5.5"}]}"#;
    let fixture = Fixture::new([answer("200 OK", list)]).await;
    let models = fixture.api.fetch_models(&key()).await.unwrap();
    let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
    assert_eq!(ids, ["gpt-5.5", "gpt-4.1"]);
    assert_eq!(fixture.server.requests()[0].line, "GET /v1/models HTTP/1.1");
}

#[tokio::test]
async fn a_list_that_is_none_is_an_error_and_leaves_the_known_one() {
    for body in ["<html>", r#"{"models":[]}"#, r#"{"models":[{"slug":"x","visibility":"hide"}]}"#] {
        let fixture = Fixture::new([answer("200 OK", body)]).await;
        let access = chatgpt();
        assert!(
            matches!(fixture.api.fetch_models(&access).await, Err(ModelError::Garbled { .. })),
            "{body}"
        );
        assert_eq!(fixture.api.known_models(&access.kind).1, ModelSource::BuiltIn);
    }
    let fixture = Fixture::new([refused("401 Unauthorized", "", "{}")]).await;
    assert!(matches!(
        fixture.api.fetch_models(&chatgpt()).await,
        Err(ModelError::SignInRejected { .. })
    ));
}

#[tokio::test]
async fn limits_come_from_the_usage_endpoint_of_a_plan() {
    let usage = r#"{"plan_type":"plus","rate_limit":{"primary_window":{"used_percent":12,"limit_window_seconds":18000,"reset_at":9}}}"#;
    let fixture = Fixture::new([answer("200 OK", usage)]).await;
    let limits = fixture.api.limits(&chatgpt()).await.unwrap();
    assert_eq!(limits.primary.unwrap().window_minutes, Some(300));
    assert_eq!(fixture.server.requests()[0].line, "GET /backend-api/wham/usage HTTP/1.1");
    assert_eq!(fixture.api.limits(&key()).await.unwrap(), Limits::default());
    assert_eq!(fixture.server.requests().len(), 1, "a key is not sent there");
}
