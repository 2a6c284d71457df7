//! Credential files that are traps, and changes of mind at the worst moment.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use super::*;
use crate::base::Advice;
use crate::base::files::Lock;

/// Longer than any of these may take.
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn what_stands_in_the_place_of_the_file_is_named_and_neither_waited_for_nor_replaced() {
    for trap in ["pipe", "folder", "device", "circle", "unreadable-link"] {
        let fixture = Fixture::new().await;
        let file = fixture.file();
        match trap {
            "pipe" => assert!(Command::new("mkfifo").arg(&file).status().unwrap().success()),
            "folder" => fs::create_dir(&file).unwrap(),
            "device" => symlink("/dev/zero", &file).unwrap(),
            "circle" => symlink(&file, &file).unwrap(),
            _ => symlink("/proc/self/environ/x", &file).unwrap(),
        }
        let before = fs::symlink_metadata(&file).unwrap().file_type();
        let auth = fixture.auth();
        let listed = tokio::task::spawn_blocking({
            let auth = auth.clone();
            move || auth.accounts().map(|_| ())
        });
        let error = tokio::time::timeout(PATIENCE, listed).await.expect(trap).unwrap().unwrap_err();
        assert!(
            error.to_string().contains("auth.json") && error.next_step().is_some(),
            "{trap}: {error}"
        );
        assert!(
            tokio::time::timeout(PATIENCE, auth.openai_access()).await.expect(trap).is_err(),
            "{trap}"
        );
        let saved = auth.save_key(Secret::new("sk-new"));
        assert!(tokio::time::timeout(PATIENCE, saved).await.expect(trap).is_err(), "{trap}");
        let openai = crate::protocol::ProviderId::openai();
        let left = auth.sign_out(&openai);
        assert!(tokio::time::timeout(PATIENCE, left).await.expect(trap).is_err(), "{trap}");
        assert_eq!(fs::symlink_metadata(&file).unwrap().file_type(), before, "{trap}");
    }
    assert!(fs::metadata("/dev/zero").unwrap().permissions().mode() & 0o777 != 0o600);
}

#[tokio::test]
async fn choosing_opencodes_file_in_the_middle_of_a_renewal_costs_neither_file_its_token() {
    let fixture = Fixture::new().await;
    let (ours, theirs, new) = (token("ours", -1), token("theirs", -1), token("ours", 60));
    fixture.signed_in(&ours, "rt-ours");
    let opencode = fixture.place().opencode_file;
    fs::create_dir(opencode.parent().unwrap()).unwrap();
    let entry = json!({"openai": {"type": "oauth", "refresh": "rt-theirs", "access": theirs.expose(), "expires": 1}});
    fs::write(&opencode, entry.to_string()).unwrap();
    fixture.server.will_renew(&new, "rt-2");

    let auth = fixture.auth();
    let held = Lock::take(&fixture.file()).unwrap();
    let asker = tokio::spawn({
        let auth = auth.clone();
        async move { auth.openai_access().await }
    });
    // The renewal has begun and waits for the lock.
    while auth.inner.turn.try_lock().is_ok() {
        tokio::task::yield_now().await;
    }
    let ready = tokio::task::spawn_blocking(|| ());
    ready.await.unwrap();
    auth.share_opencode();
    drop(held);
    let _whichever = asker.await.unwrap();

    let spent: Vec<_> = fixture
        .server
        .seen("/oauth/token")
        .iter()
        .map(|seen| seen.json()["refresh_token"].clone())
        .collect();
    let kept: Value = serde_json::from_str(&fs::read_to_string(&opencode).unwrap()).unwrap();
    let (ours, theirs) =
        (fixture.entry("openai")["refresh"].clone(), kept["openai"]["refresh"].clone());
    assert!(
        !spent.contains(&ours) && !spent.contains(&theirs),
        "spent {spent:?}, kept {ours} and {theirs}"
    );
}

#[tokio::test]
async fn a_clock_that_jumps_neither_hides_nor_spends_a_token() {
    let fixture = Fixture::new().await;
    let (old, new) = (token("acc", 60), token("acc", 120));
    fixture.signed_in(&old, "rt-1").server.will_renew(&new, "rt-2");
    let auth = fixture.auth();
    assert_eq!(auth.openai_access().await.unwrap().token, old);
    // A hundred years on: everything has ended, and what comes back seems to have ended as well. It
    // is used, and not renewed at every call.
    fixture.clock.advance(Duration::from_secs(100 * 366 * 86_400));
    for _request in 0..5 {
        assert_eq!(auth.openai_access().await.unwrap().token, new);
    }
    assert_eq!(fixture.server.seen("/oauth/token").len(), 1);
    assert_eq!(fixture.entry("openai")["refresh"], "rt-2");
}

#[tokio::test]
async fn an_answer_that_is_none_spends_nothing_that_is_in_the_file() {
    for (status, headers, body) in [
        (200, "content-type: text/html\r\n", "<html>Sign in to the hotel</html>".to_owned()),
        (200, "content-type: application/json\r\n", json!({"error": "invalid_grant"}).to_string()),
        (
            200,
            "content-type: application/json\r\n",
            json!({"access_token": 7, "refresh_token": {}}).to_string(),
        ),
        (200, "", "[".repeat(100_000)),
        (200, "", " ".repeat(3 << 20)),
        (307, "location: http://127.0.0.1:1/elsewhere\r\n", String::new()),
        (302, "location: https://example.invalid/\r\n", String::new()),
        (204, "", String::new()),
    ] {
        let fixture = Fixture::new().await;
        fixture.signed_in(&token("acc", -1), "rt-1").server.will_answer_with(
            status,
            headers,
            body.clone(),
        );
        let before = fixture.entry("openai")["refresh"].clone();
        let error = fixture.auth().openai_access().await.unwrap_err();
        assert!(
            !error.to_string().contains("rt-1") && !format!("{error:?}").contains("rt-1"),
            "{error:?}"
        );
        assert_eq!(fixture.entry("openai")["refresh"], before, "{status} {body:.40}");
        assert_eq!(fixture.server.seen("/oauth/token").len(), 1);
    }
}

#[tokio::test]
async fn a_redirect_within_the_origin_may_lead_about_and_one_out_of_it_never_gets_the_token() {
    let (fixture, thief) = (Fixture::new().await, Server::start().await);
    for (n, location) in [
        thief.origin.to_string(),
        thief.origin.to_string().replace("127.0.0.1", "user:pass@127.0.0.1"),
    ]
    .iter()
    .enumerate()
    {
        fixture.signed_in(&token("acc", -1), &format!("rt-{n}"));
        for status in [301, 302, 303, 307, 308] {
            fixture.server.will_answer_with(
                status,
                &format!("location: {location}/oauth/token\r\n"),
                "",
            );
            assert!(fixture.auth().openai_access().await.is_err(), "{status} {location}");
        }
    }
    assert!(thief.state.seen.borrow().is_empty(), "{:?}", thief.state.seen.borrow());
}

#[tokio::test]
async fn an_entry_nested_without_end_is_kept_and_ends_nothing() {
    let fixture = Fixture::new().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    fixture.write(&format!(
        r#"{{"odd":{deep},"openai":{{"type":"api","key":"k","metadata":{deep}}}}}"#
    ));
    let auth = fixture.auth();
    assert_eq!(auth.accounts().unwrap().accounts.len(), 2);
    assert_eq!(auth.openai_access().await.unwrap().token, Secret::new("k"));
}
