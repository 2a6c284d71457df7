//! Running work that is owned: letting go of it ends it.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::protocol::{Problem, ProblemKind};

/// How work ended that was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// Just before: what it sent last is on its way.
    ByItself,
    Midway,
}

/// Runs work to its end, even where that is a panic: then `broke` says so to whom it may concern.
pub(crate) async fn guarded(body: impl Future<Output = ()>, broke: impl FnOnce(Problem)) {
    // Whatever it worked on goes with it, so that nobody sees it half done.
    if AssertUnwindSafe(body).catch_unwind().await.is_err() {
        broke(defect());
    }
}

/// The problem that is told of a panic.
pub(crate) fn defect() -> Problem {
    Problem::new(
        ProblemKind::Internal,
        "Something broke inside codling: this is a bug in codling itself",
    )
    .with_next("Try again; with `CODLING_LOG=debug` its log says where")
}

/// Starts a task. Boxed first, so that all with one output are one kind of task: each kind makes
/// the program some KiB larger.
pub(crate) fn spawn<T: Send + 'static>(
    body: impl Future<Output = T> + Send + 'static,
) -> JoinHandle<T> {
    tokio::spawn(body.boxed())
}

/// Runs work that may block on a thread for such work; boxed for the same reason.
pub(crate) fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let work: Box<dyn FnOnce() -> T + Send> = Box::new(work);
    tokio::task::spawn_blocking(work)
}

#[derive(Debug)]
pub(crate) struct Work(Option<JoinHandle<()>>);

impl Work {
    pub(crate) fn start(body: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(spawn(body)))
    }

    /// Work that somebody waits for: `broke` tells them where it panics.
    pub(crate) fn awaited(
        body: impl Future<Output = ()> + Send + 'static,
        broke: impl FnOnce(Problem) + Send + 'static,
    ) -> Self {
        Self::start(guarded(body, broke))
    }

    /// Ends it, and resolves when all it held is let go of.
    pub(crate) async fn stop(mut self) -> Stopped {
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

/// Lets so many pieces of work run at a time; the others wait for their turn, first come, first
/// served.
#[derive(Clone, Debug)]
pub(crate) struct WorkLimit(Arc<Semaphore>);

impl WorkLimit {
    pub(crate) fn new(at_a_time: usize) -> Self {
        Self(Arc::new(Semaphore::new(at_a_time)))
    }

    /// The work, which waits for its turn first. It gives the turn up when it ends, and when it is
    /// let go of.
    pub(crate) fn keep<F: Future>(&self, body: F) -> impl Future<Output = F::Output> + use<F> {
        let turns = Arc::clone(&self.0);
        async move {
            // Never closed; were it, work would only not have to wait.
            let _turn = turns.acquire_owned().await.ok();
            body.await
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::base::text::says;

    #[tokio::test]
    async fn no_more_than_the_limit_runs_at_a_time_and_all_of_it_runs_in_the_end() {
        let (limit, gate) = (WorkLimit::new(8), Arc::new(Semaphore::new(0)));
        let (running, most, done) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicUsize::new(0)),
        );
        let begin = |_| {
            let (gate, running, most, done) =
                (Arc::clone(&gate), Arc::clone(&running), Arc::clone(&most), Arc::clone(&done));
            Work::start(limit.keep(async move {
                most.fetch_max(running.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                let _running = Running(running);
                gate.acquire().await.unwrap().forget();
                done.fetch_add(1, Ordering::Relaxed);
            }))
        };
        let mut works: Vec<Work> = (0..100).map(begin).collect();
        while running.load(Ordering::Relaxed) < 8 {
            tokio::task::yield_now().await;
        }
        // One that has its turn and one that waits for it are let go of.
        assert_eq!(works.remove(50).stop().await, Stopped::Midway);
        assert_eq!(works.remove(0).stop().await, Stopped::Midway);
        gate.add_permits(98);
        for work in works {
            finish(work).await;
        }
        assert_eq!((most.load(Ordering::Relaxed), done.load(Ordering::Relaxed)), (8, 98));
    }

    /// Counts one less when it is dropped, however that comes.
    struct Running(Arc<AtomicUsize>);

    impl Drop for Running {
        fn drop(&mut self) {
            self.0.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Waits until it has come to its end by itself.
    async fn finish(mut work: Work) {
        work.0.take().unwrap().await.unwrap();
    }

    #[tokio::test]
    async fn whoever_waits_for_work_hears_that_it_broke() {
        let (reported, reports) = mpsc::channel();
        let send = reported.clone();
        guarded(async { panic!("a defect") }, move |problem| send.send(problem.message).unwrap())
            .await;
        assert!(says(&reports.recv().unwrap(), "inside codling"));
        guarded(async {}, move |problem| reported.send(problem.message).unwrap()).await;
        assert!(reports.recv().is_err(), "nothing is told of work that came to its end");
    }
}
