//! Progress of a running command: its last lines, for the screen.

use std::time::{Duration, Instant};

use crate::tools::call::surroundings::ProgressSink;

use super::output::CommandOutput;
use super::plain_text;

/// The shortest time between two reports.
pub const PACE: Duration = Duration::from_millis(100);

/// Reports the last lines of a growing output, not too often and nothing twice.
pub struct ProgressReporter {
    progress: ProgressSink,
    reported: String,
    next: Instant,
}

impl ProgressReporter {
    pub fn new(progress: ProgressSink) -> Self {
        Self { progress, reported: String::new(), next: Instant::now() }
    }

    /// Whether the pause since the last report is over.
    pub fn is_due(&self, now: Instant) -> bool {
        now >= self.next
    }

    /// Reports the output if that is due. Also called when the output falls silent, so that its
    /// last lines are reported.
    pub fn update(&mut self, output: &CommandOutput, now: Instant, pace: Duration) {
        if self.is_due(now) {
            self.report(plain_text::plain(output.recent()), now, pace);
        }
    }

    /// Reports these lines if that is due.
    pub fn report(&mut self, tail: String, now: Instant, pace: Duration) {
        if self.is_due(now) && tail != self.reported {
            self.next = now + pace;
            self.reported.clone_from(&tail);
            (self.progress)(tail);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::protocol::CallId;
    use crate::tools::shell::output_room::OutputRoom;

    #[test]
    fn progress_is_reported_at_a_pace_and_only_when_it_is_news() {
        let lines: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut reporter = ProgressReporter::new({
            let lines = Arc::clone(&lines);
            Arc::new(move |tail| lines.lock().unwrap().push(tail))
        });
        let dir = tempfile::tempdir().unwrap();
        let mut output =
            CommandOutput::new(dir.path().to_owned(), &CallId::from("c"), OutputRoom::default());
        let start = reporter.next;
        for (bytes, after, wanted) in [
            (&b"one\n"[..], 0, 1),
            (b"two\n", 50, 1),
            (b"three\n", 99, 1),
            (b"", 100, 2),
            (b"", 300, 2),
            (b"\x1b[0m", 400, 2),
            (b"four\n", 401, 3),
        ] {
            output.push(bytes);
            reporter.update(&output, start + Duration::from_millis(after), PACE);
            assert_eq!(lines.lock().unwrap().len(), wanted, "{after}");
        }
        assert_eq!(lines.lock().unwrap().last().unwrap(), "one\ntwo\nthree\nfour\n");
    }
}
