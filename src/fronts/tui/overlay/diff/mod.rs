//! The diff viewer: the changed files of the conversation's folder and their hunks, as one page
//! over the whole screen. It changes nothing.

mod view;

use crossterm::event::{KeyCode, KeyEvent};

use crate::protocol::{
    ChangedFile, Command, DiffBase, DiffKind, FolderDiff, Problem, SessionId, TurnCommand,
};
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::diff::page::{DiffForm, DiffPage};

/// The width in columns from which two columns are readable.
const WIDE: u16 = 120;
const NARROW: &str = "Side by side needs a window of 120 columns";
const NO_REPOSITORY: &str = "No git repository here: only this conversation's changes";
const NOTHING: &str = "No lines of this file are shown, so there is nothing to copy";

#[derive(Debug)]
pub struct DiffDialog {
    session: SessionId,
    /// The folder, for people.
    folder: String,
    base: DiffBase,
    head: Loading,
    start: Loading,
    form: DiffForm,
    /// Why the last key did nothing.
    said: Option<&'static str>,
    /// The columns and rows of the page when it was last drawn.
    size: (u16, u16),
}

/// How far the engine is with one comparison.
#[derive(Debug, Default)]
enum Loading {
    Failed(Problem),
    #[default]
    NotAsked,
    Shown(Box<ShownDiff>),
    Waiting,
}

#[derive(Debug)]
struct ShownDiff {
    page: DiffPage,
    has_repository: bool,
    /// The first row that is seen.
    top: usize,
}

impl DiffDialog {
    /// Opens the viewer; the engine is asked for the changes.
    pub fn new(session: SessionId, folder: String, base: DiffBase) -> (Self, Cmd) {
        let mut dialog = Self {
            session,
            folder,
            base,
            head: Loading::NotAsked,
            start: Loading::NotAsked,
            form: DiffForm::Unified,
            said: None,
            size: (80, 24),
        };
        let ask = dialog.ask();
        (dialog, ask)
    }

    fn ask(&mut self) -> Cmd {
        *self.loading() = Loading::Waiting;
        Cmd::Send(Command::Turn(self.session.clone(), TurnCommand::Diff(self.base)))
    }

    fn loading(&mut self) -> &mut Loading {
        match self.base {
            DiffBase::Head => &mut self.head,
            DiffBase::Start => &mut self.start,
        }
    }

    fn present(&self) -> &Loading {
        match self.base {
            DiffBase::Head => &self.head,
            DiffBase::Start => &self.start,
        }
    }

    fn shown(&mut self) -> Option<&mut ShownDiff> {
        if let Loading::Shown(shown) = self.loading() { Some(shown) } else { None }
    }

