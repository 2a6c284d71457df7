//! `cargo bench`: performance as a person feels it, measured on the real program in a
//! pseudo-terminal against the stand-in, as a table on stdout.
//!
//! `cargo bench -- start echo` measures only those rows, `cargo bench -- --runs 5` changes the
//! number of runs (3 by default), and `cargo bench -- --program PATH` measures another build. It
//! fails if a figure misses its target.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and ends where it cannot measure"
)]

mod ask;
mod scene;
mod usage;

mod commands;
#[cfg(target_os = "linux")]
mod confined;
mod decode;
mod fronts;
mod grep;
mod joined;
mod output;
mod screen;
mod sessions;
mod size;

mod table;

#[path = "../pty/mod.rs"]
mod pty;
#[path = "../stage/mod.rs"]
mod stage;

use std::time::Instant;

use ask::Ask;
use table::Table;

fn main() {
    let ask = match Ask::parse(std::env::args().skip(1)) {
        Ok(ask) => ask,
        Err(sentence) => {
            println!("{sentence}");
            std::process::exit(2);
        }
    };
    let began = Instant::now();
    let mut table = Table::default();
    // Ordered by need for a quiet machine: the noisy ones come last.
    size::measure(&ask, &mut table);
    screen::start::measure(&ask, &mut table);
    screen::idle::measure(&ask, &mut table);
    screen::echo::measure(&ask, &mut table);
    screen::models::measure(&ask, &mut table);
    screen::diff::measure(&ask, &mut table);
    sessions::measure(&ask, &mut table);
    joined::measure(&ask, &mut table);
    output::measure(&ask, &mut table);
    #[cfg(target_os = "linux")]
    confined::measure(&ask, &mut table);
    grep::measure(&ask, &mut table);
    commands::measure(&ask, &mut table);
    fronts::headless::measure(&ask, &mut table);
    fronts::app_server::measure(&ask, &mut table);
    fronts::acp::measure(&ask, &mut table);
    screen::stream::measure(&ask, &mut table);
    fronts::measure(&ask, &mut table);
    decode::measure(&ask, &mut table);
    println!("{}", table.render());
    println!(
        "120x40, plain HTTP on loopback, {} runs of each, {:.0} s in all",
        ask.runs,
        began.elapsed().as_secs_f64()
    );
    if !table.missed().is_empty() {
        for missed in table.missed() {
            println!("missed: {missed}");
        }
        std::process::exit(1);
    }
}
