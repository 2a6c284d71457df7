use std::cell::{Cell, RefCell};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::rc::Rc;

use bus::{Bus, Subscription};

type Heard = Rc<RefCell<Vec<String>>>;

fn note(heard: &Heard, who: &str) -> impl Fn(&bus::Event) + 'static {
    let (heard, who) = (heard.clone(), who.to_owned());
    move |event| heard.borrow_mut().push(format!("{who}:{}", event.text))
}

fn list(heard: &Heard) -> String {
    heard.borrow().join(" ")
}

#[test]
fn nested_events_wait() {
    let (bus, heard) = (Bus::new(), Heard::default());
    let (weak, own) = (bus.downgrade(), note(&heard, "a"));
    let inner = Rc::new(Cell::new(9));
    let result = inner.clone();
    bus.subscribe("*", move |event| {
        own(event);
        let bus = weak.upgrade().unwrap();
        if event.text == "1" {
            result.set(bus.emit("t", "2") + bus.emit("t", "3"));
        } else if event.text == "2" {
            bus.emit("u", "4");
        }
    }).forget();
    bus.subscribe("t", note(&heard, "b")).forget();
    assert_eq!(bus.emit("t", "1"), 2);
    assert_eq!(list(&heard), "a:1 b:1 a:2 b:2 a:3 b:3 a:4");
    assert_eq!(inner.get(), 0);
    assert_eq!((bus.emit("u", "5"), bus.emit("t", "6")), (1, 2));
}

#[test]
fn who_comes_during_an_event_hears_the_next() {
    let (bus, heard) = (Bus::new(), Heard::default());
    let (weak, other) = (bus.downgrade(), heard.clone());
    let kept = Rc::new(RefCell::new(Vec::<Subscription>::new()));
    let held = kept.clone();
    bus.subscribe("t", move |event| {
        let bus = weak.upgrade().unwrap();
        if event.text == "1" {
            held.borrow_mut().push(bus.subscribe("t", note(&other, "new")));
            assert_eq!(bus.len(), 2);
            bus.emit("t", "2");
        }
    }).forget();
    assert_eq!(bus.emit("t", "1"), 1);
    assert_eq!(list(&heard), "new:2");
    assert_eq!(bus.emit("t", "3"), 2);
    kept.borrow_mut().clear();
    assert_eq!((bus.len(), bus.emit("t", "4")), (1, 1));
}

#[test]
fn who_is_gone_is_not_called() {
    let (bus, heard) = (Bus::new(), Heard::default());
    let slots: Rc<RefCell<Vec<Option<Subscription>>>> = Rc::default();
    let held = slots.clone();
    let first = bus.subscribe("t", move |_| {
        held.borrow_mut()[1].take();
    });
    slots.borrow_mut().push(Some(first));
    slots.borrow_mut().push(Some(bus.subscribe("t", note(&heard, "second"))));
    slots.borrow_mut().push(Some(bus.subscribe("t", note(&heard, "third"))));
    assert_eq!(bus.emit("t", "1"), 2);
    assert_eq!(list(&heard), "third:1");
    assert_eq!(bus.len(), 2);
    slots.borrow_mut().clear();
}

struct Loud(Rc<Cell<bool>>);

impl Drop for Loud {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

#[test]
fn one_may_unsubscribe_itself_and_is_dropped_after_its_call() {
    let bus = Bus::new();
    let (dropped, slot) = (Rc::new(Cell::new(false)), Rc::new(RefCell::new(None::<Subscription>)));
    let (loud, own, seen, weak) = (Loud(dropped.clone()), slot.clone(), dropped.clone(), bus.downgrade());
    let calls = Rc::new(Cell::new(0));
    let count = calls.clone();
    *slot.borrow_mut() = Some(bus.subscribe("t", move |_| {
        let _held = &loud;
        count.set(count.get() + 1);
        own.borrow_mut().take();
        assert!(!seen.get());
        let bus = weak.upgrade().unwrap();
        assert_eq!(bus.len(), 0);
        bus.emit("t", "again");
    }));
    assert_eq!(bus.emit("t", "1"), 1);
    assert_eq!((calls.get(), dropped.get(), bus.len()), (1, true, 0));
}

#[test]
fn what_a_subscriber_holds_may_use_the_bus_when_it_is_dropped() {
    struct Says(Bus);
    impl Drop for Says {
        fn drop(&mut self) {
            self.0.emit("bye", "x");
        }
    }
    let (bus, heard) = (Bus::new(), Heard::default());
    bus.subscribe("bye", note(&heard, "a")).forget();
    let says = Says(bus.clone());
    let subscription = bus.subscribe("t", move |_| { let _ = &says; });
    drop(subscription);
    assert_eq!(list(&heard), "a:x");
    // A subscription that a subscriber holds goes with it.
    let inside = bus.subscribe("u", note(&heard, "u"));
    let outside = bus.subscribe("u", move |_| { let _ = &inside; });
    assert_eq!(bus.emit("u", "1"), 2);
    drop(outside);
    assert_eq!((bus.emit("u", "2"), bus.len()), (0, 1));
}

#[test]
fn a_bus_that_is_dropped_drops_its_subscribers() {
    let dropped = Rc::new(Cell::new(false));
    let bus = Bus::new();
    let (loud, weak) = (Loud(dropped.clone()), bus.downgrade());
    let subscription = bus.subscribe("t", move |_| { let _ = (&loud, weak.upgrade()); });
    let again = bus.downgrade();
    drop(bus);
    assert!(dropped.get() && again.upgrade().is_none());
    drop(subscription);
}

#[test]
fn a_panic_does_not_stop_the_bus() {
    let (bus, heard) = (Bus::new(), Heard::default());
    let weak = bus.downgrade();
    bus.subscribe("t", move |event| {
        if event.text == "1" {
            weak.upgrade().unwrap().emit("t", "2");
            panic!("on purpose");
        }
    }).forget();
    bus.subscribe("t", note(&heard, "b")).forget();
    std::panic::set_hook(Box::new(|_| {}));
    let caught = catch_unwind(AssertUnwindSafe(|| bus.emit("t", "1")));
    let _ = std::panic::take_hook();
    assert!(caught.is_err());
    heard.borrow_mut().clear();
    assert!(bus.emit("t", "3") >= 2);
    assert!(list(&heard).ends_with("b:3"), "{}", list(&heard));
    assert_eq!(bus.len(), 2);
}
