//! The dialog of MCP servers: their state, their tools, and what a folder's server would run.

mod pages;
mod sign_in;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::Timestamp;
use crate::protocol::{
    Command, McpCommand, McpRequest, McpServersCommand, McpState, McpStatus, McpTrust, SessionId,
    SignInId, SignInStep,
};
use crate::tui::messages::Cmd;
use crate::tui::overlay::DialogReply;
use crate::tui::paint::Canvas;
use crate::tui::paint::panel::RowPlaces;
use crate::tui::program_facts::Facts;

use sign_in::{AfterKey, ServerSignIn};

#[derive(Debug)]
pub struct McpDialog {
    session: SessionId,
    /// The conversation's folder.
    folder: PathBuf,
    /// The servers as last drawn, to which keys refer.
    shown: Arc<[McpStatus]>,
    cursor: usize,
    page: Page,
    rows: RowPlaces,
}

#[derive(Debug)]
enum Page {
    Servers,
    /// The tools of the chosen server, and the cursor among them.
    Tools(usize),
    /// The definition of the chosen server as it was when the page was opened: a yes is to this.
    Definition {
        name: Arc<str>,
        definition: Arc<str>,
        before: Option<Arc<str>>,
        first: usize,
        /// Its last line was on the screen: a yes counts only then.
        is_seen: bool,
    },
    SignIn(Box<ServerSignIn>),
}

impl McpDialog {
    pub fn new(session: SessionId, folder: PathBuf, servers: &Arc<[McpStatus]>) -> Self {
        let (shown, page, rows) = (Arc::clone(servers), Page::Servers, RowPlaces::default());
        Self { session, folder, shown, cursor: 0, page, rows }
    }

    /// Applies its choices to this conversation from now on.
    pub fn turn_to(&mut self, session: &SessionId) {
        (self.session, self.cursor, self.page) = (session.clone(), 0, Page::Servers);
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        if let Page::SignIn(sign_in) = &mut self.page {
            return match sign_in.key(key) {
                AfterKey::Stay(reply) => reply,
                AfterKey::Leave(reply) => {
                    self.page = Page::Servers;
                    reply
                }
            };
        }
        match (&self.page, key.code) {
            (Page::Servers, KeyCode::Esc) => return DialogReply::close(),
            (_, KeyCode::Esc) => self.page = Page::Servers,
            (_, KeyCode::Up) => self.go(-1),
            (_, KeyCode::Down) => self.go(1),
            (_, KeyCode::PageUp) => self.go(-10),
            (_, KeyCode::PageDown) => self.go(10),
            (Page::Servers, KeyCode::Enter) => self.enter(),
            (Page::Servers, KeyCode::Char('r')) => return self.ask(|_| Some(McpRequest::Restart)),
            (Page::Servers, KeyCode::Char('i')) => return self.sign_in(),
            (Page::Servers, KeyCode::Char('x')) => return self.sign_out(),
            (Page::Servers, KeyCode::Char(' ')) => return self.ask(switch),
            (Page::Tools(at), KeyCode::Char(' ') | KeyCode::Enter) => {
                let at = *at;
                return self.ask(|status| {
                    let tool = status.tools.get(at)?;
                    Some(McpRequest::SwitchTool(Arc::clone(&tool.name), !tool.is_on))
                });
            }
            (Page::Definition { .. }, KeyCode::Char('y')) => {
                return self.trust(McpTrust::Sandboxed);
            }
            (Page::Definition { .. }, KeyCode::Char('o')) => return self.trust(McpTrust::Outside),
            _ => {}
        }
        DialogReply::stay()
    }

    pub fn paste(&mut self, text: &str) {
        if let Page::SignIn(sign_in) = &mut self.page {
            sign_in.page.paste(text);
        }
    }

    /// Takes a step of a sign-in that was begun here.
    pub fn step(&mut self, attempt: &SignInId, step: &SignInStep) {
        if let Page::SignIn(sign_in) = &mut self.page
            && sign_in.step(attempt, step)
        {
            self.page = Page::Servers;
        }
    }

