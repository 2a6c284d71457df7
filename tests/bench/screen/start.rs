//! The time between `exec` and the first frame, the first echoed key and the first request.

use crate::ask::Ask;
use crate::scene::{INVITATION, Scene, TYPED, load, milliseconds, settle};
use crate::stage::Account;
use crate::table::{Table, Target};

/// A start takes milliseconds, so many are measured.
const TIMES: usize = 7;

pub fn measure(ask: &Ask, table: &mut Table) {
    if ask.wants(&["start", "frame"]) {
        let (frame, key) = starts(ask, || Scene::begin(ask, Account::ChatGpt));
        table.add("exec to first frame", "ms", Target::AtMost(4.0), &frame);
        table.add("exec to a typed key echoed", "ms", Target::AtMost(6.0), &key);
    }
    if ask.wants(&["start", "empty"]) {
        let (frame, key) = starts(ask, || Scene::begin(ask, Account::Nobody));
        table.add("the same with an empty home: frame", "ms", Target::AtMost(6.0), &frame);
        table.add("the same with an empty home: key", "ms", Target::AtMost(10.0), &key);
    }
    if ask.wants(&["start", "extended"]) {
        let (frame, _) = starts(ask, || Scene::begin_extended(ask));
        let row = "100 skills, 50 commands, 5 dead servers: frame";
        table.add(row, "ms", Target::AtMost(4.0), &frame);
    }
    if ask.wants(&["request", "enter"]) {
        let mut measured = |row: &str, begin: &dyn Fn() -> Scene| {
            let times: Vec<f64> = (0..ask.runs * TIMES).map(|_| request(begin())).collect();
            table.add(row, "ms", Target::AtMost(3.0), &times);
        };
        let begin = || Scene::begin_settled(ask);
        measured("enter to the request leaving, first turn", &begin);
        let begin = || {
            let scene = Scene::begin_extended(ask);
            scene.terminal.wait_for(INVITATION);
            settle(&scene.terminal);
            scene
        };
        measured("the same with 100 skills, 50 commands and 5 dead servers", &begin);
    }
}

fn starts(ask: &Ask, begin: impl Fn() -> Scene) -> (Vec<f64>, Vec<f64>) {
    let one = |_| {
        let scene = begin();
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
fn request(scene: Scene) -> f64 {
    scene.stand().script([load(1, None)]);
    let pressed = scene.ask("hello");
    milliseconds(scene.wait_request().at.duration_since(pressed))
}
