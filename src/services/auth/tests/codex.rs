//! The sign-in of Codex: offered while there is no other, and taken over whole.

use super::*;
use crate::base::Advice as _;
use crate::protocol::{AccountKind, SignInMethod};

/// Codex's file with these contents.
fn theirs(fixture: &Fixture, contents: &Value) -> PathBuf {
    let file = fixture.place().codex_file;
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, contents.to_string()).unwrap();
    file
}

fn tokens(access: &Secret) -> Value {
    json!({
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": token("acc", 60).expose(),
            "access_token": access.expose(),
            "refresh_token": "rt_codex",
            "account_id": "acc",
        },
        "last_refresh": "2027-01-15T11:00:00Z",
    })
}

#[tokio::test]
async fn codexs_sign_in_is_offered_while_we_have_none() {
    let fixture = Fixture::new().await;
    let auth = fixture.auth();
    assert_eq!(auth.accounts().unwrap().codex_offer, None, "there is no such file");
    for nothing in [json!({}), json!([]), json!({"auth_mode": "apikey"}), json!({"tokens": {}})] {
        theirs(&fixture, &nothing);
        assert_eq!(auth.accounts().unwrap().codex_offer, None, "{nothing}");
    }
    theirs(&fixture, &tokens(&token("acc", 60)));
    let offered = auth.accounts().unwrap().codex_offer.unwrap();
    assert!(
        matches!(&offered.kind, AccountKind::ChatGpt { email: Some(email), plan: Some(plan), .. } if email == "ada@example.com" && plan == "plus")
    );
    assert!(!format!("{offered:?}").contains("rt_codex"));
    fixture.write(r#"{"openai":{"type":"api","key":"sk"}}"#);
    assert_eq!(auth.accounts().unwrap().codex_offer, None, "we have our own");
}

#[tokio::test]
async fn tokens_are_taken_over_and_leave_codexs_file() {
    let fixture = Fixture::new().await;
    let access = token("acc", 60);
    let file = theirs(&fixture, &tokens(&access));
    let auth = fixture.auth();
    auth.take_over_codex().await.unwrap();
    assert_eq!(auth.openai_access().await.unwrap().token, access);
    assert_eq!(fixture.entry("openai")["refresh"], "rt_codex");
    assert!(!file.exists(), "as when Codex signs out");
    assert_eq!(auth.accounts().unwrap().codex_offer, None);
}

#[tokio::test]
async fn a_key_in_the_same_file_stays_with_codex() {
    let fixture = Fixture::new().await;
    let mut contents = tokens(&token("acc", 60));
    contents["OPENAI_API_KEY"] = "sk-codex".into();
    contents["mine"] = "kept".into();
    let file = theirs(&fixture, &contents);
    fixture.auth().take_over_codex().await.unwrap();
    let left: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(left, json!({"auth_mode": "apikey", "OPENAI_API_KEY": "sk-codex", "mine": "kept"}));
    assert_eq!(fixture.entry("openai")["type"], "oauth");
}

#[tokio::test]
async fn a_key_alone_is_copied() {
    let fixture = Fixture::new().await;
    let contents = json!({"auth_mode": "apikey", "OPENAI_API_KEY": "sk-codex"});
    let file = theirs(&fixture, &contents);
    fixture.auth().take_over_codex().await.unwrap();
    assert_eq!(fixture.entry("openai"), json!({"type": "api", "key": "sk-codex"}));
    assert_eq!(fs::read_to_string(&file).unwrap(), contents.to_string());
}

#[tokio::test]
async fn what_is_gone_or_not_allowed_is_not_taken_over_and_nothing_changes() {
    let fixture = Fixture::new().await;
    let file = theirs(&fixture, &json!({}));
    let gone = fixture.auth().take_over_codex().await.unwrap_err();
    assert!(matches!(gone, AuthError::NotInCodex { .. }) && gone.next_step().is_some());
    let contents = tokens(&token("acc", 60));
    fs::write(&file, contents.to_string()).unwrap();
    let mut context = fixture.context();
    context.rule.method = Some(SignInMethod::ApiKey);
    let auth = Auth::new(context, fixture.place());
    assert!(matches!(auth.take_over_codex().await, Err(AuthError::OtherMethod { .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), contents.to_string());
    assert!(!fixture.file().exists());
}
