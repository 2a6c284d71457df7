//! The dialog of running jobs: their output, the ports they listen on, and a key to stop one.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use crate::base::{Timestamp, text};
use crate::protocol::{Command, Job, JobId, JobPorts, SessionId, TurnCommand};
use crate::tui::conversation::Conversation;
use crate::tui::messages::Cmd;
use crate::tui::overlay::DialogReply;
use crate::tui::paint::panel::{self, RowPlaces};
use crate::tui::paint::{Canvas, Role};

/// Rows of a job's last output.
const TAIL: u16 = 8;
/// The largest width in columns.
const WIDTH: u16 = 100;
/// How long ports are shown before they are asked for again.
const PORTS: Duration = Duration::from_secs(2);
const NONE: &str = "Nothing is running";

#[derive(Debug)]
pub struct JobsDialog {
    session: SessionId,
    /// The jobs as last drawn, to which keys refer.
    shown: Vec<JobId>,
    cursor: Option<JobId>,
    rows: RowPlaces,
    ports: Vec<JobPorts>,
    /// When the ports are to be asked for; `None` while an answer is awaited.
    asks: Option<Timestamp>,
}

impl JobsDialog {
    pub fn new(session: SessionId, jobs: &[Job]) -> Self {
        let shown: Vec<JobId> = jobs.iter().map(|job| job.id).collect();
        let (cursor, rows) = (shown.last().copied(), RowPlaces::default());
        Self { session, shown, cursor, rows, ports: Vec::new(), asks: Some(Timestamp(0)) }
    }

    /// Applies its choices to this conversation from now on.
    pub fn turn_to(&mut self, session: &SessionId) {
        self.session = session.clone();
        (self.ports, self.asks) = (Vec::new(), Some(Timestamp(0)));
    }

    /// Asks for the ports where they are not known, or were asked for a while ago.
    pub fn ask_ports(&mut self, now: Timestamp) -> Option<Cmd> {
        self.wakes().filter(|at| *at <= now)?;
        self.asks = None;
        Some(Cmd::Send(Command::Turn(self.session.clone(), TurnCommand::JobPorts)))
    }

    /// Takes the engine's answer about a conversation; none are known where it failed.
    pub fn know_ports(&mut self, session: &SessionId, ports: Vec<JobPorts>, now: Timestamp) {
        if *session == self.session {
            (self.ports, self.asks) = (ports, Some(now + PORTS));
        }
    }

    /// When the ports are to be asked for next; never while nothing runs.
    pub fn wakes(&self) -> Option<Timestamp> {
        self.asks.filter(|_| !self.shown.is_empty())
    }

    pub fn key(&mut self, key: &KeyEvent) -> DialogReply {
        match key.code {
            KeyCode::Esc | KeyCode::Enter => return DialogReply::close(),
            KeyCode::Up => self.go(-1),
            KeyCode::Down | KeyCode::Tab => self.go(1),
            KeyCode::Char('x') | KeyCode::Delete => {
                let stop = self.cursor.map(|job| {
                    Cmd::Send(Command::Turn(self.session.clone(), TurnCommand::StopJob(job)))
                });
                return DialogReply::run(stop);
            }
            _ => {}
        }
        DialogReply::stay()
    }

    /// Puts the cursor on the row in a cell of the screen.
    pub fn click(&mut self, at: Position) {
        if let Some(job) = self.rows.at(at).and_then(|row| self.shown.get(row)) {
            self.cursor = Some(*job);
        }
    }

    /// Moves the cursor, but not beyond the ends.
    pub fn go(&mut self, by: isize) {
        let at = self.shown.iter().position(|id| Some(*id) == self.cursor).unwrap_or(0);
        let last = self.shown.len().saturating_sub(1);
        self.cursor = self.shown.get(at.saturating_add_signed(by).min(last)).copied();
    }

    pub fn draw(&mut self, talk: &Conversation, area: Rect, canvas: &mut Canvas) {
        let jobs = &talk.session.jobs;
        self.shown = jobs.iter().map(|job| job.id).collect();
        if !self.shown.iter().any(|id| Some(*id) == self.cursor) {
            self.cursor = self.shown.last().copied();
        }
        let width = WIDTH.min(area.width.saturating_sub(6));
        let keys = match jobs.as_slice() {
            [] => panel::keys(&[("esc", "close")]),
            _ => panel::keys(&[("up/down", "choose"), ("x", "stop it"), ("esc", "close")]),
        };
        let rows = u16::try_from(jobs.len().max(1)).unwrap_or(u16::MAX);
        let below = if jobs.is_empty() { 0 } else { TAIL + 1 };
        let size = (width, 1 + rows + below + 1 + panel::rows_of(&keys, width));
        let room = panel::dialog("Running commands", "esc close", size, area, canvas);
        let last = room.bottom().saturating_sub(panel::rows_of(&keys, width));
        panel::write(&keys, room, last, canvas);
        if jobs.is_empty() {
            self.rows = RowPlaces::default();
            let width = usize::from(room.width);
            canvas.text(room.x, room.y + 1, NONE, width, Role::Dim);
            return;
        }
        // With little room the output gives way first, then the top of the list.
        let list_room = last.saturating_sub(room.y + 2);
        let listed = rows.min(list_room);
        let tail_room = list_room.saturating_sub(listed + 1).min(TAIL);
        let chosen = jobs.iter().position(|job| Some(job.id) == self.cursor).unwrap_or(0);
        let list = Rect { y: room.y + 1, height: listed, ..room };
        self.rows = panel::list(jobs, chosen, list, canvas, |job, row, in_row, canvas| {
            let ports = self.ports.iter().find(|ports| ports.job == job.id);
            draw_job((job, ports), row, in_row, canvas);
        });
        let tail = Rect { y: room.y + 2 + listed, height: tail_room, ..room };
        draw_tail(&jobs[chosen], tail, canvas);
    }
}

fn draw_job(
    (job, ports): (&Job, Option<&JobPorts>),
    row: Rect,
    in_row: &dyn Fn(Role) -> Role,
    canvas: &mut Canvas,
) {
    let number = format!("{:>2}", job.id.0);
    let x = canvas.text(row.x + 2, row.y, &number, 6, in_row(Role::Dim));
    let room = usize::from(row.right().saturating_sub(x + 2));
    let title = text::clean_line(&job.title);
    let Some(ports) = ports else {
        canvas.text(x + 2, row.y, &text::cut(&title, room), room, in_row(Role::Text));
        return;
    };
    // The ports have up to half of the row, and the title has what they leave.
    let words = ports.words();
    let words = text::cut(&words, room / 2);
    let room = room.saturating_sub(text::width(&words) + 2);
    let x = canvas.text(x + 2, row.y, &text::cut(&title, room), room, in_row(Role::Text));
    canvas.text(x + 2, row.y, &words, text::width(&words), in_row(Role::Dim));
}

fn draw_tail(job: &Job, area: Rect, canvas: &mut Canvas) {
    let lines: Vec<&str> = job.tail.trim_end().lines().collect();
    let width = usize::from(area.width);
    if lines.is_empty() {
        canvas.text(
            area.x,
            area.y,
            "(no output yet)",
            if area.height > 0 { width } else { 0 },
            Role::Dim,
        );
        return;
    }
    let first = lines.len().saturating_sub(usize::from(area.height));
    for (y, line) in (area.y..area.bottom()).zip(&lines[first..]) {
        let line = text::clean_line(line);
        canvas.text(area.x, y, &text::cut(&line, width), width, Role::Code);
    }
}
