//! The stage: a stand-in for OpenAI and a home configured for it, for the program under test.
#![allow(clippy::expect_used, reason = "a test ends by panicking, wherever it goes wrong")]
#![allow(
    dead_code,
    unused_imports,
    reason = "shared by the stories and the bench, which use different parts"
)]

mod browser;
mod crowd;
pub mod needs;
mod nobody;
mod patience;
mod program;
pub mod sentences;

use std::path::Path;
use std::process::{Command, Stdio};

use codling::demo::{Home, Options, Stand};

pub use browser::visit;
pub use crowd::crowd;
pub use nobody::of_nobody;
pub use patience::{find, until};
pub use program::{Ending, messages};

/// The account at the program's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    ApiKey,
    ChatGpt,
    Nobody,
}

pub struct Stage {
    pub stand: Stand,
    /// The home folder, removed with the stage.
    pub home: Home,
}

impl Stage {
    pub fn new(account: Account) -> Self {
        Self::with(account, Options::default())
    }

    pub fn with(account: Account, options: Options) -> Self {
        let stand = Stand::start(options).expect("a stand-in on loopback");
        let home = Home::create().expect("a throw-away home");
        match account {
            Account::ApiKey => home.sign_in_with_key(&stand.key()),
            Account::ChatGpt => home.sign_in(&stand.issue()),
            Account::Nobody => Ok(()),
        }
        .expect("an auth.json");
        Self { stand, home }
    }

    /// Variables that make a program use the stand-in and the home.
    pub fn variables(&self) -> Vec<(&'static str, String)> {
        let origin = self.stand.origin().to_string();
        let origins = ["CODLING_AUTH_ORIGIN", "CODLING_CHATGPT_ORIGIN", "CODLING_API_ORIGIN"]
            .map(|name| (name, origin.clone()));
        let home = self.home.path().display().to_string();
        [("CODLING_HOME", home), ("OPENCODE_DISABLE_MODELS_FETCH", "1".into())]
            .into_iter()
            .chain(origins)
            .collect()
    }

    /// The program without a terminal: no input, output discarded unless the caller redirects it.
    pub fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("LANG", "C.UTF-8")
            .envs(self.variables());
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_finds_the_home_and_the_stand() {
        for (account, holds) in [(Account::ApiKey, "\"api\""), (Account::ChatGpt, "\"oauth\"")] {
            let stage = Stage::new(account);
            let script = "cat \"$CODLING_HOME/data/auth.json\"; echo $CODLING_AUTH_ORIGIN $CODLING_CHATGPT_ORIGIN $CODLING_API_ORIGIN";
            let output = stage
                .command(Path::new("/bin/sh"), stage.home.path())
                .args(["-c", script])
                .stdout(Stdio::piped())
                .output()
                .unwrap();
            let (text, origin) =
                (String::from_utf8(output.stdout).unwrap(), stage.stand.origin().to_string());
            assert!(
                text.contains(holds)
                    && text.trim_end().ends_with(&format!("{origin} {origin} {origin}")),
                "{text}"
            );
        }
        assert!(!Stage::new(Account::Nobody).home.auth_file().exists());
    }
}
