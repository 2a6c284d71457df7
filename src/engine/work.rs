//! Running work that is owned: letting go of it ends it.

use std::future::Future;

use tokio::task::JoinHandle;

#[derive(Debug)]
pub(super) struct Work(Option<JoinHandle<()>>);

impl Work {
    pub(super) fn start(body: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(tokio::spawn(body)))
    }

    /// Ends it, and resolves when all it held is let go of.
    pub(super) async fn stop(mut self) {
        if let Some(task) = self.0.take() {
            task.abort();
            // It was cancelled, which is what was wanted; or it ended by itself just before.
            let _cancelled = task.await;
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
