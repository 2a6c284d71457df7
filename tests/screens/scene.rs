//! The fixture: a person at the screen, with functions for steps that take several keys.

use std::time::Duration;

use codling::demo::{Options, SeenRequest};
use serde_json::Value;

use crate::pty::{Look, Setup, Terminal};
use crate::stage::sentences;
use crate::stage::{Account, Stage};

/// The limit for the stand-in on a busy machine.
pub const LIMIT: Duration = Duration::from_secs(30);

pub struct Scene {
    pub terminal: Terminal,
    pub stage: Stage,
}

impl Scene {
    pub fn new(account: Account) -> Self {
        Self::on(Stage::new(account))
    }

    /// A home without a sign-in, and a stand-in with these options.
    pub fn with(options: Options) -> Self {
        Self::on(Stage::with(Account::Nobody, options))
    }

    pub fn on(stage: Stage) -> Self {
        Self { terminal: open(&stage, |setup| setup), stage }
    }

    /// Leaves, and checks that the terminal is restored and no law of a conversation was broken.
    pub fn end(self) {
        self.terminal.leave();
        self.stage.stand.check().unwrap();
    }

    /// The content of the credential file; `Null` if there is none.
    pub fn auth_file(&self) -> Value {
        match std::fs::read(self.stage.home.auth_file()) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap(),
            Err(_missing) => Value::Null,
        }
    }

    /// Waits for a request to this path whose answer is under way.
    pub fn request_to(&self, path: &str) -> SeenRequest {
        let found = self
            .stage
            .stand
            .wait_for(|request| request.path == path && request.status.is_some(), LIMIT);
        found.unwrap_or_else(|| panic!("nothing came to {path}"))
    }
}

/// Starts the program in the fixture's home and waits for its first frame. Any port serves the
/// browser sign-in.
pub fn open(stage: &Stage, adapt: impl FnOnce(Setup) -> Setup) -> Terminal {
    let setup = Setup::codling().envs(stage.variables()).env("CODLING_CALLBACK_PORTS", "0,0");
    let terminal = adapt(setup.file("README.md", "# Orchard\n\nApples and pears.\n")).start();
    terminal.wait_until("the first frame is there", |screen| !screen.lines().concat().is_empty());
    terminal
}

/// Steps of a person at the screen.
pub trait Person {
    /// Types and sends a prompt.
    fn ask(&self, prompt: &str);
    /// Opens `/connect` and starts the sign-in method of this index.
    fn connect(&self, way: char);
    /// Presses esc and waits for its effect: a key right after it would be taken for alt and that
    /// key.
    fn escape(&self, to: &str);
    /// Leaves the program; the composer must be empty and no dialog open.
    fn leave(&self);
    /// Closes the list of models that follows a sign-in.
    fn skip_models(&self);
    /// Waits for words that may be wrapped in a dialog.
    fn reads(&self, words: &str);
    /// Presses a key until its effect is seen, if the key counts only after an invisible moment.
    fn press_until(&self, key: &str, text: &str);
    /// The only word on the screen that matches.
    fn word(&self, like: impl Fn(&str) -> bool) -> String;
}

impl Person for Terminal {
    fn ask(&self, prompt: &str) {
        self.type_text(prompt).press("enter");
    }

    fn connect(&self, way: char) {
        self.type_text("/connect").press("enter");
        self.wait_for("Connect a provider");
        self.press("enter");
        self.wait_for(sentences::CHOOSE_SIGN_IN);
        self.type_text(&way.to_string()).press("enter");
    }

    fn escape(&self, to: &str) {
        self.press("esc");
        self.wait_for(to);
    }

    fn leave(&self) {
        self.type_text("/exit").press("enter");
        assert_eq!(self.wait_exit().code, 0);
        assert_eq!(self.leftovers(), Vec::<String>::new());
    }

    fn skip_models(&self) {
        self.wait_for("Search models");
        self.press("esc");
        self.wait_until("the list is gone", |screen| {
            !["Choose a model", "Search models", "Follows a few rules"]
                .iter()
                .any(|part| screen.shows(part))
        });
    }

    fn reads(&self, words: &str) {
        let wanted = words.to_owned();
        self.wait_until(&format!("`{words}` can be read"), move |screen| {
            let rows = screen.lines().into_iter().map(|row| row.replace('\u{a0}', " "));
            let rows: Vec<String> =
                rows.map(|row| row.trim_matches([' ', '│']).to_owned()).collect();
            rows.join(" ").contains(&wanted)
        });
    }

    fn press_until(&self, key: &str, text: &str) {
        for _ in 0..100 {
            self.press(key);
            let wanted = text.to_owned();
            if self.see(move |screen| screen.shows(&wanted), Duration::from_millis(300)).is_some() {
                return;
            }
        }
        panic!("`{key}` does not lead to `{text}`:\n{}", self.screen().lines().join("\n"));
    }

    fn word(&self, like: impl Fn(&str) -> bool) -> String {
        let lines = self.screen().lines();
        let mut words = lines.iter().flat_map(|line| line.split(' ')).filter(|word| like(word));
        words
            .next()
            .unwrap_or_else(|| panic!("there is no such word:\n{}", lines.join("\n")))
            .to_owned()
    }
}

/// Whether a word is a code to be typed on another device.
pub fn is_code(word: &str) -> bool {
    word.split_once('-').is_some_and(|(letters, digits)| {
        let (letters, digits) = (letters.as_bytes(), digits.as_bytes());
        letters.len() == 4
            && letters.iter().all(u8::is_ascii_uppercase)
            && digits.len() == 5
            && digits.iter().all(u8::is_ascii_digit)
    })
}

/// Whether the bytes contain these.
pub fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
