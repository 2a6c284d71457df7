//! Renewals that fail: what is remembered, what is tried again, and that no token is lost.

use std::fs;

use super::*;
use crate::base::Advice;

#[tokio::test]
async fn a_permanent_refusal_keeps_the_entry_and_is_not_asked_for_twice() {
    for (status, body) in [
        (400, oauth_error("refresh_token_reused")),
        (401, oauth_error("Refresh_Token_Expired")),
        (403, oauth_error("refresh_token_invalidated")),
        (401, json!({"error": "something_else"}).to_string()),
        (400, json!({"error": "invalid_grant", "error_description": "No."}).to_string()),
        (401, String::new()),
    ] {
        let fixture = Fixture::new().await;
        let old = token("acc", -1);
        fixture.signed_in(&old, "rt-1").server.will_answer(status, body.clone());
        let before = fixture.text();
        let auth = fixture.auth();
        for _again in 0..3 {
            let error = auth.openai_access().await.unwrap_err();
            assert!(matches!(error, AuthError::RenewalRefused { .. }), "{status} {body}: {error}");
            assert_eq!(error.kind(), AuthErrorKind::NotSignedIn);
            assert!(error.next_step().unwrap().contains("/connect"));
        }
        assert_eq!(fixture.server.seen("/oauth/token").len(), 1, "{status} {body}");
        assert_eq!(fixture.text(), before);

        // Until the file changes: somebody signed in.
        let new = token("acc", 60);
        fixture.signed_in(&new, "rt-2");
        assert_eq!(auth.openai_access().await.unwrap().token, new);
    }
}

#[tokio::test]
async fn a_fault_that_may_pass_is_tried_again_after_a_growing_pause() {
    let fixture = Fixture::new().await;
    let (old, new) = (token("acc", -1), token("acc", 60));
    fixture
        .signed_in(&old, "rt-1")
        .server
        .will_answer(500, "")
        .will_answer(503, "<html>sorry</html>")
        .will_renew(&new, "rt-2");
    let before = fixture.text();
    let auth = fixture.auth();
    let ask = async |requests: usize| {
        let error = auth.openai_access().await.unwrap_err();
        assert!(matches!(error, AuthError::RenewalFailed { .. }), "{error}");
        assert!(!error.to_string().contains("html"), "{error}");
        assert_eq!(error.kind(), AuthErrorKind::Unavailable);
        assert_eq!(fixture.server.seen("/oauth/token").len(), requests);
    };
    ask(1).await;
    ask(1).await;
    fixture.clock.advance(Duration::from_secs(1));
    ask(2).await;
    fixture.clock.advance(Duration::from_secs(1));
    ask(2).await;
    assert_eq!(fixture.text(), before);
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(auth.openai_access().await.unwrap().token, new);
}

#[tokio::test]
async fn a_server_that_names_a_time_is_left_alone_until_then() {
    let fixture = Fixture::new().await;
    fixture
        .signed_in(&token("acc", -1), "rt-1")
        .server
        .will_answer_with(429, "retry-after: 30\r\n", "")
        .will_renew(&token("acc", 60), "rt-2");
    let auth = fixture.auth();
    auth.openai_access().await.unwrap_err();
    fixture.clock.advance(Duration::from_secs(29));
    auth.openai_access().await.unwrap_err();
    assert_eq!(fixture.server.seen("/oauth/token").len(), 1);
    fixture.clock.advance(Duration::from_secs(1));
    auth.openai_access().await.unwrap();
}

#[tokio::test]
async fn while_the_old_token_lives_a_failed_renewal_stops_nobody() {
    for status in [500, 401] {
        let fixture = Fixture::new().await;
        let old = token("acc", 3);
        fixture.signed_in(&old, "rt-1").server.will_answer(status, "");
        let auth = fixture.auth();
        assert_eq!(auth.openai_access().await.unwrap().token, old);
        assert_eq!(auth.openai_access().await.unwrap().token, old);
        assert_eq!(fixture.server.seen("/oauth/token").len(), 1);
        fixture.clock.advance(Duration::from_millis(500));
        // Rejected all the same: now it matters.
        auth.renew(&bearer(&old, "acc")).await.unwrap_err();
        assert_eq!(fixture.server.seen("/oauth/token").len(), 1);
    }
}

