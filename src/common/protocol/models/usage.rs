//! Tokens used, and how much of a plan is left.

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

/// Tokens of one request, as the server counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens that were sent, those from the cache included.
    pub input: u64,
    /// The part of `input` that was read from the prompt cache.
    pub cached: u64,
    /// Tokens that the model wrote, reasoning included.
    pub output: u64,
    /// The part of `output` that was spent on reasoning.
    pub reasoning: u64,
    /// The cost in millionths of a US dollar; `None` where a plan pays, or no price is known.
    pub cost: Option<u64>,
}

impl Usage {
    /// Adds the tokens of another request.
    pub fn add(&mut self, more: Self) {
        self.input = self.input.saturating_add(more.input);
        self.cached = self.cached.saturating_add(more.cached);
        self.output = self.output.saturating_add(more.output);
        self.reasoning = self.reasoning.saturating_add(more.reasoning);
        self.cost = match (self.cost, more.cost) {
            (Some(before), Some(more)) => Some(before.saturating_add(more)),
            (before, more) => before.or(more),
        };
    }
}

/// Limits of a plan, from the response headers or the usage endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// The shorter window, as a rule of five hours (`x-codex-primary-*`).
    pub primary: Option<Limit>,
    /// The longer window, as a rule of a week (`x-codex-secondary-*`).
    pub secondary: Option<Limit>,
}

/// One window of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// How much of it is used, from 0 to 100.
    pub used_percent: f64,
    /// The length of the window; `None` where the server does not say.
    pub window_minutes: Option<u64>,
    /// When the window begins anew; `None` where the server does not say.
    pub resets: Option<Timestamp>,
}
