//! Named gates in an answer: the stand stops at one until the test opens it.

use std::collections::HashMap;
use std::time::Duration;

use crate::demo::watched::Watched;

#[derive(Debug)]
pub struct Gates(Watched<HashMap<String, OpenGate>>);

#[derive(Clone, Copy, Debug, Default)]
struct OpenGate {
    open: bool,
    reached: usize,
}

impl Gates {
    pub fn new() -> Self {
        Self(Watched::new(HashMap::new()))
    }

    /// Opens a gate for good, whether or not an answer stands at it yet.
    pub fn open(&self, name: &str) {
        self.0.change(|gates| gates.entry(name.into()).or_default().open = true);
    }

    /// Comes to a gate, and goes on once it is open.
    pub async fn pass(&self, name: &str) {
        self.0.change(|gates| gates.entry(name.into()).or_default().reached += 1);
        self.0.until(|gates| gates.get(name).filter(|gate| gate.open).map(|_open| ())).await;
    }

    /// Whether an answer came to the gate within the limit.
    pub fn wait_reached(&self, name: &str, limit: Duration) -> bool {
        self.0.wait(limit, |gates| reached(gates, name)).is_some()
    }

    pub async fn reached(&self, name: &str) {
        self.0.until(|gates| reached(gates, name)).await;
    }
}

fn reached(gates: &HashMap<String, OpenGate>, name: &str) -> Option<()> {
    gates.get(name).filter(|gate| gate.reached > 0).map(|_reached| ())
}
