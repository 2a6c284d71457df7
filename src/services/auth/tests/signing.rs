//! Signing in and out, and who is listed.

use std::fs;

use super::*;
use crate::base::Advice;
use crate::base::text::says;
use crate::protocol::{Account, AccountKind, CredentialSource, CredentialStanding, ProviderId};

fn tokens(access: &Secret, refresh: &str) -> OAuthTokens {
    OAuthTokens { access: access.clone(), refresh: Secret::new(refresh), id: None, lifetime: None }
}

fn openai() -> ProviderId {
    ProviderId::openai()
}

#[tokio::test]
async fn the_first_sign_in_makes_the_file() {
    let fixture = Fixture::new().await;
    let auth = fixture.auth();
    assert!(matches!(auth.openai_access().await.unwrap_err(), AuthError::NotSignedIn));
    let access = token("acc", 60);
    let id = Secret::new(format!(
        "e30.{}.c2ln",
        URL_SAFE_NO_PAD.encode(r#"{"email":"ada@id.example","chatgpt_account_id":"from-id"}"#)
    ));
    let account =
        auth.save_tokens(OAuthTokens { id: Some(id), ..tokens(&access, "rt-1") }).await.unwrap();
    assert_eq!(
        account,
        Account {
            provider: openai(),
            kind: AccountKind::ChatGpt {
                account: Some("from-id".into()),
                email: Some("ada@id.example".into()),
                plan: Some("plus".into())
            },
            expires: Some(NOON + 60 * MINUTE),
            source: CredentialSource::File(fixture.file()),
            standing: CredentialStanding::Wins,
        }
    );
    assert_eq!(
        fixture.text(),
        format!(
            "{{\n  \"openai\": {{\n    \"type\": \"oauth\",\n    \"refresh\": \"rt-1\",\n    \"access\": \"{}\",\n    \"expires\": {},\n    \
             \"accountId\": \"from-id\"\n  }}\n}}",
            access.expose(),
            NOON.0 + 3_600_000
        )
    );
    assert_eq!(auth.openai_access().await.unwrap().token, access);
    auth.settle().await;
    assert!(fixture.server.seen("/oauth/revoke").is_empty(), "there was nothing to supersede");
}

#[tokio::test]
async fn a_new_sign_in_revokes_the_one_before_without_waiting_for_it() {
    let fixture = Fixture::new().await;
    fixture.signed_in(&token("acc", 60), "rt-1");
    *fixture.server.state.revoke.lock().unwrap() = (500, "");
    let auth = fixture.auth();
    auth.save_tokens(tokens(&token("acc", 90), "rt-2")).await.unwrap();
    auth.settle().await;
    assert_eq!(fixture.server.seen("/oauth/revoke")[0].json()["token"], "rt-1");
    assert_eq!(fixture.entry("openai")["refresh"], "rt-2", "whatever the server says");

    auth.save_tokens(tokens(&token("acc", 95), "rt-2")).await.unwrap();
    auth.save_key(Secret::new("sk-1")).await.unwrap();
    auth.save_key(Secret::new("sk-2")).await.unwrap();
    auth.settle().await;
    let revoked: Vec<_> = fixture
        .server
        .seen("/oauth/revoke")
        .iter()
        .map(|seen| seen.json()["token"].clone())
        .collect();
    assert_eq!(revoked, ["rt-1", "rt-2"], "a token that is still in use is not revoked");
    assert_eq!(fixture.entry("openai"), json!({"type": "api", "key": "sk-2"}));
}

#[tokio::test]
async fn a_key_and_a_sign_in_take_each_others_place_and_leave_strangers_alone() {
    let fixture = Fixture::new().await;
    fixture.write(r#"{"a":1,"openai":{"label":"work","type":"api","key":"sk-1","metadata":{"x":"y"}},"b":null}"#);
    let auth = fixture.auth();
    auth.save_tokens(tokens(&Secret::new("opaque"), "rt-1")).await.unwrap();
    let expires = NOON.0 + 3_600_000;
    assert_eq!(
        serde_json::from_str::<Value>(&fixture.text()).unwrap().to_string(),
        format!(
            r#"{{"a":1,"openai":{{"label":"work","type":"oauth","refresh":"rt-1","access":"opaque","expires":{expires}}},"b":null}}"#
        )
    );
    fixture.write(&fixture.text().replacen(
        "\"access\"",
        "\"id_token\":\"h.e30.s\",\"idToken\":\"h.e30.s\",\"access\"",
        1,
    ));
    auth.save_key(Secret::new("sk-2")).await.unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&fixture.text()).unwrap().to_string(),
        r#"{"a":1,"openai":{"label":"work","type":"api","key":"sk-2"},"b":null}"#
    );
}

