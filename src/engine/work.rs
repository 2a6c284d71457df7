//! Running work that is owned: letting go of it ends it.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use tokio::task::JoinHandle;

use crate::protocol::{Problem, ProblemKind};

/// How work ended that was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// Just before: what it sent last is on its way.
    ByItself,
    Midway,
}

/// Runs work to its end, even where that is a panic: then `broke` says so to whom it may concern.
pub(super) async fn guarded(body: impl Future<Output = ()>, broke: impl FnOnce(Problem)) {
    // Whatever it worked on goes with it, so that nobody sees it half done.
    if AssertUnwindSafe(body).catch_unwind().await.is_err() {
        broke(defect());
    }
}

/// What is said of a panic.
pub(super) fn defect() -> Problem {
    Problem::new(ProblemKind::Internal, "Something broke inside codling: this is a bug in codling itself")
        .with_next("Try again; with `CODLING_LOG=debug` its log says where")
}

#[derive(Debug)]
pub(super) struct Work(Option<JoinHandle<()>>);

impl Work {
    pub(super) fn start(body: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(tokio::spawn(body)))
    }

    /// Work that somebody waits for: `broke` tells them where it panics.
    pub(super) fn awaited(body: impl Future<Output = ()> + Send + 'static, broke: impl FnOnce(Problem) + Send + 'static) -> Self {
        Self::start(guarded(body, broke))
    }

    /// Ends it, and resolves when all it held is let go of.
    pub(super) async fn stop(mut self) -> Stopped {
        let Some(task) = self.0.take() else { return Stopped::ByItself };
        task.abort();
        match task.await {
            Ok(()) => Stopped::ByItself,
            Err(_cancelled) => Stopped::Midway,
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn whoever_waits_for_work_hears_that_it_broke() {
        let (told, hears) = mpsc::channel();
        let send = told.clone();
        guarded(async { panic!("a defect") }, move |problem| send.send(problem.message).unwrap()).await;
        assert!(hears.recv().unwrap().starts_with("Something broke inside codling"));
        guarded(async {}, move |problem| told.send(problem.message).unwrap()).await;
        assert!(hears.recv().is_err(), "nothing is told of work that came to its end");
    }
}
