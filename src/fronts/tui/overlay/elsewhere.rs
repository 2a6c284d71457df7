//! The dialog for a conversation that another codling has open: wait for its end, watch it, or
//! continue with a copy.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::Rect;

use crate::base::Timestamp;
use crate::protocol::{
    Command, FollowedPart, OpenElsewhere, OpenOptions, SessionCommand, SessionId, SessionSelector,
    WhenHeld,
};
use crate::tui::messages::{Cmd, Toward};
use crate::tui::overlay::DialogReply;
use crate::tui::paint::{Canvas, Role, Span, panel, spinner};
use crate::tui::program_facts::Facts;
use crate::tui::wording;

/// The largest width in columns.
const WIDTH: u16 = 76;

/// The choices, with their names and effects.
const CHOICES: [(Choice, &str, &str); 3] = [
    (Choice::Wait, "Wait", "opens it here when it is closed there"),
    (Choice::Watch, "Watch", "shows what happens there, read-only"),
    (Choice::Copy, "Copy", "goes on from here on its own"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Copy,
    Wait,
    Watch,
}

#[derive(Debug)]
pub struct ElsewhereDialog {
    open: OpenElsewhere,
    /// The options to open it with.
    options: OpenOptions,
    /// The id of a copy.
    copy: SessionId,
    /// The conversation to open if the person chooses none and nothing else is on screen.
    instead: Option<SessionCommand>,
    cursor: usize,
    /// When the wait for its end began.
    waiting: Option<Timestamp>,
}

impl ElsewhereDialog {
    pub fn new(
        open: OpenElsewhere,
        options: OpenOptions,
        copy: SessionId,
        instead: Option<SessionCommand>,
    ) -> Self {
        Self { open, options, copy, instead, cursor: 0, waiting: None }
    }

    /// Whether it waits for this conversation to be closed elsewhere.
    pub fn waits_for(&self, session: &SessionId) -> bool {
        self.waiting.is_some() && self.open.session == *session
    }

    /// Opens it, after the other program closed it.
    pub fn take_over(&self) -> Cmd {
        self.resume(WhenHeld::Join)
    }

    /// Waits again, because a third program was faster.
    pub fn held_again(&mut self, open: OpenElsewhere) -> Cmd {
        self.open = open;
        self.follow(FollowedPart::End)
    }

    pub fn key(&mut self, key: &KeyEvent, now: Timestamp) -> DialogReply {
        if self.waiting.is_some() {
            if key.code == KeyCode::Esc {
                self.waiting = None;
                return DialogReply::run([send(SessionCommand::Close(self.open.session.clone()))]);
            }
            return DialogReply::stay();
        }
        match key.code {
            KeyCode::Esc => {
                let instead = self.instead.take().map(send);
                DialogReply::finish(instead)
            }
            KeyCode::Up | KeyCode::BackTab => self.go(CHOICES.len() - 1),
            KeyCode::Down | KeyCode::Tab => self.go(1),
            KeyCode::Enter => self.choose(CHOICES[self.cursor].0, now),
            _ => DialogReply::stay(),
        }
    }

    pub fn wheel(&mut self, toward: Toward) {
        self.cursor = self.cursor.saturating_add_signed(toward.step()).min(CHOICES.len() - 1);
    }

    /// The next second of the wait.
    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        self.waiting.map(|_| spinner::next_frame(now))
    }

    fn go(&mut self, by: usize) -> DialogReply {
        self.cursor = (self.cursor + by) % CHOICES.len();
        DialogReply::stay()
    }

    fn choose(&mut self, choice: Choice, now: Timestamp) -> DialogReply {
        match choice {
            Choice::Wait => {
                self.waiting = Some(now);
                DialogReply::run([self.follow(FollowedPart::End)])
            }
            Choice::Watch => DialogReply::finish([self.follow(FollowedPart::Log)]),
            Choice::Copy => DialogReply::finish([self.resume(WhenHeld::Copy(self.copy.clone()))]),
        }
    }

    fn follow(&self, part: FollowedPart) -> Cmd {
        send(SessionCommand::Follow { id: self.open.session.clone(), part })
    }

    fn resume(&self, when_held: WhenHeld) -> Cmd {
        let which = SessionSelector::Named(self.open.session.as_str().to_owned());
        send(SessionCommand::Resume { which, when_held, options: self.options.clone() })
    }

    pub fn draw(&self, facts: &Facts, area: Rect, canvas: &mut Canvas) {
        let width = WIDTH.min(area.width.saturating_sub(6));
        let rows_of = |spans: &[Span<'_>]| panel::rows_of(spans, width);
        let who = [Span::new(self.who(facts), Role::Text)];
        let escape = match (self.waiting, &self.instead) {
            (Some(_), _) => "esc back",
            (None, Some(_)) => "esc new conversation",
            (None, None) => "esc close",
        };
        let keys = match self.waiting {
            Some(_) => Vec::new(),
            None => panel::keys(&[("up/down", "choose"), ("enter", "do it")]),
        };
        let body = u16::try_from(CHOICES.len()).unwrap_or(u16::MAX);
        let size = (width, 1 + rows_of(&who) + 1 + body + 1 + rows_of(&keys));
        let room = panel::dialog("Open in another codling", escape, size, area, canvas);
        let mut y = panel::write(&who, room, room.y + 1, canvas) + 1;
        if let Some(since) = self.waiting {
            let time = wording::elapsed(facts.now.since(since));
            let line = [
                Span::new(spinner::frame(facts.now), Role::Accent),
                Span::new(
                    format!(" Waiting for {time}. It opens here as soon as it is closed there."),
                    Role::Text,
                ),
            ];
            panel::write(&line, room, y, canvas);
            return;
        }
        for (at, (_, name, meaning)) in CHOICES.iter().enumerate() {
            let row = Rect { y, height: 1, ..room };
            draw_choice(name, meaning, at == self.cursor, row, canvas);
            y += 1;
        }
        panel::write(&keys, room, y + 1, canvas);
    }

    /// The holder, as far as it is known.
    fn who(&self, facts: &Facts) -> String {
        let holder = self.open.holder.as_ref();
        let who = match holder.map(|it| it.named(&wording::local(it.since, facts.now, &facts.zone)))
        {
            Some(named) => format!("This conversation is open in {named}."),
            None => "This conversation is open in another program.".into(),
        };
        match &self.open.unjoined {
            Some(why) => format!("{who} {}.", why.words()),
            None => who,
        }
    }
}

fn draw_choice(name: &str, meaning: &str, chosen: bool, row: Rect, canvas: &mut Canvas) {
    let in_row = panel::list_row(row, chosen, canvas);
    canvas.text(row.x + 2, row.y, name, 6, in_row(Role::Text));
    let x = row.x + 9;
    canvas.text(x, row.y, meaning, usize::from(row.right() - x), in_row(Role::Dim));
}

fn send(command: SessionCommand) -> Cmd {
    Cmd::Send(Command::Session(command))
}
