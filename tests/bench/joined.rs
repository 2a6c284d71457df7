//! Two screens of one conversation, one that goes on without a screen, and a slow line: processor
//! time, memory, wake-ups, and bytes to the terminal.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use codling::demo::{ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;

use crate::ask::Ask;
use crate::pty::{Look, Terminal};
use crate::scene::{INVITATION, LAST_WORDS, load, settle};
use crate::sessions::start;
use crate::stage::{Account, Stage};
use crate::table::{Table, Target};
use crate::usage::{cpu_seconds, resident, switches, threads};

const LIMIT: Duration = Duration::from_secs(120);
const SPAN: Duration = Duration::from_secs(10);

/// The slow line: 64 kbit/s, and the time that a letter is on its way both ways.
const BYTES_PER_SECOND: f64 = 8_000.0;
const ROUND_TRIP: f64 = 0.3;

pub fn measure(ask: &Ask, table: &mut Table) {
    if ask.wants(&["joined", "second screen"]) {
        second_screen(ask, table);
    }
    if ask.wants(&["joined", "holder", "memory"]) {
        let memory: Vec<f64> = (0..ask.runs).filter_map(|_| without_screen(ask)).collect();
        let row = "a holder without a screen: memory, of what it was with one";
        table.add(row, "%", Target::AtMost(100.0), &memory);
    }
    if ask.wants(&["joined", "idle"]) {
        let wakes: Vec<f64> = (0..ask.runs).filter_map(|_| at_rest(ask)).collect();
        let row = "two screens of a conversation, idle: wake-ups per minute";
        table.add(row, "times", Target::AtMost(0.0), &wakes);
    }
    if ask.wants(&["joined", "slow line"]) {
        slow_line(ask, table);
    }
}

/// A conversation with one answer of this many deltas, at rest.
fn begin(ask: &Ask, stage: &Stage, folder: &Path, deltas: usize) -> Terminal {
    let terminal = start(ask, stage, folder, &[]);
    terminal.wait_for(INVITATION);
    settle(&terminal);
    stage.stand.script([load(deltas, None)]);
    say(&terminal, "hello");
    terminal.see(|screen| screen.shows(LAST_WORDS), LIMIT).expect("the answer");
    settle(&terminal);
    terminal
}

fn open(ask: &Ask, stage: &Stage, folder: &Path, argument: &str) -> Terminal {
    let terminal = start(ask, stage, folder, &[argument]);
    terminal.see(|screen| screen.shows(LAST_WORDS), LIMIT).expect("the conversation");
    settle(&terminal);
    terminal
}

fn say(terminal: &Terminal, prompt: &str) {
    terminal.type_text(prompt);
    terminal.wait_for(prompt);
    terminal.send(b"\r");
}

/// The answers that were sent whole.
fn answers(stage: &Stage) -> usize {
    let requests = stage.stand.requests();
    requests.iter().filter(|it| it.is_responses() && it.ended.is_some()).count()
}

fn second_screen(ask: &Ask, table: &mut Table) {
    let (mut added, mut own) = (Vec::new(), Vec::new());
    for _ in 0..ask.runs {
        let Some((alone, _)) = long_answer(ask, 0) else { continue };
        let Some((joined, other)) = long_answer(ask, 1) else { continue };
        added.push((joined - alone) / alone * 100.0);
        own.push(other / alone * 100.0);
    }
    let row = "a second screen, 20,000 deltas: CPU that it adds to the first, of the turn's";
    table.add(row, "%", Target::AtMost(10.0), &added);
    let row = "a second screen, 20,000 deltas: its own CPU, of the turn's";
    table.add(row, "%", Target::AtMost(100.0), &own);
}

