//! The bus itself.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use crate::queue::{Event, Queue};

struct Subscriber {
    id: u64,
    topic: String,
    call: Box<dyn FnMut(&Event)>,
}

#[derive(Default)]
struct Inner {
    next: u64,
    subscribers: Vec<Subscriber>,
    queue: Queue,
}

/// A bus; clones are the same bus.
#[derive(Clone, Default)]
pub struct Bus {
    inner: Rc<RefCell<Inner>>,
}

/// A bus that is not kept alive by this.
#[derive(Clone)]
pub struct WeakBus {
    inner: Weak<RefCell<Inner>>,
}

impl WeakBus {
    pub fn upgrade(&self) -> Option<Bus> {
        self.inner.upgrade().map(|inner| Bus { inner })
    }
}

/// Unsubscribes when it is dropped.
#[must_use]
pub struct Subscription {
    id: u64,
    bus: Weak<RefCell<Inner>>,
}

impl Bus {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn downgrade(&self) -> WeakBus {
        WeakBus { inner: Rc::downgrade(&self.inner) }
    }

    /// Calls `call` for each event of the topic.
    pub fn subscribe(&self, topic: &str, call: impl FnMut(&Event) + 'static) -> Subscription {
        let mut inner = self.inner.borrow_mut();
        let id = inner.next;
        inner.next += 1;
        inner.subscribers.push(Subscriber { id, topic: topic.to_owned(), call: Box::new(call) });
        Subscription { id, bus: Rc::downgrade(&self.inner) }
    }

    /// Tells all subscribers of the topic; returns how many were called.
    pub fn emit(&self, topic: &str, text: &str) -> usize {
        let mut inner = self.inner.borrow_mut();
        let event = Event { topic: topic.to_owned(), text: text.to_owned() };
        inner.queue.push(event);
        let mut called = 0;
        while let Some(event) = inner.queue.pop() {
            for subscriber in &mut inner.subscribers {
                if subscriber.topic == "*" || subscriber.topic == event.topic {
                    (subscriber.call)(&event);
                    called += 1;
                }
            }
        }
        called
    }

    /// How many subscribers there are.
    pub fn len(&self) -> usize {
        self.inner.borrow().subscribers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Subscription {
    /// Keeps the subscriber for as long as the bus lives.
    pub fn forget(mut self) {
        self.bus = Weak::new();
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(inner) = self.bus.upgrade() {
            inner.borrow_mut().subscribers.retain(|one| one.id != self.id);
        }
    }
}
