//! Sign-in with a code on another device: the link, the code, a QR code and the remaining time.

use std::cell::Cell;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;

use super::go::Go;
use super::sign_in_error;
use crate::base::{Timestamp, text};
use crate::protocol::{AccountCommand, KeyCheck, Problem, SignInStep, SignInWay};
use crate::tui::messages::Cmd;
use crate::tui::overlay::{DialogReply, NotePlace};
use crate::tui::paint::qr::{Blocks, Qr};
use crate::tui::paint::{Canvas, Ink, Role, Span, put, wrap};
use crate::tui::paint::{panel, spinner};
use crate::tui::program_facts::Facts;
use crate::tui::terminal::LINK;
use crate::tui::wording;

#[derive(Debug)]
pub struct Headless {
    state: State,
    blocks: Blocks,
    /// The place at the last drawing.
    qr: Cell<QrPlace>,
}

/// Where the QR code is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QrPlace {
    BesideTheSteps,
    /// Nowhere, or not beside the text.
    Elsewhere,
}

#[derive(Debug)]
enum State {
    /// The code is being requested; with the server's last problem, if it retries.
    Asking(Option<Problem>),
    Waiting(Code),
    /// The approval came; with the server's last problem, if it retries.
    Exchanging(Option<Problem>),
    Failed(Problem),
}

/// The code while the person approves elsewhere.
#[derive(Debug)]
struct Code {
    url: String,
    code: String,
    expires: Timestamp,
    qr: Option<Qr>,
    view: View,
    renewal: Renewal,
    /// The server's last problem, while it retries.
    failure: Option<Problem>,
}

/// Whether this code replaced another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Renewal {
    First,
    /// The previous code expired.
    Renewed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    All,
    /// Only the QR code is shown.
    QrOnly,
}

impl Headless {
    pub fn new(facts: &Facts) -> Self {
        let blocks = if facts.start.surroundings.utf8 { Blocks::Half } else { Blocks::Hash };
        Self { state: State::Asking(None), blocks, qr: Cell::new(QrPlace::Elsewhere) }
    }

    pub fn key(&mut self, key: &KeyEvent) -> Go {
        match (&mut self.state, key.code) {
            (State::Waiting(code), KeyCode::Esc) if code.view == View::QrOnly => {
                code.view = View::All
            }
            (State::Waiting(code), KeyCode::Char('f')) => {
                code.view = if code.view == View::All && code.qr.is_some() {
                    View::QrOnly
                } else {
                    View::All
                };
            }
            (_, KeyCode::Esc) => return Go::Back,
            (State::Waiting(code), KeyCode::Char('c')) => {
                return Go::Stay(DialogReply::run([Cmd::Copy(code.code.clone())]));
            }
            (State::Waiting(code), KeyCode::Char('u')) => {
                return Go::Stay(DialogReply::run([Cmd::Copy(code.url.clone())]));
            }
            (State::Waiting(code), KeyCode::Char('o')) => {
                return Go::Stay(DialogReply::ask([AccountCommand::OpenPage(code.url.clone())]));
            }
            (State::Waiting(_) | State::Failed(_), KeyCode::Char('r'))
            | (State::Failed(_), KeyCode::Enter) => {
                return self.anew();
            }
            (State::Failed(_), KeyCode::Char('b')) => return Go::Browser,
            _ => {}
        }
        Go::Stay(DialogReply::stay())
    }

