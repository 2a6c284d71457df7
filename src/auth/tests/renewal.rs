//! Renewals: when, how often, and what is left in the file whatever happens.

use std::fs;

use super::*;
use crate::base::Advice;

#[tokio::test]
async fn a_token_is_renewed_when_five_minutes_or_less_are_left() {
    for (minutes, renewals) in [(4, 1), (5, 1), (6, 0), (-60, 1)] {
        let home = Home::new().await;
        let (old, new) = (token("acc", minutes), token("acc", 60));
        home.signed_in(&old, "rt-1").server.will_renew(&new, "rt-2");
        let access = home.auth().access().await.unwrap();
        assert_eq!(access.token, if renewals == 1 { new } else { old }, "{minutes} minutes left");
        assert_eq!(home.server.seen("/oauth/token").len(), renewals, "{minutes} minutes left");
    }
}

#[tokio::test]
async fn a_renewal_asks_as_the_wire_wants_it_and_keeps_what_is_not_its_own() {
    let home = Home::new().await;
    let (old, new) = (token("acc", 1), token("acc", 60));
    home.write(&format!(
        r#"{{"z":{{"n":1e400}},"openai":{{"note":"mine","type":"oauth","access":"{}","refresh":"rt-1","expires":1,"accountId":"acc"}},"a":[1]}}"#,
        old.expose()
    ));
    home.server.will_renew(&new, "rt-2");
    let access = home.auth().access().await.unwrap();
    assert_eq!((access.token, access.kind), (new.clone(), bearer(&new, "acc").kind));

    let request = &home.server.seen("/oauth/token")[0];
    assert_eq!(
        request.json(),
        json!({"client_id": "app_EMoamEEZ73f0CkXaXp7hrann", "grant_type": "refresh_token", "refresh_token": "rt-1", "refresh_reason": "proactive_expiry"})
    );
    for header in ["content-type: application/json", "originator: codling", "user-agent: codling/test"] {
        assert!(request.head.contains(header), "{header} in {}", request.head);
    }
    let expires = NOON.0 + 60 * 60_000;
    assert_eq!(
        home.text(),
        format!(
            "{{\n  \"z\": {{\n    \"n\": 1e400\n  }},\n  \"openai\": {{\n    \"note\": \"mine\",\n    \"type\": \"oauth\",\n    \"access\": \"{}\",\n    \
             \"refresh\": \"rt-2\",\n    \"expires\": {expires},\n    \"accountId\": \"acc\"\n  }},\n  \"a\": [\n    1\n  ]\n}}",
            new.expose()
        )
    );
}

#[tokio::test]
async fn what_an_answer_leaves_out_stays_as_it_was() {
    let home = Home::new().await;
    let (old, new) = (token("acc", 1), token("acc", 60));
    home.signed_in(&old, "rt-1").server.will_answer(200, json!({"access_token": new.expose(), "id_token": null}).to_string());
    assert_eq!(home.auth().access().await.unwrap().token, new);
    assert_eq!(home.entry("openai")["refresh"], "rt-1");
}

