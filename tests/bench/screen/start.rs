//! The time between `exec` and the first frame, the first echoed key and the first request.

use crate::ask::Ask;
use crate::scene::{INVITATION, Scene, TYPED, load, milliseconds};
use crate::stage::Account;
use crate::table::{Table, Target};

/// A start takes milliseconds, so many are measured.
const TIMES: usize = 7;

pub fn measure(ask: &Ask, table: &mut Table) {
    if ask.wants(&["start", "frame"]) {
        let (frame, key) = starts(ask, Account::ChatGpt);
        table.add("exec to first frame", "ms", Target::AtMost(4.0), &frame);
        table.add("exec to a typed key echoed", "ms", Target::AtMost(6.0), &key);
    }
    if ask.wants(&["start", "empty"]) {
        let (frame, key) = starts(ask, Account::Nobody);
        table.add("the same with an empty home: frame", "ms", Target::AtMost(6.0), &frame);
        table.add("the same with an empty home: key", "ms", Target::AtMost(10.0), &key);
    }
    if ask.wants(&["request", "enter"]) {
        let times: Vec<f64> = (0..ask.runs * TIMES).map(|_| request(ask)).collect();
        table.add("enter to the request leaving, first turn", "ms", Target::AtMost(3.0), &times);
    }
}

fn starts(ask: &Ask, account: Account) -> (Vec<f64>, Vec<f64>) {
    let one = |_| {
        let scene = Scene::begin(ask, account);
        let frame = scene.terminal.wait_for(INVITATION);
        scene.terminal.type_text(TYPED);
        let key = scene.terminal.wait_for(TYPED);
        let since =
            |seen: std::time::Instant| milliseconds(seen.duration_since(scene.terminal.started()));
        (since(frame), since(key))
    };
    (0..ask.runs * TIMES).map(one).unzip()
}

/// The stand-in records the time at which it has read a request's head.
fn request(ask: &Ask) -> f64 {
    let scene = Scene::begin_settled(ask);
    scene.stand().script([load(1, None)]);
    let pressed = scene.ask("hello");
    milliseconds(scene.wait_request().at.duration_since(pressed))
}
