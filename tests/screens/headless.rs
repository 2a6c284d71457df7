//! Signing in with a code on another device. Never opens a browser.

use codling::demo::{DeviceCodes, DeviceDecision, Options, ScriptedAnswer};

use crate::pty::Look;
use crate::stage::sentences;
use crate::stage::{Account, Stage};

use super::scene::{LIMIT, Person, Scene, is_code, open};

const POLL: &str = "/api/accounts/deviceauth/token";

fn options() -> Options {
    Options { interval: 1, ..Options::default() }
}

#[test]
fn a_code_is_cancelled_for_good_then_a_new_one_is_approved_and_a_conversation_follows() {
    let scene = Scene::with(options());
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    terminal.connect('2');
    terminal.wait_for(sentences::WAITING_FOR_APPROVAL);
    let cancelled = terminal.word(is_code);
    scene.request_to(POLL);
    terminal.escape(sentences::CHOOSE_SIGN_IN);
    assert_eq!(scene.auth_file(), serde_json::Value::Null);

    terminal.press("enter");
    terminal.wait_for(sentences::WAITING_FOR_APPROVAL);
    terminal.wait_until("another code is shown", {
        let cancelled = cancelled.clone();
        move |screen| !screen.shows(&cancelled)
    });
    let code = terminal.word(is_code);
    let polls_of = |code: &str| {
        let polls = stand
            .requests_to(POLL)
            .into_iter()
            .filter(|poll| poll.field("user_code").as_deref() == Some(code));
        polls.map(|poll| poll.number).collect::<Vec<_>>()
    };
    let is_poll = |request: &codling::demo::SeenRequest| {
        request.path == POLL && request.field("user_code").as_deref() == Some(&code)
    };
    let first = stand.wait_for(is_poll, LIMIT).unwrap().number;
    // A second later the cancelled one would have been polled again.
    stand.wait_for(|request| is_poll(request) && request.number > first, LIMIT).unwrap();
    assert!(
        polls_of(&cancelled).iter().all(|number| *number < first),
        "{:?} {first}",
        polls_of(&cancelled)
    );

    assert!(stand.decide_device(&code, DeviceDecision::Approve));
    terminal.reads(sentences::SIGNED_IN_WITH_PLAN);
    terminal.skip_models();
    stand.script([ScriptedAnswer::says("Hello from the model.")]);
    terminal.ask("hello");
    terminal.wait_for("Hello from the model.");
    assert_eq!(scene.auth_file()["openai"]["type"], "oauth");
    scene.end();
}

#[test]
fn over_ssh_the_cursor_stands_on_the_headless_way() {
    let stage = Stage::with(Account::Nobody, options());
    let terminal = open(&stage, |setup| {
        setup.env("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22").env("DISPLAY", ":0")
    });
    terminal.type_text("/connect").press("enter");
    terminal.wait_for("Connect a provider");
    terminal.press("enter");
    terminal.wait_for("› ChatGPT Plus/Pro (headless)");
    assert!(terminal.screen().shows(sentences::OVER_SSH));
    terminal.press("enter");
    terminal.wait_for(sentences::WAITING_FOR_APPROVAL);
    terminal.wait_for(&format!("{}/codex/device", stage.stand.origin()));
    terminal.wait_for("14:5");
    assert!(stage.stand.decide_device(&terminal.word(is_code), DeviceDecision::Approve));
    terminal.wait_for(sentences::SIGNED_IN);
    terminal.skip_models();
    terminal.leave();
    stage.stand.check().unwrap();
}

#[test]
fn the_qr_code_is_dark_on_light_and_alone_on_the_screen_with_f() {
    let stage = Stage::with(Account::Nobody, options());
    let terminal = open(&stage, |setup| setup.size(60, 18));
    terminal.connect('2');
    terminal.wait_for(sentences::QR_TOO_LARGE);
    terminal.press("f");
    terminal.wait_for("█▀▀▀▀▀█");
    assert!(!terminal.screen().shows(sentences::WAITING_FOR_APPROVAL));
    terminal.resize(80, 24);
    terminal.wait_for("█▀▀▀▀▀█");
    terminal.press("f");
    terminal.wait_for(sentences::WAITING_FOR_APPROVAL);
    let code = terminal.word(is_code);
    let mark = terminal.mark();
    terminal.press("c");
    let copy = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, code);
    terminal.wait_raw(mark, format!("\x1b]52;c;{copy}\x07").as_bytes());
    terminal.escape(sentences::CHOOSE_SIGN_IN);
    terminal.escape("Connect a provider");
    terminal.press("esc");
    terminal.wait_gone("Connect a provider");
    terminal.leave();
}

#[test]
fn a_denied_code_says_so_and_enter_gets_a_new_one() {
    let scene = Scene::with(options());
    scene.terminal.connect('2');
    scene.terminal.wait_for(sentences::WAITING_FOR_APPROVAL);
    assert!(scene.stage.stand.decide_device(&scene.terminal.word(is_code), DeviceDecision::Deny));
    scene.terminal.wait_for(sentences::DECLINED);
    assert!(scene.terminal.screen().shows(sentences::DECLINED_ADVICE));
    scene.terminal.press("enter");
    scene.terminal.wait_for(sentences::WAITING_FOR_APPROVAL);
    assert_eq!(scene.auth_file(), serde_json::Value::Null);
}

#[test]
fn an_expired_code_is_followed_by_another_and_r_gets_one_at_once() {
    let scene = Scene::with(options());
    scene
        .stage
        .stand
        .fault(POLL, ScriptedAnswer::error(400, "expired_token", "The code has expired"));
    scene.terminal.connect('2');
    scene.terminal.wait_for(sentences::CODE_EXPIRED);
    let code = scene.terminal.word(is_code);
    scene.terminal.press("r");
    scene.terminal.wait_gone(&code);
    scene.terminal.wait_for(sentences::WAITING_FOR_APPROVAL);
}

#[test]
fn a_workspace_without_device_codes_is_told_and_b_leads_to_the_browser_way() {
    let scene = Scene::with(Options { device_codes: DeviceCodes::NotEnabled, ..options() });
    scene.terminal.connect('2');
    scene.terminal.wait_for(sentences::NO_DEVICE_CODES);
    scene.terminal.reads(sentences::NO_DEVICE_CODES_ADVICE);
    scene.terminal.press("b");
    scene.terminal.wait_for("listening on localhost:");
}
