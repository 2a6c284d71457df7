//! The token endpoint's requests and answers, one by one.

use super::*;
use crate::auth::endpoint::{AuthorizationCode, exchange, revoke};
use crate::base::Advice;

async fn exchanged(context: &AuthContext) -> Result<OAuthTokens, EndpointError> {
    let (code, verifier) = (&Secret::new("the-code"), &Secret::new("the-verifier"));
    let redirect = "http://localhost:1455/auth/callback";
    exchange(context, AuthorizationCode { code, verifier, redirect }).await
}

#[tokio::test]
async fn a_code_is_exchanged_with_a_form() {
    let fixture = Fixture::new().await;
    fixture.server.will_answer(
        200,
        json!({"access_token": "at", "refresh_token": "rt", "id_token": "it", "expires_in": 3600, "token_type": "Bearer"}).to_string(),
    );
    let tokens = exchanged(&fixture.context()).await.unwrap();
    assert_eq!((tokens.access.expose(), tokens.refresh.expose()), ("at", "rt"));
    assert_eq!(tokens.id.unwrap().expose(), "it");
    assert_eq!(tokens.lifetime, Some(Duration::from_secs(3600)));
    let request = &fixture.server.seen("/oauth/token")[0];
    assert!(request.head.contains("content-type: application/x-www-form-urlencoded"));
    assert_eq!(
        request.body,
        "grant_type=authorization_code&client_id=app_EMoamEEZ73f0CkXaXp7hrann&code=the-code\
         &redirect_uri=http%3A%2F%2Flocalhost%3A1455%2Fauth%2Fcallback&code_verifier=the-verifier"
    );
}

#[tokio::test]
async fn each_answer_gets_its_own_sentence() {
    let page = "<!DOCTYPE html><title>Just a moment...</title>";
    for (status, headers, body, wanted) in [
        (
            400,
            "",
            r#"{"error":"invalid_grant","error_description":"Code is spent."}"#,
            "the sign-in server refused: Code is spent (HTTP 400)",
        ),
        (
            400,
            "",
            r#"{"error":{"message":"Bad code","code":"x"}}"#,
            "the sign-in server refused: Bad code (HTTP 400)",
        ),
        (403, "", r#"{"error":"denied"}"#, "the sign-in server refused: denied (HTTP 403)"),
        (
            403,
            "",
            r#"{"error":{"code":"only_code"}}"#,
            "the sign-in server refused: only_code (HTTP 403)",
        ),
        (400, "", "plain\n\u{1b}[31mtext", "the sign-in server refused: plain [31mtext (HTTP 400)"),
        (400, "", "[]", "the sign-in server refused: no reason given (HTTP 400)"),
        (
            400,
            "",
            r#"{"error":"no code the-code here"}"#,
            "the sign-in server refused: no code … here (HTTP 400)",
        ),
        (
            403,
            "",
            page,
            "a web page came from `127.0.0.1` where the sign-in server should answer (HTTP 403)",
        ),
        (
            403,
            "cf-mitigated: challenge\r\n",
            "",
            "a web page came from `127.0.0.1` where the sign-in server should answer (HTTP 403)",
        ),
        (
            200,
            "",
            page,
            "a web page came from `127.0.0.1` where the sign-in server should answer (HTTP 200)",
        ),
        (503, "", page, "the sign-in server could not answer just now: it has a fault (HTTP 503)"),
        (429, "", "", "the sign-in server could not answer just now: too many requests (HTTP 429)"),
        (200, "", "[1]", "the sign-in server's answer could not be read (HTTP 200)"),
        (200, "", r#"{"refresh_token":"rt"}"#, "the sign-in server's answer lacks `access_token`"),
        (
            200,
            "",
            r#"{"access_token":"at","refresh_token":""}"#,
            "the sign-in server's answer lacks `refresh_token`",
        ),
    ] {
        let fixture = Fixture::new().await;
        fixture.server.will_answer_with(status, headers, body);
        let error = exchanged(&fixture.context()).await.unwrap_err();
        assert_eq!(error.to_string(), wanted);
        assert!(error.next_step().is_some());
    }
}

#[tokio::test]
async fn what_may_pass_is_told_from_what_will_not() {
    for (status, transient) in [
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (408, true),
        (429, true),
        (500, true),
        (503, true),
    ] {
        let fixture = Fixture::new().await;
        fixture.server.will_answer(status, r#"{"error":"x"}"#);
        let error = exchanged(&fixture.context()).await.unwrap_err();
        assert_eq!(matches!(error, EndpointError::Unavailable { .. }), transient, "{status}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let fixture = Fixture::new().await;
    fixture.server.will_answer(200, format!("{{\"access_token\": \"{}\"}}", "x".repeat(2 << 20)));
    assert!(matches!(
        exchanged(&fixture.context()).await.unwrap_err(),
        EndpointError::Malformed { .. }
    ));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let fixture = Fixture::new().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let mut context = fixture.context();
    context.origins.auth = gone;
    let error = exchanged(&context).await.unwrap_err();
    assert!(
        error.to_string().starts_with("`127.0.0.1` was not reached: the connection failed"),
        "{error}"
    );
}

#[tokio::test]
async fn a_revocation_names_token_and_client() {
    let fixture = Fixture::new().await;
    revoke(&fixture.context(), &Secret::new("rt-1")).await.unwrap();
    assert_eq!(
        fixture.server.seen("/oauth/revoke")[0].json(),
        json!({"token": "rt-1", "token_type_hint": "refresh_token", "client_id": "app_EMoamEEZ73f0CkXaXp7hrann"})
    );
    for answer in [(500, ""), (200, "<html>Log in to this network first</html>")] {
        *fixture.server.state.revoke.lock().unwrap() = answer;
        assert!(revoke(&fixture.context(), &Secret::new("rt-1")).await.is_err(), "{answer:?}");
    }
}

#[tokio::test]
async fn no_secret_is_in_what_errors_show() {
    let fixture = Fixture::new().await;
    fixture.server.will_answer(400, r#"{"error_description":"the-verifier and the-code"}"#);
    let error = exchanged(&fixture.context()).await.unwrap_err();
    for text in [format!("{error}"), format!("{error:?}")] {
        assert!(!text.contains("the-verifier") && !text.contains("the-code"), "{text}");
    }
}
