//! The table of slash commands and key actions, with name, description and key. The menu, the
//! palette, the help and the keymap read it.

pub mod arguments;
mod keymap;
pub mod search_keys;
pub mod slash_command;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyAction {
    /// Switch to the other agent.
    Agent,
    Approvals,
    Compact,
    Connect,
    Context,
    Copy,
    /// Copy one code block of the last answer.
    CopyCode,
    Detach,
    Details,
    /// Show changed files.
    Diff,
    Editor,
    Exit,
    Export,
    /// Copy the conversation, and open the copy.
    Fork,
    Help,
    Init,
    Jobs,
    Logout,
    Mcp,
    /// Switch to the next approval mode.
    Mode,
    Models,
    New,
    Palette,
    /// Attach the picture on the clipboard.
    Picture,
    Print,
    /// Queue the prompt for after the running turn, or show the queue.
    Queue,
    Redo,
    Redraw,
    Remember,
    /// Have changes reviewed.
    Review,
    Rename,
    /// Show the timeline, to go back to before a prompt.
    Rewind,
    /// Search the conversation on screen.
    Search,
    Sessions,
    Skills,
    Status,
    Suspend,
    /// Bring a conversation here that has a screen elsewhere.
    Take,
    Undo,
}

impl KeyAction {
    /// Whether it changes nothing in the conversation on screen.
    pub fn only_reads(self) -> bool {
        match self {
            Self::Connect
            | Self::Context
            | Self::Copy
            | Self::CopyCode
            | Self::Detach
            | Self::Details
            | Self::Exit
            | Self::Export
            | Self::Fork
            | Self::Help
            | Self::Logout
            | Self::New
            | Self::Palette
            | Self::Print
            | Self::Redraw
            | Self::Search
            | Self::Sessions
            | Self::Status
            | Self::Suspend => true,
            Self::Agent
            | Self::Approvals
            | Self::Compact
            | Self::Diff
            | Self::Editor
            | Self::Init
            | Self::Jobs
            | Self::Mcp
            | Self::Mode
            | Self::Models
            | Self::Picture
            | Self::Queue
            | Self::Redo
            | Self::Remember
            | Self::Rename
            | Self::Review
            | Self::Rewind
            | Self::Skills
            | Self::Take
            | Self::Undo => false,
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub struct ActionEntry {
    pub action: KeyAction,
    /// The name after the slash; empty if there is no such command.
    pub slash: &'static str,
    /// Other search words.
    pub aliases: &'static [&'static str],
    pub title: &'static str,
    pub key: Option<Key>,
}

/// The key of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// After `ctrl+x`.
    Chord(char),
    Ctrl(char),
    /// F1, or `?` in an empty composer.
    Help,
    ShiftTab,
    /// Tab, while no menu is open.
    Tab,
}

/// All actions, in the order in which they are shown.
pub const ACTIONS: &[ActionEntry] = &[
    ActionEntry {
        action: KeyAction::Connect,
        slash: "connect",
        aliases: &["login", "signin", "auth"],
        title: "Sign in, or see who is signed in",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Logout,
        slash: "logout",
        aliases: &["signout", "disconnect"],
        title: "Sign out of the provider in use; asks first",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Models,
        slash: "models",
        aliases: &["model", "effort", "fast"],
        title: "Choose the model and its reasoning effort",
        key: Some(Key::Chord('m')),
    },
    ActionEntry {
        action: KeyAction::Approvals,
        slash: "approvals",
        aliases: &["permissions", "modes"],
        title: "Choose what may happen without asking",
        key: None,
    },
    ActionEntry {
        action: KeyAction::New,
        slash: "new",
        aliases: &["clear"],
        title: "Start a new conversation",
        key: Some(Key::Chord('n')),
    },
    ActionEntry {
        action: KeyAction::Sessions,
        slash: "sessions",
        aliases: &["resume", "past"],
        title: "Go back to an earlier conversation",
        key: Some(Key::Chord('l')),
    },
    ActionEntry {
        action: KeyAction::Compact,
        slash: "compact",
        aliases: &["summarize", "summary"],
        title: "Summarize the conversation to make room",
        key: Some(Key::Chord('c')),
    },
    ActionEntry {
        action: KeyAction::Queue,
        slash: "queue",
        aliases: &["later", "next"],
        title: "Queue the prompt for after this turn; with none, show the queue",
        key: Some(Key::Ctrl('g')),
    },
    ActionEntry {
        action: KeyAction::Undo,
        slash: "undo",
        aliases: &["revert"],
        title: "Undo the last turn's changes to files",
        key: Some(Key::Chord('u')),
    },
    ActionEntry {
        action: KeyAction::Redo,
        slash: "redo",
        aliases: &[],
        title: "Redo the changes that were undone",
        key: Some(Key::Chord('r')),
    },
    ActionEntry {
        action: KeyAction::Diff,
        slash: "diff",
        aliases: &["changes"],
        title: "Show changes to files: since head, or since the start",
        key: Some(Key::Chord('f')),
    },
    ActionEntry {
        action: KeyAction::Rewind,
        slash: "rewind",
        aliases: &["back", "timeline", "checkpoint"],
        title: "Go back to before a prompt, in words, files or both",
        key: Some(Key::Chord('b')),
    },
    ActionEntry {
        action: KeyAction::Fork,
        slash: "fork",
        aliases: &["branch"],
        title: "Go on in a copy of this conversation",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Rename,
        slash: "rename",
        aliases: &["title", "name"],
        title: "Give this conversation the name after it",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Jobs,
        slash: "jobs",
        aliases: &["ps", "stop", "processes"],
        title: "See commands that still run, and stop them",
        key: Some(Key::Chord('j')),
    },
    ActionEntry {
        action: KeyAction::Detach,
        slash: "detach",
        aliases: &["background", "leave"],
        title: "Leave, and let the conversation go on without a screen",
        key: Some(Key::Chord('d')),
    },
    ActionEntry {
        action: KeyAction::Take,
        slash: "take",
        aliases: &["takeover"],
        title: "End this conversation's other screens, and have it here",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Mcp,
        slash: "mcp",
        aliases: &["servers"],
        title: "See MCP servers and their tools",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Copy,
        slash: "copy",
        aliases: &["yank"],
        title: "Copy the last answer; with `code` one of its code blocks",
        key: Some(Key::Chord('y')),
    },
    ActionEntry {
        action: KeyAction::Search,
        slash: "find",
        aliases: &["search", "grep"],
        title: "Search this conversation, for the words after it",
        key: Some(Key::Ctrl('f')),
    },
    ActionEntry {
        action: KeyAction::Export,
        slash: "export",
        aliases: &["markdown", "save"],
        title: "Write this conversation to a file, without secrets",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Review,
        slash: "review",
        aliases: &[],
        title: "Have changes reviewed: --staged, --base BRANCH, --commit SHA, or words",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Init,
        slash: "init",
        aliases: &[],
        title: "Write an AGENTS.md for this folder",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Remember,
        slash: "remember",
        aliases: &["memory"],
        title: "Add the words after it to an AGENTS.md",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Skills,
        slash: "skills",
        aliases: &["skill"],
        title: "Show the skills, and what is wrong with them",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Status,
        slash: "status",
        aliases: &["usage", "limits", "account"],
        title: "Show the account, limits, model, versions and paths",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Context,
        slash: "context",
        aliases: &["cost", "tokens"],
        title: "Show what fills the model's context, and what was spent",
        key: None,
    },
    ActionEntry {
        action: KeyAction::Help,
        slash: "help",
        aliases: &["keys"],
        title: "Show all keys and commands; with a topic, its page of the guide",
        key: Some(Key::Help),
    },
    ActionEntry {
        action: KeyAction::Exit,
        slash: "exit",
        aliases: &["quit", "q"],
        title: "Quit codling",
        key: Some(Key::Chord('q')),
    },
    ActionEntry {
        action: KeyAction::Agent,
        slash: "",
        aliases: &["plan", "build", "agent", "agents"],
        title: "Switch between Build and Plan (which changes nothing)",
        key: Some(Key::Tab),
    },
    ActionEntry {
        action: KeyAction::Mode,
        slash: "",
        aliases: &["mode"],
        title: "Next approval mode: read-only, ask, auto",
        key: Some(Key::ShiftTab),
    },
    ActionEntry {
        action: KeyAction::Editor,
        slash: "",
        aliases: &["editor", "visual"],
        title: "Continue writing in your own editor",
        key: Some(Key::Chord('e')),
    },
    ActionEntry {
        action: KeyAction::Picture,
        slash: "",
        aliases: &["picture", "image", "screenshot", "attach"],
        title: "Attach the picture on the clipboard",
        key: Some(Key::Ctrl('v')),
    },
    ActionEntry {
        action: KeyAction::Print,
        slash: "",
        aliases: &["print", "raw", "select"],
        title: "Print the last answer as plain text, to select by hand",
        key: Some(Key::Chord('t')),
    },
    ActionEntry {
        action: KeyAction::CopyCode,
        slash: "",
        aliases: &["code", "block", "snippet"],
        title: "Copy a code block of the last answer",
        key: Some(Key::Chord('k')),
    },
    ActionEntry {
        action: KeyAction::Details,
        slash: "",
        aliases: &["fold", "thinking", "tools"],
        title: "Show or fold reasoning and tool output",
        key: Some(Key::Ctrl('o')),
    },
    ActionEntry {
        action: KeyAction::Palette,
        slash: "",
        aliases: &[],
        title: "Find a command",
        key: Some(Key::Ctrl('p')),
    },
    ActionEntry {
        action: KeyAction::Redraw,
        slash: "",
        aliases: &["refresh"],
        title: "Redraw the screen",
        key: Some(Key::Ctrl('l')),
    },
    ActionEntry {
        action: KeyAction::Suspend,
        slash: "",
        aliases: &[],
        title: "Suspend to the shell",
        key: Some(Key::Ctrl('z')),
    },
];

/// Keys without an action of their own, for the help.
pub const OTHER_KEYS: &[(&str, &str)] = &[
    ("enter", "Send; while a turn runs, the prompt joins it at its next step"),
    ("! first", "Run a command yourself; its output joins the conversation"),
    (
        "y, a, o, n, r",
        "Answer a request: once, always, open only what it needs, no, no with a reason",
    ),
    ("@", "Mention a file; a picture is attached, as one that you drop or whose path you paste"),
    ("up, while one is queued", "Show the queue, to edit, move, send or drop what waits"),
    ("shift+enter, ctrl+j", "New line"),
    (
        "esc",
        "Close the dialog; press twice to interrupt a running turn, or to go back to before a prompt",
    ),
    (
        "ctrl+c",
        "Interrupt a running turn; else clear the prompt; if it is empty, press twice to quit",
    ),
    ("up, down", "Earlier prompts, from the first or last line; one row when scrolled back"),
    ("pgup, pgdn, wheel", "Scroll"),
    (
        "n, shift+n",
        "Next and previous hit, while a search stands and nothing is typed; esc ends it",
    ),
    (
        "drag, two clicks, three clicks",
        "Select text, a word, a line: ctrl+c, enter or y copies it, esc drops it",
    ),
    ("click", "Put the cursor, open or close a fold, choose a row of a list"),
    ("shift+drag", "Select as the terminal does (option+drag in some terminals)"),
    (
        "home, end",
        "Jump to the start; jump to the end and follow (ctrl+home, ctrl+end while typing)",
    ),
    ("alt+left, alt+right", "Move by word"),
    ("ctrl+w, ctrl+u, ctrl+k", "Delete a word, to the start, to the end"),
    ("ctrl+_, alt+_", "Undo and redo typing"),
];

impl Key {
    /// The key as shown on screen.
    pub fn label(self) -> String {
        match self {
            Self::Chord(letter) => format!("ctrl+x {letter}"),
            Self::Ctrl(letter) => format!("ctrl+{letter}"),
            Self::Help => "f1 or ?".into(),
            Self::ShiftTab => "shift+tab".into(),
            Self::Tab => "tab".into(),
        }
    }
}

impl ActionEntry {
    /// The letter after `ctrl+x`.
    pub fn chord(&self) -> Option<char> {
        if let Some(Key::Chord(letter)) = self.key { Some(letter) } else { None }
    }

