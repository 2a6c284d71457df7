use std::cell::RefCell;
use std::rc::Rc;

use bus::Bus;

#[test]
fn subscribers_hear_their_topic() {
    let bus = Bus::new();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let own = heard.clone();
    let subscription = bus.subscribe("key", move |event| own.borrow_mut().push(event.text.clone()));
    assert_eq!((bus.emit("key", "a"), bus.emit("mouse", "b")), (1, 0));
    drop(subscription);
    assert_eq!(bus.emit("key", "c"), 0);
    assert_eq!(*heard.borrow(), ["a"]);
}
