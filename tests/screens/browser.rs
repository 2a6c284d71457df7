//! Signing in with a browser, here or elsewhere. The browser is the test.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;

use codling::demo::{DeviceDecision, Options, ScriptedAnswer};

use crate::pty::{Look, Terminal};
use crate::stage::sentences;
use crate::stage::{Account, Stage, find, until, visit};

use super::scene::{LIMIT, Person, Scene, open};

/// The port that the screen names.
fn port(terminal: &Terminal) -> u16 {
    terminal.wait_for("listening on localhost:");
    terminal
        .word(|word| word.starts_with("localhost:"))
        .trim_start_matches("localhost:")
        .parse()
        .unwrap()
}

#[test]
fn cancelling_frees_the_port_at_once_and_the_next_sign_in_ends_in_a_conversation() {
    let scene = Scene::with(Options::default());
    let (terminal, stand) = (&scene.terminal, &scene.stage.stand);
    terminal.connect('1');
    let held = port(terminal);
    drop(TcpStream::connect(("127.0.0.1", held)).unwrap());
    terminal.escape(sentences::CHOOSE_SIGN_IN);
    until(LIMIT, &format!("port {held} is free"), || {
        TcpStream::connect(("127.0.0.1", held)).is_err()
    });
    drop(TcpListener::bind(("127.0.0.1", held)).unwrap());
    assert_eq!(scene.auth_file(), serde_json::Value::Null);

    terminal.press("enter");
    let open = port(terminal);
    let link = terminal.copied_link();
    assert!(link.contains(&format!("localhost%3A{open}%2Fauth%2Fcallback")), "{link}");
    let stray = visit(&format!("http://localhost:{open}/auth/callback?code=c&state=wrong"));
    assert!(stray.starts_with("HTTP/1.1 400 "), "{stray}");
    let back = stand.authorize(&link, DeviceDecision::Approve).unwrap();
    let page = visit(&back);
    assert!(page.starts_with("HTTP/1.1 200 ") && page.contains("Signed in"), "{page}");
    terminal.reads(sentences::SIGNED_IN_WITH_PLAN);
    terminal.skip_models();
    stand.script([ScriptedAnswer::says("Hello from the model.")]);
    terminal.ask("hello");
    terminal.wait_for("Hello from the model.");
    scene.end();
}

#[test]
fn over_ssh_the_line_that_forwards_the_port_is_shown_and_a_pasted_address_signs_in() {
    let stage = Stage::new(Account::Nobody);
    let terminal =
        open(&stage, |setup| setup.env("SSH_CONNECTION", "192.0.2.1 50000 192.0.2.2 22"));
    terminal.connect('1');
    let port = port(&terminal);
    terminal.wait_for(&format!("ssh -L {port}:localhost:{port} 192.0.2.2"));
    let link = terminal.copied_link();
    for (pasted, said) in [
        ("nonsense", sentences::NO_ADDRESS),
        (link.as_str(), sentences::ADDRESS_TO_APPROVE_AT),
        ("https://example.com/?code=1&state=2", sentences::WRONG_ADDRESS),
        ("http://localhost:1/auth/callback?code=1&state=2", sentences::ADDRESS_OF_ANOTHER),
    ] {
        terminal.paste(pasted);
        terminal.reads("use this address");
        terminal.press("enter");
        terminal.reads(said);
        assert!(terminal.screen().shows(sentences::WAITING_FOR_APPROVAL), "the sign-in goes on");
    }
    let back = stage.stand.authorize(&link, DeviceDecision::Approve).unwrap();
    terminal.paste(&format!("  {back}\n"));
    terminal.press("enter");
    terminal.wait_for(sentences::SIGNED_IN);
    terminal.skip_models();
    terminal.leave();
    stage.stand.check().unwrap();
}

