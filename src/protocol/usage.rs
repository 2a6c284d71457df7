//! Tokens used, and how much of a plan is left.

use crate::base::Timestamp;

/// Tokens of one request, as the server counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    pub input: u64,
    /// Of `input`: read from the prompt cache.
    pub cached: u64,
    pub output: u64,
    /// Of `output`: spent on reasoning.
    pub reasoning: u64,
}

impl Usage {
    /// The sum of both.
    pub fn add(&mut self, more: Self) {
        self.input = self.input.saturating_add(more.input);
        self.cached = self.cached.saturating_add(more.cached);
        self.output = self.output.saturating_add(more.output);
        self.reasoning = self.reasoning.saturating_add(more.reasoning);
    }
}

/// Limits of a plan, from the response headers or the usage endpoint.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    pub primary: Option<Limit>,
    pub secondary: Option<Limit>,
}

/// One window of a limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// 0 to 100.
    pub used_percent: f64,
    pub window_minutes: Option<u64>,
    pub resets: Option<Timestamp>,
}