#[tokio::test]
async fn a_machine_that_is_offline_is_told_so() {
    let fixture = Fixture::new().await;
    fixture.signed_in(&token("acc", -1), "rt-1");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let mut context = fixture.context();
    context.origins.auth = gone;
    let error = Auth::new(context, fixture.place()).openai_access().await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Network, "{error}");
    assert!(error.next_step().unwrap().contains("network"));
    assert!(error.is_unreachable());
}

#[tokio::test]
async fn a_line_that_is_back_is_noticed_however_long_it_was_gone() {
    let fixture = Fixture::new().await;
    fixture.signed_in(&token("acc", -1), "rt-1");
    let line = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = line.local_addr().unwrap();
    drop(line);
    let mut context = fixture.context();
    context.origins.auth = Origin::parse(&format!("http://{gone}")).unwrap();
    let auth = Auth::new(context, fixture.place());
    for _ in 0..6 {
        assert!(auth.openai_access().await.unwrap_err().is_unreachable());
        fixture.clock.advance(Duration::from_secs(1));
    }
    let line = tokio::net::TcpListener::bind(gone).await.unwrap();
    tokio::select! {
        reached = line.accept() => drop(reached.unwrap()),
        ended = auth.openai_access() => panic!("nobody was asked: {ended:?}"),
    }
}

#[tokio::test]
async fn without_a_refresh_token_nothing_is_asked_for() {
    let fixture = Fixture::new().await;
    let auth = fixture.auth();
    fixture.signed_in(&token("acc", 3), "");
    auth.openai_access().await.unwrap();
    fixture.signed_in(&token("acc", -3), "");
    assert!(matches!(auth.openai_access().await.unwrap_err(), AuthError::Ended));
    assert!(fixture.server.seen("/oauth/token").is_empty());
}

