//! The dialog of earlier conversations: search, last words, open, rename, copy, delete, branches.

mod branches;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::tui::commands::ctrl_letter;
use crate::tui::composer::{Composer, FieldForm};
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role, Span};
use crate::tui::picker::{Picked, Picker, PickerRow, RowMark};
use crate::tui::program_facts::Facts;
use crate::tui::start::{open_earlier, screen_options};
use crate::tui::wording;
use branches::{BranchKey, BranchList};

use crate::protocol::{
    ApprovalMode, Branch, Command, ForkPoint, KeepFrom, OpenOptions, SessionCommand, SessionId,
    SessionSummary,
};

/// Rows below the list: a gap, folder and time, the last prompt, the last answer. The keys follow.
const BELOW: u16 = 6;
/// Rows of the filter, a gap and two conversations.
const LEAST_LIST: u16 = 4;
/// Columns for all keys in one row.
const KEYS: u16 = 74;
/// Columns more for the key of the branches.
const BRANCH_KEY: u16 = 18;
/// The largest width in columns.
const WIDTH: u16 = 110;

#[derive(Debug)]
pub struct SessionsDialog {
    current: SessionId,
    new_id: fn() -> SessionId,
    /// The approval mode with which conversations are opened.
    mode: Option<ApprovalMode>,
    picker: Picker<SessionId>,
    scope: SessionScope,
    state: State,
    cursor: Cursor,
    /// The conversation whose preview was requested.
    asked: Option<SessionId>,
}

/// Which folders' conversations are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SessionScope {
    All,
    Here,
}

/// Whether the person has moved the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cursor {
    OnTop,
    Placed,
}

#[derive(Debug)]
enum State {
    Branches(BranchList),
    Browsing,
    /// Delete was pressed once.
    Deleting(SessionId),
    Renaming(SessionId, Box<Composer>),
}

impl SessionsDialog {
    /// Creates the dialog. `current` is the conversation on screen; `new_id` makes ids for copies.
    pub fn new(current: SessionId, new_id: fn() -> SessionId, facts: &Facts) -> Self {
        let picker = Picker::new("Search conversations", Vec::new());
        let mut dialog = Self {
            current,
            new_id,
            mode: facts.start.mode,
            picker,
            scope: SessionScope::Here,
            state: State::Browsing,
            cursor: Cursor::OnTop,
            asked: None,
        };
        dialog.refresh(facts);
        dialog
    }

    /// Takes a new list or preview.
    pub fn refresh(&mut self, facts: &Facts) {
        let sessions = facts.sessions.iter().flat_map(|sessions| sessions.iter());
        let here = |session: &&SessionSummary| {
            session.says_something()
                && (self.scope == SessionScope::All || session.is_of(&facts.start.folder))
        };
        let rows = sessions.filter(here).map(|session| self.row(session, facts)).collect();
        self.picker.replace(rows);
        if self.cursor == Cursor::OnTop {
            self.picker.go_to_top();
        }
    }

    pub fn key(&mut self, key: &KeyEvent, facts: &Facts) -> DialogReply {
        self.cursor = Cursor::Placed;
        let mut reply = match std::mem::replace(&mut self.state, State::Browsing) {
            State::Branches(list) => self.branch_key(list, key),
            State::Renaming(id, field) => self.rename_key(id, field, key),
            State::Deleting(id) => self.browse_key(key, Some(id), facts),
            State::Browsing => self.browse_key(key, None, facts),
        };
        reply.cmds.extend(self.glimpse());
        reply
    }

    pub fn paste(&mut self, pasted: &str) -> DialogReply {
        self.cursor = Cursor::Placed;
        match &mut self.state {
            State::Branches(list) => list.paste(pasted),
            State::Renaming(_, field) => {
                field.paste(pasted);
            }
            State::Browsing | State::Deleting(_) => {
                self.state = State::Browsing;
                self.picker.paste(pasted);
            }
        }
        DialogReply::run(self.glimpse())
    }

    /// Selects the row in a cell of the screen; `false` if there is none.
    pub fn click(&mut self, at: Position) -> bool {
        self.cursor = Cursor::Placed;
        matches!(self.state, State::Browsing) && self.picker.click(at)
    }

    pub fn wheel(&mut self, toward: Toward) {
        self.cursor = Cursor::Placed;
        match &mut self.state {
            State::Branches(list) => list.wheel(toward),
            State::Renaming(..) => {}
            State::Browsing | State::Deleting(_) => {
                self.state = State::Browsing;
                self.picker.jump(toward.step());
            }
        }
    }

    /// Takes the branches of a conversation, if they are still wanted.
    pub fn know_branches(&mut self, id: &SessionId, branches: &[Branch], facts: &Facts) {
        if let State::Branches(list) = &mut self.state
            && list.session == *id
        {
            list.know(branches, facts);
        }
    }

