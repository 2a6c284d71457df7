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
    entry(KeyAction::Connect, "Sign in, or see who is signed in")
        .slash("connect")
        .aliases(&["login", "signin", "auth"]),
    entry(KeyAction::Logout, "Sign out of the provider in use; asks first")
        .slash("logout")
        .aliases(&["signout", "disconnect"]),
    entry(KeyAction::Models, "Choose the model and its reasoning effort")
        .slash("models")
        .key(Key::Chord('m'))
        .aliases(&["model", "effort", "fast"]),
    entry(KeyAction::Approvals, "Choose what may happen without asking")
        .slash("approvals")
        .aliases(&["permissions", "modes"]),
    entry(KeyAction::New, "Start a new conversation")
        .slash("new")
        .key(Key::Chord('n'))
        .aliases(&["clear"]),
    entry(KeyAction::Sessions, "Go back to an earlier conversation")
        .slash("sessions")
        .key(Key::Chord('l'))
        .aliases(&["resume", "past"]),
    entry(KeyAction::Compact, "Summarize the conversation to make room")
        .slash("compact")
        .key(Key::Chord('c'))
        .aliases(&["summarize", "summary"]),
    entry(KeyAction::Queue, "Queue the prompt for after this turn; with none, show the queue")
        .slash("queue")
        .key(Key::Ctrl('g'))
        .aliases(&["later", "next"]),
    entry(KeyAction::Undo, "Undo the last turn's changes to files")
        .slash("undo")
        .key(Key::Chord('u'))
        .aliases(&["revert"]),
    entry(KeyAction::Redo, "Redo the changes that were undone").slash("redo").key(Key::Chord('r')),
    entry(KeyAction::Diff, "Show changes to files: since head, or since the start")
        .slash("diff")
        .key(Key::Chord('f'))
        .aliases(&["changes"]),
    entry(KeyAction::Rewind, "Go back to before a prompt, in words, files or both")
        .slash("rewind")
        .key(Key::Chord('b'))
        .aliases(&["back", "timeline", "checkpoint"]),
    entry(KeyAction::Fork, "Go on in a copy of this conversation")
        .slash("fork")
        .aliases(&["branch"]),
    entry(KeyAction::Rename, "Give this conversation the name after it")
        .slash("rename")
        .aliases(&["title", "name"]),
    entry(KeyAction::Jobs, "See commands that still run, and stop them")
        .slash("jobs")
        .key(Key::Chord('j'))
        .aliases(&["ps", "stop", "processes"]),
    entry(KeyAction::Detach, "Leave, and let the conversation go on without a screen")
        .slash("detach")
        .key(Key::Chord('d'))
        .aliases(&["background", "leave"]),
    entry(KeyAction::Take, "End this conversation's other screens, and have it here")
        .slash("take")
        .aliases(&["takeover"]),
    entry(KeyAction::Mcp, "See MCP servers and their tools").slash("mcp").aliases(&["servers"]),
    entry(KeyAction::Copy, "Copy the last answer; with `code` one of its code blocks")
        .slash("copy")
        .key(Key::Chord('y'))
        .aliases(&["yank"]),
    entry(KeyAction::Search, "Search this conversation, for the words after it")
        .slash("find")
        .key(Key::Ctrl('f'))
        .aliases(&["search", "grep"]),
    entry(KeyAction::Export, "Write this conversation to a file, without secrets")
        .slash("export")
        .aliases(&["markdown", "save"]),
    entry(
        KeyAction::Review,
        "Have changes reviewed: --staged, --base BRANCH, --commit SHA, or words",
    )
    .slash("review"),
    entry(KeyAction::Init, "Write an AGENTS.md for this folder").slash("init"),
    entry(KeyAction::Remember, "Add the words after it to an AGENTS.md")
        .slash("remember")
        .aliases(&["memory"]),
    entry(KeyAction::Skills, "Show the skills, and what is wrong with them")
        .slash("skills")
        .aliases(&["skill"]),
    entry(KeyAction::Status, "Show the account, limits, model, versions and paths")
        .slash("status")
        .aliases(&["usage", "limits", "account"]),
    entry(KeyAction::Context, "Show what fills the model's context, and what was spent")
        .slash("context")
        .aliases(&["cost", "tokens"]),
    entry(KeyAction::Help, "Show all keys and commands; with a topic, its page of the guide")
        .slash("help")
        .key(Key::Help)
        .aliases(&["keys"]),
    entry(KeyAction::Exit, "Quit codling")
        .slash("exit")
        .key(Key::Chord('q'))
        .aliases(&["quit", "q"]),
    entry(KeyAction::Agent, "Switch between Build and Plan (which changes nothing)")
        .key(Key::Tab)
        .aliases(&["plan", "build", "agent", "agents"]),
    entry(KeyAction::Mode, "Next approval mode: read-only, ask, auto")
        .key(Key::ShiftTab)
        .aliases(&["mode"]),
    entry(KeyAction::Editor, "Continue writing in your own editor")
        .key(Key::Chord('e'))
        .aliases(&["editor", "visual"]),
    entry(KeyAction::Picture, "Attach the picture on the clipboard")
        .key(Key::Ctrl('v'))
        .aliases(&["picture", "image", "screenshot", "attach"]),
    entry(KeyAction::Print, "Print the last answer as plain text, to select by hand")
        .key(Key::Chord('t'))
        .aliases(&["print", "raw", "select"]),
    entry(KeyAction::CopyCode, "Copy a code block of the last answer")
        .key(Key::Chord('k'))
        .aliases(&["code", "block", "snippet"]),
    entry(KeyAction::Details, "Show or fold reasoning and tool output")
        .key(Key::Ctrl('o'))
        .aliases(&["fold", "thinking", "tools"]),
    entry(KeyAction::Palette, "Find a command").key(Key::Ctrl('p')),
    entry(KeyAction::Redraw, "Redraw the screen").key(Key::Ctrl('l')).aliases(&["refresh"]),
    entry(KeyAction::Suspend, "Suspend to the shell").key(Key::Ctrl('z')),
];

/// A row without a command or a key.
const fn entry(action: KeyAction, title: &'static str) -> ActionEntry {
    ActionEntry { action, slash: "", aliases: &[], title, key: None }
}

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
    const fn slash(self, slash: &'static str) -> Self {
        Self { slash, ..self }
    }

    const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    const fn key(self, key: Key) -> Self {
        Self { key: Some(key), ..self }
    }

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
