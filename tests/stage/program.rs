//! A running program: its output over a pipe, and its end.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::until;

/// A program that is killed when this is dropped.
pub struct Ending(pub Child);

impl Ending {
    /// Waits for the program to end by itself; returns its exit code.
    pub fn ended(&mut self, limit: Duration) -> Option<i32> {
        let mut status = None;
        until(limit, "the program has ended", || {
            status = self.0.try_wait().unwrap();
            status.is_some()
        });
        status.and_then(|status| status.code())
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// The messages of a protocol with one JSON object per line, as they come, each with its text.
pub fn messages(output: ChildStdout) -> Receiver<(Value, String)> {
    let (sender, incoming) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            let Ok(line) = line else { return };
            let message = line
                .parse()
                .unwrap_or_else(|_| panic!("standard output carries the protocol alone: {line}"));
            if sender.send((message, line)).is_err() {
                return;
            }
        }
    });
    incoming
}