    /// Takes the engine's answer to the question about this state.
    pub fn know(
        &mut self,
        session: &SessionId,
        asked: DiffBase,
        answer: Result<FolderDiff, Problem>,
    ) {
        if *session != self.session {
            return;
        }
        let loading = match answer {
            Ok(diff) => {
                if asked == self.base {
                    // Without a repository there is only one.
                    self.base = diff.base;
                }
                let mut page = DiffPage::new(diff.files, diff.more);
                page.fit(self.size.0.saturating_sub(2), self.fitting(self.size.0));
                let shown = ShownDiff { page, has_repository: diff.has_repository, top: 0 };
                let loading = Loading::Shown(Box::new(shown));
                if diff.base != asked {
                    self.start = loading;
                    return;
                }
                loading
            }
            Err(problem) => Loading::Failed(problem),
        };
        match asked {
            DiffBase::Head => self.head = loading,
            DiffBase::Start => self.start = loading,
        }
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        self.said = None;
        let page = usize::from(self.size.1.saturating_sub(2).max(1));
        match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return DialogReply::close(),
            KeyCode::Char('t') | KeyCode::Tab => return self.switch(),
            KeyCode::Char('v') => self.change_form(),
            KeyCode::Char('y') => return self.copy(),
            KeyCode::Char(']') => self.jump(Toward::End, |page| page.hunk_rows().collect()),
            KeyCode::Char('[') => self.jump(Toward::Start, |page| page.hunk_rows().collect()),
            KeyCode::Char('n') => self.jump(Toward::End, |page| page.file_rows().collect()),
            KeyCode::Char('p') => self.jump(Toward::Start, |page| page.file_rows().collect()),
            KeyCode::Up => self.scroll(Toward::Start, 1),
            KeyCode::Down => self.scroll(Toward::End, 1),
            KeyCode::PageUp => self.scroll(Toward::Start, page),
            KeyCode::PageDown | KeyCode::Char(' ') => self.scroll(Toward::End, page),
            KeyCode::Home => self.scroll(Toward::Start, usize::MAX),
            KeyCode::End => self.scroll(Toward::End, usize::MAX),
            _ => {}
        }
        DialogReply::stay()
    }

    pub fn wheel(&mut self, toward: Toward, rows: u16) {
        self.scroll(toward, usize::from(rows));
    }

    fn scroll(&mut self, toward: Toward, rows: usize) {
        let height = usize::from(self.size.1);
        let Some(shown) = self.shown() else { return };
        // The head of the file at the top stands above the page.
        let is_head = |row: usize| shown.page.is_head(row);
        shown.top = match toward {
            Toward::Start => {
                let top = shown.top.saturating_sub(rows);
                if is_head(top) { top.saturating_sub(1) } else { top }
            }
            // A jump may have gone further.
            Toward::End => {
                let last = shown.page.rows().saturating_sub(height).max(shown.top);
                let first = shown.top + usize::from(is_head(shown.top));
                first.saturating_add(rows).min(last)
            }
        };
    }

    /// Goes to the next of these rows, which becomes the first one.
    fn jump(&mut self, toward: Toward, rows: impl Fn(&DiffPage) -> Vec<usize>) {
        let Some(shown) = self.shown() else { return };
        let rows = rows(&shown.page);
        let next = match toward {
            Toward::End => rows.into_iter().find(|row| *row > shown.top),
            Toward::Start => rows.into_iter().rfind(|row| *row < shown.top).or(Some(0)),
        };
        shown.top = next.unwrap_or(shown.top);
    }

    /// Shows the other comparison.
    fn switch(&mut self) -> DialogReply {
        let is_alone = self.shown().is_some_and(|shown| !shown.has_repository);
        if is_alone && self.base == DiffBase::Start {
            self.said = Some(NO_REPOSITORY);
            return DialogReply::stay();
        }
        self.base = match self.base {
            DiffBase::Head => DiffBase::Start,
            DiffBase::Start => DiffBase::Head,
        };
        match self.loading() {
            Loading::NotAsked | Loading::Failed(_) => DialogReply::run([self.ask()]),
            Loading::Shown(_) | Loading::Waiting => DialogReply::stay(),
        }
    }

    /// The form that the width has room for.
    fn fitting(&self, width: u16) -> DiffForm {
        if width < WIDE { DiffForm::Unified } else { self.form }
    }

    fn change_form(&mut self) {
        if self.size.0 < WIDE {
            self.said = Some(NARROW);
            return;
        }
        self.form = match self.form {
            DiffForm::Unified => DiffForm::SideBySide,
            DiffForm::SideBySide => DiffForm::Unified,
        };
    }

    /// Copies the diff of the file at the top; in the list, those of all files.
    fn copy(&mut self) -> DialogReply {
        let Some(shown) = self.shown() else { return DialogReply::stay() };
        let file = shown.page.file_at(shown.top);
        let files = shown.page.files();
        let files = file.map_or(files, |file| &files[file..=file]);
        let patch: String = files.iter().map(patch).collect();
        if patch.is_empty() {
            self.said = Some(NOTHING);
            return DialogReply::stay();
        }
        DialogReply::run([Cmd::Copy(patch)])
    }
}

/// The diff of a file as `patch` and git read it.
fn patch(file: &ChangedFile) -> String {
    let diff = &file.diff;
    if diff.hunks.is_empty() {
        return String::new();
    }
    let path = &diff.path;
    let before = match &diff.kind {
        DiffKind::Added => "/dev/null".to_owned(),
        DiffKind::Moved { from } => format!("a/{from}"),
        DiffKind::Deleted | DiffKind::Updated => format!("a/{path}"),
    };
    let after = match &diff.kind {
        DiffKind::Deleted => "/dev/null".to_owned(),
        _ => format!("b/{path}"),
    };
    let end = if diff.hunks.ends_with('\n') { "" } else { "\n" };
    format!("--- {before}\n+++ {after}\n{}{end}", diff.hunks)
}
