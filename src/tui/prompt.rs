//! The composer with what belongs to it: the history of prompts and the menu of commands. Does not know what becomes of a prompt.

use crossterm::event::{KeyCode, KeyEvent};

use crate::tui::action::{self, Action, Entry};
use crate::tui::composer::{Composer, Form, History, Reply};

pub struct Prompt {
    pub composer: Composer,
    history: History,
    /// Sent before the history of earlier starts came.
    early: Vec<String>,
    menu: Menu,
}

/// The commands under a slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Menu {
    /// Esc closed it, until the text changes.
    Closed,
    Open {
        cursor: usize,
    },
}

/// What a key came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Act(Action),
    Ignored,
    Taken,
    /// Enter, with something to send.
    Submit,
}

impl Prompt {
    pub fn new() -> Self {
        let mut composer = Composer::new(Form::Multiline);
        composer.set_placeholder("Ask anything, or type / for commands");
        Self { composer, history: History::new(Vec::new()), early: Vec::new(), menu: Menu::Closed }
    }

    /// Prompts of earlier starts; what was sent since comes after them.
    pub fn recall(&mut self, entries: Vec<String>) {
        self.history = History::new(entries);
        for prompt in self.early.drain(..) {
            self.history.push(&prompt);
        }
    }

    pub fn key(&mut self, key: &KeyEvent) -> Typed {
        if let Some(typed) = self.menu_key(key) {
            return typed;
        }
        if key.code == KeyCode::Enter && key.modifiers.is_empty() {
            return if self.composer.text().trim().is_empty() { Typed::Taken } else { Typed::Submit };
        }
        match self.composer.key_with_history(*key, &mut self.history) {
            Reply::Ignored => Typed::Ignored,
            Reply::Moved => Typed::Taken,
            Reply::Changed => {
                self.reopen_menu();
                Typed::Taken
            }
        }
    }

    pub fn paste(&mut self, text: &str) {
        self.composer.paste(text);
        self.reopen_menu();
    }

    /// The text, which is kept in the history.
    pub fn take(&mut self) -> String {
        let text = self.composer.take();
        self.history.push(&text);
        self.early.push(text.clone());
        self.menu = Menu::Closed;
        text
    }

    /// Puts text back that could not be sent, before what has been typed since.
    pub fn give_back(&mut self, text: &str) {
        let since = self.composer.text();
        let whole = if since.trim().is_empty() { text.to_owned() } else { format!("{text}\n\n{since}") };
        self.composer.set(&whole);
    }

    /// Whether it is a command of the person's own: `!` stands first.
    pub fn is_shell(&self) -> bool {
        self.composer.shown().starts_with('!')
    }

    pub fn clear(&mut self) {
        self.composer.clear();
        self.menu = Menu::Closed;
    }

    /// The commands to show, and which of them is chosen.
    pub fn menu(&self) -> Option<(Vec<&'static Entry>, usize)> {
        let Menu::Open { cursor } = self.menu else { return None };
        let typed = self.composer.shown().strip_prefix('/').filter(|typed| !typed.contains(char::is_whitespace))?;
        let found = action::matching(typed);
        (!found.is_empty()).then(|| {
            let cursor = cursor.min(found.len() - 1);
            (found, cursor)
        })
    }

    fn menu_key(&mut self, key: &KeyEvent) -> Option<Typed> {
        let (found, cursor) = self.menu()?;
        let count = found.len();
        match key.code {
            KeyCode::Up => self.menu = Menu::Open { cursor: (cursor + count - 1) % count },
            KeyCode::Down => self.menu = Menu::Open { cursor: (cursor + 1) % count },
            KeyCode::Esc => self.menu = Menu::Closed,
            KeyCode::Tab => {
                self.composer.set(&format!("/{}", found[cursor].slash));
                self.menu = Menu::Open { cursor: 0 };
            }
            KeyCode::Enter if key.modifiers.is_empty() => {
                self.clear();
                return Some(Typed::Act(found[cursor].action));
            }
            _ => return None,
        }
        Some(Typed::Taken)
    }

    fn reopen_menu(&mut self) {
        self.menu = if self.composer.shown().starts_with('/') { Menu::Open { cursor: 0 } } else { Menu::Closed };
    }
}