    /// Whether the next key may delete.
    pub fn is_asking(&self) -> bool {
        matches!(self.state, State::Deleting(_))
    }

    /// Requests the preview of the selected conversation, once.
    pub fn glimpse(&mut self) -> Option<Cmd> {
        let id = self.picker.current().map(|row| row.value.clone())?;
        if self.asked.as_ref() == Some(&id) {
            return None;
        }
        self.asked = Some(id.clone());
        Some(send(SessionCommand::Preview(id)))
    }

    pub fn draw(&self, facts: &Facts, area: Rect, canvas: &mut Canvas) -> Position {
        let title = match self.scope {
            SessionScope::All => "Conversations of all folders",
            SessionScope::Here => "Conversations in this folder",
        };
        let width = WIDTH.min(area.width.saturating_sub(6));
        if let State::Branches(list) = &self.state {
            return list.draw(width, area, canvas);
        }
        let has_branches = self.has_branches(facts);
        let wanted = if has_branches { KEYS + BRANCH_KEY } else { KEYS };
        let keys = if width < wanted { 2 } else { 1 };
        let escape = match self.state {
            State::Branches(_) => "",
            State::Browsing => "esc close",
            State::Deleting(_) => "esc back",
            State::Renaming(..) => "enter save · esc back",
        };
        let room = panel::dialog(
            title,
            escape,
            (width, self.picker.height() + BELOW + keys),
            area,
            canvas,
        );
        // With little room a title can still be chosen.
        let above = room.height.saturating_sub(keys);
        let list = above.saturating_sub(BELOW).max(LEAST_LIST.min(above));
        let list = Rect { height: list, ..room };
        let caret = self.picker.draw(list, canvas);
        if self.picker.is_empty() {
            canvas.fill(list, Role::Text);
            let line = match (&facts.sessions, self.scope) {
                (None, _) => "Reading the list",
                (Some(_), SessionScope::All) => "There are no earlier conversations",
                (Some(_), SessionScope::Here) => {
                    "There are none in this folder; tab shows all folders"
                }
            };
            let width = usize::from(list.width);
            canvas.text(list.x, list.y + 2, &text::pad(line, width), width, Role::Dim);
        }
        self.draw_words(
            facts,
            Rect { y: list.bottom() + 1, height: above.saturating_sub(list.height + 1), ..room },
            canvas,
        );
        let last = Rect { y: room.bottom().saturating_sub(keys), height: keys, ..room };
        match &self.state {
            State::Renaming(_, field) => field.draw_behind("Title › ", last, canvas),
            State::Deleting(_) => {
                let line = [Span::new(
                    "Press ctrl+d again to delete this conversation for good",
                    Role::Warn,
                )];
                panel::write(&line, last, last.y, canvas);
                caret
            }
            State::Branches(_) => caret,
            State::Browsing => {
                let other =
                    if self.scope == SessionScope::Here { "all folders" } else { "this folder" };
                let mut keys = vec![
                    ("enter", "open"),
                    ("tab", other),
                    ("ctrl+r", "rename"),
                    ("ctrl+f", "copy"),
                    ("ctrl+d", "delete"),
                ];
                if has_branches {
                    keys.push(("ctrl+b", "branches"));
                }
                panel::write(&panel::keys(&keys), last, last.y, canvas);
                caret
            }
        }
    }

    /// Draws folder and time, and the last words.
    fn draw_words(&self, facts: &Facts, area: Rect, canvas: &mut Canvas) {
        let Some(session) = self.chosen(facts) else { return };
        let width = usize::from(area.width);
        let folder = wording::folder(&session.folder, facts.start.home.as_deref());
        let prompts = if session.prompts == 1 {
            "1 prompt".into()
        } else {
            format!("{} prompts", session.prompts)
        };
        let prompts = match session.branches {
            0 => prompts,
            1 => format!("{prompts} · 1 branch"),
            many => format!("{prompts} · {many} branches"),
        };
        let begun = wording::local(session.created, facts.now, &facts.zone);
        let about =
            text::cut(&format!("{folder} · {prompts} · started {begun} · {}", session.id), width)
                .into_owned();
        if area.is_empty() {
            return;
        }
        canvas.text(area.x, area.y, &about, width, Role::Dim);
        let Some(preview) = facts.preview.as_ref().filter(|preview| preview.id == session.id)
        else {
            return;
        };
        let prompt = [Span::new(format!("› {}", text::clean_line(&preview.prompt)), Role::User)];
        let y = panel::write_hanging(
            &prompt,
            2,
            Rect { height: 3.min(area.height), ..area },
            area.y + 1,
            canvas,
        );
        panel::write(&[Span::new(text::clean_line(&preview.answer), Role::Text)], area, y, canvas);
    }

