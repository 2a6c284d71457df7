//! Killed programs and concurrent programs: the credential file stays whole, and a token is used
//! once.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use codling::demo::{ScriptedAnswer, Tokens};
use serde_json::{Value, json};

use crate::stage::{Account, Stage};

use super::scene::LIMIT;

const PROGRAM: &str = env!("CARGO_BIN_EXE_codling");
const TOKEN: &str = "/oauth/token";

/// A sign-in that must be renewed before use, beside another provider's entry.
fn sign_in(stage: &Stage) -> Tokens {
    stage.stand.set_access_lifetime(Duration::from_secs(60));
    let tokens = stage.stand.issue();
    stage.stand.set_access_lifetime(Duration::from_secs(3600));
    let entries = json!({
        "other": { "type": "keychain", "n": 1.50 },
        "openai": { "type": "oauth", "refresh": tokens.refresh, "access": tokens.access, "expires": tokens.expires.0 },
    });
    let file = stage.home.auth_file();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, serde_json::to_string_pretty(&entries).unwrap()).unwrap();
    tokens
}

fn run(stage: &Stage, prompt: &str) -> Child {
    stage
        .command(Path::new(PROGRAM), stage.home.path())
        .args(["run", prompt])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// The refresh token in the file, which must be whole.
fn whole(stage: &Stage) -> String {
    let bytes = std::fs::read(stage.home.auth_file()).unwrap();
    let entries: Value = serde_json::from_slice(&bytes)
        .unwrap_or_else(|error| panic!("{error}: {}", bytes.escape_ascii()));
    assert_eq!(entries["other"], json!({ "type": "keychain", "n": 1.50 }));
    let openai = &entries["openai"];
    assert!(
        openai["access"].as_str().is_some_and(|access| !access.is_empty())
            && openai["expires"].is_i64(),
        "{openai}"
    );
    openai["refresh"].as_str().unwrap().to_owned()
}

#[test]
fn a_kill_at_any_moment_of_a_renewal_leaves_the_old_file_or_the_new_one() {
    let stage = Stage::new(Account::Nobody);

    // Before the answer nothing was written.
    let old = sign_in(&stage);
    stage.stand.fault(TOKEN, ScriptedAnswer::status(503).gated("before"));
    let child = run(&stage, "one");
    assert!(stage.stand.wait_reached("before"));
    kill(child);
    stage.stand.open("before");
    assert_eq!(whole(&stage), old.refresh);

    // The new token was saved before its use.
    stage.stand.script([ScriptedAnswer::says("never seen").gated("after")]);
    let child = run(&stage, "two");
    assert!(stage.stand.wait_reached("after"));
    kill(child);
    stage.stand.open("after");
    assert_ne!(whole(&stage), old.refresh);

    // In between, later and later.
    for step in 0..30_u32 {
        let old = sign_in(&stage);
        let known = stage.stand.requests().len();
        let child = run(&stage, "three");
        let is_answered = |request: &codling::demo::SeenRequest| {
            request.number >= known && request.path == TOKEN && request.status.is_some()
        };
        let answered = stage.stand.wait_for(is_answered, LIMIT).unwrap();
        let moment = Instant::now() + Duration::from_micros(150) * step;
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        kill(child);
        let refresh = whole(&stage);
        let used = stage
            .stand
            .requests()
            .iter()
            .any(|request| request.number > answered.number && request.is_responses());
        assert!(!used || refresh != old.refresh, "a token was used before it was saved");
    }

    // A dead holder's lock keeps nobody waiting.
    sign_in(&stage);
    stage.stand.script([ScriptedAnswer::says("Alive.")]);
    let last = run(&stage, "four").wait_with_output().unwrap();
    assert_eq!(String::from_utf8(last.stdout).unwrap(), "Alive.\n");
    let left: Vec<_> = std::fs::read_dir(stage.home.auth_file().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(left.len() <= 3 + 30, "{left:?}");
}

#[test]
fn two_programs_with_one_expired_token_renew_it_once_and_both_answer() {
    let stage = Stage::new(Account::Nobody);
    sign_in(&stage);
    stage.stand.script([ScriptedAnswer::says("Yes."), ScriptedAnswer::says("Yes.")]);
    let both = ["one", "two"].map(|prompt| run(&stage, prompt));
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stdout).unwrap().as_str()),
            (Some(0), "Yes.\n")
        );
    }
    assert_eq!(stage.stand.refreshes(), 1);
    stage.stand.check().unwrap();
}
