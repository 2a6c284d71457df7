//! Work that may block, on a thread of its own.

use crate::protocol::CallOutput;

use super::refusal::ToolRefusal;
use super::stop_signal::{StopOnDrop, StopSignal};

/// Runs work where it may block; it learns of it when the future is dropped, and a panic of its
/// becomes an answer.
///
/// # Errors
///
/// Fails with the answer for the model if the work panicked, or if the program is ending.
pub async fn run_blocking<T: Send + 'static>(
    name: &str,
    work: impl FnOnce(&StopSignal) -> T + Send + 'static,
) -> Result<T, CallOutput> {
    let stop = StopSignal::default();
    let _guard = StopOnDrop(stop.clone());
    // One kind of task for all that answer alike: each kind is some KiB of code.
    let work: Box<dyn FnOnce() -> T + Send> = Box::new(move || work(&stop));
    let output = tokio::task::spawn_blocking(work).await;
    output.map_err(|error| {
        tracing::warn!(
            tool = name,
            cancelled = error.is_cancelled(),
            "a tool did not come to its end"
        );
        let text = match error.is_cancelled() {
            true => ToolRefusal::Stopped.to_string(),
            false => format!(
                "`{name}` broke down on this call. This is a bug in codling; another call may work"
            ),
        };
        CallOutput::refusal(name, text)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn work_that_nobody_waits_for_learns_of_it() {
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (ended, has_ended) = mpsc::channel();
        let work = move |stop: &StopSignal| {
            started.send(()).unwrap();
            while !stop.is_dropped() && !stop.is_late() {
                std::thread::yield_now();
            }
            ended.send(stop.is_dropped()).unwrap();
        };
        tokio::select! {
            _ = run_blocking("grep", work) => panic!("it was to be left"),
            left = has_started => left.unwrap(),
        }
        assert!(has_ended.recv_timeout(Duration::from_secs(20)).unwrap());
    }

    #[tokio::test]
    async fn a_tool_that_breaks_down_still_answers() {
        let output = run_blocking("grep", |_| -> () { panic!("a defect") }).await.unwrap_err();
        assert!(!output.ok && output.text.starts_with("`grep` broke down"), "{}", output.text);
    }
}
