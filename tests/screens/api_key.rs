//! Signing in with an API key, which is never visible.

use codling::demo::{Options, ScriptedAnswer};

use crate::pty::Look;
use crate::stage::sentences;
use crate::stage::{Account, Stage};

use super::scene::{LIMIT, Person, Scene, holds, open};

#[test]
fn a_key_is_cancelled_then_refused_then_kept_and_never_seen() {
    let scene = Scene::with(Options::default());
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    stand.fault("/v1/models", ScriptedAnswer::status(200).gated("never"));
    terminal.connect('3');
    terminal.wait_for(sentences::ENTER_API_KEY);
    terminal.paste("sk-abandoned-4711");
    terminal.press("enter");
    terminal.wait_for(sentences::CHECKING_KEY);
    // Otherwise the gate would be left for the next key.
    stand.wait_for(|request| request.path == "/v1/models", LIMIT).unwrap();
    terminal.escape(sentences::CHOOSE_SIGN_IN);
    assert_eq!(scene.auth_file(), serde_json::Value::Null);

    terminal.press("enter");
    terminal.wait_for(sentences::ENTER_API_KEY);
    terminal.paste("sk-wrong-4712");
    terminal.press("enter");
    terminal.wait_for(sentences::UNKNOWN_KEY);
    terminal.reads(sentences::MAKE_NEW_KEY);
    assert_eq!(scene.auth_file(), serde_json::Value::Null);

    let key = stand.key();
    terminal.press("ctrl+u");
    terminal.paste(&format!(" {key}\n"));
    terminal.press("enter");
    terminal.wait_for(sentences::SIGNED_IN_WITH_KEY);
    terminal.skip_models();
    assert_eq!(scene.auth_file()["openai"], serde_json::json!({ "type": "api", "key": key }));
    stand.script([ScriptedAnswer::says("Hello from the model.")]);
    terminal.ask("hello");
    terminal.wait_for("Hello from the model.");
    assert_eq!(stand.responses()[0].path, "/v1/responses");
    let raw = terminal.raw_since(0);
    for secret in ["sk-abandoned", "sk-wrong", &key] {
        assert!(!holds(&raw, secret.as_bytes()), "{secret} was on the screen");
    }
    terminal.leave();
}

#[test]
fn a_key_that_cannot_be_checked_is_saved_by_a_second_enter() {
    let stage = Stage::new(Account::Nobody);
    let terminal = open(&stage, |setup| setup.env("CODLING_API_ORIGIN", "http://127.0.0.1:1"));
    terminal.connect('3');
    terminal.wait_for(sentences::ENTER_API_KEY);
    terminal.paste("sk-unchecked-4713");
    terminal.press("enter");
    terminal.wait_for(sentences::UNCHECKED_KEY);
    terminal.reads(sentences::SAVE_UNCHECKED);
    assert!(!stage.home.auth_file().exists());
    // An enter that comes sooner than a person can read does not count.
    terminal.press_until("enter", sentences::SIGNED_IN_WITH_KEY);
    let saved = std::fs::read_to_string(stage.home.auth_file()).unwrap();
    assert!(saved.contains("sk-unchecked-4713"), "{saved}");
}

#[test]
fn a_prompt_typed_before_anybody_signed_in_is_kept_and_sent_after() {
    let scene = Scene::with(Options::default());
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    terminal.wait_for("not connected");
    terminal.ask("keep me");
    terminal.wait_for("Connect a provider");
    assert!(terminal.screen().shows(sentences::SIGN_IN_TO_SEND));
    assert!(stand.responses().is_empty());
    stand.script([ScriptedAnswer::says("It was kept.")]);
    terminal.press("enter");
    terminal.wait_for(sentences::CHOOSE_SIGN_IN);
    terminal.type_text("3").press("enter");
    terminal.wait_for(sentences::ENTER_API_KEY);
    terminal.paste(&stand.key());
    terminal.press("enter");
    terminal.wait_for(sentences::SIGNED_IN);
    terminal.skip_models();
    terminal.wait_for("It was kept.");
    assert!(stand.responses()[0].body.contains("keep me"));
    scene.end();
}

#[test]
fn a_key_of_codexs_is_offered_and_copied_once_that_was_confirmed() {
    let stage = Stage::new(Account::Nobody);
    let codex = tempfile::tempdir().unwrap();
    let theirs = serde_json::json!({ "auth_mode": "apikey", "OPENAI_API_KEY": stage.stand.key() });
    std::fs::write(codex.path().join("auth.json"), theirs.to_string()).unwrap();
    let terminal =
        open(&stage, |setup| setup.size(60, 18).env("CODEX_HOME", codex.path().to_str().unwrap()));
    terminal.type_text("/connect").press("enter");
    terminal.wait_for(sentences::TAKE_OVER_CODEX);
    terminal.press("down").press("enter");
    terminal.reads(sentences::CODEX_KEEPS_IT);
    assert!(!stage.home.auth_file().exists());
    terminal.press("enter");
    terminal.reads("Copied from Codex");
    assert!(!terminal.screen().shows(&stage.stand.key()));
    terminal.press("esc");
    terminal.wait_gone("Connect a provider");
    stage.stand.script([ScriptedAnswer::says("Hello with that key.")]);
    terminal.ask("hello");
    terminal.wait_for("Hello with that key.");
    terminal.leave();
}
