//! Drawing the diff viewer.

use ratatui::layout::Rect;

use super::{DiffDialog, Loading, ShownDiff, WIDE};
use crate::base::phrases::count;
use crate::base::text;
use crate::protocol::{DiffBase, FileDiff};
use crate::tui::paint::diff::page::{DiffForm, DiffPage};
use crate::tui::paint::diff::push_counts;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span};

impl DiffDialog {
    pub fn draw(&mut self, area: Rect, canvas: &mut Canvas) {
        let title = match self.base {
            DiffBase::Head => "Changes since the last commit",
            DiffBase::Start => "Changes since this conversation began",
        };
        let room = panel::page(title, "esc close", area, canvas);
        let under_title = Rect { y: area.y + 1, height: 1.min(area.height), ..room };
        let list = panel::footer(&self.keys(area.width), room, canvas);
        let list = Rect { height: list.height.saturating_sub(1), ..list };
        let (form, folder) = (self.fitting(area.width), self.folder.clone());
        self.size = (area.width, list.height);
        let said = self.said;
        let words = match self.loading() {
            Loading::NotAsked | Loading::Waiting => {
                vec![Span::new("Looking at the files…", Role::Dim)]
            }
            Loading::Failed(problem) => {
                let mut words = vec![Span::new(problem.message.clone(), Role::Bad)];
                words.extend(
                    problem.next.as_ref().map(|next| Span::new(format!(". {next}"), Role::Text)),
                );
                words
            }
            Loading::Shown(shown) if shown.page.count() == 0 => {
                let has_repository = shown.has_repository;
                vec![Span::new(self.nothing(has_repository), Role::Dim)]
            }
            Loading::Shown(shown) => {
                let place = shown.page.place(shown.top);
                if shown.page.fit(list.width, form) && shown.top > 0 {
                    shown.top = shown.page.row(place);
                }
                let rows = usize::from(list.height);
                let head = match shown.page.file_at(shown.top) {
                    Some(file) if said.is_none() => {
                        let mut head = LaidOutLines::new();
                        shown.page.put_head(&mut head, file, list.width);
                        head
                    }
                    _ => summary(&shown.page, &place_words(&folder, shown), list.width),
                };
                if said.is_none() {
                    head.draw(0..1, under_title, canvas);
                }
                // The head of the file at the top stands above the page.
                let first = shown.top + usize::from(shown.page.is_head(shown.top));
                let seen = shown.page.window(first, rows);
                seen.draw(0..seen.len(), list, canvas);
                Vec::new()
            }
        };
        if !words.is_empty() {
            panel::write(&words, list, list.y, canvas);
        }
        if let Some(said) = said {
            let words = [Span::new(said, Role::Warn)];
            panel::write(&words, under_title, under_title.y, canvas);
        }
    }

    fn keys(&self, width: u16) -> Vec<Span<'static>> {
        let form = match self.fitting(width) {
            DiffForm::SideBySide => "unified",
            DiffForm::Unified => "side by side",
        };
        let mut keys = Vec::new();
        let shown = match self.present() {
            Loading::Shown(shown) => Some(shown),
            _ => None,
        };
        if shown.is_some_and(|shown| shown.page.count() > 0) {
            keys.extend([("] [", "hunk"), ("n p", "file"), ("y", "copy")]);
            if width >= WIDE {
                keys.push(("v", form));
            }
        }
        if shown.is_none_or(|shown| shown.has_repository) {
            keys.push(match self.base {
                DiffBase::Head => ("t", "since this conversation began"),
                DiffBase::Start => ("t", "since the last commit"),
            });
        }
        panel::keys(&keys)
    }

    /// Says that there is nothing to show.
    fn nothing(&self, has_repository: bool) -> String {
        let folder = &self.folder;
        match self.base {
            DiffBase::Head => format!("Nothing has changed in {folder} since the last commit"),
            DiffBase::Start if has_repository => "This conversation has changed no files".into(),
            DiffBase::Start => format!(
                "This conversation has changed no files, and {folder} is in no git repository"
            ),
        }
    }
}

/// Where the files are, and why there is nothing else to compare with.
fn place_words(folder: &str, shown: &ShownDiff) -> String {
    match shown.has_repository {
        true => format!(" in {folder}"),
        false => format!(" in {folder}, which is in no git repository"),
    }
}

/// The counts of the page: `3 files +12 −4 in ~/project`.
fn summary(page: &DiffPage, place: &str, width: u16) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    let (shown, all) = (page.files().len() as u64, count(page.count(), "file"));
    let files = if shown < page.count() { format!("{shown} of {all}") } else { all };
    let diffs: Vec<FileDiff> = page.files().iter().map(|file| file.diff.clone()).collect();
    lines.push(&files, Role::Text);
    push_counts(&mut lines, &diffs);
    lines.push_row(&text::clean_line(place), Role::Dim);
    let mut fitting = LaidOutLines::new();
    let mut room = usize::from(width);
    for (piece, ink) in lines.row(0) {
        let piece = text::cut(piece, room);
        room = room.saturating_sub(text::width(&piece));
        fitting.push(&piece, ink);
    }
    fitting.end_row();
    fitting
}