    fn chosen<'a>(&self, facts: &'a Facts) -> Option<&'a SessionSummary> {
        let id = &self.picker.current()?.value;
        facts.sessions.as_ref()?.iter().find(|session| session.id == *id)
    }

    fn row(&self, session: &SessionSummary, facts: &Facts) -> PickerRow<SessionId> {
        PickerRow {
            mark: if session.id == self.current { RowMark::Current } else { RowMark::None },
            note: match (session.remark(), self.scope) {
                (Some(remark), _) => remark.to_owned(),
                (None, SessionScope::All) => {
                    wording::folder(&session.folder, facts.start.home.as_deref())
                }
                (None, SessionScope::Here) => String::new(),
            },
            tail: if session.changed >= facts.now {
                "now".into()
            } else {
                wording::relative(session.changed, facts.now)
            },
            also: session.id.as_str().to_owned(),
            ..PickerRow::new(session.id.clone(), title(session))
        }
    }

    fn browse_key(
        &mut self,
        key: &KeyEvent,
        asked: Option<SessionId>,
        facts: &Facts,
    ) -> DialogReply {
        if key.code == KeyCode::Esc {
            return if asked.is_some() { DialogReply::stay() } else { DialogReply::close() };
        }
        if key.code == KeyCode::Tab {
            self.scope = if self.scope == SessionScope::Here {
                SessionScope::All
            } else {
                SessionScope::Here
            };
            self.refresh(facts);
            return DialogReply::stay();
        }
        let id = self.picker.current().map(|row| row.value.clone());
        match (ctrl_letter(key), id) {
            (Some('d'), Some(id)) if asked.as_ref() == Some(&id) => {
                return DialogReply::run([send(SessionCommand::Delete(id))]);
            }
            (Some('d'), Some(id)) => self.state = State::Deleting(id),
            (Some('r'), Some(id)) => {
                let mut field = Composer::new(FieldForm::SingleLine);
                field.set(
                    &self.chosen(facts).map(|session| session.title.clone()).unwrap_or_default(),
                );
                self.state = State::Renaming(id, Box::new(field));
            }
            (Some('f'), Some(from)) => return self.copy(from, ForkPoint::End),
            (Some('b'), Some(id)) if self.has_branches(facts) => {
                self.state = State::Branches(BranchList::new(id.clone()));
                return DialogReply::run([send(SessionCommand::Branches(id))]);
            }
            _ => {
                if self.picker.key(key) == Picked::Chosen {
                    return self.open();
                }
            }
        }
        DialogReply::stay()
    }

    fn branch_key(&mut self, mut list: BranchList, key: &KeyEvent) -> DialogReply {
        match list.key(key) {
            BranchKey::Back => DialogReply::stay(),
            BranchKey::Open(place) => self.copy(list.session, ForkPoint::Branch(place)),
            BranchKey::Stay => {
                self.state = State::Branches(list);
                DialogReply::stay()
            }
        }
    }

    /// Opens a copy of a conversation up to a point.
    fn copy(&self, from: SessionId, at: ForkPoint) -> DialogReply {
        let keep_from = KeepFrom::Start;
        let options = OpenOptions { mode: self.mode, keep_from, ..screen_options() };
        let fork = SessionCommand::Fork { from, id: (self.new_id)(), at, options };
        DialogReply::finish([send(fork)])
    }

    /// Whether the selected conversation went back.
    fn has_branches(&self, facts: &Facts) -> bool {
        self.chosen(facts).is_some_and(|session| session.branches > 0)
    }

    fn rename_key(
        &mut self,
        id: SessionId,
        mut field: Box<Composer>,
        key: &KeyEvent,
    ) -> DialogReply {
        match key.code {
            KeyCode::Esc => DialogReply::stay(),
            KeyCode::Enter => {
                let title = text::clean_line(field.text().trim()).into_owned();
                if title.is_empty() {
                    DialogReply::stay()
                } else {
                    DialogReply::run([send(SessionCommand::Rename { id, title })])
                }
            }
            _ => {
                field.key(*key);
                self.state = State::Renaming(id, field);
                DialogReply::stay()
            }
        }
    }

    /// Opens the selected conversation, unless it is on screen already.
    fn open(&self) -> DialogReply {
        let Some(row) = self.picker.current().filter(|row| row.value != self.current) else {
            return DialogReply::close();
        };
        let options = OpenOptions { mode: self.mode, ..screen_options() };
        DialogReply::finish([send(open_earlier(&row.value, options))])
    }
}

/// The title; the id if the first prompt cannot be read.
fn title(session: &SessionSummary) -> String {
    match text::clean_line(&session.title) {
        title if title.trim().is_empty() => session.id.to_string(),
        title => title.into_owned(),
    }
}

fn send(command: SessionCommand) -> Cmd {
    Cmd::Send(Command::Session(command))
}
