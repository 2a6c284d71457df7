//! The start page's state: which of the folder's last conversations is chosen.

use crossterm::event::{KeyCode, KeyEvent};

use crate::protocol::{SessionId, SessionSummary};
use crate::tui::program_facts::Facts;

/// Conversations that the page shows.
const SHOWN: usize = 3;

/// The chosen row; none before a key chose one.
#[derive(Clone, Copy, Debug, Default)]
pub struct StartPage {
    cursor: Option<usize>,
}

/// The effect of a key on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartKey {
    Ignored,
    /// Open this conversation.
    Open(SessionId),
    Taken,
}

impl StartPage {
    /// The place of the chosen row among those shown.
    pub fn cursor(&self) -> Option<usize> {
        self.cursor
    }

    /// Lets go of the row, because something is being typed.
    pub fn leave(&mut self) {
        self.cursor = None;
    }

    /// Handles a key while nothing is typed.
    pub fn key(&mut self, key: &KeyEvent, facts: &Facts) -> StartKey {
        let count = recent(facts).count();
        match (key.code, self.cursor) {
            (KeyCode::Down, at) if count > 0 => {
                self.cursor = Some(at.map_or(0, |at| (at + 1).min(count - 1)));
            }
            (KeyCode::Up, Some(at)) => self.cursor = at.checked_sub(1),
            (KeyCode::Esc, Some(_)) => self.cursor = None,
            (KeyCode::Enter, Some(at)) => {
                let chosen = recent(facts).nth(at);
                return chosen.map_or(StartKey::Taken, |chosen| StartKey::Open(chosen.id.clone()));
            }
            _ => return StartKey::Ignored,
        }
        StartKey::Taken
    }
}

/// The folder's last conversations that can be opened, newest first.
pub fn recent(facts: &Facts) -> impl Iterator<Item = &SessionSummary> {
    let all = facts.sessions.iter().flat_map(|sessions| sessions.iter());
    let here = |session: &&SessionSummary| {
        session.says_something() && session.failure.is_none() && session.is_of(&facts.start.folder)
    };
    all.filter(here).take(SHOWN)
}
