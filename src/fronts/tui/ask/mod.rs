//! Calls that wait for a person: one at a time stands above the composer, the others wait behind
//! it.

mod approval;
mod body;
mod fold;
mod frame;
mod pending;
mod question;
mod reading;
mod sight;
mod too_soon;

use std::collections::VecDeque;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

pub use self::frame::{AskRoom, Room, Share};
use self::pending::{AskKind, PendingAsk};
use self::too_soon::EarlyKey;
use crate::base::Timestamp;
use crate::fronts::tui::messages::Sight;
use crate::fronts::tui::paint::Theme;
use crate::protocol::{Ask, AskId, ChildNews, EventKind, SessionId, SessionView, TurnCommand};

/// What is typed within this time after an ask came up, or after another key that was typed in it, was not meant for it.
const QUIET: Duration = Duration::from_millis(400);
/// What comes up so soon after an answer is one more of a series.
const SERIES: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub struct Asks {
    /// The first is shown.
    waiting: VecDeque<PendingAsk>,
    quiet: Option<Quiet>,
    early_key: Option<EarlyKey>,
    /// How many were answered since none waited: for `2 of 3`.
    answered: usize,
    last_answer: Option<Timestamp>,
    /// Of the screen, for the first one.
    room: Room,
    sight: Sight,
    share: Share,
    /// Rows with the border, at the last layout.
    height: u16,
}

/// Until when keys do not count, and whose they are.
#[derive(Clone, Copy, Debug)]
struct Quiet {
    until: Timestamp,
    /// How long each further key makes it last.
    each: Duration,
    meant_for: MeantFor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MeantFor {
    Composer,
    /// The ask before, which is gone, or what was over this one.
    Nobody,
}

/// Whether keys count already; what does not take them yet looks so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Readiness {
    #[default]
    NotYet,
    Ready,
}

/// How far to scroll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskStep {
    /// Of whatever is scrolled.
    Page,
    Rows(u16),
}

/// What a key came to.
#[derive(Clone, Debug)]
pub enum KeyOutcome {
    /// Not for it.
    Ignored,
    Taken,
    /// To the session on screen, or to this one that works for it.
    Tell(Option<SessionId>, TurnCommand),
    /// It was on its way to the composer when the ask came up.
    Typed,
}

impl Asks {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether text is being written in it.
    pub fn is_writing(&self) -> bool {
        match self.front() {
            Some(AskKind::Approval(ask)) => ask.is_writing(),
            Some(AskKind::Question(ask)) => ask.is_writing(),
            None => false,
        }
    }

    /// Takes in what an event says about calls that wait.
    pub fn take(&mut self, event: &EventKind, now: Timestamp) {
        match event {
            EventKind::Approval(approval) => {
                self.add(PendingAsk::of(&Ask::Approval(approval.clone()), None), now)
            }
            EventKind::Asked { id, call, question } => {
                let (call, question) = (call.clone(), question.clone());
                self.add(PendingAsk::of(&Ask::Question { id: *id, call, question }, None), now)
            }
            EventKind::AskResolved { id, .. } => self.remove(None, *id, now),
            EventKind::Child { session, name, news: ChildNews::Ask(ask) } => {
                self.add(PendingAsk::of(ask, Some((session, name))), now)
            }
            EventKind::Child { session, news: ChildNews::AskResolved { id, .. }, .. } => {
                self.remove(Some(session), *id, now)
            }
            EventKind::Child { session, news: ChildNews::Closed, .. } => {
                self.retain(|ask| ask.asker() != Some(session), now)
            }
            EventKind::Snapshot(session) => self.join(session, now),
            EventKind::TurnEnded { .. } => self.retain(|ask| ask.child.is_some(), now),
            _ => {}
        }
    }

