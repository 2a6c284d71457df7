//! Calls, questions and offers that wait for a person. One at a time stands above the composer,
//! and the others queue behind it.

mod approval;
mod body;
mod fold;
mod frame;
mod keys;
mod limit;
mod pending;
mod question;
mod reading;
mod too_soon;

use std::collections::VecDeque;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use ratatui::layout::{Position, Rect};

use self::frame::AskFrame;
pub use self::frame::{AskRoom, Room, Share};
pub use self::keys::{AskStep, KeyOutcome};
use self::keys::{MeantFor, QUIET, Quiet, Readiness};
use self::pending::{AskKind, PendingAsk};
use self::too_soon::EarlyKey;
use crate::base::Timestamp;
use crate::protocol::{Ask, AskId, ChildNews, EventKind, SessionId, SessionView};
use crate::tui::messages::Sight;
use crate::tui::paint::{Canvas, panel};

/// An ask this soon after an answer belongs to a series.
const SERIES: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub struct Asks {
    /// The first is shown.
    waiting: VecDeque<PendingAsk>,
    quiet: Option<Quiet>,
    early_key: Option<EarlyKey>,
    /// The number of answered asks in this series, for `2 of 3`.
    answered: usize,
    last_answer: Option<Timestamp>,
    /// The room of the first ask.
    room: Room,
    sight: Sight,
    share: Share,
    /// Rows with the border at the last layout.
    height: u16,
}

impl Asks {
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether text is being written in the ask.
    pub fn is_writing(&self) -> bool {
        match self.front() {
            Some(AskKind::Approval(ask)) => ask.is_writing(),
            Some(AskKind::Question(ask)) => ask.is_writing(),
            Some(AskKind::Limit(_)) | None => false,
        }
    }