#[test]
fn a_port_that_is_held_is_named_with_its_holder_and_the_second_one_serves() {
    let stage = Stage::new(Account::Nobody);
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let held = holder.local_addr().unwrap().port();
    let terminal = open(&stage, |setup| {
        setup.size(120, 40).env("CODLING_CALLBACK_PORTS", &format!("{held},0"))
    });
    terminal.connect('1');
    let second = port(&terminal);
    assert_ne!(second, held);
    let screen = terminal.screen();
    assert!(screen.shows(&format!("Port {held} is in use by ")), "{:#?}", screen.lines());
    assert!(screen.shows(&format!("(pid {})", std::process::id())), "{:#?}", screen.lines());
    let back = stage.stand.authorize(&terminal.copied_link(), DeviceDecision::Approve).unwrap();
    assert!(back.starts_with(&format!("http://localhost:{second}/")), "{back}");
    visit(&back);
    terminal.wait_for(sentences::SIGNED_IN);
    terminal.skip_models();
    terminal.leave();
}

#[test]
fn with_both_ports_held_a_pasted_address_signs_in_and_d_leads_to_a_code() {
    let stage = Stage::new(Account::Nobody);
    let holders = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let ports = holders.each_ref().map(|holder| holder.local_addr().unwrap().port());
    let terminal = open(&stage, |setup| {
        setup.size(120, 40).env("CODLING_CALLBACK_PORTS", &format!("{},{}", ports[0], ports[1]))
    });
    terminal.connect('1');
    terminal.wait_for(sentences::NO_FREE_PORT);
    terminal.wait_for(sentences::WAITING_FOR_ADDRESS);
    terminal.press("d");
    terminal.wait_for(sentences::WAITING_FOR_APPROVAL);
    terminal.escape(sentences::CHOOSE_SIGN_IN);
    terminal.type_text("1").press("enter");
    terminal.wait_for(sentences::WAITING_FOR_ADDRESS);
    let back = stage.stand.authorize(&terminal.copied_link(), DeviceDecision::Approve).unwrap();
    terminal.paste(&back).press("enter");
    terminal.wait_for(sentences::SIGNED_IN);
    drop(holders);
}

#[test]
fn a_denial_in_the_browser_says_so_there_and_here_and_enter_tries_again() {
    let scene = Scene::with(Options::default());
    let terminal = &scene.terminal;
    terminal.connect('1');
    port(terminal);
    let back = scene.stage.stand.authorize(&terminal.copied_link(), DeviceDecision::Deny).unwrap();
    let page = visit(&back);
    assert!(page.starts_with("HTTP/1.1 403 ") && page.contains(sentences::DECLINED), "{page}");
    terminal.wait_for(sentences::DECLINED);
    terminal.press("enter");
    port(terminal);
    assert_eq!(scene.auth_file(), serde_json::Value::Null);
}

#[test]
fn the_link_stands_alone_and_whole_on_the_normal_screen_with_f() {
    let scene = Scene::with(Options::default());
    let terminal = &scene.terminal;
    terminal.connect('1');
    port(terminal);
    let link = terminal.copied_link();
    terminal.press("f");
    terminal.wait_for(sentences::LINK_SCREEN_HINT);
    assert!(!terminal.screen().alternate_screen());
    assert!(terminal.screen().lines().concat().contains(&link), "{:#?}", terminal.screen().lines());
    terminal.press("space");
    terminal.wait_for("listening on localhost:");
    assert!(terminal.screen().alternate_screen());
}

#[test]
fn in_a_container_without_a_display_the_program_that_browser_names_opens_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let (browser, opened) = (folder.path().join("browser"), folder.path().join("opened"));
    fs::write(&browser, format!("#!/bin/sh\necho \"$1\" >> '{}'\n", opened.display())).unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let stage = Stage::new(Account::Nobody);
    let terminal = open(&stage, |setup| {
        setup.env("container", "podman").env("BROWSER", browser.to_str().unwrap())
    });
    terminal.type_text("/connect").press("enter");
    terminal.wait_for("Connect a provider");
    terminal.press("enter");
    terminal.wait_for("› ChatGPT Plus/Pro (browser)");
    terminal.press("enter");
    terminal.wait_for("listening on localhost:");
    let page = find(LIMIT, "the browser opens a page", || {
        let text = fs::read_to_string(&opened).ok()?;
        text.strip_suffix('\n').map(str::to_owned)
    });
    let back = stage.stand.authorize(&page, DeviceDecision::Approve).unwrap();
    visit(&back);
    terminal.reads(sentences::SIGNED_IN);
    terminal.skip_models();
    terminal.leave();
}