    /// Esc is never taken from who interrupts: only from a field, and from a question, which it declines.
    pub fn key(&mut self, key: &KeyEvent, now: Timestamp) -> KeyOutcome {
        if let Some(quiet) = self.quiet.as_mut().filter(|quiet| now < quiet.until) {
            if key.code == KeyCode::Esc {
                return KeyOutcome::Ignored;
            }
            quiet.until = now + quiet.each;
            if quiet.meant_for == MeantFor::Nobody {
                self.key_dropped(now);
                return KeyOutcome::Taken;
            }
            self.unmark();
            if key.code != KeyCode::Enter {
                return KeyOutcome::Typed;
            }
            self.key_dropped(now);
            return KeyOutcome::Taken;
        }
        if !matches!(key.modifiers, KeyModifiers::NONE | KeyModifiers::SHIFT) && !self.is_writing()
        {
            if self.is_pressed() {
                self.take_back();
            }
            return self.full_screen(key);
        }
        if self.room == Room::Screen && key.code == KeyCode::Esc && !self.is_writing() {
            self.room = Room::Panel;
            return KeyOutcome::Taken;
        }
        let heard = match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.key(key, now),
            Some(AskKind::Question(ask)) => ask.key(key, now),
            None => KeyOutcome::Ignored,
        };
        if matches!(heard, KeyOutcome::Ignored) && self.jump(key) {
            return KeyOutcome::Taken;
        }
        self.heard(heard, now)
    }

    /// Nothing more was typed by now: a letter that stands alone is a key.
    pub fn rest(&mut self, now: Timestamp) -> KeyOutcome {
        let heard = match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.rest(now),
            Some(AskKind::Question(_)) | None => KeyOutcome::Ignored,
        };
        self.heard(heard, now)
    }

    /// Takes back what was pressed or written at the first one; answers whether there was anything.
    pub fn take_back(&mut self) -> bool {
        match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.take_back(),
            Some(AskKind::Question(ask)) => ask.take_back(),
            None => false,
        }
    }

    /// Whether a letter was pressed that is not an answer yet.
    pub fn is_pressed(&self) -> bool {
        matches!(self.front(), Some(AskKind::Approval(ask)) if ask.ripens().is_some())
    }

    fn heard(&mut self, heard: KeyOutcome, now: Timestamp) -> KeyOutcome {
        let KeyOutcome::Tell(_, command) = heard else { return heard };
        // It is gone at once: a second press must not answer twice, nor the one behind it.
        let before = self.waiting.pop_front();
        self.answered += 1;
        self.early_key = None;
        self.last_answer = Some(now);
        self.settle_front(before.as_ref(), now);
        KeyOutcome::Tell(before.and_then(|ask| ask.asker().cloned()), command)
    }

    fn front(&self) -> Option<&AskKind> {
        self.waiting.front().map(|ask| &ask.kind)
    }

    fn front_mut(&mut self) -> Option<&mut AskKind> {
        self.waiting.front_mut().map(|ask| &mut ask.kind)
    }

    /// A prompt is being written: enter is no answer before a choice is made.
    pub fn unmark(&mut self) {
        if let Some(AskKind::Approval(ask)) = self.front_mut() {
            ask.unmark();
        }
    }

    /// Takes pasted text, which answers nothing; not where it was on its way to the composer.
    pub fn paste(&mut self, text: &str, now: Timestamp) -> bool {
        if self.leaves_keys_to_composer(now) {
            return false;
        }
        match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.paste(text),
            Some(AskKind::Question(ask)) => ask.paste(text),
            None => return false,
        }
        true
    }

    /// Whether esc is an answer to the first one.
    pub fn takes_esc(&self) -> bool {
        let goes_back = match self.front() {
            Some(AskKind::Approval(ask)) => ask.goes_back(),
            Some(AskKind::Question(_)) => true,
            None => false,
        };
        goes_back || self.room == Room::Screen
    }

    /// Whether one that waits has the keyboard, so that nothing reaches the composer.
    pub fn close_composer(&self, now: Timestamp) -> bool {
        !self.is_empty() && !self.leaves_keys_to_composer(now)
    }

    /// Whether the first one needs the rows of the composer too.
    pub fn share(&self) -> Share {
        self.share
    }

    /// How much of the screen the first one has.
    pub fn room(&self) -> Room {
        self.room
    }

    /// Whether what is typed goes to the composer still.
    pub fn leaves_keys_to_composer(&self, now: Timestamp) -> bool {
        self.quiet.is_some_and(|quiet| now < quiet.until && quiet.meant_for == MeantFor::Composer)
    }

    /// When keys begin to count, which is to be seen, or when one that was pressed does.
    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        let ripens = match self.front() {
            Some(AskKind::Approval(ask)) => ask.ripens(),
            Some(AskKind::Question(_)) | None => None,
        };
        let next = ripens.or(self.quiet_until(now));
        [next, self.early_key_ends(now)].into_iter().flatten().min()
    }

    fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.quiet.map(|quiet| quiet.until).filter(|until| now < *until)
    }

    /// Lays the first one out, as it is now: beside the composer where it fits there, else with the rows of that too.
    pub fn settle(&mut self, room: AskRoom, now: Timestamp) {
        let columns = room.width.saturating_sub(4);
        let readiness =
            if self.quiet_until(now).is_some() { Readiness::NotYet } else { Readiness::Ready };
        let wanted = match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.wants(columns),
            Some(AskKind::Question(ask)) => ask.wants(columns),
            None => 0,
        };
        let fits = wanted + 2 <= usize::from(room.beside);
        self.share = if fits { Share::Beside } else { Share::Most };
        let most = if fits { room.beside } else { room.most };
        let inside = (columns, most.saturating_sub(2));
        let rows = match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.settle(inside, readiness),
            Some(AskKind::Question(ask)) => ask.settle(inside, readiness),
            None => {
                self.height = 0;
                return;
            }
        };
        self.height = rows.saturating_add(2).min(most);
    }

    /// Rows with the border; none while nothing waits.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Draws the first one; answers where the caret is, where text is being written.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, theme: &Theme) -> Option<Position> {
        let count = self.answered + self.waiting.len();
        let count =
            if count > 1 { format!("{} of {count}", self.answered + 1) } else { String::new() };
        let front = self.waiting.front()?;
        let who = front.child.as_ref().map(|(_, name)| format!("for {name}"));
        let said: Vec<String> =
            who.into_iter().chain((!count.is_empty()).then_some(count)).collect();
        let count = said.join(" · ");
        match &front.kind {
            AskKind::Approval(ask) => ask.draw(&count, self.room, area, buffer, theme),
            AskKind::Question(ask) => ask.draw(&count, self.room, area, buffer, theme),
        }
    }

    fn add(&mut self, ask: PendingAsk, now: Timestamp) {
        if let Some(same) = self.waiting.iter_mut().find(|waiting| waiting.is(&ask)) {
            *same = ask;
            return;
        }
        self.waiting.push_back(ask);
        if self.waiting.len() == 1 {
            // Who has just answered one goes on answering, and did not mean to write.
            let is_next = self.last_answer.is_some_and(|at| now < at + SERIES);
            let meant_for = if is_next { MeantFor::Nobody } else { MeantFor::Composer };
            self.quiet = Some(Quiet { until: now + QUIET, each: QUIET, meant_for });
        }
    }

    /// What waits in a session that was there before.
    fn join(&mut self, session: &SessionView, now: Timestamp) {
        let own = session.asks.iter().map(|ask| PendingAsk::of(ask, None));
        let theirs = session.children.iter().flat_map(|child| {
            child.asks.iter().map(|ask| PendingAsk::of(ask, Some((&child.session, &child.name))))
        });
        let all: Vec<PendingAsk> = own.chain(theirs).collect();
        self.waiting.retain(|waiting| all.iter().any(|ask| ask.is(waiting)));
        for ask in all {
            if self.waiting.iter().all(|waiting| !waiting.is(&ask)) {
                self.add(ask, now);
            }
        }
    }

    /// What goes without an answer; where nothing is left, nothing is shown any more.
    fn retain(&mut self, keeps: impl Fn(&PendingAsk) -> bool, now: Timestamp) {
        let front = self.waiting.front().map(|ask| (ask.asker().cloned(), ask.id()));
        self.waiting.retain(keeps);
        if self.waiting.front().map(|ask| (ask.asker().cloned(), ask.id())) != front {
            self.settle_front(None, now);
        }
    }

    fn remove(&mut self, asker: Option<&SessionId>, id: AskId, now: Timestamp) {
        let is_it = |ask: &PendingAsk| ask.asker() == asker && ask.id() == id;
        let Some(at) = self.waiting.iter().position(is_it) else { return };
        let gone = self.waiting.remove(at);
        self.answered += 1;
        if at == 0 {
            self.settle_front(gone.as_ref(), now);
        }
    }

    /// Another one is in front, or none: keys on their way were for the one before.
    fn settle_front(&mut self, before: Option<&PendingAsk>, now: Timestamp) {
        self.room = Room::Panel;
        self.quiet =
            before.map(|_| Quiet { until: now + QUIET, each: QUIET, meant_for: MeantFor::Nobody });
        if self.waiting.is_empty() {
            self.answered = 0;
            self.quiet = None;
        }
    }
}
