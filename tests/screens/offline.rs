//! No connection to the server: every sign-in says so, names a next step, and tries again on enter.
//! Nothing answers until the connection is back.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

use codling::demo::ScriptedAnswer;
use rustix::net::{AddressFamily, SocketType};

use crate::stage::sentences;
use crate::stage::{Account, Stage};

use super::scene::{Person, open};

/// No server listens on port 1.
const NOWHERE: &str = "http://127.0.0.1:1";

#[test]
fn headless_says_that_the_server_was_not_reached() {
    let stage = Stage::new(Account::Nobody);
    let terminal = open(&stage, |setup| setup.env("CODLING_AUTH_ORIGIN", NOWHERE));
    terminal.connect('2');
    terminal.wait_for(sentences::ASKING_FOR_CODE);
    terminal.reads("`127.0.0.1` was not reached");
    // It tries three times within three seconds.
    terminal.reads(sentences::NO_CODE_FETCHED);
    terminal.reads(sentences::CHECK_NETWORK);
    terminal.press("enter");
    terminal.wait_for(sentences::ASKING_FOR_CODE);
    terminal.escape(sentences::CHOOSE_SIGN_IN);
    assert!(!stage.home.auth_file().exists());
}

#[test]
fn the_browser_way_says_so_once_there_is_something_to_fetch_and_can_be_left() {
    let stage = Stage::new(Account::Nobody);
    let terminal = open(&stage, |setup| setup.env("CODLING_AUTH_ORIGIN", NOWHERE));
    terminal.connect('1');
    terminal.wait_for("listening on localhost:");
    let link = terminal.copied_link();
    let state = url::Url::parse(&link)
        .unwrap()
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap()
        .1
        .into_owned();
    terminal.paste(&format!("http://localhost/auth/callback?code=c&state={state}"));
    terminal.press("enter");
    terminal.wait_for("finishing the sign-in");
    terminal.reads("`127.0.0.1` was not reached");
    terminal.reads("Check the network");
    terminal.escape(sentences::CHOOSE_SIGN_IN);
    assert!(!stage.home.auth_file().exists());
}

#[test]
fn a_line_that_is_gone_for_ten_seconds_does_not_end_a_turn() {
    let stage = Stage::new(Account::ChatGpt);
    stage.stand.script([ScriptedAnswer::says("There you are.")]);
    let line = silent();
    let gone = line.local_addr().unwrap();
    let terminal =
        open(&stage, |setup| setup.env("CODLING_CHATGPT_ORIGIN", &format!("http://{gone}")));
    terminal.ask("Are you there?");
    terminal.wait_for("Reconnecting 7/16");
    relay(line, stage.stand.origin().to_string());
    terminal.wait_for("There you are.");
    terminal.wait_gone("Reconnecting");
    terminal.leave();
}

#[test]
fn a_refused_token_is_renewed_once_the_line_to_the_sign_in_server_is_back() {
    let stage = Stage::new(Account::ChatGpt);
    stage.stand.script([ScriptedAnswer::says("There you are.")]);
    stage.stand.revoke_access_tokens();
    let line = silent();
    let gone = line.local_addr().unwrap();
    let terminal =
        open(&stage, |setup| setup.env("CODLING_AUTH_ORIGIN", &format!("http://{gone}")));
    terminal.ask("Are you there?");
    terminal.wait_for("Reconnecting 4/16");
    assert_eq!(stage.stand.responses().len(), 1, "the model is not asked with a refused token");
    relay(line, stage.stand.origin().to_string());
    terminal.wait_for("There you are.");
    terminal.wait_gone("Reconnecting");
    assert_eq!((stage.stand.refreshes(), stage.stand.responses().len()), (1, 2));
    terminal.leave();
}

/// A port at which nobody listens, and which no server of another test can get.
fn silent() -> TcpListener {
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    rustix::net::bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    TcpListener::from(socket)
}

/// A relay from such a port to the server of this origin: `http://127.0.0.1:PORT`.
fn relay(line: TcpListener, origin: String) {
    rustix::net::listen(&line, 16).unwrap();
    let server = origin.trim_start_matches("http://").to_owned();
    thread::spawn(move || {
        for near in line.incoming().map_while(Result::ok) {
            let Ok(far) = TcpStream::connect(&server) else { return };
            for (mut from, mut to) in
                [(near.try_clone().unwrap(), far.try_clone().unwrap()), (far, near)]
            {
                thread::spawn(move || {
                    // Either end may hang up.
                    let _copied = io::copy(&mut from, &mut to);
                    let _closed = to.shutdown(Shutdown::Write);
                });
            }
        }
    });
}
