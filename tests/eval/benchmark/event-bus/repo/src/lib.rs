//! Events in one thread. README.md has the rules.

mod bus;
mod queue;

pub use bus::{Bus, Subscription, WeakBus};
pub use queue::Event;