#[tokio::test]
async fn signing_out_revokes_and_takes_away_one_entry() {
    for (status, revoked) in [(200, Revoked::Yes), (500, Revoked::Failed)] {
        let fixture = Fixture::new().await;
        fixture.write(r#"{"openai/":1,"openai":{"type":"oauth","refresh":"rt-1","access":"a","expires":1},"other":{"type":"zzz"}}"#);
        *fixture.server.state.revoke.lock().unwrap() = (status, "");
        let auth = fixture.auth();
        assert_eq!(auth.sign_out(&openai()).await.unwrap(), SignedOut { removed: true, revoked });
        assert_eq!(fixture.text(), "{\n  \"other\": {\n    \"type\": \"zzz\"\n  }\n}");
        assert_eq!(fixture.server.seen("/oauth/revoke").len(), 1);
        assert_eq!(
            auth.sign_out(&openai()).await.unwrap(),
            SignedOut { removed: false, revoked: Revoked::NotNeeded }
        );
        assert!(matches!(auth.openai_access().await.unwrap_err(), AuthError::NotSignedIn));
    }
}

#[tokio::test]
async fn signing_out_of_another_provider_revokes_nothing() {
    let fixture = Fixture::new().await;
    fixture.write(r#"{"xai":{"type":"oauth","refresh":"r","access":"a","expires":1},"openai":{"type":"api","key":"sk"}}"#);
    let auth = fixture.auth();
    assert_eq!(
        auth.sign_out(&"xai".into()).await.unwrap(),
        SignedOut { removed: true, revoked: Revoked::NotNeeded }
    );
    assert_eq!(
        auth.sign_out(&openai()).await.unwrap(),
        SignedOut { removed: true, revoked: Revoked::NotNeeded }
    );
    assert_eq!(fixture.text(), "{}");
    assert!(fixture.server.seen("/oauth/revoke").is_empty());
}

#[tokio::test]
async fn the_file_goes_before_the_environment_and_the_listing_says_so() {
    let fixture = Fixture::new().await;
    let auth = |key: Option<&str>| {
        Auth::new(
            fixture.context(),
            CredentialPlace { api_key: key.map(Secret::new), ..fixture.place() },
        )
    };
    let standings = |auth: &Auth| -> Vec<_> {
        auth.accounts().unwrap().accounts.into_iter().map(|a| (a.source, a.standing)).collect()
    };
    let variable = CredentialSource::Environment("OPENAI_API_KEY".into());
    let file = CredentialSource::File(fixture.file());

    let with_key = auth(Some("sk-env"));
    assert_eq!(with_key.openai_access().await.unwrap().token.expose(), "sk-env");
    assert_eq!(standings(&with_key), [(variable.clone(), CredentialStanding::Wins)]);

    fixture.write(r#"{"openai":{"type":"api","key":"sk-file"}}"#);
    assert_eq!(with_key.openai_access().await.unwrap().token.expose(), "sk-file");
    assert_eq!(
        standings(&with_key),
        [
            (file.clone(), CredentialStanding::Wins),
            (variable.clone(), CredentialStanding::Shadowed)
        ]
    );

    // An entry without anything usable shadows no other.
    for entry in [r#"{"type":"api","key":""}"#, r#"{"type":"keychain"}"#, "7"] {
        fixture.write(&format!(r#"{{"openai":{entry}}}"#));
        assert_eq!(with_key.openai_access().await.unwrap().token.expose(), "sk-env", "{entry}");
        assert_eq!(
            standings(&with_key),
            [
                (file.clone(), CredentialStanding::Unused),
                (variable.clone(), CredentialStanding::Wins)
            ],
            "{entry}"
        );
        assert!(
            matches!(auth(None).openai_access().await.unwrap_err(), AuthError::Unusable { .. }),
            "{entry}"
        );
    }
}

#[tokio::test]
async fn a_listing_shows_every_entry_and_no_secret() {
    let fixture = Fixture::new().await;
    fixture.write(&format!(
        r#"{{"openai":{{"type":"oauth","refresh":"rt-secret","access":"{}","expires":1}},
            "xai":{{"type":"oauth","refresh":"rt-secret","access":"at-secret","expires":0}},
            "https://corp.example":{{"type":"wellknown","key":"CORP","token":"tk-secret"}},
            "new":{{"type":"key\u001bchain","ref":"item-secret"}},
            "text":"sk-secret"}}"#,
        token("acc", 60).expose()
    ));
    let auth = fixture.auth();
    let listing = auth.accounts().unwrap();
    let found: Vec<_> = listing
        .accounts
        .iter()
        .map(|account| (account.provider.as_str(), account.kind.clone(), account.expires))
        .collect();
    assert_eq!(
        found,
        [
            (
                "openai",
                AccountKind::ChatGpt {
                    account: Some("acc".into()),
                    email: Some("ada@example.com".into()),
                    plan: Some("plus".into())
                },
                Some(NOON + 60 * MINUTE)
            ),
            ("xai", AccountKind::OAuth, None),
            ("https://corp.example", AccountKind::WellKnown, None),
            ("new", AccountKind::Unknown { kind: "keychain".into() }, None),
            ("text", AccountKind::Unknown { kind: String::new() }, None),
        ]
    );
    for shown in [format!("{listing:?}"), format!("{auth:?}")] {
        assert!(!shown.contains("secret") && !shown.contains("e30."), "{shown}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_others_can_read_is_told_of_once_and_tightened_at_the_next_write() {
    use std::os::unix::fs::PermissionsExt;
    let fixture = Fixture::new().await;
    fixture.write(r#"{"a":1}"#);
    fs::set_permissions(fixture.file(), fs::Permissions::from_mode(0o644)).unwrap();
    let auth = fixture.auth();
    auth.account_in_use().unwrap();
    auth.accounts().unwrap();
    let warnings = auth.take_warnings();
    assert_eq!(warnings, [AuthWarning::Readable { path: fixture.file(), mode: 0o644 }]);
    assert!(warnings[0].to_string().contains("mode 0644"));
    auth.accounts().unwrap();
    assert!(auth.take_warnings().is_empty());
    auth.save_key(Secret::new("sk")).await.unwrap();
    assert_eq!(fs::metadata(fixture.file()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_kept_elsewhere_by_a_symbolic_link_stays_there() {
    let fixture = Fixture::new().await;
    fs::create_dir(fixture.folder.path().join("dots")).unwrap();
    std::os::unix::fs::symlink("dots/auth.json", fixture.file()).unwrap();
    let auth = fixture.auth();
    auth.save_key(Secret::new("sk-1")).await.unwrap();
    auth.save_key(Secret::new("sk-2")).await.unwrap();
    assert!(fs::symlink_metadata(fixture.file()).unwrap().is_symlink());
    assert!(
        fs::read_to_string(fixture.folder.path().join("dots/auth.json")).unwrap().contains("sk-2")
    );
    assert_eq!(fixture.names(), ["auth.json", "dots"]);
}

#[tokio::test]
async fn a_damaged_file_waits_for_the_decision_to_sign_in_anew() {
    let fixture = Fixture::new().await;
    let damaged =
        "{\n  \"openai\": {\n    \"type\": \"oauth\",\n    \"refresh\": \"rt_x\",\n    \"acc";
    fixture.write(damaged);
    let auth = fixture.auth();
    let errors = [
        auth.accounts().unwrap_err(),
        auth.openai_access().await.unwrap_err(),
        auth.sign_out(&openai()).await.unwrap_err(),
    ];
    for error in errors {
        let AuthError::Damaged { line: 5, column: 8, kept: Some(copy), .. } = &error else {
            panic!("{error}")
        };
        assert_eq!(fs::read_to_string(copy).unwrap(), damaged);
        assert!(says(&error.to_string(), "line 5, column 8 … copy"), "{error}");
        assert_eq!(error.kind(), AuthErrorKind::CredentialFile);
    }
    assert_eq!(fixture.text(), damaged, "nothing was overwritten");
    let copies: Vec<_> =
        fixture.names().into_iter().filter(|name| name.starts_with("auth.json.damaged-")).collect();
    assert_eq!(copies.len(), 1, "one damage, one copy: {copies:?}");

    auth.save_key(Secret::new("sk-1")).await.unwrap();
    assert_eq!(fixture.entry("openai")["key"], "sk-1");
    assert_eq!(fs::read_to_string(fixture.folder.path().join(&copies[0])).unwrap(), damaged);
    assert!(matches!(&auth.take_warnings()[..], [AuthWarning::SetAside { .. }]));
}

#[tokio::test]
async fn a_file_of_codex_is_named_and_never_written() {
    let codex = r#"{"auth_mode":"chatgpt","OPENAI_API_KEY":null,"tokens":{"id_token":"a.b.c","access_token":"a","refresh_token":"r"},"last_refresh":"2026-01-01T00:00:00Z"}"#;
    for text in
        [codex, r#"{"auth_mode":"apikey","OPENAI_API_KEY":"sk-1"}"#, r#"{"OPENAI_API_KEY":"sk-1"}"#]
    {
        let fixture = Fixture::new().await;
        fixture.write(text);
        let auth = fixture.auth();
        for error in [
            auth.accounts().unwrap_err(),
            auth.openai_access().await.unwrap_err(),
            auth.save_key(Secret::new("sk")).await.unwrap_err(),
        ] {
            assert!(matches!(error, AuthError::CodexShape { .. }), "{error}");
            assert!(error.to_string().contains("Codex"));
            assert!(error.next_step().unwrap().contains("CODLING_AUTH_FILE"));
        }
        assert_eq!(fixture.text(), text);
    }
}

#[tokio::test]
async fn opencodes_sign_in_is_offered_while_we_have_none_and_then_shared() {
    let fixture = Fixture::new().await;
    let theirs = fixture.place().opencode_file;
    let auth = fixture.auth();
    assert!(!auth.accounts().unwrap().opencode_offer, "there is no such file");
    fs::create_dir(theirs.parent().unwrap()).unwrap();
    let access = token("acc", 60);
    for (text, offered) in [
        ("{}".to_string(), false),
        ("{\"op".to_string(), false),
        (r#"{"xai":{"type":"api","key":"k"}}"#.to_string(), false),
        (json!({"openai": {"type": "oauth", "refresh": "rt", "access": access.expose(), "expires": 1}}).to_string(), true),
    ] {
        fs::write(&theirs, &text).unwrap();
        assert_eq!(auth.accounts().unwrap().opencode_offer, offered, "{text}");
        assert_eq!(fs::read_dir(theirs.parent().unwrap()).unwrap().count(), 1, "nothing is left in their folder");
    }
    fixture.write(r#"{"openai":{"type":"api","key":"sk"}}"#);
    assert!(!auth.accounts().unwrap().opencode_offer, "we have our own");

    auth.share_opencode();
    assert_eq!(auth.file(), theirs);
    assert_eq!(auth.openai_access().await.unwrap().token, access);
    assert!(!auth.accounts().unwrap().opencode_offer);
}

#[tokio::test]
async fn nothing_is_saved_where_the_file_cannot_be_written() {
    let fixture = Fixture::new().await;
    fs::create_dir(fixture.file()).unwrap();
    let error = fixture.auth().save_key(Secret::new("sk-1")).await.unwrap_err();
    assert!(matches!(error, AuthError::File { .. }), "{error}");
    assert!(error.to_string().contains("auth.json"));
    assert!(error.next_step().is_some());
}