    /// Handles an event about waiting calls.
    pub fn take(&mut self, event: &EventKind, now: Timestamp) {
        match event {
            EventKind::Approval(approval) => {
                self.add(PendingAsk::of(&Ask::Approval(approval.clone()), None), now)
            }
            EventKind::Asked { id, call, question } => {
                let (call, question) = (call.clone(), question.clone());
                self.add(PendingAsk::of(&Ask::Question { id: *id, call, question }, None), now)
            }
            EventKind::LimitHold(Some(hold)) => {
                if let Some(ask) = PendingAsk::of_limit(hold) {
                    self.add(ask, now);
                }
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

    /// Handles a key. Esc keeps its meaning as an interrupt, except in a text field and for a
    /// question, which it declines.
    pub fn key(&mut self, key: &KeyEvent, now: Timestamp) -> KeyOutcome {
        if let Some(quiet) = self.quiet.as_mut().filter(|quiet| now < quiet.until) {
            if key.code == KeyCode::Esc {
                return KeyOutcome::Ignored;
            }
            quiet.until = now + QUIET;
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
            Some(AskKind::Limit(ask)) => ask.key(key, now),
            Some(AskKind::Question(ask)) => ask.key(key, now),
            None => KeyOutcome::Ignored,
        };
        if matches!(heard, KeyOutcome::Ignored) && self.jump(key) {
            return KeyOutcome::Taken;
        }
        self.heard(heard, now)
    }

    /// Handles that no other key followed in time: a single letter is an answer then.
    pub fn rest(&mut self, now: Timestamp) -> KeyOutcome {
        let heard = match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.rest(now),
            Some(AskKind::Limit(ask)) => ask.rest(now),
            Some(AskKind::Question(_)) | None => KeyOutcome::Ignored,
        };
        self.heard(heard, now)
    }

    /// Takes back a pressed letter or written text; returns whether there was any.
    pub fn take_back(&mut self) -> bool {
        match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.take_back(),
            Some(AskKind::Limit(ask)) => ask.take_back(),
            Some(AskKind::Question(ask)) => ask.take_back(),
            None => false,
        }
    }

    /// Whether a letter was pressed that is not an answer yet.
    pub fn is_pressed(&self) -> bool {
        self.ripens().is_some()
    }

    /// When the pressed letter is an answer.
    fn ripens(&self) -> Option<Timestamp> {
        match self.front() {
            Some(AskKind::Approval(ask)) => ask.ripens(),
            Some(AskKind::Limit(ask)) => ask.ripens(),
            Some(AskKind::Question(_)) | None => None,
        }
    }

    fn heard(&mut self, heard: KeyOutcome, now: Timestamp) -> KeyOutcome {
        let KeyOutcome::Tell(_, command) = heard else { return heard };
        // Removes it at once, so that a second press answers neither it nor the next one.
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

    /// Unselects the choice, because a prompt is being written.
    pub fn unmark(&mut self) {
        if let Some(AskKind::Approval(ask)) = self.front_mut() {
            ask.unmark();
        }
    }

    /// Takes pasted text, which is never an answer; returns `false` if it was meant for the
    /// composer.
    pub fn paste(&mut self, text: &str, now: Timestamp) -> bool {
        if self.leaves_keys_to_composer(now) {
            return false;
        }
        match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.paste(text),
            Some(AskKind::Question(ask)) => ask.paste(text),
            Some(AskKind::Limit(_)) | None => return false,
        }
        true
    }

    /// Whether esc answers the first ask.
    pub fn takes_esc(&self) -> bool {
        let goes_back = match self.front() {
            Some(AskKind::Approval(ask)) => ask.goes_back(),
            Some(AskKind::Question(_)) => true,
            Some(AskKind::Limit(_)) | None => false,
        };
        goes_back || self.room == Room::Screen
    }

    /// Whether a waiting ask has the keyboard.
    pub fn close_composer(&self, now: Timestamp) -> bool {
        !self.is_empty() && !self.leaves_keys_to_composer(now)
    }

    /// Whether the first ask also needs the composer's rows.
    pub fn share(&self) -> Share {
        self.share
    }

    /// How much of the screen the first ask has.
    pub fn room(&self) -> Room {
        self.room
    }

    /// Whether typed text still goes to the composer.
    pub fn leaves_keys_to_composer(&self, now: Timestamp) -> bool {
        self.quiet.is_some_and(|quiet| now < quiet.until && quiet.meant_for == MeantFor::Composer)
    }

    /// The next time at which keys begin to count or a pressed one takes effect.
    pub fn wakes(&self, now: Timestamp) -> Option<Timestamp> {
        let counts_down = match self.front() {
            Some(AskKind::Limit(ask)) => ask.counts_down(now),
            Some(AskKind::Approval(_) | AskKind::Question(_)) | None => None,
        };
        let next = self.ripens().or(self.quiet_until(now));
        [next, self.early_key_ends(now), counts_down].into_iter().flatten().min()
    }

    fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.quiet.map(|quiet| quiet.until).filter(|until| now < *until)
    }

