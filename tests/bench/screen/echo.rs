//! The delay between a key and its letter on the screen, at rest and while an answer streams.

use std::time::Duration;

use codling::demo::ScriptedAnswer;
use serde_json::json;

use crate::ask::Ask;
use crate::pty::Look;
use crate::scene::{Scene, TYPED, load, milliseconds};
use crate::table::{Table, Target};
use crate::usage::resident;

const KEYS: usize = 100;
/// Keys come as fast as a quick typist's, and out of step with frames.
const PAUSES: [u64; 4] = [31, 47, 59, 73];
const PER_SECOND: u32 = 2_000;
const JOBS: usize = 4;
/// A phrase in every few lines of the answer.
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
    if ask.wants(&["echo", "key", "jobs"]) {
        let (mut times, mut memory) = (Vec::new(), Vec::new());
        for _ in 0..ask.runs {
            let (echoes, more) = while_jobs_write(ask);
            times.extend(echoes);
            memory.extend(more);
        }
        table.add(
            "key to echo while four jobs write 1 MB/s each",
            "ms",
            Target::AtMost(1.0),
            &times,
        );
        table.add_percentile("the same, 99 of 100", "ms", Target::AtMost(5.0), &times, 99.0);
        table.add("the same: resident memory over idle", "MiB", Target::AtMost(20.0), &memory);
    }
}

/// Also returns by how much the program's memory grew.
fn while_jobs_write(ask: &Ask) -> (Vec<f64>, Option<f64>) {
    let scene = Scene::begin_settled_with(ask, &["--approval-mode", "full"]);
    let pid = scene.terminal.pid();
    let before = resident(pid);
    let line = "while :; do head -c 75000 /dev/zero | base64; sleep 0.1; done";
    let start = |at: usize| {
        let arguments = json!({ "cmd": line, "yield_time_ms": 250 });
        ScriptedAnswer::calls(&format!("call_{at}"), "exec_command", &arguments)
    };
    scene.stand().script((1..=JOBS).map(start).chain([ScriptedAnswer::says("They run.")]));
    scene.ask("start them");
    scene.terminal.wait_for("They run.");
    scene.terminal.wait_for(&format!("{JOBS} running"));
    let times = type_keys(&scene, KEYS);
    (times, before.zip(resident(pid)).map(|(before, after)| after - before))
}

fn while_streaming(ask: &Ask) -> Vec<f64> {
    let scene = Scene::begin_settled(ask);
    // More than the keys need; the rest is not awaited.
    let seconds = PAUSES.iter().sum::<u64>() as usize * KEYS / PAUSES.len() / 1000 + 4;
    scene.stand().script([load(seconds * PER_SECOND as usize, Some(PER_SECOND))]);
    scene.ask("go");
    scene.wait_request();
    // The answer must stream on the screen before the first key.
    scene.terminal.wait_for(RUNNING);
    let times = type_keys(&scene, KEYS);
    assert!(
        scene.stand().responses().iter().all(|request| request.ended.is_none()),
        "the answer ended before the typing did"
    );
    times
}

/// Types and deletes the last letter of a unique word this many times.
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
