//! Running work that is owned: letting go of it ends it.

use std::future::Future;

use tokio::task::JoinHandle;

/// How work ended that was told to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// Just before: what it sent last is on its way.
    ByItself,
    Midway,
}

#[derive(Debug)]
pub(super) struct Work(Option<JoinHandle<()>>);

impl Work {
    pub(super) fn start(body: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Some(tokio::spawn(body)))
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
