//! Renewals that go well: when, how often, by whom, and what is left in the file.

use crate::base::Advice as _;

use super::*;

#[tokio::test]
async fn a_token_is_renewed_when_five_minutes_or_less_are_left() {
    for (minutes, renewals) in [(4, 1), (5, 1), (6, 0), (-60, 1)] {
        let fixture = Fixture::new().await;
        let (old, new) = (token("acc", minutes), token("acc", 60));
        fixture.signed_in(&old, "rt-1").server.will_renew(&new, "rt-2");
        let access = fixture.auth().openai_access().await.unwrap();
        assert_eq!(access.token, if renewals == 1 { new } else { old }, "{minutes} minutes left");
        assert_eq!(fixture.server.seen("/oauth/token").len(), renewals, "{minutes} minutes left");
    }
}

#[tokio::test]
async fn a_renewal_asks_as_the_wire_wants_it_and_keeps_what_is_not_its_own() {
    let fixture = Fixture::new().await;
    let (old, new) = (token("acc", 1), token("acc", 60));
    fixture.write(&format!(
        r#"{{"z":{{"n":1e400}},"openai":{{"note":"mine","type":"oauth","access":"{}","refresh":"rt-1","expires":1,"accountId":"acc"}},"a":[1]}}"#,
        old.expose()
    ));
    fixture.server.will_renew(&new, "rt-2");
    let access = fixture.auth().openai_access().await.unwrap();
    assert_eq!((access.token, access.kind), (new.clone(), bearer(&new, "acc").kind));

    let request = &fixture.server.seen("/oauth/token")[0];
    assert_eq!(
        request.json(),
        json!({"client_id": "app_EMoamEEZ73f0CkXaXp7hrann", "grant_type": "refresh_token", "refresh_token": "rt-1", "refresh_reason": "proactive_expiry"})
    );
    for header in
        ["content-type: application/json", "originator: codling", "user-agent: codling/test"]
    {
        assert!(request.head.contains(header), "{header} in {}", request.head);
    }
    let expires = NOON.0 + 60 * 60_000;
    assert_eq!(
        fixture.text(),
        format!(
            "{{\n  \"z\": {{\n    \"n\": 1e400\n  }},\n  \"openai\": {{\n    \"note\": \"mine\",\n    \"type\": \"oauth\",\n    \"access\": \"{}\",\n    \
             \"refresh\": \"rt-2\",\n    \"expires\": {expires},\n    \"accountId\": \"acc\"\n  }},\n  \"a\": [\n    1\n  ]\n}}",
            new.expose()
        )
    );
}

#[tokio::test]
async fn what_an_answer_leaves_out_stays_as_it_was() {
    let fixture = Fixture::new().await;
    let (old, new) = (token("acc", 1), token("acc", 60));
    fixture
        .signed_in(&old, "rt-1")
        .server
        .will_answer(200, json!({"access_token": new.expose(), "id_token": null}).to_string());
    assert_eq!(fixture.auth().openai_access().await.unwrap().token, new);
    assert_eq!(fixture.entry("openai")["refresh"], "rt-1");
}

#[tokio::test]
async fn an_answer_without_an_access_token_still_saves_the_new_refresh_token() {
    let fixture = Fixture::new().await;
    let old = token("acc", 1);
    fixture
        .signed_in(&old, "rt-1")
        .server
        .will_answer(200, json!({"refresh_token": "rt-2"}).to_string());
    assert_eq!(
        fixture.auth().openai_access().await.unwrap().token,
        old,
        "it lives for another minute"
    );
    assert_eq!(fixture.entry("openai")["refresh"], "rt-2");
    fixture.clock.advance(2 * MINUTE);
    let error = fixture.auth().openai_access().await.unwrap_err();
    assert!(matches!(error, AuthError::RenewalFailed { .. }), "{error}");
}

