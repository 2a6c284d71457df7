//! One sign-in for two programs: opencode's file is used in place. Nothing is copied.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codling::demo::ScriptedAnswer;
use serde_json::{Value, json};

use crate::pty::Terminal;
use crate::stage::sentences;
use crate::stage::{Account, Stage};

use super::scene::{Person, open};

/// opencode's file with a sign-in at the stand-in and fields that codling does not know.
fn opencode(stage: &Stage, data: &Path) -> PathBuf {
    let tokens = stage.stand.issue();
    let entries = json!({
        "zz-unknown": { "type": "keychain", "n": 1.50, "nested": [1, null] },
        "openai": { "type": "oauth", "refresh": tokens.refresh, "access": tokens.access, "expires": tokens.expires.0, "mine": true },
        "anthropic": { "type": "api", "key": "sk-ant-made-up" },
    });
    let file = data.join("opencode/auth.json");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, serde_json::to_string_pretty(&entries).unwrap()).unwrap();
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o600)).unwrap();
    file
}

fn start(stage: &Stage, data: &Path) -> Terminal {
    open(stage, |setup| setup.env("XDG_DATA_HOME", data.to_str().unwrap()))
}

#[test]
fn opencode_s_sign_in_is_shared_by_one_row_and_nothing_in_its_file_is_lost() {
    let stage = Stage::new(Account::Nobody);
    let data = tempfile::tempdir().unwrap();
    stage.stand.set_access_lifetime(Duration::from_secs(60));
    let file = opencode(&stage, data.path());
    stage.stand.set_access_lifetime(Duration::from_secs(3600));
    let before = std::fs::read(&file).unwrap();

    let terminal = start(&stage, data.path());
    terminal.type_text("/connect").press("enter");
    terminal.wait_for("Share opencode's sign-in");
    assert!(stage.stand.requests().is_empty(), "nothing leaves before it is chosen");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    terminal.press("down").press("enter");
    terminal.wait_for(sentences::SHARES_OPENCODE);
    terminal.wait_gone("Share opencode's sign-in");
    terminal.press("esc");
    terminal.wait_gone("Connect a provider");
    stage.stand.script([ScriptedAnswer::says("Shared.")]);
    terminal.ask("hello");
    terminal.wait_for("Shared.");
    terminal.wait_gone("Working");
    terminal.leave();

    // The token was about to expire: its successor is in the same place of the same file, and all
    // else is unchanged.
    assert_eq!(stage.stand.refreshes(), 1);
    let (before, after): (Value, Value) = (serde_json::from_slice(&before).unwrap(), read(&file));
    assert_ne!(before["openai"]["refresh"], after["openai"]["refresh"]);
    let mut rest = after.clone();
    for field in ["refresh", "access", "expires"] {
        rest["openai"][field] = before["openai"][field].clone();
    }
    rest["openai"]
        .as_object_mut()
        .unwrap()
        .retain(|field, _| before["openai"].get(field).is_some());
    assert_eq!(rest.to_string(), before.to_string());
    assert!(!stage.home.auth_file().exists(), "nothing was copied");
    stage.stand.check().unwrap();

    let again = start(&stage, data.path());
    stage.stand.script([ScriptedAnswer::says("Still shared.")]);
    again.ask("hello");
    again.wait_for("Still shared.");
    again.wait_gone("Working");
    again.leave();
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}
