//! Signing in and out.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use codling::base::Secret;
use codling::demo::{DeviceDecision, Options, ScriptedAnswer};
use codling::protocol::{
    AccountCommand, AccountKind, Command, EventKind, KeyCheck, ProblemKind, ProviderId,
    SignInLifetime, SignInStep, SignInWay,
};

use super::scene::Scene;

fn is_completed(step: &SignInStep) -> bool {
    matches!(step, SignInStep::Completed(_))
}

fn code(scene: &Scene) -> String {
    match scene.step("the code", |step| matches!(step, SignInStep::Code { .. })) {
        SignInStep::Code { code, .. } => code,
        other => panic!("{other:?}"),
    }
}

fn browser(scene: &Scene) -> (String, u16) {
    match scene.step("the link", |step| matches!(step, SignInStep::Browser { .. })) {
        SignInStep::Browser { url, port, .. } => (url, port),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_code_approved_on_another_device_signs_in_and_the_conversation_works() {
    let scene = Scene::new(Options { interval: 1, ..Options::default() });
    scene.sign_in(SignInWay::Headless);
    let code = code(&scene);
    assert!(!scene.home.auth_file().exists(), "nothing is written before the sign-in is complete");
    assert!(scene.stand.decide_device(&code, DeviceDecision::Approve));
    let SignInStep::Completed(account) = scene.step("the end", is_completed) else { panic!() };
    assert!(
        matches!(account.kind, AccountKind::ChatGpt { plan: Some(ref plan), .. } if plan == "plus")
    );
    let entry = &scene.auth_file()["openai"];
    assert_eq!(entry["type"], "oauth");
    assert!(entry["expires"].is_i64() && entry["accountId"].is_string());
    assert_eq!(
        std::fs::metadata(scene.home.auth_file()).unwrap().permissions().mode() & 0o777,
        0o600
    );
    scene.ask("hello");
    scene.end();
}

#[test]
fn the_browser_way_completes_by_the_listener() {
    let scene = Scene::new(Options::default());
    scene.sign_in(SignInWay::Browser);
    let (url, port) = browser(&scene);
    let callback = scene.stand.authorize(&url, DeviceDecision::Approve).unwrap();
    assert!(callback.starts_with(&format!("http://localhost:{port}/auth/callback?")));
    let page = get(&callback);
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    scene.step("the end", is_completed);
    scene.ask("hello");
    scene.end();
}

#[test]
fn the_browser_way_completes_by_a_pasted_address_after_a_wrong_one() {
    let scene = Scene::new(Options::default());
    let attempt = scene.sign_in(SignInWay::Browser);
    let (url, _) = browser(&scene);
    let callback = scene.stand.authorize(&url, DeviceDecision::Approve).unwrap();
    let paste = |text: &str| {
        let (attempt, text) = (attempt.clone(), text.to_owned());
        scene.send(Command::Account(AccountCommand::PasteCallback { attempt, text }));
    };
    paste("http://localhost:1455/auth/callback?code=x&state=forged");
    scene.step("the refusal", |step| matches!(step, SignInStep::PasteRefused(_)));
    paste(&format!("  {callback}\n"));
    scene.step("the end", is_completed);
    scene.end();
}

#[test]
fn cancelling_frees_the_port_at_once_and_changes_nothing() {
    let scene = Scene::signed_in(Options::default());
    let before = std::fs::read(scene.home.auth_file()).unwrap();
    let attempt = scene.sign_in(SignInWay::Browser);
    let (_, port) = browser(&scene);
    scene.send(Command::Account(AccountCommand::CancelSignIn(attempt)));
    scene.step("the cancellation", |step| matches!(step, SignInStep::Cancelled));
    TcpListener::bind(("127.0.0.1", port)).unwrap();
    assert_eq!(std::fs::read(scene.home.auth_file()).unwrap(), before);
    scene.end();
}

#[test]
fn a_new_sign_in_revokes_the_superseded_one() {
    let scene = Scene::new(Options { interval: 1, ..Options::default() });
    let old = scene.stand.issue();
    scene.home.sign_in(&old).unwrap();
    scene.sign_in(SignInWay::Headless);
    let code = code(&scene);
    assert!(scene.stand.decide_device(&code, DeviceDecision::Approve));
    scene.step("the end", is_completed);
    scene
        .stand
        .wait_for(
            |request| request.path == "/oauth/revoke" && request.ended.is_some(),
            std::time::Duration::from_secs(30),
        )
        .unwrap();
    assert!(scene.stand.is_revoked(&old.refresh));
    scene.ask("hello");
    scene.end();
}

#[test]
fn a_key_is_checked_first_and_a_wrong_one_is_not_saved() {
    let scene = Scene::new(Options::default());
    scene.sign_in(SignInWay::ApiKey(Secret::new("sk-wrong-0000000000000000")));
    scene.step("the failure", |step| matches!(step, SignInStep::Failed(_)));
    assert!(!scene.home.auth_file().exists());
    let key = scene.stand.key();
    scene.sign_in(SignInWay::ApiKey(Secret::new(format!("  {key}\n"))));
    scene.step("the end", is_completed);
    assert_eq!(scene.auth_file()["openai"]["key"], key);
    scene.end_quietly();
}

#[test]
fn a_file_of_codexs_is_named_before_anybody_approves_anything_and_stays_as_it_is() {
    let scene = Scene::new(Options::default());
    let codex = r#"{"auth_mode":"chatgpt","OPENAI_API_KEY":null,"tokens":{"refresh_token":"rt"}}"#;
    std::fs::create_dir_all(scene.home.auth_file().parent().unwrap()).unwrap();
    std::fs::write(scene.home.auth_file(), codex).unwrap();
    scene.sign_in(SignInWay::Headless);
    let SignInStep::Failed(problem) =
        scene.step("the failure", |step| matches!(step, SignInStep::Failed(_)))
    else {
        panic!()
    };
    assert!(problem.message.contains("Codex"), "{problem:?}");
    assert!(scene.stand.requests().is_empty());
    assert_eq!(std::fs::read_to_string(scene.home.auth_file()).unwrap(), codex);
    scene.end();
}

#[test]
fn a_key_that_cannot_be_checked_is_saved_when_asked_again() {
    let scene = Scene::new(Options::default());
    let key = scene.stand.key();
    let way = || SignInWay::ApiKey(Secret::new(key.as_str()));
    scene.stand.fault("/v1/models", ScriptedAnswer::status(503));
    scene.sign_in(way());
    scene.step("the doubt", |step| matches!(step, SignInStep::Unchecked(_)));
    scene.sign_in_checking(way(), KeyCheck::Skip);
    scene.step("the end", is_completed);
    scene.end();
}

#[test]
fn signing_out_revokes_and_removes_only_that_entry() {
    let scene = Scene::new(Options::default());
    let tokens = scene.stand.issue();
    scene.home.sign_in(&tokens).unwrap();
    let mut file = scene.auth_file();
    file["other"] = serde_json::json!({ "type": "keychain", "n": 1.50 });
    std::fs::write(scene.home.auth_file(), file.to_string()).unwrap();
    scene.send(Command::Account(AccountCommand::SignOut(ProviderId::openai())));
    scene.wait("the sign-out", |event| matches!(event, EventKind::SignedOut(_)).then_some(()));
    assert!(scene.stand.is_revoked(&tokens.refresh));
    assert_eq!(
        scene.auth_file(),
        serde_json::json!({ "other": { "type": "keychain", "n": 1.50 } })
    );
    scene.end();
}

#[test]
fn a_sign_in_that_follows_a_cancelled_one_at_once_finds_the_port_free() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let scene = Scene::on_ports(Options::default(), [port, 0]);
    let attempt = scene.sign_in(SignInWay::Browser);
    assert_eq!(browser(&scene).1, port);
    scene.send(Command::Account(AccountCommand::CancelSignIn(attempt)));
    let attempt = scene.sign_in(SignInWay::Browser);
    assert_eq!(browser(&scene).1, port);
    scene.send(Command::Account(AccountCommand::CancelSignIn(attempt)));
    scene.step("the cancellation", |step| matches!(step, SignInStep::Cancelled));
    scene.end();
}

#[test]
fn a_provider_codling_cannot_talk_to_is_refused_and_not_taken_for_another() {
    let scene = Scene::new(Options::default());
    let sign_in = |provider: &str, way| AccountCommand::SignIn {
        attempt: "a".into(),
        provider: provider.into(),
        way,
        check: KeyCheck::Skip,
        lifetime: SignInLifetime::Client,
    };
    let key = SignInWay::ApiKey(Secret::new(scene.stand.key()));
    let problem = scene.request(Command::Account(sign_in("acme", key))).unwrap_err();
    assert!(problem.message.contains("`acme`") && problem.next.is_some(), "{problem:?}");
    // Only OpenAI is signed in to otherwise than by a key.
    let by_browser = Command::Account(sign_in("xai", SignInWay::Browser));
    assert_eq!(scene.request(by_browser).unwrap_err().kind, ProblemKind::SignIn);
    assert!(!scene.home.auth_file().exists());
    scene.end();
}

#[test]
fn a_damaged_file_is_the_answer_to_who_is_signed_in_and_not_that_nobody_is() {
    let scene = Scene::signed_in(Options::default());
    std::fs::write(scene.home.auth_file(), "{\n  \"openai\": oops\n}").unwrap();
    let problem = scene.request(Command::Account(AccountCommand::List)).unwrap_err();
    scene.wait("the empty list", |event| {
        matches!(event, EventKind::Accounts(list) if list.accounts.is_empty()).then_some(())
    });
    assert_eq!(problem.kind, ProblemKind::CredentialFile);
    assert!(problem.message.contains("line 2"), "{problem:?}");
    scene.end();
}

#[test]
fn a_file_that_others_can_read_is_told_of_once_though_a_conversation_looked_at_it_first() {
    let scene = Scene::signed_in(Options::default());
    std::fs::set_permissions(scene.home.auth_file(), std::fs::Permissions::from_mode(0o644))
        .unwrap();
    scene.ask("hello");
    for _twice in 0..2 {
        scene.send(Command::Account(AccountCommand::List));
    }
    // Everything reported so far came before this.
    scene.send(Command::Account(AccountCommand::ShareOpencode));
    scene.wait("the list", |event| matches!(event, EventKind::Accounts(_)).then_some(()));
    let told = scene.seen(|event| match event {
        EventKind::Notice(notice) if notice.message.contains("mode 0644") => Some(()),
        _ => None,
    });
    assert_eq!(told.len(), 1);
    scene.end();
}

/// Acts as a browser that opens the sign-in's address.
fn get(address: &str) -> String {
    use std::io::{Read as _, Write as _};
    let rest = address.strip_prefix("http://localhost:").unwrap();
    let (port, path) = rest.split_once('/').unwrap();
    let mut connection =
        std::net::TcpStream::connect(("127.0.0.1", port.parse::<u16>().unwrap())).unwrap();
    write!(
        connection,
        "GET /{path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut page = String::new();
    connection.read_to_string(&mut page).unwrap();
    page
}