#[tokio::test]
async fn an_opaque_token_lives_as_long_as_the_entry_or_the_answer_says() {
    for (expires, renewals) in [(NOON.0 + 6 * 60_000, 0), (NOON.0 + 4 * 60_000, 1), (0, 1)] {
        let fixture = Fixture::new().await;
        fixture.write(&format!(r#"{{"openai":{{"type":"oauth","refresh":"rt-1","access":"opaque","expires":{expires}}}}}"#));
        fixture.server.will_answer(
            200,
            json!({"access_token": "opaque-2", "refresh_token": "rt-2", "expires_in": "1800"})
                .to_string(),
        );
        fixture.auth().openai_access().await.unwrap();
        assert_eq!(fixture.server.seen("/oauth/token").len(), renewals, "{expires}");
        if renewals == 1 {
            assert_eq!(fixture.entry("openai")["expires"], NOON.0 + 30 * 60_000);
        }
    }
}

#[tokio::test]
async fn tasks_and_processes_that_want_a_token_at_once_share_one_renewal() {
    let fixture = Fixture::new().await;
    let (old, new) = (token("acc", -1), token("acc", 60));
    fixture.signed_in(&old, "rt-1").server.will_renew(&new, "rt-2");
    fixture.server.state.gate.forget_permits(1000);
    // Two processes with three tasks each.
    let askers: Vec<_> = [fixture.auth(), fixture.auth()]
        .into_iter()
        .flat_map(|auth| [auth.clone(), auth.clone(), auth])
        .map(|auth| tokio::spawn(async move { auth.openai_access().await }))
        .collect();
    fixture.server.wait_for("/oauth/token", 1).await;
    fixture.server.state.gate.add_permits(1000);
    for asker in askers {
        assert_eq!(asker.await.unwrap().unwrap().token, new);
    }
    assert_eq!(fixture.server.seen("/oauth/token").len(), 1);
}

#[tokio::test]
async fn a_renewal_goes_on_when_its_asker_goes_away() {
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
    asker.abort();
    assert!(asker.await.unwrap_err().is_cancelled());
    fixture.server.state.gate.add_permits(1000);
    auth.settle().await;
    assert_eq!(
        fixture.entry("openai")["refresh"],
        "rt-2",
        "the token was spent, so what came back is saved"
    );
}

#[tokio::test]
async fn a_rejected_token_is_replaced_from_the_file_first_and_then_by_renewing() {
    let fixture = Fixture::new().await;
    let (first, second, third) = (token("acc", 60), token("acc", 61), token("acc", 62));
    fixture.signed_in(&second, "rt-2").server.will_renew(&third, "rt-3");
    let auth = fixture.auth();
    assert_eq!(
        auth.renew(&bearer(&first, "acc")).await.unwrap().token,
        second,
        "another process had renewed it"
    );
    assert!(fixture.server.seen("/oauth/token").is_empty());
    assert_eq!(auth.renew(&bearer(&second, "acc")).await.unwrap().token, third);
    assert_eq!(
        fixture.server.seen("/oauth/token")[0].json()["refresh_reason"],
        "unauthorized_recovery"
    );
}

#[tokio::test]
async fn a_token_another_program_has_spent_is_looked_for_in_the_file() {
    let fixture = Fixture::new().await;
    let (old, new) = (token("acc", -1), token("acc", 60));
    fixture.signed_in(&old, "rt-1").server.will_answer(400, oauth_error("refresh_token_reused"));
    fixture.server.state.gate.forget_permits(1000);
    let asker = tokio::spawn({
        let auth = fixture.auth();
        async move { auth.openai_access().await }
    });
    fixture.server.wait_for("/oauth/token", 1).await;
    // The other program takes no lock.
    fixture.signed_in(&new, "rt-2");
    fixture.server.state.gate.add_permits(1000);
    assert_eq!(asker.await.unwrap().unwrap().token, new);
    assert_eq!(fixture.server.seen("/oauth/token").len(), 1);
}

#[tokio::test]
async fn a_token_that_was_found_but_has_ended_too_is_renewed_once_more() {
    let fixture = Fixture::new().await;
    let (old, newer, newest) = (token("acc", -9), token("acc", -5), token("acc", 60));
    fixture
        .signed_in(&old, "rt-1")
        .server
        .will_answer(401, oauth_error("refresh_token_reused"))
        .will_renew(&newest, "rt-3");
    fixture.server.state.gate.forget_permits(1000);
    let asker = tokio::spawn({
        let auth = fixture.auth();
        async move { auth.openai_access().await }
    });
    fixture.server.wait_for("/oauth/token", 1).await;
    fixture.signed_in(&newer, "rt-2");
    fixture.server.state.gate.add_permits(1000);
    assert_eq!(asker.await.unwrap().unwrap().token, newest);
    assert_eq!(fixture.server.seen("/oauth/token")[1].json()["refresh_token"], "rt-2");
}

#[tokio::test]
async fn a_token_whose_answer_broke_off_is_sent_once_more_and_then_never_again() {
    let fixture = Fixture::new().await;
    fixture.signed_in(&token("acc", -1), "rt-1").server.will_break_off().will_break_off();
    let auth = fixture.auth();
    for _ in 0..15 {
        let error = auth.openai_access().await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::NotSignedIn, "{error}");
        assert!(error.next_step().unwrap().contains("Sign in again"));
    }
    assert_eq!(fixture.server.seen("/oauth/token").len(), 2);
    // Another program has it, or somebody has signed in again.
    let new = token("acc", 60);
    fixture.signed_in(&new, "rt-2");
    assert_eq!(auth.openai_access().await.unwrap().token, new);
}

#[tokio::test]
async fn an_answer_that_broke_off_and_comes_whole_the_second_time_is_kept() {
    let fixture = Fixture::new().await;
    let new = token("acc", 60);
    fixture.signed_in(&token("acc", -1), "rt-1").server.will_break_off().will_renew(&new, "rt-2");
    assert_eq!(fixture.auth().openai_access().await.unwrap().token, new);
}

#[tokio::test]
async fn after_an_answer_that_broke_off_the_file_is_looked_at_again() {
    let fixture = Fixture::new().await;
    let new = token("acc", 60);
    fixture.signed_in(&token("acc", -1), "rt-1").server.will_break_off().will_break_off();
    fixture.server.state.gate.forget_permits(999);
    let asker = tokio::spawn({
        let auth = fixture.auth();
        async move { auth.openai_access().await }
    });
    fixture.server.wait_for("/oauth/token", 2).await;
    // The other program takes no lock.
    fixture.signed_in(&new, "rt-2");
    fixture.server.state.gate.add_permits(1000);
    assert_eq!(asker.await.unwrap().unwrap().token, new);
}
