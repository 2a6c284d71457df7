//! What Codex is signed in with: offered while we have nothing, and taken over whole.

use super::*;
use crate::base::Advice as _;
use crate::protocol::{AccountKind, SignInMethod};

/// Codex's file with these contents.
fn theirs(home: &Home, contents: &Value) -> PathBuf {
    let file = home.place().codex_file;
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
    let home = Home::new().await;
    let auth = home.auth();
    assert_eq!(auth.accounts().unwrap().codex_offer, None, "there is no such file");
    for nothing in [json!({}), json!([]), json!({"auth_mode": "apikey"}), json!({"tokens": {}})] {
        theirs(&home, &nothing);
        assert_eq!(auth.accounts().unwrap().codex_offer, None, "{nothing}");
    }
    theirs(&home, &tokens(&token("acc", 60)));
    let offered = auth.accounts().unwrap().codex_offer.unwrap();
    assert!(
        matches!(&offered.kind, AccountKind::ChatGpt { email: Some(email), plan: Some(plan), .. } if email == "ada@example.com" && plan == "plus")
    );
    assert!(!format!("{offered:?}").contains("rt_codex"));
    home.write(r#"{"openai":{"type":"api","key":"sk"}}"#);
    assert_eq!(auth.accounts().unwrap().codex_offer, None, "we have our own");
}

#[tokio::test]
async fn tokens_are_taken_over_and_leave_codexs_file() {
    let home = Home::new().await;
    let access = token("acc", 60);
    let file = theirs(&home, &tokens(&access));
    let auth = home.auth();
    auth.take_over_codex().await.unwrap();
    assert_eq!(auth.openai_access().await.unwrap().token, access);
    assert_eq!(home.entry("openai")["refresh"], "rt_codex");
    assert!(!file.exists(), "as when Codex signs out");
    assert_eq!(auth.accounts().unwrap().codex_offer, None);
}

#[tokio::test]
async fn a_key_in_the_same_file_stays_with_codex() {
    let home = Home::new().await;
    let mut contents = tokens(&token("acc", 60));
    contents["OPENAI_API_KEY"] = "sk-codex".into();
    contents["mine"] = "kept".into();
    let file = theirs(&home, &contents);
    home.auth().take_over_codex().await.unwrap();
    let left: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(left, json!({"auth_mode": "apikey", "OPENAI_API_KEY": "sk-codex", "mine": "kept"}));
    assert_eq!(home.entry("openai")["type"], "oauth");
}

#[tokio::test]
async fn a_key_alone_is_copied() {
    let home = Home::new().await;
    let contents = json!({"auth_mode": "apikey", "OPENAI_API_KEY": "sk-codex"});
    let file = theirs(&home, &contents);
    home.auth().take_over_codex().await.unwrap();
    assert_eq!(home.entry("openai"), json!({"type": "api", "key": "sk-codex"}));
    assert_eq!(fs::read_to_string(&file).unwrap(), contents.to_string());
}

#[tokio::test]
async fn what_is_gone_or_not_allowed_is_not_taken_over_and_nothing_changes() {
    let home = Home::new().await;
    let file = theirs(&home, &json!({}));
    let gone = home.auth().take_over_codex().await.unwrap_err();
    assert!(matches!(gone, AuthError::NotInCodex { .. }) && gone.next_step().is_some());
    let contents = tokens(&token("acc", 60));
    fs::write(&file, contents.to_string()).unwrap();
    let mut context = home.context();
    context.rule.method = Some(SignInMethod::ApiKey);
    let auth = Auth::new(context, home.place());
    assert!(matches!(auth.take_over_codex().await, Err(AuthError::OtherMethod { .. })));
    assert_eq!(fs::read_to_string(&file).unwrap(), contents.to_string());
    assert!(!home.file().exists());
}
