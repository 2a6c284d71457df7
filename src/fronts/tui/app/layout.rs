//! Dividing the screen's rows among its parts. The state scrolls by it, and the screen draws by it.

use ratatui::layout::Rect;

use super::{App, Armed};
use crate::tui::ask::{AskRoom, Room, Share};
use crate::tui::overlay::{NotePlace, Overlay};
use crate::tui::screen::toasts;
use crate::tui::transcript::{Below, Standing};

const MOST_QUEUED: usize = 3;
/// In a smaller window nothing can be shown completely enough to be approved.
pub const LEAST: (u16, u16) = (60, 18);
/// Rows of a search with its border.
const SEARCH: u16 = 3;
/// Rows of the composer while something else is asked.
const MOST_ASKED: u16 = 1;

/// The areas of the conversation screen, from top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenLayout {
    pub transcript: Rect,
    /// A short note; shares the activity row while that is empty.
    pub toast: Rect,
    /// Queued prompts.
    pub queued: Rect,
    /// The ask, if there is one.
    pub ask: Rect,
    /// The running work, or the effect of the next key.
    pub activity: Rect,
    /// The composer with its border.
    pub composer: Rect,
    pub status: Rect,
}

impl ScreenLayout {
    pub fn new(app: &App, area: Rect) -> Self {
        let composer = composer_height(app, area);
        let queued = match app.talk.asks.share() {
            Share::Beside => queued_height(app),
            Share::Most => 0,
        };
        let ask = app.talk.asks.height();
        let activity = u16::from(queued + ask > 0 || is_active(app));
        let fixed = composer + queued + ask + activity + 1;
        let toast = match app.dialogs.is_empty() {
            true => toasts::rows(&app.toasts, area, area.height.saturating_sub(fixed)),
            false => 0,
        };
        let activity = if toast == 0 { 1 } else { activity };
        let fixed = composer + queued + ask + activity + 1 + toast;
        let mut y = area.y;
        let mut take = |height: u16| {
            let rect = Rect { y, height, ..area };
            y += height;
            rect
        };
        Self {
            transcript: take(area.height.saturating_sub(fixed)),
            toast: take(toast),
            queued: take(queued),
            ask: take(ask),
            activity: take(activity),
            composer: take(composer),
            status: take(1),
        }
    }
}

fn queued_height(app: &App) -> u16 {
    u16::try_from(app.talk.session.queued.len().min(MOST_QUEUED)).unwrap_or(0)
}

/// The columns and rows that an ask may take. Above the composer it leaves the conversation a
/// third; without it, a third of the rows beyond the least window.
pub fn ask_room(app: &App) -> AskRoom {
    let (width, height) = app.size;
    let area = body(app, Rect::new(0, 0, width, height));
    let room = area.height.saturating_sub(MOST_ASKED + queued_height(app) + 2);
    let all = area.height.saturating_sub(2);
    match app.talk.asks.room() {
        Room::Panel => {
            let kept = area.height.saturating_sub(LEAST.1) / 3;
            let most = all.saturating_sub(narrow_composer(app) + kept);
            AskRoom { width, beside: room - room / 3, most }
        }
        Room::Screen => AskRoom { width, beside: all, most: all },
    }
}

/// Rows of a composer that gave its room to an ask: its text stays visible.
fn narrow_composer(app: &App) -> u16 {
    u16::from(!app.prompt.composer.is_empty())
}

/// Rows of the composer with its border: as many as its text needs, a third of the screen at most.
/// While something else is asked it gets one row without a border, none if it is empty and the ask
/// needs all rows, or if the ask has the whole screen.
pub fn composer_height(app: &App, area: Rect) -> u16 {
    let asks = &app.talk.asks;
    match (asks.is_empty(), asks.room(), asks.share()) {
        (false, Room::Screen, _) => return 0,
        (false, Room::Panel, Share::Most) => return narrow_composer(app),
        (false, Room::Panel, Share::Beside) => return MOST_ASKED,
        (true, ..) if has_search_bar(app) => return SEARCH,
        (true, ..) => {}
    }
    let most = (area.height / 3).clamp(1, 12);
    app.prompt.composer.height(area.width.saturating_sub(4), most) + 2
}

/// Whether a search has the composer's place: while its words are typed, and while it stands and
/// nothing is written.
pub fn has_search_bar(app: &App) -> bool {
    app.talk.asks.is_empty()
        && match app.talk.view.searching() {
            Some(Standing::Typed) => true,
            Some(Standing::Kept) => app.prompt.composer.is_empty(),
            None => false,
        }
}

/// The screen without the banner's row.
pub fn below_banner(app: &App, area: Rect) -> Rect {
    let taken = u16::from(app.facts.start.banner.is_some()).min(area.height);
    Rect { y: area.y + taken, height: area.height - taken, ..area }
}

/// The screen without the banner's row and without a note above a dialog.
pub fn body(app: &App, area: Rect) -> Rect {
    let area = below_banner(app, area);
    let taken = match app.dialogs.top().map(Overlay::note_place) {
        Some(NotePlace::Above) => toast_at_dialog(app, area).height,
        Some(NotePlace::UnderTitle | NotePlace::Nowhere) | None => 0,
    };
    Rect { y: area.y + taken, height: area.height - taken, ..area }
}

/// The area of a note while a dialog is open, below the banner; empty if the note must wait.
pub fn toast_at_dialog(app: &App, area: Rect) -> Rect {
    match app.dialogs.top().map(Overlay::note_place) {
        Some(NotePlace::Above) => {
            Rect { height: toasts::rows(&app.toasts, area, area.height), ..area }
        }
        Some(NotePlace::UnderTitle) => {
            Rect { y: area.y + 1, height: toasts::rows(&app.toasts, area, 1), ..area }
        }
        Some(NotePlace::Nowhere) | None => Rect { height: 0, ..area },
    }
}

/// The area of the transcript, for layout and scrolling. One column stays free at the right.
pub fn transcript_area(app: &App) -> Rect {
    let (width, height) = app.size;
    let area = ScreenLayout::new(app, body(app, Rect::new(0, 0, width, height))).transcript;
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

/// Whether a window of this many columns and rows is too small.
pub fn is_too_small((width, height): (u16, u16)) -> bool {
    width < LEAST.0 || height < LEAST.1
}

/// Whether the activity row has anything to say.
fn is_active(app: &App) -> bool {
    app.talk.busy().is_some()
        || app.armed != Armed::Not
        || app.talk.view.below() != Below::Following
}

/// Whether the composer stands at the bottom, where it stays visible below a dialog. Dialogs cover
/// the composer of the first screen.
pub fn has_composer_at_bottom(app: &App) -> bool {
    app.talk.has_begun() || !app.talk.asks.is_empty() || !app.dialogs.is_empty()
}

/// Whether a note has room on the screen now.
pub fn shows_toast(app: &App) -> bool {
    let (width, height) = app.size;
    let area = Rect::new(0, 0, width, height);
    if is_too_small(app.size) {
        return false;
    }
    let below = below_banner(app, area);
    match (app.dialogs.is_empty(), has_composer_at_bottom(app)) {
        (false, _) => toast_at_dialog(app, below).height > 0,
        (true, true) => ScreenLayout::new(app, below).toast.height > 0,
        (true, false) => true,
    }
}
