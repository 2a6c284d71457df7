//! From a key to its letter on the screen, at rest and while an answer streams in. Knows nothing of the answer.

use std::time::Duration;

use crate::ask::Ask;
use crate::pty::Look;
use crate::scene::{Scene, TYPED, load, milliseconds};
use crate::table::{Table, Target};

const KEYS: usize = 100;
/// Keys come as fast as a quick typist's, and never in step with frames.
const PAUSES: [u64; 4] = [31, 47, 59, 73];
const PER_SECOND: u32 = 2_000;
/// Of every few lines of the answer.
const RUNNING: &str = "Look the key up in the index";

pub fn measure(ask: &Ask, table: &mut Table) {
    if ask.wants(&["echo", "key", "idle"]) {
        let times: Vec<f64> =
            (0..ask.runs).flat_map(|_| type_keys(&Scene::begin_settled(ask), KEYS)).collect();
        table.add("key to echo: idle", "ms", Target::AtMost(0.2), &times);
    }
    if ask.wants(&["echo", "key", "stream"]) {
        let times: Vec<f64> = (0..ask.runs).flat_map(|_| while_streaming(ask)).collect();
        table.add("key to echo while 2,000 deltas/s stream", "ms", Target::AtMost(1.0), &times);
        table.add_percentile("the same, 99 of 100", "ms", Target::AtMost(5.0), &times, 99.0);
    }
}

fn while_streaming(ask: &Ask) -> Vec<f64> {
    let scene = Scene::begin_settled(ask);
    // More than the keys take; what is left over is not waited for.
    let seconds = PAUSES.iter().sum::<u64>() as usize * KEYS / PAUSES.len() / 1000 + 4;
    scene.stand().script([load(seconds * PER_SECOND as usize, Some(PER_SECOND))]);
    scene.ask("go");
    scene.wait_request();
    // The answer has to be on the screen, and running, before the first key.
    scene.terminal.wait_for(RUNNING);
    let times = type_keys(&scene, KEYS);
    assert!(
        scene.stand().responses().iter().all(|request| request.ended.is_none()),
        "the answer ended before the typing did"
    );
    times
}

/// Types the last letter of a word that stands nowhere else, and takes it away again, so often.
fn type_keys(scene: &Scene, keys: usize) -> Vec<f64> {
    let (stem, letter) = TYPED.split_at(TYPED.len() - 1);
    scene.terminal.type_text(stem);
    scene.terminal.wait_for(stem);
    let times = PAUSES.iter().cycle().take(keys).map(|pause| {
        std::thread::sleep(Duration::from_millis(*pause));
        let echoed = scene.terminal.send_and_see(
            letter.as_bytes(),
            |screen| screen.shows(TYPED),
            Duration::from_secs(10),
        );
        let (pressed, seen) = echoed.expect("the key is echoed");
        scene.terminal.press("backspace");
        scene.terminal.wait_gone(TYPED);
        milliseconds(seen.saturating_duration_since(pressed))
    });
    times.collect()
}