    /// Lays the first ask out: above the composer if it fits there, else with its rows too.
    pub fn settle(&mut self, room: AskRoom, now: Timestamp, zone: &TimeZone) {
        let columns = room.width.saturating_sub(4);
        let readiness =
            if self.quiet_until(now).is_some() { Readiness::NotYet } else { Readiness::Ready };
        let wanted = match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.wants(columns),
            Some(AskKind::Limit(ask)) => ask.write(columns, now, zone),
            Some(AskKind::Question(ask)) => ask.wants(columns),
            None => 0,
        };
        let fits = wanted + 2 <= usize::from(room.beside);
        self.share = if fits { Share::Beside } else { Share::Most };
        let most = if fits { room.beside } else { room.most };
        let inside = (columns, most.saturating_sub(2));
        let rows = match self.front_mut() {
            Some(AskKind::Approval(ask)) => ask.settle(inside, readiness),
            Some(AskKind::Limit(ask)) => ask.settle(inside, readiness),
            Some(AskKind::Question(ask)) => ask.settle(inside, readiness),
            None => {
                self.height = 0;
                return;
            }
        };
        self.height = rows.saturating_add(2).min(most);
    }

    /// Rows with the border; 0 while nothing waits.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Draws the first ask; returns the position of the caret while text is being written.
    pub fn draw(&self, area: Rect, canvas: &mut Canvas) -> Option<Position> {
        let count = self.answered + self.waiting.len();
        let count =
            if count > 1 { format!("{} of {count}", self.answered + 1) } else { String::new() };
        let front = self.waiting.front()?;
        let who = front.child.as_ref().map(|(_, name)| format!("for {name}"));
        let more = match &front.kind {
            AskKind::Question(ask) => ask.more(),
            AskKind::Approval(_) | AskKind::Limit(_) => None,
        };
        let said: Vec<String> =
            who.into_iter().chain((!count.is_empty()).then_some(count)).chain(more).collect();
        let count = said.join(" · ");
        let (title, counts, body) = match &front.kind {
            AskKind::Approval(ask) => (ask.title(), Some(ask.counts()), &ask.body),
            AskKind::Limit(ask) => ("Usage limit".to_owned(), None, &ask.body),
            AskKind::Question(ask) => (ask.title(), None, &ask.body),
        };
        let hidden = body.hidden();
        let frame =
            AskFrame { title: &title, counts, count: &count, hidden: &hidden, room: self.room };
        let inside = frame.draw(area, canvas);
        let y = body.draw(inside, canvas);
        let below = Rect { y, height: inside.bottom().saturating_sub(y), ..inside };
        match &front.kind {
            AskKind::Approval(ask) => ask.draw_below(below, canvas),
            AskKind::Limit(ask) => {
                panel::write(&ask.keys(), below, y, canvas);
                None
            }
            AskKind::Question(ask) => ask.draw_below(below, canvas),
        }
    }

    fn add(&mut self, ask: PendingAsk, now: Timestamp) {
        if let Some(same) = self.waiting.iter_mut().find(|waiting| waiting.is(&ask)) {
            *same = ask;
            return;
        }
        self.waiting.push_back(ask);
        if self.waiting.len() == 1 {
            // A person who has just answered goes on answering, and did not mean to write.
            let is_next = self.last_answer.is_some_and(|at| now < at + SERIES);
            let meant_for = if is_next { MeantFor::Nobody } else { MeantFor::Composer };
            self.quiet = Some(Quiet { until: now + QUIET, meant_for });
        }
    }

    /// Takes the waiting calls of a session that was opened before.
    fn join(&mut self, session: &SessionView, now: Timestamp) {
        let own = session.asks.iter().map(|ask| PendingAsk::of(ask, None));
        let theirs = session.children.iter().flat_map(|child| {
            child.asks.iter().map(|ask| PendingAsk::of(ask, Some((&child.session, &child.name))))
        });
        let limit = session.limit.as_ref().and_then(PendingAsk::of_limit);
        let all: Vec<PendingAsk> = own.chain(theirs).chain(limit).collect();
        self.waiting.retain(|waiting| all.iter().any(|ask| ask.is(waiting)));
        for ask in all {
            if self.waiting.iter().all(|waiting| !waiting.is(&ask)) {
                self.add(ask, now);
            }
        }
    }

    /// Keeps only these asks; the others go without an answer.
    fn retain(&mut self, keeps: impl Fn(&PendingAsk) -> bool, now: Timestamp) {
        let front = self.waiting.front().map(|ask| (ask.asker().cloned(), ask.id));
        self.waiting.retain(keeps);
        if self.waiting.front().map(|ask| (ask.asker().cloned(), ask.id)) != front {
            self.settle_front(None, now);
        }
    }

    fn remove(&mut self, asker: Option<&SessionId>, id: AskId, now: Timestamp) {
        let is_it = |ask: &PendingAsk| ask.asker() == asker && ask.id == id;
        let Some(at) = self.waiting.iter().position(is_it) else { return };
        let gone = self.waiting.remove(at);
        self.answered += 1;
        if at == 0 {
            self.settle_front(gone.as_ref(), now);
        }
    }

    /// Handles that another ask or none is in front: keys on their way were for the previous one.
    fn settle_front(&mut self, before: Option<&PendingAsk>, now: Timestamp) {
        self.room = Room::Panel;
        self.quiet = before.map(|_| Quiet { until: now + QUIET, meant_for: MeantFor::Nobody });
        if self.waiting.is_empty() {
            self.answered = 0;
            self.quiet = None;
        }
    }
}
