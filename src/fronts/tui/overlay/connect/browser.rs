//! Sign-in with a browser: the link, the listening port, and a field for the address of a browser
//! elsewhere.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;

use super::go::Go;
use super::sign_in_error;
use crate::base::{Timestamp, text};
use crate::protocol::{
    AccountCommand, BrowserLaunch, KeyCheck, PortHolder, Problem, ProblemKind, SignInStep,
    SignInWay,
};
use crate::tui::composer::{Composer, FieldForm};
use crate::tui::messages::Cmd;
use crate::tui::overlay::DialogReply;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span, wrap};
use crate::tui::paint::{panel, spinner};
use crate::tui::program_facts::Facts;
use crate::tui::terminal::{LINK, LINK_MORE};
use crate::tui::wording;

const ELSEWHERE: &str = "Browser on another machine? Approve there. The last page will not load, which is expected: paste its address here";

/// The prefix of API keys.
const KEY: &str = "sk-";

#[derive(Debug)]
pub struct Browser {
    title: String,
    /// Whether a code can be had instead.
    has_code: bool,
    state: State,
    field: Composer,
}

#[derive(Debug)]
enum State {
    /// The listener is being opened.
    Opening,
    Listening(Box<Listening>),
    /// The code is exchanged for tokens; with the server's last problem, if it retries.
    Exchanging(Option<Problem>),
    Failed(Problem),
}

#[derive(Debug)]
struct Listening {
    url: String,
    port: u16,
    opened: BrowserLaunch,
    expires: Timestamp,
    busy: Option<PortHolder>,
    /// Why nothing listens on the port.
    deaf: Option<Problem>,
    /// The server's last problem, while it retries.
    failure: Option<Problem>,
    /// The problem of the last paste.
    refused: Option<Problem>,
}

impl Browser {
    pub fn new() -> Self {
        let field = Composer::new(FieldForm::SingleLine);
        let title = "ChatGPT Plus/Pro (browser)".into();
        Self { title, has_code: true, state: State::Opening, field }
    }

    /// The page of a sign-in to this MCP server.
    pub fn to_server(server: &str) -> Self {
        let title = format!("Sign in to {}", text::clean_line(server));
        Self { title, has_code: false, ..Self::new() }
    }

    /// Handles a key. In an empty field the letters `u`, `o`, `f` and `d` are commands; no address
    /// begins with them.
    pub fn key(&mut self, key: &KeyEvent) -> Go {
        match (&mut self.state, key.code) {
            (_, KeyCode::Esc) => return Go::Back,
            (State::Failed(_), KeyCode::Enter) => {
                self.state = State::Opening;
                return Go::SignIn(SignInWay::Browser, KeyCheck::First);
            }
            (State::Listening(shown), KeyCode::Char('u')) if self.field.is_empty() => {
                return Go::Stay(DialogReply::run([Cmd::Copy(shown.url.clone())]));
            }
            (State::Listening(shown), KeyCode::Char('o')) if self.field.is_empty() => {
                return Go::Stay(DialogReply::ask([AccountCommand::OpenPage(shown.url.clone())]));
            }
            (State::Listening(shown), KeyCode::Char('f')) if self.field.is_empty() => {
                return Go::Stay(DialogReply::run([Cmd::Print(shown.url.clone())]));
            }
            (State::Listening(_), KeyCode::Char('d')) if self.has_code && self.field.is_empty() => {
                return Go::Headless;
            }
            (State::Failed(_), KeyCode::Char('d')) if self.has_code => return Go::Headless,
            (State::Listening(shown), KeyCode::Enter) if !self.field.is_empty() => {
                shown.refused = None;
                return Go::Paste(self.field.text());
            }
            (State::Listening(_), _) => drop(self.field.key(*key)),
            _ => {}
        }
        Go::Stay(DialogReply::stay())
    }

    pub fn paste(&mut self, pasted: &str) {
        let State::Listening(shown) = &mut self.state else { return };
        let pasted = pasted.trim();
        if pasted.starts_with(KEY) {
            // The key must not be shown on screen.
            let problem = Problem::new(ProblemKind::SignIn, "That is an API key, not an address");
            shown.refused =
                Some(problem.with_next("Press esc and choose `Manually enter API key`"));
        } else {
            self.field.paste(pasted);
        }
    }

