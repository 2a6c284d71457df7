//! The one watcher that notices changes of files for all clients.

#[cfg(target_os = "linux")]
mod inotify;
#[cfg(target_os = "linux")]
mod placement;
#[cfg(any(test, not(target_os = "linux")))]
mod polled;
mod watcher;

pub use watcher::{WatchError, WatchEvent, Watcher};
