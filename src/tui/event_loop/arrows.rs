//! Tells the mouse wheel from the arrow keys. The terminal turns wheel notches into arrow keys (alternate scroll mode), so that selecting with
//! the mouse goes on working; they come as bursts that no finger types. Does not know what either is used for.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::msg::{Msg, Toward};

/// Arrows of one notch come in one write; a key that is held down repeats a good deal slower than this.
const BURST: Duration = Duration::from_millis(2);

/// Holds an arrow back for a moment, to see whether more follow.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrows(Option<Held>);

#[derive(Clone, Copy, Debug)]
struct Held {
    key: KeyEvent,
    toward: Toward,
    rows: u16,
    last: Instant,
}

impl Arrows {
    /// Takes a key; answers with what is certain by now, in order.
    pub fn take(&mut self, key: KeyEvent, now: Instant) -> Vec<Msg> {
        let Some(toward) = plain_arrow(&key) else { return self.release().into_iter().chain([Msg::Key(key)]).collect() };
        match &mut self.0 {
            Some(held) if held.toward == toward && now.saturating_duration_since(held.last) <= BURST => {
                held.rows += 1;
                held.last = now;
                Vec::new()
            }
            _ => {
                let before = self.release();
                self.0 = Some(Held { key, toward, rows: 1, last: now });
                before.into_iter().collect()
            }
        }
    }

    /// When what is held must be released.
    pub fn due(&self) -> Option<Instant> {
        self.0.map(|held| held.last + BURST)
    }

    /// What was held, as a key or as the wheel.
    pub fn release(&mut self) -> Option<Msg> {
        let held = self.0.take()?;
        Some(if held.rows == 1 { Msg::Key(held.key) } else { Msg::Wheel { toward: held.toward, rows: held.rows } })
    }
}

fn plain_arrow(key: &KeyEvent) -> Option<Toward> {
    match key.code {
        _ if key.modifiers != KeyModifiers::NONE => None,
        KeyCode::Up => Some(Toward::Start),
        KeyCode::Down => Some(Toward::End),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(code: KeyCode) -> KeyEvent {
        KeyEvent::new(code, KeyModifiers::NONE)
    }

    #[test]
    fn one_arrow_is_a_key_and_a_burst_is_the_wheel() {
        let start = Instant::now();
        let mut arrows = Arrows::default();
        assert!(arrows.take(press(KeyCode::Up), start).is_empty());
        assert_eq!(arrows.due(), Some(start + BURST));
        assert!(matches!(arrows.release(), Some(Msg::Key(key)) if key.code == KeyCode::Up));
        for _ in 0..3 {
            assert!(arrows.take(press(KeyCode::Down), start).is_empty());
        }
        assert!(matches!(arrows.release(), Some(Msg::Wheel { toward: Toward::End, rows: 3 })));
        assert_eq!(arrows.due(), None);
    }

    #[test]
    fn another_key_never_overtakes_an_arrow() {
        let start = Instant::now();
        let mut arrows = Arrows::default();
        arrows.take(press(KeyCode::Up), start);
        let out = arrows.take(press(KeyCode::Char('x')), start);
        assert!(matches!(out.as_slice(), [Msg::Key(a), Msg::Key(b)] if a.code == KeyCode::Up && b.code == KeyCode::Char('x')), "{out:?}");
    }

    #[test]
    fn a_held_key_stays_a_key() {
        let start = Instant::now();
        let mut arrows = Arrows::default();
        arrows.take(press(KeyCode::Up), start);
        let out = arrows.take(press(KeyCode::Up), start + Duration::from_millis(20));
        assert!(matches!(out.as_slice(), [Msg::Key(_)]), "{out:?}");
    }
}
