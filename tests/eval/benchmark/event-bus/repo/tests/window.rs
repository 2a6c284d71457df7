//! How a program with windows uses the bus.

use std::cell::RefCell;
use std::rc::Rc;

use bus::{Bus, Subscription};

struct Window {
    lines: Rc<RefCell<Vec<String>>>,
    _subscriptions: Vec<Subscription>,
}

impl Window {
    fn open(bus: &Bus, topics: &[&str]) -> Self {
        let lines = Rc::new(RefCell::new(Vec::new()));
        let subscriptions = topics
            .iter()
            .map(|topic| {
                let lines = lines.clone();
                bus.subscribe(topic, move |event| {
                    lines.borrow_mut().push(format!("{}: {}", event.topic, event.text));
                })
            })
            .collect();
        Self { lines, _subscriptions: subscriptions }
    }
}

#[test]
fn a_closed_window_hears_nothing() {
    let bus = Bus::new();
    let first = Window::open(&bus, &["key", "mouse"]);
    let second = Window::open(&bus, &["key"]);
    assert_eq!((bus.emit("key", "a"), bus.emit("mouse", "left"), bus.len()), (2, 1, 3));
    drop(second);
    assert_eq!((bus.emit("key", "b"), bus.len()), (1, 2));
    assert_eq!(*first.lines.borrow(), ["key: a", "mouse: left", "key: b"]);
}
