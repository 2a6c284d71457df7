//! The page on which a person signs in to a server: that of every sign-in with a browser.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use uuid::Uuid;

use crate::protocol::{AccountCommand, Command, McpServersCommand, SignInId, SignInStep};
use crate::tui::messages::Cmd;
use crate::tui::overlay::DialogReply;
use crate::tui::overlay::connect::{Browser, Go};

/// A sign-in that runs.
#[derive(Debug)]
pub struct ServerSignIn {
    server: Arc<str>,
    folder: PathBuf,
    attempt: SignInId,
    pub page: Browser,
}

/// The effect of a key.
#[derive(Debug)]
pub enum AfterKey {
    /// The page is left; the sign-in ends.
    Leave(DialogReply),
    Stay(DialogReply),
}

impl ServerSignIn {
    /// Begins to sign in to this server of the folder.
    pub fn begin(server: Arc<str>, folder: PathBuf) -> (Self, DialogReply) {
        let page = Browser::to_server(&server);
        let mut sign_in = Self { server, folder, attempt: SignInId::new(""), page };
        let reply = sign_in.again();
        (sign_in, reply)
    }

    fn again(&mut self) -> DialogReply {
        self.attempt = SignInId::new(Uuid::now_v7().simple().to_string());
        let command = McpServersCommand::SignIn {
            attempt: self.attempt.clone(),
            folder: self.folder.clone(),
            server: self.server.to_string(),
            scopes: Vec::new(),
        };
        DialogReply::run([Cmd::Send(Command::McpServers(command))])
    }

    pub fn key(&mut self, key: &KeyEvent) -> AfterKey {
        let attempt = self.attempt.clone();
        match self.page.key(key) {
            Go::Stay(reply) => AfterKey::Stay(reply),
            Go::Paste(text) => {
                AfterKey::Stay(DialogReply::ask([AccountCommand::PasteCallback { attempt, text }]))
            }
            Go::SignIn(..) => AfterKey::Stay(self.again()),
            _ => AfterKey::Leave(DialogReply::ask([AccountCommand::CancelSignIn(attempt)])),
        }
    }

    /// Takes a step of its sign-in; says whether that is done.
    pub fn step(&mut self, attempt: &SignInId, step: &SignInStep) -> bool {
        if *attempt == self.attempt {
            self.page.step(step);
        }
        *attempt == self.attempt && matches!(step, SignInStep::McpSignedIn(_))
    }
}