    /// The command's name, or its first alias.
    pub fn word(&self) -> &'static str {
        if self.slash.is_empty() {
            self.aliases.first().copied().unwrap_or_default()
        } else {
            self.slash
        }
    }

    pub fn label(&self) -> String {
        self.key.map(Key::label).unwrap_or_default()
    }
}

/// The key of an action, as shown on screen.
pub fn key_of(action: KeyAction) -> String {
    let entry = ACTIONS.iter().find(|entry| entry.action == action);
    entry.map(ActionEntry::label).unwrap_or_default()
}

/// The action of a single key.
pub fn of_key(key: &KeyEvent) -> Option<KeyAction> {
    let pressed = match key.code {
        KeyCode::F(1) => Key::Help,
        KeyCode::BackTab => Key::ShiftTab,
        KeyCode::Tab if key.modifiers.is_empty() => Key::Tab,
        _ => Key::Ctrl(ctrl_letter(key)?),
    };
    ACTIONS.iter().find(|entry| entry.key == Some(pressed)).map(|entry| entry.action)
}

/// The action of a key after `ctrl+x`, with or without ctrl held.
pub fn of_chord(key: &KeyEvent) -> Option<KeyAction> {
    let KeyCode::Char(letter) = key.code else { return None };
    let letter = letter.to_ascii_lowercase();
    ACTIONS.iter().find(|entry| entry.key == Some(Key::Chord(letter))).map(|entry| entry.action)
}