#[tokio::test]
async fn another_account_in_the_file_is_not_slipped_under_a_running_request() {
    let fixture = Fixture::new().await;
    let (mine, other) = (token("mine", 60), token("other", 60));
    fixture.signed_in(&other, "rt-2");
    let error = fixture.auth().renew(&bearer(&mine, "mine")).await.unwrap_err();
    assert!(matches!(error, AuthError::AccountChanged { .. }), "{error}");
    assert!(fixture.server.seen("/oauth/token").is_empty());

    fixture.write(r#"{"openai":{"type":"api","key":"sk-1"}}"#);
    let error = fixture.auth().renew(&bearer(&mine, "mine")).await.unwrap_err();
    assert!(matches!(error, AuthError::AccountChanged { .. }), "{error}");
}

#[tokio::test]
async fn another_account_found_after_a_reused_token_is_not_used() {
    let fixture = Fixture::new().await;
    fixture
        .signed_in(&token("mine", -1), "rt-1")
        .server
        .will_answer(400, oauth_error("refresh_token_reused"));
    fixture.server.state.gate.forget_permits(1000);
    let asker = tokio::spawn({
        let auth = fixture.auth();
        async move { auth.openai_access().await }
    });
    fixture.server.wait_for("/oauth/token", 1).await;
    fixture.signed_in(&token("other", 60), "rt-2");
    fixture.server.state.gate.add_permits(1000);
    assert!(matches!(asker.await.unwrap().unwrap_err(), AuthError::AccountChanged { .. }));
}

#[tokio::test]
async fn a_rejected_key_is_replaced_from_the_file_or_named() {
    let fixture = Fixture::new().await;
    fixture.write(r#"{"openai":{"type":"api","key":"sk-2"}}"#);
    let rejected = |key: &str| Access { token: Secret::new(key), kind: AccessKind::ApiKey };
    assert_eq!(fixture.auth().renew(&rejected("sk-1")).await.unwrap().token.expose(), "sk-2");
    let error = fixture.auth().renew(&rejected("sk-2")).await.unwrap_err();
    assert!(
        matches!(&error, AuthError::KeyRefused { place } if place.contains("auth.json")),
        "{error}"
    );
    assert!(!error.to_string().contains("sk-2"));
}

/// Renews while a folder stands in the way of the file, so that nothing can be saved. Gives what
/// the file held.
async fn renewed_but_not_saved(fixture: &Fixture, auth: &Auth) -> String {
    fixture.server.state.gate.forget_permits(1000);
    let asker = tokio::spawn({
        let auth = auth.clone();
        async move { auth.openai_access().await }
    });
    fixture.server.wait_for("/oauth/token", 1).await;
    let before = fixture.text();
    fs::remove_file(fixture.file()).unwrap();
    fs::create_dir(fixture.file()).unwrap();
    fixture.server.state.gate.add_permits(1000);
    asker.await.unwrap().unwrap();
    before
}

#[tokio::test]
async fn tokens_that_could_not_be_saved_are_used_and_saved_later() {
    // A server may hand out a new refresh token, or leave the old one in use.
    for refresh in [Some("rt-2"), None] {
        let fixture = Fixture::new().await;
        let (old, new) = (token("acc", -1), token("acc", 30));
        fixture.signed_in(&old, "rt-1").server.will_answer(
            200,
            json!({"access_token": new.expose(), "refresh_token": refresh}).to_string(),
        );
        fixture.server.will_renew(&token("acc", 90), "rt-3");
        let auth = fixture.auth();
        let before = renewed_but_not_saved(&fixture, &auth).await;
        let warnings = auth.take_warnings();
        assert!(matches!(&warnings[..], [AuthWarning::Unsaved { .. }]), "{warnings:?}");

        // Still in the way: used from memory, and told once.
        assert_eq!(auth.openai_access().await.unwrap().token, new);
        assert!(auth.take_warnings().is_empty());

        fs::remove_dir(fixture.file()).unwrap();
        fixture.write(&before);
        assert_eq!(auth.openai_access().await.unwrap().token, new);
        assert_eq!(fixture.entry("openai")["access"], new.expose(), "saved as soon as it could be");
        assert_eq!(fixture.entry("openai")["refresh"], refresh.unwrap_or("rt-1"));
        assert_eq!(fixture.server.seen("/oauth/token").len(), 1);

        fixture.clock.advance(40 * MINUTE);
        auth.openai_access().await.unwrap();
        assert_eq!(
            fixture.server.seen("/oauth/token")[1].json()["refresh_token"],
            refresh.unwrap_or("rt-1")
        );
    }
}

#[tokio::test]
async fn tokens_that_could_not_be_saved_give_way_to_a_newer_sign_in() {
    let fixture = Fixture::new().await;
    fixture.signed_in(&token("acc", -1), "rt-1").server.will_renew(&token("acc", 30), "rt-2");
    let auth = fixture.auth();
    renewed_but_not_saved(&fixture, &auth).await;
    fs::remove_dir(fixture.file()).unwrap();
    let newer = token("acc", 60);
    fixture.signed_in(&newer, "rt-9");
    assert_eq!(auth.openai_access().await.unwrap().token, newer);
    assert_eq!(fixture.entry("openai")["refresh"], "rt-9");
}

#[tokio::test]
async fn an_entry_that_went_away_meanwhile_is_not_brought_back() {
    let fixture = Fixture::new().await;
    let (old, new) = (token("acc", -1), token("acc", 60));
    fixture.signed_in(&old, "rt-1").server.will_renew(&new, "rt-2");
    fixture.server.state.gate.forget_permits(1000);
    let auth = fixture.auth();
    let asker = tokio::spawn({
        let auth = auth.clone();
        async move { auth.openai_access().await }
    });
    fixture.server.wait_for("/oauth/token", 1).await;
    fixture.write(r#"{"other": 1}"#);
    fixture.server.state.gate.add_permits(1000);
    assert_eq!(asker.await.unwrap().unwrap().token, new);
    assert_eq!(fixture.text(), r#"{"other": 1}"#);
    assert!(matches!(auth.openai_access().await.unwrap_err(), AuthError::NotSignedIn));
}

#[tokio::test]
async fn a_clock_that_is_hours_ahead_does_not_spend_a_token_at_every_request() {
    let fixture = Fixture::new().await;
    // To this machine, what the server hands out has ended already.
    fixture
        .signed_in(&token("acc", -300), "rt-1")
        .server
        .will_renew(&token("acc", -120), "rt-2")
        .will_renew(&token("acc", -119), "rt-3");
    let auth = fixture.auth();
    for _request in 0..3 {
        auth.openai_access().await.unwrap();
    }
    assert_eq!(fixture.server.seen("/oauth/token").len(), 1);
    fixture.clock.advance(MINUTE);
    auth.openai_access().await.unwrap();
    assert_eq!(fixture.server.seen("/oauth/token").len(), 2);
}

#[tokio::test]
async fn a_lock_that_is_not_let_go_in_time_ends_in_an_error_that_may_pass() {
    let fixture = Fixture::new().await;
    let _held = crate::base::files::Lock::take(&fixture.file()).unwrap();
    let error =
        crate::auth::shared_state::file_lock(&fixture.file(), Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, AuthError::Busy { .. }), "{error}");
}