    pub fn step(&mut self, step: &SignInStep) {
        match (step, &mut self.state) {
            (SignInStep::Browser { url, port, opened, expires, busy, deaf }, _) => {
                let url = text::clean_line(url).into_owned();
                self.field.set_placeholder(format!("http://localhost:{port}/auth/callback?code=…"));
                let (port, opened, expires, busy, deaf) =
                    (*port, *opened, *expires, busy.clone(), deaf.clone());
                self.state = State::Listening(Box::new(Listening {
                    url,
                    port,
                    opened,
                    expires,
                    busy,
                    deaf,
                    failure: None,
                    refused: None,
                }));
            }
            (SignInStep::Exchanging, _) => self.state = State::Exchanging(None),
            (SignInStep::Retrying(problem), State::Listening(shown)) => {
                shown.failure = Some(problem.clone())
            }
            (SignInStep::Retrying(problem), State::Exchanging(failure)) => {
                *failure = Some(problem.clone())
            }
            (SignInStep::Reconnected, State::Listening(shown)) => shown.failure = None,
            (SignInStep::Reconnected, State::Exchanging(failure)) => *failure = None,
            (SignInStep::PasteRefused(problem), State::Listening(shown)) => {
                shown.refused = Some(problem.clone());
                self.field.clear();
            }
            (SignInStep::Failed(problem), _) => {
                self.state = State::Failed(problem.clone());
                self.field.clear();
            }
            _ => {}
        }
    }

    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        match &self.state {
            State::Listening(shown) => {
                (shown.expires > now).then(|| spinner::next_second(now, shown.expires))
            }
            State::Opening | State::Exchanging(_) => Some(spinner::next_frame(now)),
            State::Failed(_) => None,
        }
    }

    pub fn draw(&mut self, facts: &Facts, area: Rect, canvas: &mut Canvas) -> Option<Position> {
        let room = panel::page(&self.title, "esc cancel", area, canvas);
        let now = facts.now;
        match &self.state {
            State::Opening => sign_in_error::waiting(
                "Opening a listener for your browser",
                None,
                now,
                room,
                canvas,
            ),
            State::Exchanging(last) => sign_in_error::waiting(
                "Approved; finishing the sign-in",
                last.as_ref(),
                now,
                room,
                canvas,
            ),
            State::Listening(shown) => {
                let above = panel::footer(&self.listening_keys(), room, canvas);
                // The field and its problem are more important than text that can be read
                // elsewhere.
                let refused = shown.refused.as_ref();
                let told = refused.map_or(0, |problem| sign_in_error::height(problem, room.width));
                let ask = [Span::new(ELSEWHERE, Role::Text)];
                let asked = panel::rows_of(&ask, room.width);
                let field = (asked + 1 + told).min(above.height);
                let upper = Rect { height: above.height - field, ..above };
                let y = shown.draw(facts, upper, canvas).min(upper.bottom());
                return Some(self.draw_field(&ask, Rect { y, height: field, ..above }, canvas));
            }
            State::Failed(problem) => {
                let mut keys = vec![("enter", "try again"), ("esc", "back")];
                if self.has_code {
                    keys.insert(1, ("d", "use a code instead"));
                }
                let keys = panel::keys(&keys);
                sign_in_error::draw_failed(problem, &keys, room, canvas);
            }
        }
        None
    }

    fn draw_field(&mut self, ask: &[Span<'_>], area: Rect, canvas: &mut Canvas) -> Position {
        let y = panel::write(ask, area, area.y, canvas);
        let caret = self.field.draw_behind("› ", Rect { y, ..area }, canvas);
        if let State::Listening(shown) = &self.state
            && let Some(problem) = &shown.refused
        {
            sign_in_error::draw(problem, Role::Warn, area, y + 1, canvas);
        }
        caret
    }

    fn listening_keys(&self) -> Vec<Span<'static>> {
        match self.field.is_empty() {
            true => {
                let mut keys =
                    vec![("u", "copy link"), ("f", "show the link alone"), ("o", "open here")];
                keys.extend(self.has_code.then_some(("d", "use a code instead")));
                keys.push(("esc", "cancel"));
                panel::keys(&keys)
            }
            false => panel::keys(&[("enter", "use this address"), ("esc", "cancel")]),
        }
    }
}

