//! The state of the mouse button: where it went down, how often, and scrolling while it is held
//! past an edge.

use std::time::Duration;

use super::text::TextPoint;
use crate::base::Timestamp;
use crate::tui::messages::Toward;

/// Clicks that follow each other faster are counted together.
const TOGETHER: Duration = Duration::from_millis(400);
/// The time between two rows while the button is held past an edge.
const EACH_ROW: Duration = Duration::from_millis(40);

/// The state of the mouse button.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gesture {
    press: Option<Press>,
    last_click: Option<LastClick>,
    edge: Option<Edge>,
}

/// A press on the transcript that was not released.
#[derive(Clone, Copy, Debug)]
pub struct Press {
    pub at: (u16, u16),
    pub point: TextPoint,
    pub click: Click,
    /// Whether the click has done its work: a selection was there, which it took away.
    pub is_spent: bool,
}

/// How often the button was pressed in the same cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Click {
    Single,
    Double,
    Triple,
}

#[derive(Clone, Copy, Debug)]
struct LastClick {
    at: (u16, u16),
    when: Timestamp,
    click: Click,
}

/// The pointer is held past an edge.
#[derive(Clone, Copy, Debug)]
struct Edge {
    toward: Toward,
    /// When the next row is scrolled.
    next: Timestamp,
}

impl Gesture {
    /// Counts a press.
    pub fn count(&mut self, at: (u16, u16), now: Timestamp) -> Click {
        let again = self.last_click.filter(|last| last.at == at && now < last.when + TOGETHER);
        let click = match again.map(|last| last.click) {
            Some(Click::Single) => Click::Double,
            Some(Click::Double) => Click::Triple,
            Some(Click::Triple) | None => Click::Single,
        };
        self.last_click = Some(LastClick { at, when: now, click });
        click
    }

    /// Records that the button was moved: the next press is no second click.
    pub fn moved(&mut self) {
        self.last_click = None;
    }

    pub fn begin(&mut self, press: Press) {
        self.press = Some(press);
    }

    pub fn press(&self) -> Option<Press> {
        self.press
    }

    /// Ends the press; returns it.
    pub fn end(&mut self) -> Option<Press> {
        self.edge = None;
        self.press.take()
    }

    /// Records which edge the pointer is past, if any.
    pub fn hold(&mut self, past: Option<Toward>, now: Timestamp) {
        self.edge = past.map(|toward| match self.edge {
            Some(edge) if edge.toward == toward => edge,
            _ => Edge { toward, next: now },
        });
    }

    /// The direction in which a row is to be scrolled now; the next one follows later.
    pub fn scrolls(&mut self, now: Timestamp) -> Option<Toward> {
        let edge = self.edge.as_mut().filter(|edge| edge.next <= now)?;
        edge.next = now + EACH_ROW;
        Some(edge.toward)
    }

    /// When the next row is to be scrolled.
    pub fn wakes(&self) -> Option<Timestamp> {
        self.edge.map(|edge| edge.next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presses_in_one_cell_count_up_to_three_and_begin_again() {
        let mut gesture = Gesture::default();
        for (at, now, click) in [
            ((3, 4), 0, Click::Single),
            ((3, 4), 200, Click::Double),
            ((3, 4), 400, Click::Triple),
            ((3, 4), 600, Click::Single),
            ((3, 5), 700, Click::Single),
            ((3, 5), 1_100, Click::Single),
        ] {
            assert_eq!(gesture.count(at, Timestamp(now)), click, "{at:?} {now}");
        }
    }

    #[test]
    fn only_a_pointer_past_an_edge_wakes() {
        let mut gesture = Gesture::default();
        gesture.hold(Some(Toward::End), Timestamp(0));
        assert_eq!(gesture.scrolls(Timestamp(0)), Some(Toward::End));
        assert_eq!((gesture.scrolls(Timestamp(39)), gesture.wakes()), (None, Some(Timestamp(40))));
        gesture.hold(Some(Toward::End), Timestamp(39));
        assert_eq!(gesture.scrolls(Timestamp(40)), Some(Toward::End));
        gesture.hold(None, Timestamp(41));
        assert_eq!(gesture.wakes(), None);
    }
}