#[tokio::test]
async fn an_answer_without_an_access_token_still_saves_the_new_refresh_token() {
    let home = Home::new().await;
    let old = token("acc", 1);
    home.signed_in(&old, "rt-1").server.will_answer(200, json!({"refresh_token": "rt-2"}).to_string());
    assert_eq!(home.auth().access().await.unwrap().token, old, "it lives for another minute");
    assert_eq!(home.entry("openai")["refresh"], "rt-2");
    home.clock.advance(2 * MINUTE);
    let error = home.auth().access().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn an_opaque_token_lives_as_long_as_the_entry_or_the_answer_says() {
    for (expires, renewals) in [(NOON.0 + 6 * 60_000, 0), (NOON.0 + 4 * 60_000, 1), (0, 1)] {
        let home = Home::new().await;
        home.write(&format!(r#"{{"openai":{{"type":"oauth","refresh":"rt-1","access":"opaque","expires":{expires}}}}}"#));
        home.server.will_answer(200, json!({"access_token": "opaque-2", "refresh_token": "rt-2", "expires_in": "1800"}).to_string());
        home.auth().access().await.unwrap();
        assert_eq!(home.server.seen("/oauth/token").len(), renewals, "{expires}");
        if renewals == 1 {
            assert_eq!(home.entry("openai")["expires"], NOON.0 + 30 * 60_000);
        }
    }
}

#[tokio::test]
async fn tasks_and_processes_that_want_a_token_at_once_share_one_renewal() {
    let home = Home::new().await;
    let (old, new) = (token("acc", -1), token("acc", 60));
    home.signed_in(&old, "rt-1").server.will_renew(&new, "rt-2");
    home.server.state.gate.forget_permits(1000);
    // Two processes with three tasks each.
    let askers: Vec<_> = [home.auth(), home.auth()]
        .into_iter()
        .flat_map(|auth| [auth.clone(), auth.clone(), auth])
        .map(|auth| tokio::spawn(async move { auth.access().await }))
        .collect();
    home.server.wait_for("/oauth/token", 1).await;
    home.server.state.gate.add_permits(1000);
    for asker in askers {
        assert_eq!(asker.await.unwrap().unwrap().token, new);
    }
    assert_eq!(home.server.seen("/oauth/token").len(), 1);
}

#[tokio::test]
async fn a_renewal_goes_on_when_its_asker_goes_away() {
    let home = Home::new().await;
    let (old, new) = (token("acc", -1), token("acc", 60));
    home.signed_in(&old, "rt-1").server.will_renew(&new, "rt-2");
    home.server.state.gate.forget_permits(1000);
    let auth = home.auth();
    let asker = tokio::spawn({
        let auth = auth.clone();
        async move { auth.access().await }
    });
    home.server.wait_for("/oauth/token", 1).await;
    asker.abort();
    assert!(asker.await.unwrap_err().is_cancelled());
    home.server.state.gate.add_permits(1000);
    auth.settle().await;
    assert_eq!(home.entry("openai")["refresh"], "rt-2", "the token was spent, so what came back is saved");
}

#[tokio::test]
async fn a_rejected_token_is_replaced_from_the_file_first_and_then_by_renewing() {
    let home = Home::new().await;
    let (first, second, third) = (token("acc", 60), token("acc", 61), token("acc", 62));
    home.signed_in(&second, "rt-2").server.will_renew(&third, "rt-3");
    let auth = home.auth();
    assert_eq!(auth.renew(&bearer(&first, "acc")).await.unwrap().token, second, "another process had renewed it");
    assert!(home.server.seen("/oauth/token").is_empty());
    assert_eq!(auth.renew(&bearer(&second, "acc")).await.unwrap().token, third);
    assert_eq!(home.server.seen("/oauth/token")[0].json()["refresh_reason"], "unauthorized_recovery");
}

#[tokio::test]
async fn a_token_another_program_has_spent_is_looked_for_in_the_file() {
    let home = Home::new().await;
    let (old, new) = (token("acc", -1), token("acc", 60));
    home.signed_in(&old, "rt-1").server.will_answer(400, oauth_error("refresh_token_reused"));
    home.server.state.gate.forget_permits(1000);
    let asker = tokio::spawn({
        let auth = home.auth();
        async move { auth.access().await }
    });
    home.server.wait_for("/oauth/token", 1).await;
    // The other program takes no lock.
    home.signed_in(&new, "rt-2");
    home.server.state.gate.add_permits(1000);
    assert_eq!(asker.await.unwrap().unwrap().token, new);
    assert_eq!(home.server.seen("/oauth/token").len(), 1);
}

#[tokio::test]
async fn a_token_that_was_found_but_has_ended_too_is_renewed_once_more() {
    let home = Home::new().await;
    let (old, newer, newest) = (token("acc", -9), token("acc", -5), token("acc", 60));
    home.signed_in(&old, "rt-1").server.will_answer(401, oauth_error("refresh_token_reused")).will_renew(&newest, "rt-3");
    home.server.state.gate.forget_permits(1000);
    let asker = tokio::spawn({
        let auth = home.auth();
        async move { auth.access().await }
    });
    home.server.wait_for("/oauth/token", 1).await;
    home.signed_in(&newer, "rt-2");
    home.server.state.gate.add_permits(1000);
    assert_eq!(asker.await.unwrap().unwrap().token, newest);
    assert_eq!(home.server.seen("/oauth/token")[1].json()["refresh_token"], "rt-2");
}

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
        let home = Home::new().await;
        let old = token("acc", -1);
        home.signed_in(&old, "rt-1").server.will_answer(status, body.clone());
        let before = home.text();
        let auth = home.auth();
        for _again in 0..3 {
            let error = auth.access().await.unwrap_err();
            assert!(matches!(error, AuthError::RenewalRefused { .. }), "{status} {body}: {error}");
            assert_eq!(error.kind(), AuthErrorKind::NotSignedIn);
            assert!(error.next_step().unwrap().contains("/connect"));
            assert!(!error.is_transient());
        }
        assert_eq!(home.server.seen("/oauth/token").len(), 1, "{status} {body}");
        assert_eq!(home.text(), before);

        // Until the file changes: somebody signed in.
        let new = token("acc", 60);
        home.signed_in(&new, "rt-2");
        assert_eq!(auth.access().await.unwrap().token, new);
    }
}

#[tokio::test]
async fn a_fault_that_may_pass_is_tried_again_after_a_growing_pause() {
    let home = Home::new().await;
    let (old, new) = (token("acc", -1), token("acc", 60));
    home.signed_in(&old, "rt-1").server.will_answer(500, "").will_answer(503, "<html>sorry</html>").will_renew(&new, "rt-2");
    let before = home.text();
    let auth = home.auth();
    let ask = async |requests: usize| {
        let error = auth.access().await.unwrap_err();
        assert!(error.is_transient(), "{error}");
        assert!(!error.to_string().contains("html"), "{error}");
        assert_eq!(error.kind(), AuthErrorKind::Unavailable);
        assert_eq!(home.server.seen("/oauth/token").len(), requests);
    };
    ask(1).await;
    ask(1).await;
    home.clock.advance(Duration::from_secs(1));
    ask(2).await;
    home.clock.advance(Duration::from_secs(1));
    ask(2).await;
    assert_eq!(home.text(), before);
    home.clock.advance(Duration::from_secs(1));
    assert_eq!(auth.access().await.unwrap().token, new);
}

#[tokio::test]
async fn a_server_that_names_a_time_is_left_alone_until_then() {
    let home = Home::new().await;
    home.signed_in(&token("acc", -1), "rt-1").server.will_answer_with(429, "retry-after: 30\r\n", "").will_renew(&token("acc", 60), "rt-2");
    let auth = home.auth();
    auth.access().await.unwrap_err();
    home.clock.advance(Duration::from_secs(29));
    auth.access().await.unwrap_err();
    assert_eq!(home.server.seen("/oauth/token").len(), 1);
    home.clock.advance(Duration::from_secs(1));
    auth.access().await.unwrap();
}

#[tokio::test]
async fn while_the_old_token_lives_a_failed_renewal_stops_nobody() {
    for status in [500, 401] {
        let home = Home::new().await;
        let old = token("acc", 3);
        home.signed_in(&old, "rt-1").server.will_answer(status, "");
        let auth = home.auth();
        assert_eq!(auth.access().await.unwrap().token, old);
        assert_eq!(auth.access().await.unwrap().token, old);
        assert_eq!(home.server.seen("/oauth/token").len(), 1);
        home.clock.advance(Duration::from_millis(500));
        // Rejected all the same: now it matters.
        auth.renew(&bearer(&old, "acc")).await.unwrap_err();
        assert_eq!(home.server.seen("/oauth/token").len(), 1);
    }
}

#[tokio::test]
async fn another_account_in_the_file_is_not_slipped_under_a_running_request() {
    let home = Home::new().await;
    let (mine, other) = (token("mine", 60), token("other", 60));
    home.signed_in(&other, "rt-2");
    let error = home.auth().renew(&bearer(&mine, "mine")).await.unwrap_err();
    assert!(matches!(error, AuthError::AccountChanged { .. }), "{error}");
    assert!(!error.is_transient());
    assert!(home.server.seen("/oauth/token").is_empty());

    home.write(r#"{"openai":{"type":"api","key":"sk-1"}}"#);
    let error = home.auth().renew(&bearer(&mine, "mine")).await.unwrap_err();
    assert!(matches!(error, AuthError::AccountChanged { .. }), "{error}");
}

#[tokio::test]
async fn another_account_found_after_a_reused_token_is_not_used() {
    let home = Home::new().await;
    home.signed_in(&token("mine", -1), "rt-1").server.will_answer(400, oauth_error("refresh_token_reused"));
    home.server.state.gate.forget_permits(1000);
    let asker = tokio::spawn({
        let auth = home.auth();
        async move { auth.access().await }
    });
    home.server.wait_for("/oauth/token", 1).await;
    home.signed_in(&token("other", 60), "rt-2");
    home.server.state.gate.add_permits(1000);
    assert!(matches!(asker.await.unwrap().unwrap_err(), AuthError::AccountChanged { .. }));
}

#[tokio::test]
async fn a_rejected_key_is_replaced_from_the_file_or_named() {
    let home = Home::new().await;
    home.write(r#"{"openai":{"type":"api","key":"sk-2"}}"#);
    let rejected = |key: &str| Access { token: Secret::new(key), kind: AccessKind::ApiKey };
    assert_eq!(home.auth().renew(&rejected("sk-1")).await.unwrap().token.expose(), "sk-2");
    let error = home.auth().renew(&rejected("sk-2")).await.unwrap_err();
    assert!(matches!(&error, AuthError::KeyRefused { place } if place.contains("auth.json")), "{error}");
    assert!(!error.to_string().contains("sk-2"));
}

/// The folder the entry is renamed in is made a stumbling block: what should be replaced is a folder that is not empty.
#[tokio::test]
async fn tokens_that_could_not_be_saved_are_used_and_saved_later() {
    let home = Home::new().await;
    let (old, new) = (token("acc", -1), token("acc", 30));
    home.signed_in(&old, "rt-1").server.will_renew(&new, "rt-2").will_renew(&token("acc", 90), "rt-3");
    home.server.state.gate.forget_permits(1000);
    let auth = home.auth();
    let asker = tokio::spawn({
        let auth = auth.clone();
        async move { auth.access().await }
    });
    home.server.wait_for("/oauth/token", 1).await;
    let before = home.text();
    fs::remove_file(home.file()).unwrap();
    fs::create_dir(home.file()).unwrap();
    home.server.state.gate.add_permits(1000);
    assert_eq!(asker.await.unwrap().unwrap().token, new);
    let warnings = auth.take_warnings();
    assert!(matches!(&warnings[..], [Warning::Unsaved { .. }]), "{warnings:?}");

    // Still in the way: used from memory, and told once.
    assert_eq!(auth.access().await.unwrap().token, new);
    assert!(auth.take_warnings().is_empty());

    fs::remove_dir(home.file()).unwrap();
    home.write(&before);
    assert_eq!(auth.access().await.unwrap().token, new);
    assert_eq!(home.entry("openai")["refresh"], "rt-2", "saved as soon as it could be");
    assert_eq!(home.server.seen("/oauth/token").len(), 1);

    home.clock.advance(40 * MINUTE);
    auth.access().await.unwrap();
    assert_eq!(home.server.seen("/oauth/token")[1].json()["refresh_token"], "rt-2");
}

#[tokio::test]
async fn an_entry_that_went_away_meanwhile_is_not_brought_back() {
    let home = Home::new().await;
    let (old, new) = (token("acc", -1), token("acc", 60));
    home.signed_in(&old, "rt-1").server.will_renew(&new, "rt-2");
    home.server.state.gate.forget_permits(1000);
    let auth = home.auth();
    let asker = tokio::spawn({
        let auth = auth.clone();
        async move { auth.access().await }
    });
    home.server.wait_for("/oauth/token", 1).await;
    home.write(r#"{"other": 1}"#);
    home.server.state.gate.add_permits(1000);
    assert_eq!(asker.await.unwrap().unwrap().token, new);
    assert_eq!(home.text(), r#"{"other": 1}"#);
    assert!(matches!(auth.access().await.unwrap_err(), AuthError::NotSignedIn));
}

#[tokio::test]
async fn a_clock_that_is_hours_ahead_does_not_spend_a_token_at_every_request() {
    let home = Home::new().await;
    // To this machine, what the server hands out has ended already.
    home.signed_in(&token("acc", -300), "rt-1").server.will_renew(&token("acc", -120), "rt-2").will_renew(&token("acc", -119), "rt-3");
    let auth = home.auth();
    for _request in 0..3 {
        auth.access().await.unwrap();
    }
    assert_eq!(home.server.seen("/oauth/token").len(), 1);
    home.clock.advance(MINUTE);
    auth.access().await.unwrap();
    assert_eq!(home.server.seen("/oauth/token").len(), 2);
}

#[tokio::test]
async fn a_lock_that_is_not_let_go_in_time_ends_in_an_error_that_may_pass() {
    let home = Home::new().await;
    let _held = crate::base::files::Lock::take(&home.file()).unwrap();
    let error = home.auth().inner.lock(&home.file(), Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, AuthError::Busy { .. }), "{error}");
    assert!(error.is_transient());
}