impl Listening {
    fn draw(&self, facts: &Facts, room: Rect, canvas: &mut Canvas) -> u16 {
        let opened = match self.opened {
            BrowserLaunch::Started => {
                "Your browser should be open now; if it is not, this is the link:"
            }
            BrowserLaunch::Failed => "No browser could be started here; open this link:",
            BrowserLaunch::NotTried => "Open this link in a browser:",
        };
        let y = panel::write(&[Span::new(opened, Role::Text)], room, room.y, canvas);
        let rows = if room.height < 14 { 2 } else { 6 };
        let rows = rows.min(room.bottom().saturating_sub(y));
        let link = wrap(&[Span::new(self.url.as_str(), Role::Link)], usize::from(room.width));
        link.draw(0..usize::from(rows), Rect { y, height: rows, ..room }, canvas);
        if link.len() <= usize::from(rows) {
            mark_link(&link, Rect { y, height: rows, ..room }, canvas.buffer);
        }
        let mut y = y + rows.min(u16::try_from(link.len()).unwrap_or(rows));
        if link.len() > usize::from(rows) {
            y = panel::write(
                &[Span::new("… `u` copies all of it, `f` shows it whole", Role::Dim)],
                room,
                y,
                canvas,
            );
        }
        y = self.draw_state(facts.now, room, y + 1, canvas);
        if facts.start.surroundings.ssh && self.deaf.is_none() {
            let host = facts
                .start
                .surroundings
                .ssh_host
                .as_deref()
                .map_or_else(|| "HOST".into(), text::clean_line);
            let port = self.port;
            y = panel::write(
                &[Span::new("Or forward the port on the machine with the browser:", Role::Dim)],
                room,
                y,
                canvas,
            );
            y = panel::write(
                &[Span::new(format!("ssh -L {port}:localhost:{port} {host}"), Role::Code)],
                room,
                y,
                canvas,
            );
        }
        y + 1
    }

    fn draw_state(&self, now: Timestamp, room: Rect, y: u16, canvas: &mut Canvas) -> u16 {
        let left = self.expires.since(now);
        let state = match left.is_zero() {
            true => "This link has expired".to_owned(),
            false if self.deaf.is_some() => {
                format!(
                    "{} Waiting for the address that you paste · {} left",
                    spinner::frame(now),
                    wording::countdown(left)
                )
            }
            false => format!(
                "{} Waiting for you to approve · {} left · listening on localhost:{}",
                spinner::frame(now),
                wording::countdown(left),
                self.port
            ),
        };
        let mut y = panel::write(&[Span::new(state, Role::Text)], room, y, canvas);
        if let Some(holder) = &self.busy {
            y = panel::write(&[Span::new(busy(holder), Role::Dim)], room, y, canvas);
        }
        if let Some(problem) = &self.deaf {
            // The advice stands below, with the field and the keys.
            y = panel::write(
                &[Span::new(text::clean_line(&problem.message), Role::Warn)],
                room,
                y,
                canvas,
            );
        }
        match &self.failure {
            Some(problem) => sign_in_error::draw_passing(problem, room, y, canvas),
            None => y,
        }
    }
}

/// Marks the rows of a link as one link for the terminal.
fn mark_link(link: &LaidOutLines, area: Rect, buffer: &mut Buffer) {
    for (row, y) in (0..link.len()).zip(area.y..area.bottom()) {
        let width = u16::try_from(link.width(row)).unwrap_or(u16::MAX).min(area.width);
        let mark = if row == 0 { LINK } else { LINK_MORE };
        buffer.set_style(Rect { y, width, height: 1, ..area }, Style::new().underline_color(mark));
    }
}

/// The message for a busy port, with what is known of its holder:
/// `Port 1455 is in use by opencode (pid 4711)`.
fn busy(holder: &PortHolder) -> String {
    let who = match (&holder.name, holder.pid) {
        (Some(name), Some(pid)) => format!("{} (pid {pid})", text::clean_line(name)),
        (Some(name), None) => text::clean_line(name).into_owned(),
        (None, Some(pid)) => format!("the process with pid {pid}"),
        (None, None) => "another program".into(),
    };
    format!("Port {} is in use by {who}, so the second registered port is used", holder.port)
}
