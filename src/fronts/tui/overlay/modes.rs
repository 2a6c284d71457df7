//! The dialog for approval modes and permission rules.

use std::path::Path;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::protocol::{
    ApprovalMode, Command, KnownRule, Sandbox, SandboxOpenings, SessionId, SessionMode,
    SettingsCommand,
};
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::DialogReply;
use crate::tui::overlay::rules::{self, RulesPage};
use crate::tui::paint::panel;
use crate::tui::paint::panel::RowPlaces;
use crate::tui::paint::{Canvas, Role, Span};

#[derive(Debug)]
pub struct ModesDialog {
    session: SessionId,
    session_mode: SessionMode,
    cursor: usize,
    full: Full,
    page: Page,
    rows: RowPlaces,
}

/// The page that is shown.
#[derive(Debug)]
enum Page {
    Modes,
    /// The permission rules in force.
    Rules(RulesPage),
}

/// Whether the mode that never asks is about to be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Full {
    Chosen,
    Not,
}

/// The width from which name and meaning share a row.
const WIDE: u16 = 74;

impl ModesDialog {
    pub fn new(session: SessionId, session_mode: SessionMode) -> Self {
        let cursor = ApprovalMode::ALL
            .iter()
            .position(|mode| *mode == session_mode.approval_mode)
            .unwrap_or(0);
        let (page, rows) = (Page::Modes, RowPlaces::default());
        Self { session, session_mode, cursor, full: Full::Not, page, rows }
    }

    /// Whether the next key may choose that nothing asks.
    pub fn is_asking(&self) -> bool {
        self.full == Full::Chosen
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        if let Page::Rules(rules) = &mut self.page {
            match key.code {
                KeyCode::Tab | KeyCode::BackTab => self.page = Page::Modes,
                KeyCode::Esc | KeyCode::Enter => return DialogReply::close(),
                _ => return rules.key(key, &self.session),
            }
            return DialogReply::stay();
        }
        let full = std::mem::replace(&mut self.full, Full::Not);
        match key.code {
            KeyCode::Char('y') if full == Full::Chosen => return self.set(ApprovalMode::Full),
            KeyCode::Esc if full == Full::Not => return DialogReply::close(),
            KeyCode::Enter => match ApprovalMode::ALL[self.cursor] {
                // A second enter does not confirm it: a key held down would.
                ApprovalMode::Full if self.session_mode.approval_mode != ApprovalMode::Full => {
                    self.full = Full::Chosen
                }
                mode => return self.set(mode),
            },
            KeyCode::Up => self.go(ApprovalMode::ALL.len() - 1),
            KeyCode::Down => self.go(1),
            KeyCode::Tab if full == Full::Not => self.page = Page::Rules(RulesPage::default()),
            _ => {}
        }
        DialogReply::stay()
    }

    pub fn wheel(&mut self, toward: Toward) {
        self.full = Full::Not;
        if let Page::Rules(rules) = &mut self.page {
            return rules.go(toward);
        }
        self.cursor =
            self.cursor.saturating_add_signed(toward.step()).min(ApprovalMode::ALL.len() - 1);
    }

    /// Puts the cursor on the row in a cell of the screen.
    pub fn click(&mut self, at: Position) {
        match &mut self.page {
            Page::Modes => self.cursor = self.rows.at(at).unwrap_or(self.cursor),
            Page::Rules(page) => page.click(at),
        }
    }