    pub fn step(&mut self, step: &SignInStep) {
        match (step, &mut self.state) {
            (SignInStep::Code { url, code, expires }, _) => {
                let url = text::clean_line(url).into_owned();
                let code = text::clean_line(code).into_owned();
                let qr = Qr::new(&url, self.blocks);
                let (view, renewal) = match &self.state {
                    State::Waiting(before) => (before.view, Renewal::Renewed),
                    _ => (View::All, Renewal::First),
                };
                self.state = State::Waiting(Code {
                    url,
                    code,
                    expires: *expires,
                    qr,
                    view,
                    renewal,
                    failure: None,
                });
            }
            (SignInStep::Exchanging, _) => self.state = State::Exchanging(None),
            (
                SignInStep::Retrying(problem),
                State::Asking(failure)
                | State::Waiting(Code { failure, .. })
                | State::Exchanging(failure),
            ) => *failure = Some(problem.clone()),
            (
                SignInStep::Reconnected,
                State::Asking(failure)
                | State::Waiting(Code { failure, .. })
                | State::Exchanging(failure),
            ) => {
                *failure = None;
            }
            (SignInStep::Failed(problem), _) => self.state = State::Failed(problem.clone()),
            _ => {}
        }
    }

    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.state {
            State::Waiting(code) => {
                (code.expires > now).then(|| spinner::next_second(now, code.expires))
            }
            State::Asking(_) | State::Exchanging(_) => Some(spinner::next_frame(now)),
            State::Failed(_) => None,
        }
    }

    /// Where a note may be drawn: in a small window the QR code needs all rows.
    pub fn note_place(&self) -> NotePlace {
        match &self.state {
            State::Waiting(Code { view: View::QrOnly, .. }) => NotePlace::Nowhere,
            State::Waiting(_) if self.qr.get() == QrPlace::BesideTheSteps => NotePlace::UnderTitle,
            _ => NotePlace::Above,
        }
    }

    pub fn draw(&self, facts: &Facts, area: Rect, canvas: &mut Canvas) {
        self.qr.set(QrPlace::Elsewhere);
        if let State::Waiting(code) = &self.state
            && code.view == View::QrOnly
        {
            return code.draw_alone(area, canvas);
        }
        let room = panel::page("ChatGPT Plus/Pro (headless)", "esc cancel", area, canvas);
        match &self.state {
            State::Asking(last) => {
                sign_in_error::waiting("Asking for a code", last.as_ref(), facts.now, room, canvas)
            }
            State::Exchanging(last) => sign_in_error::waiting(
                "Approved; finishing the sign-in",
                last.as_ref(),
                facts.now,
                room,
                canvas,
            ),
            State::Waiting(code) => self.qr.set(code.draw(facts.now, room, canvas)),
            State::Failed(problem) => {
                let keys = panel::keys(&[
                    ("enter", "try again"),
                    ("b", "use the browser instead"),
                    ("esc", "back"),
                ]);
                sign_in_error::draw_failed(problem, &keys, room, canvas);
            }
        }
    }

    fn anew(&mut self) -> Go {
        self.state = State::Asking(None);
        Go::SignIn(SignInWay::Headless, KeyCheck::First)
    }
}

impl Code {
    fn draw(&self, now: Timestamp, room: Rect, canvas: &mut Canvas) -> QrPlace {
        let keys = panel::keys(&[
            ("c", "copy code"),
            ("u", "copy link"),
            ("o", "open here"),
            ("f", "full-screen QR"),
            ("r", "new code"),
        ]);
        let key_rows = u16::try_from(wrap(&keys, usize::from(room.width)).len()).unwrap_or(1);
        let body = Rect { height: room.height.saturating_sub(key_rows), ..room };
        let link = u16::try_from(text::width(&self.url)).unwrap_or(u16::MAX);
        // The link must fit on one line beside the QR code.
        let beside = self.qr.as_ref().filter(|qr| {
            let (columns, rows) = qr.size();
            rows <= body.height && columns.saturating_add(link).saturating_add(5) <= room.width
        });
        let place = beside.map(|qr| {
            let (columns, rows) = qr.size();
            Rect { width: columns, height: rows, ..body }
        });
        let side = match beside.zip(place) {
            Some((qr, Rect { width: columns, .. })) => {
                qr.draw(body, canvas);
                let x = room.x + columns + 2;
                Rect { x, width: room.right() - x, ..body }
            }
            None => body,
        };
        let y = self.draw_steps(side, canvas);
        let y = self.draw_state(now, side, y, canvas);
        if beside.is_none()
            && let Some((columns, rows)) = self.qr.as_ref().map(|qr| qr.narrow().size())
        {
            // Alone it also gets the title's two rows and the margins.
            let hint = match columns <= room.width + 2 && rows <= room.height + 2 {
                true => "The QR code does not fit here: `f` shows it full screen".to_owned(),
                false => format!("The QR code needs a window of at least {columns}x{rows}"),
            };
            panel::write(&[Span::new(hint, Role::Dim)], side, y + 1, canvas);
        }
        panel::write(&keys, room, room.bottom().saturating_sub(key_rows), canvas);
        if beside.is_some() { QrPlace::BesideTheSteps } else { QrPlace::Elsewhere }
    }

