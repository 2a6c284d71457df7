//! No way to the server: every way to sign in says so, names a next step, and tries again on enter. Nothing answers here.

use crate::stage::{Account, Stage};

use super::scene::{Person, open};

/// Nobody listens on port 1 of a machine.
const NOWHERE: &str = "http://127.0.0.1:1";

#[test]
fn headless_says_that_the_server_was_not_reached() {
    let stage = Stage::new(Account::Nobody);
    let terminal = open(&stage, |setup| setup.env("CODLING_AUTH_ORIGIN", NOWHERE));
    terminal.connect('2');
    terminal.wait_for("Asking for a code");
    terminal.reads("`127.0.0.1` was not reached");
    // It tries three times, within three seconds.
    terminal.reads("No device code could be fetched");
    terminal.reads("Check the network and try again");
    terminal.press("enter");
    terminal.wait_for("Asking for a code");
    terminal.escape("OpenAI: choose how to sign in");
    assert!(!stage.home.auth_file().exists());
}

#[test]
fn the_browser_way_says_so_once_there_is_something_to_fetch_and_can_be_left() {
    let stage = Stage::new(Account::Nobody);
    let terminal = open(&stage, |setup| setup.env("CODLING_AUTH_ORIGIN", NOWHERE));
    terminal.connect('1');
    terminal.wait_for("listening on localhost:");
    let link = terminal.copied_link();
    let state = url::Url::parse(&link).unwrap().query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    terminal.paste(&format!("http://localhost/auth/callback?code=c&state={state}"));
    terminal.press("enter");
    terminal.wait_for("finishing the sign-in");
    terminal.reads("`127.0.0.1` was not reached");
    terminal.reads("Check the network and try again");
    terminal.escape("OpenAI: choose how to sign in");
    assert!(!stage.home.auth_file().exists());
}