/// The processor time of a long answer: of the program that has the turn, and of others that have
/// joined.
fn long_answer(ask: &Ask, others: usize) -> Option<(f64, f64)> {
    let (stage, folder) = (Stage::new(Account::ChatGpt), tempfile::tempdir().expect("a folder"));
    let first = begin(ask, &stage, folder.path(), 50);
    let others: Vec<Terminal> =
        (0..others).map(|_| open(ask, &stage, folder.path(), "attach")).collect();
    stage.stand.script([load(20_000, Some(2_000))]);
    let all = || std::iter::once(&first).chain(&others);
    let before: Vec<f64> = all().map(|it| cpu_seconds(it.pid())).collect::<Option<_>>()?;
    let (count, begun) = (answers(&stage), Instant::now());
    say(&first, "go");
    while answers(&stage) == count {
        assert!(begun.elapsed() < LIMIT, "the answer does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    all().for_each(settle);
    let after: Vec<f64> = all().map(|it| cpu_seconds(it.pid())).collect::<Option<_>>()?;
    let cost: Vec<f64> = after.iter().zip(&before).map(|(after, before)| after - before).collect();
    Some((cost[0], cost[1..].iter().sum()))
}

/// The memory of a turn that goes on after its terminal was lost, of what it was, in percent.
fn without_screen(ask: &Ask) -> Option<f64> {
    let (stage, folder) = (Stage::new(Account::ChatGpt), tempfile::tempdir().expect("a folder"));
    let terminal = begin(ask, &stage, folder.path(), 2_000);
    stage.stand.script([ScriptedAnswer::sse([created(), text("Half"), gate("more")])]);
    say(&terminal, "go");
    assert!(stage.stand.wait_reached("more"), "the turn did not begin");
    std::thread::sleep(Duration::from_secs(2));
    let before = resident(terminal.pid())?;
    terminal.signal("HUP");
    let input = format!("/proc/{}/fd/0", terminal.pid());
    let begun = Instant::now();
    while fs::read_link(&input).ok()?.as_os_str() != "/dev/null" {
        assert!(begun.elapsed() < LIMIT, "the terminal is not let go of");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_secs(2));
    let after = resident(terminal.pid())?;
    terminal.signal("TERM");
    terminal.wait_exit();
    Some(after / before * 100.0)
}

/// How often two programs wake up in a minute that have a conversation open together.
fn at_rest(ask: &Ask) -> Option<f64> {
    let (stage, folder) = (Stage::new(Account::ChatGpt), tempfile::tempdir().expect("a folder"));
    let first = begin(ask, &stage, folder.path(), 50);
    let other = open(ask, &stage, folder.path(), "attach");
    // Threads of the start end after a while.
    std::thread::sleep(SPAN);
    let pids = [first.pid(), other.pid()];
    let before = pids.map(|pid| (threads(pid), switches(pid)));
    std::thread::sleep(SPAN);
    let mut wakes = 0;
    for (pid, (count, so_far)) in pids.into_iter().zip(before) {
        if threads(pid) != count {
            return None;
        }
        wakes += switches(pid)? - so_far?;
    }
    Some(wakes as f64 * 60.0 / SPAN.as_secs_f64())
}

fn slow_line(ask: &Ask, table: &mut Table) {
    let (mut waiting, mut letters, mut late, mut page, mut shown) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ask.runs {
        let stage = Stage::new(Account::ChatGpt);
        let folder = tempfile::tempdir().expect("a folder");
        let terminal = begin(ask, &stage, folder.path(), 2_000);
        let mut pieces = vec![created(), text("Half"), gate("more")];
        pieces.extend((0..50).map(|_| text(" nineteen letters it")));
        pieces.push(completed(Usage { input: 9, cached: 0, output: 9, reasoning: 0, cost: None }));
        stage.stand.script([ScriptedAnswer::sse(pieces).per_second(25)]);
        say(&terminal, "go");
        assert!(stage.stand.wait_reached("more"), "the turn did not begin");
        std::thread::sleep(Duration::from_secs(2));
        let mark = terminal.mark();
        std::thread::sleep(SPAN);
        waiting.push((terminal.mark() - mark) as f64 / SPAN.as_secs_f64());

        let count = answers(&stage);
        stage.stand.open("more");
        let line = over_line(&terminal, || answers(&stage) > count);
        letters.push(line.bytes);
        late.push(line.late);

        settle(&terminal);
        terminal.send(b"\x1b[5~");
        let line = over_line(&terminal, || true);
        page.push(line.bytes);
        shown.push(line.late);
    }
    let row = |what: &str| format!("a line of 64 kbit/s and 300 ms: {what}");
    table.add(
        &row("bytes per second of a turn that waits"),
        "bytes",
        Target::AtMost(150.0),
        &waiting,
    );
    table.add(&row("bytes of 1,000 letters at 500/s"), "bytes", Target::AtMost(6_000.0), &letters);
    table.add(&row("the last of them late by"), "s", Target::AtMost(1.0), &late);
    table.add(&row("bytes of a page up"), "bytes", Target::AtMost(4_000.0), &page);
    table.add(&row("a page up is shown after"), "s", Target::AtMost(1.0), &shown);
}

/// The way of output over the slow line.
struct OverLine {
    bytes: f64,
    /// Seconds between the moment that the cause was over and the last byte at the far end.
    late: f64,
}

/// Follows the output over the slow line until all of it has arrived: bytes wait in the sending
/// machine, as SSH has them do.
fn over_line(terminal: &Terminal, is_over: impl Fn() -> bool) -> OverLine {
    let (begun, mark) = (Instant::now(), terminal.mark());
    let (mut seen, mut queued, mut looked) = (mark, 0.0, begun);
    let (mut over, mut arrived, mut changed): (Option<Instant>, _, _) = (None, begun, begun);
    while over.is_none() || queued > 0.0 || changed.elapsed() < Duration::from_millis(500) {
        std::thread::sleep(Duration::from_millis(5));
        let now = Instant::now();
        queued -= now.duration_since(looked).as_secs_f64() * BYTES_PER_SECOND;
        looked = now;
        queued = f64::max(queued, 0.0);
        let mark = terminal.mark();
        if mark > seen {
            queued += (mark - seen) as f64;
            (seen, changed) = (mark, now);
            arrived = now + Duration::from_secs_f64(queued / BYTES_PER_SECOND);
        }
        if over.is_none() && is_over() {
            over = Some(now);
        }
        assert!(begun.elapsed() < LIMIT, "the screen does not come to rest");
    }
    let over = over.unwrap_or(begun);
    let late = arrived.saturating_duration_since(over).as_secs_f64() + ROUND_TRIP;
    OverLine { bytes: (seen - mark) as f64, late }
}