    pub fn draw(
        &mut self,
        (rules, opened): (&[KnownRule], &SandboxOpenings),
        home: Option<&Path>,
        area: Rect,
        canvas: &mut Canvas,
    ) {
        if let Page::Rules(page) = &mut self.page {
            return page.draw(rules::listed(rules, opened), home, area, canvas);
        }
        let width = 76.min(area.width.saturating_sub(6));
        let each = if width >= WIDE { 1 } else { 2 };
        let below = self.below();
        let keys = match self.full {
            Full::Chosen => panel::keys(&[("y", "yes, never ask"), ("esc", "back")]),
            Full::Not => panel::keys(&[
                ("up/down", "choose"),
                ("enter", "use it"),
                ("tab", &rules::count(rules)),
            ]),
        };
        let below_rows = panel::rows_of(&below, width);
        let gaps = 2 + u16::from(below_rows > 0);
        let size = (width, 4 * each + below_rows + gaps + panel::rows_of(&keys, width));
        let room = panel::dialog("What may happen without asking", "esc close", size, area, canvas);
        let room = panel::footer(&keys, room, canvas);
        // With little room the blank rows go first, then all of the explanation but its beginning.
        let each = if 4 * each + below_rows > room.height { 1 } else { each };
        let spare = room.height.saturating_sub(4 * each + below_rows);
        let mut y = room.y + spare.min(1);
        self.rows = RowPlaces::new(Rect { y, height: 4 * each, ..room }, 0, each);
        for (at, mode) in ApprovalMode::ALL.into_iter().enumerate() {
            self.draw_mode(mode, at == self.cursor, Rect { y, height: each, ..room }, canvas);
            y += each;
        }
        panel::write(&below, room, y + u16::from(spare > 1), canvas);
    }

    fn draw_mode(&self, mode: ApprovalMode, chosen: bool, place: Rect, canvas: &mut Canvas) {
        let row = Rect { height: 1, ..place };
        let in_row = panel::list_row(row, chosen, canvas);
        let current = if mode == self.session_mode.approval_mode { "●" } else { " " };
        canvas.text(row.x + 2, row.y, current, 1, in_row(Role::Accent));
        canvas.text(row.x + 4, row.y, mode.as_str(), 10, in_row(Role::Text));
        let (x, y, role) = if place.height == 1 {
            (row.x + 15, row.y, in_row(Role::Dim))
        } else {
            (row.x + 4, row.y + 1, Role::Dim)
        };
        let room = usize::from(row.right().saturating_sub(x));
        canvas.text(x, y, &text::cut(meaning(mode), room), room, role);
    }

    /// The text to read before choosing.
    fn below(&self) -> Vec<Span<'static>> {
        if self.full == Full::Chosen {
            let line = "With `full`, the model can change any file and run any command as you, without asking";
            return vec![Span::new(line, Role::Bad)];
        }
        match self.session_mode.sandbox {
            Sandbox::Absent => vec![Span::new(
                "This system has no sandbox, so every mode except `full` asks before each command",
                Role::Warn,
            )],
            _ => Vec::new(),
        }
    }

    fn go(&mut self, by: usize) {
        self.cursor = (self.cursor + by) % ApprovalMode::ALL.len();
    }

    fn set(&self, mode: ApprovalMode) -> DialogReply {
        let command = Command::Settings(self.session.clone(), SettingsCommand::Mode(mode));
        DialogReply::finish([Cmd::Send(command)])
    }
}

/// Describes the sandbox and its limits.
pub fn walls(sandbox: Sandbox) -> String {
    let walls = match sandbox {
        Sandbox::Absent => "none",
        Sandbox::Landlock => "Landlock and seccomp",
        Sandbox::Bubblewrap => "bubblewrap, Landlock and seccomp",
        Sandbox::Namespaces => "namespaces, Landlock and seccomp",
        Sandbox::NamespacesBut(_) => "some namespaces, Landlock and seccomp",
        Sandbox::Seatbelt => "sandbox-exec",
    };
    let lacks = sandbox.lacks().map(|lacks| format!(". {lacks}")).unwrap_or_default();
    format!("tier {} of 4: {walls}{lacks}", sandbox.tier())
}

/// The meaning of a mode in at most 50 columns.
pub fn meaning(mode: ApprovalMode) -> &'static str {
    match mode {
        ApprovalMode::ReadOnly => "changes nothing; commands cannot write",
        ApprovalMode::Ask => "reads freely; asks before changes and commands",
        ApprovalMode::Auto => "edits, runs sandboxed commands, asks otherwise",
        ApprovalMode::Full => "never asks",
    }
}
