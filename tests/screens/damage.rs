//! A damaged credential file, which is never overwritten unasked.

use std::path::PathBuf;

use codling::demo::ScriptedAnswer;

use crate::pty::Look;
use crate::stage::sentences;
use crate::stage::{Account, Stage};

use super::scene::{Person, open};

const DAMAGED: &str =
    "{\n  \"openai\": { \"type\": \"oauth\", \"refresh\": \"rt_made_up\"\n  \"anthropic\": {}\n}\n";

fn copies(stage: &Stage) -> Vec<PathBuf> {
    let folder = stage.home.auth_file().parent().unwrap().to_owned();
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| {
            path.file_name().unwrap().to_str().unwrap().starts_with("auth.json.damaged-")
        })
        .collect()
}

#[test]
fn a_damaged_file_is_named_with_its_place_and_kept_when_one_signs_in_anew() {
    let stage = Stage::new(Account::Nobody);
    let file = stage.home.auth_file();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, DAMAGED).unwrap();

    let terminal = open(&stage, |setup| setup.size(120, 40));
    terminal.wait_for(sentences::DAMAGED_AUTH_FILE);
    assert!(
        !terminal.screen().lines().concat().contains("rt_made_up"),
        "{:#?}",
        terminal.screen().lines()
    );
    terminal.wait_for("not connected");
    terminal.ask("hello");
    terminal.wait_for("Connect a provider");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), DAMAGED);
    assert!(stage.stand.requests().is_empty());
    // The prompt is sent by itself after the sign-in.
    stage.stand.script([ScriptedAnswer::says("Whole again.")]);

    terminal.press_until("enter", sentences::CHOOSE_SIGN_IN);
    terminal.type_text("3").press("enter");
    terminal.wait_for(sentences::ENTER_API_KEY);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), DAMAGED);
    let key = stage.stand.key();
    terminal.paste(&key);
    terminal.press("enter");
    terminal.wait_for(sentences::SIGNED_IN_WITH_KEY);
    terminal.skip_models();

    let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(saved, serde_json::json!({ "openai": { "type": "api", "key": key } }));
    let copies = copies(&stage);
    assert_eq!(copies.len(), 1, "{copies:?}");
    assert_eq!(std::fs::read_to_string(&copies[0]).unwrap(), DAMAGED);
    terminal.wait_for("Whole again.");
    terminal.wait_gone("Working");
    terminal.leave();
}
