//! Drawing the search in the composer's place: its words, which hit one is at, and the keys.

use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::tui::app::App;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role};
use crate::tui::transcript::{HitCount, Standing};

/// The keys while the words are typed, and while the search stands.
const TYPING_KEYS: &str = " up, down other hits · enter stay here · esc go back ";
const KEPT_KEYS: &str = " n next · N previous · ctrl+f other words · esc end ";
const LABEL: &str = " search ";

/// Draws the bar; returns the caret's position while words are typed.
pub fn draw(app: &App, area: Rect, canvas: &mut Canvas) -> Option<Position> {
    let is_typed = app.talk.view.searching() == Some(Standing::Typed);
    let has_keyboard = is_typed && app.dialogs.is_empty();
    let role = if has_keyboard { Role::BorderFocus } else { Role::Border };
    let inside = panel::border(area, canvas, role);
    let room = usize::from(area.width.saturating_sub(4));
    canvas.text(area.x + 2, area.y, LABEL, room, Role::Dim);
    if let Some(count) = app.talk.view.hit_count() {
        let role = if count.of == 0 { Role::Warn } else { Role::Accent };
        let words = format!(" {} ", count_words(count));
        let width = u16::try_from(text::width(&words)).unwrap_or(0);
        let x = area.right().saturating_sub(width + 2);
        canvas.text(x, area.y, &words, room, role);
    }
    let keys = if is_typed { TYPING_KEYS } else { KEPT_KEYS };
    canvas.text(area.x + 2, area.bottom() - 1, keys, room, Role::Dim);
    let inside = Rect { height: 1, ..inside };
    let caret = app.talk.view.draw_search(inside, canvas);
    if !is_typed {
        canvas.fill(inside, Role::Dim);
    }
    caret.filter(|_| has_keyboard)
}

/// `3/17`
pub fn count_words(HitCount { at, of }: HitCount) -> String {
    if of == 0 { "nothing found".to_owned() } else { format!("{at}/{of}") }
}