    /// The next time at which it changes by itself.
    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.page {
            Page::SignIn(sign_in) => sign_in.page.wakes(now),
            Page::Definition { .. } | Page::Servers | Page::Tools(_) => None,
        }
    }

    fn sign_in(&mut self) -> DialogReply {
        let Some(status) = self.chosen().filter(|status| status.takes_sign_in) else {
            return DialogReply::stay();
        };
        let (sign_in, reply) = ServerSignIn::begin(Arc::clone(&status.name), self.folder.clone());
        self.page = Page::SignIn(Box::new(sign_in));
        reply
    }

    fn sign_out(&self) -> DialogReply {
        let chosen = self.chosen().filter(|status| status.takes_sign_in);
        DialogReply::run(chosen.map(|status| {
            let command = McpServersCommand::SignOut(status.name.to_string());
            Cmd::Send(Command::McpServers(command))
        }))
    }

    /// Whether the next key may start a program.
    pub fn is_asking(&self) -> bool {
        matches!(self.page, Page::Definition { .. })
    }

    /// Puts the cursor on the row in a cell of the screen.
    pub fn click(&mut self, at: Position) {
        let Some(row) = self.rows.at(at) else { return };
        match &mut self.page {
            Page::Servers => self.cursor = row,
            Page::Tools(tool) => *tool = row,
            Page::Definition { .. } | Page::SignIn(_) => {}
        }
    }

    /// Moves the cursor, but not beyond the ends.
    pub fn go(&mut self, by: isize) {
        let tools = self.chosen().map_or(0, |status| status.tools.len());
        let (at, count) = match &mut self.page {
            Page::Servers => (&mut self.cursor, self.shown.len()),
            Page::Tools(at) => (at, tools),
            Page::Definition { first, definition, before, .. } => {
                let before = before.as_ref().map_or(0, |before| before.lines().count() + 2);
                (first, definition.lines().count() + before)
            }
            Page::SignIn(_) => return,
        };
        *at = at.saturating_add_signed(by).min(count.saturating_sub(1));
    }

    fn chosen(&self) -> Option<&McpStatus> {
        self.shown.get(self.cursor)
    }

    /// Opens what there is to see of the chosen server.
    fn enter(&mut self) {
        let Some(status) = self.chosen() else { return };
        self.page = match &status.state {
            McpState::Untrusted { definition, before } => Page::Definition {
                name: Arc::clone(&status.name),
                definition: Arc::clone(definition),
                before: before.clone(),
                first: 0,
                is_seen: false,
            },
            _ if !status.tools.is_empty() => Page::Tools(0),
            _ => return,
        };
    }

    /// Asks something of the chosen server.
    fn ask(&self, request: impl Fn(&McpStatus) -> Option<McpRequest>) -> DialogReply {
        let ask = self.chosen().and_then(|status| {
            let command = McpCommand::Ask(Arc::clone(&status.name), request(status)?);
            Some(Cmd::Send(Command::Mcp(self.session.clone(), command)))
        });
        DialogReply::run(ask)
    }

    /// Says yes to the definition that is shown; not to one that came in its place meanwhile.
    fn trust(&mut self, trust: McpTrust) -> DialogReply {
        let Page::Definition { name, definition, is_seen: true, .. } = &self.page else {
            return DialogReply::stay();
        };
        let is_shown = |status: &&McpStatus| {
            status.name == *name
                && matches!(&status.state, McpState::Untrusted { definition: now, .. } if now == definition)
        };
        let trusted = self.shown.iter().find(is_shown).map(|status| {
            let command = McpCommand::Ask(Arc::clone(&status.name), McpRequest::Trust(trust));
            Cmd::Send(Command::Mcp(self.session.clone(), command))
        });
        self.page = Page::Servers;
        DialogReply::run(trusted)
    }

    pub fn draw(
        &mut self,
        servers: &Arc<[McpStatus]>,
        facts: &Facts,
        area: Rect,
        canvas: &mut Canvas,
    ) -> Option<Position> {
        let home: Option<&Path> = facts.start.home.as_deref();
        let name = self.chosen().map(|status| Arc::clone(&status.name));
        self.shown = Arc::clone(servers);
        let at = servers.iter().position(|status| Some(&status.name) == name.as_ref());
        self.cursor = at.unwrap_or(self.cursor).min(servers.len().saturating_sub(1));
        match &mut self.page {
            Page::Servers => {
                self.rows = pages::servers(servers, self.cursor, home, area, canvas);
            }
            Page::Tools(at) => match servers.get(self.cursor) {
                Some(status) => self.rows = pages::tools(status, *at, area, canvas),
                None => self.page = Page::Servers,
            },
            Page::Definition { name, definition, before, first, is_seen } => {
                let words = (&**name, &**definition, before.as_deref());
                *is_seen |= pages::definition(words, *first, area, canvas);
            }
            Page::SignIn(sign_in) => return sign_in.page.draw(facts, area, canvas),
        }
        None
    }
}

fn switch(status: &McpStatus) -> Option<McpRequest> {
    match status.state {
        McpState::Untrusted { .. } => None,
        McpState::Off => Some(McpRequest::Switch(true)),
        _ => Some(McpRequest::Switch(false)),
    }
}