/// The commands whose name or alias begins with the typed text, in the table's order.
pub fn beginning(typed: &str) -> Vec<&'static ActionEntry> {
    let typed = typed.to_lowercase();
    let begins = |entry: &&ActionEntry| {
        entry.slash.starts_with(&typed)
            || (!typed.is_empty() && entry.aliases.iter().any(|word| word.starts_with(&typed)))
    };
    ACTIONS.iter().filter(|entry| !entry.slash.is_empty()).filter(begins).collect()
}

/// The commands whose name contains the typed text, in the table's order.
pub fn containing(typed: &str) -> Vec<&'static ActionEntry> {
    let typed = typed.to_lowercase();
    let named = ACTIONS.iter().filter(|entry| !entry.slash.is_empty());
    named.filter(|entry| entry.slash.contains(&typed)).collect()
}

/// The letter of a key pressed with ctrl alone.
pub fn ctrl_letter(key: &KeyEvent) -> Option<char> {
    match key.code {
        KeyCode::Char(letter) if key.modifiers == KeyModifiers::CONTROL => {
            Some(letter.to_ascii_lowercase())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_key_and_no_command_means_two_things() {
        let mut labels = HashSet::new();
        let mut words = HashSet::new();
        for entry in ACTIONS {
            assert!(entry.key.is_none() || labels.insert(entry.label()), "{}", entry.label());
            let names = entry.aliases.iter().chain([&entry.slash]).filter(|word| !word.is_empty());
            for word in names {
                assert!(words.insert(*word), "{word}");
            }
        }
    }

    #[test]
    fn the_menu_keeps_the_table_s_order_whatever_is_typed() {
        let names = |typed| beginning(typed).iter().map(|entry| entry.slash).collect::<Vec<_>>();
        assert_eq!(
            names(""),
            [
                "connect",
                "logout",
                "models",
                "approvals",
                "new",
                "sessions",
                "compact",
                "queue",
                "undo",
                "redo",
                "diff",
                "rewind",
                "fork",
                "rename",
                "jobs",
                "detach",
                "take",
                "mcp",
                "copy",
                "find",
                "export",
                "review",
                "init",
                "remember",
                "skills",
                "status",
                "context",
                "help",
                "exit"
            ]
        );
        assert_eq!(names("co"), ["connect", "compact", "copy", "context"]);
        assert_eq!(names("QUI"), ["exit"]);
        assert!(names("zz").is_empty());
    }
}
