//! The bus itself.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use crate::queue::{Event, Queue};

struct Subscriber {
    id: u64,
    topic: String,
    gone: Cell<bool>,
    call: RefCell<Box<dyn FnMut(&Event)>>,
}

#[derive(Default)]
struct Inner {
    next: u64,
    subscribers: Vec<Rc<Subscriber>>,
    queue: Queue,
    busy: bool,
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

/// Ends the dispatch, even by a panic.
struct Dispatch<'a>(&'a Bus);

impl Drop for Dispatch<'_> {
    fn drop(&mut self) {
        let mut inner = self.0.inner.borrow_mut();
        inner.busy = false;
        // A panic may have left some.
        inner.queue = Queue::default();
    }
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
        let call: RefCell<Box<dyn FnMut(&Event)>> = RefCell::new(Box::new(call));
        inner.subscribers.push(Rc::new(Subscriber { id, topic: topic.to_owned(), gone: Cell::new(false), call }));
        Subscription { id, bus: Rc::downgrade(&self.inner) }
    }

    /// Tells all subscribers of the topic; returns how many were called, 0 if the event has to wait.
    pub fn emit(&self, topic: &str, text: &str) -> usize {
        {
            let mut inner = self.inner.borrow_mut();
            inner.queue.push(Event { topic: topic.to_owned(), text: text.to_owned() });
            if inner.busy {
                return 0;
            }
            inner.busy = true;
        }
        let _dispatch = Dispatch(self);
        let mut own = None;
        loop {
            let event = self.inner.borrow_mut().queue.pop();
            let Some(event) = event else { break };
            let called = self.tell(&event);
            own.get_or_insert(called);
        }
        own.unwrap_or(0)
    }

    fn tell(&self, event: &Event) -> usize {
        let now: Vec<Rc<Subscriber>> = self.inner.borrow().subscribers.clone();
        let mut called = 0;
        for subscriber in &now {
            if subscriber.topic == "*" || subscriber.topic == event.topic {
                called += 1;
                (subscriber.call.borrow_mut())(event);
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
        let Some(inner) = self.bus.upgrade() else { return };
        let mut borrowed = inner.borrow_mut();
        let Some(at) = borrowed.subscribers.iter().position(|one| one.id == self.id) else { return };
        let subscriber = borrowed.subscribers.remove(at);
        subscriber.gone.set(true);
        // It may hold things that use the bus when they are dropped.
        drop(borrowed);
        drop(subscriber);
    }
}
