//! How a stand behaves when nothing else was scripted.

use std::time::Duration;

use crate::base::Clock;

use super::catalogue::Catalogue;
use super::jwt::Person;
use super::record::KeepRequests;

#[derive(Clone, Debug)]
pub struct Options {
    pub access_lifetime: Duration,
    /// After this time a device code approves itself.
    pub auto_approve: Option<Duration>,
    pub catalogue: Catalogue,
    pub clock: Clock,
    /// Size of every model's context in tokens; `None` is what the catalogue says.
    pub context: Option<u64>,
    pub device_codes: DeviceCodes,
    /// Seconds between polls; sent as a string, as OpenAI does.
    pub interval: u32,
    pub keep: KeepRequests,
    /// API keys that are accepted, besides any that begins with `sk-demo`.
    pub keys: Vec<String>,
    /// Deltas per second of the rule-driven model; `None` is as fast as it goes.
    pub pace: Option<u32>,
    pub person: Person,
    /// What is used of the five-hour and of the weekly window.
    pub used_percent: [f64; 2],
}

/// Whether the workspace allows signing in with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceCodes {
    Enabled,
    NotEnabled,
}

impl Default for Options {
    /// For tests: answers at once, approves nothing by itself, remembers everything.
    fn default() -> Self {
        Self {
            access_lifetime: Duration::from_secs(10 * 24 * 3600),
            auto_approve: None,
            catalogue: Catalogue::Demo,
            clock: Clock::system(),
            context: None,
            device_codes: DeviceCodes::Enabled,
            interval: 5,
            keep: KeepRequests::All,
            keys: Vec::new(),
            pace: None,
            person: Person::default(),
            used_percent: [12.0, 18.0],
        }
    }
}

impl Options {
    /// For `codling demo`: a pace that can be read along, device codes that approve themselves, and little memory.
    pub fn demo() -> Self {
        Self {
            auto_approve: Some(Duration::from_secs(4)),
            interval: 1,
            keep: KeepRequests::Latest(32),
            pace: Some(60),
            ..Self::default()
        }
    }
}