    /// Draws the link on one line, and the code; each below its label if both do not fit beside it.
    fn draw_steps(&self, side: Rect, canvas: &mut Canvas) -> u16 {
        let link = u16::try_from(text::width(&self.url)).unwrap_or(u16::MAX);
        let inline = link.saturating_add(11) <= side.width;
        let inset = match side.width.saturating_sub(link) {
            _ if inline => 11,
            3.. => 3,
            _ => 0,
        };
        let mut y = side.y;
        // The terminal makes a link of marked text.
        let link_style = canvas.theme.style(Role::Link).underline_color(LINK);
        let code_style = canvas.theme.style(Ink::from(Role::Accent).bold());
        for (step, value, style) in
            [("1  Open", &self.url, link_style), ("2  Enter", &self.code, code_style)]
        {
            canvas.text(side.x, y, step, 9, Role::Text);
            let row = if inline { y } else { y + 1 };
            let right = side.right().max(side.x + inset);
            put(canvas.buffer, (side.x + inset, row), right, value, style);
            y = row + if inline { 1 } else { 2 };
        }
        y + u16::from(inline)
    }

    fn draw_state(&self, now: Timestamp, side: Rect, y: u16, canvas: &mut Canvas) -> u16 {
        let left = self.expires.since(now);
        let y = if left.is_zero() {
            panel::write(
                &[Span::new("Expired: press `r` for a new code", Role::Warn)],
                side,
                y,
                canvas,
            )
        } else {
            let (spinner, left) = (spinner::frame(now), wording::countdown(left));
            let line = format!("{spinner} Waiting for you to approve · {left} left");
            let fits = text::width(&line) <= usize::from(side.width);
            let line = if fits {
                line
            } else {
                format!("{spinner} Waiting for you to approve\n  {left} left")
            };
            panel::write(&[Span::new(line, Role::Text)], side, y, canvas)
        };
        let y = match self.renewal {
            Renewal::First => y,
            Renewal::Renewed => panel::write(
                &[Span::new("The previous code has expired", Role::Dim)],
                side,
                y,
                canvas,
            ),
        };
        let y = match &self.failure {
            Some(problem) => sign_in_error::draw_passing(problem, side, y, canvas),
            None => y,
        };
        let y = y + u16::from(side.height > 16);
        panel::write(
            &[Span::new("Continue only if you started this sign-in yourself", Role::Dim)],
            side,
            y,
            canvas,
        )
    }

    /// Draws the QR code alone, with a narrower margin in a small window.
    fn draw_alone(&self, area: Rect, canvas: &mut Canvas) {
        canvas.empty(area);
        let Some(whole) = &self.qr else { return };
        let fits = |qr: &&Qr| qr.size().0 <= area.width && qr.size().1 <= area.height;
        let narrow = whole.narrow();
        let qr = [whole, &narrow].into_iter().find(fits).unwrap_or(&narrow);
        let (columns, rows) = qr.size();
        if columns > area.width || rows > area.height {
            let text = format!(
                "The QR code needs {columns}x{rows} cells, this window has {}x{}: `f` goes back",
                area.width, area.height
            );
            panel::write(&[Span::new(text, Role::Warn)], area, area.y, canvas);
            return;
        }
        let place = Rect {
            x: area.x + (area.width - columns) / 2,
            y: area.y + (area.height - rows) / 2,
            width: columns,
            height: rows,
        };
        qr.draw(place, canvas);
        if place.bottom() < area.bottom() {
            let line = format!("{}   f back", self.code);
            canvas.text(place.x, place.bottom(), &line, usize::from(columns), Role::Text);
        }
    }
}
