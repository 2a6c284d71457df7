//! How a stand behaves when nothing else was scripted.

use std::time::Duration;

use crate::base::Clock;
use crate::demo::accounts::catalogue::Catalogue;
use crate::demo::accounts::jwt::Person;
use crate::demo::server::record::KeepRequests;

/// The behaviour of a stand.
#[derive(Clone, Debug)]
pub struct Options {
    /// The lifetime of access tokens.
    pub access_lifetime: Duration,
    /// After this time a device code approves itself.
    pub auto_approve: Option<Duration>,
    /// The models that the stand offers.
    pub catalogue: Catalogue,
    /// The clock that tokens and device codes live by.
    pub clock: Clock,
    /// Size of every model's context in tokens; `None` is what the catalogue says.
    pub context: Option<u64>,
    /// How device codes are answered.
    pub device_codes: DeviceCodes,
    /// Seconds between polls; sent as a string, as OpenAI does.
    pub interval: u32,
    /// How many requests are kept.
    pub keep: KeepRequests,
    /// API keys that are accepted, besides any that begins with `sk-demo`.
    pub keys: Vec<String>,
    /// Deltas per second of the rule-driven model; `None` is as fast as it goes.
    pub pace: Option<u32>,
    /// The person who signs in.
    pub person: Person,
    /// The used share of the five-hour and of the weekly window, in percent.
    pub used_percent: [f64; 2],
}

/// Whether the workspace allows signing in with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceCodes {
    /// Device codes are given out.
    Enabled,
    /// Device codes are refused, as for a workspace that does not allow them.
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
    /// For `codling demo`: a pace that can be read along, device codes that approve themselves, and
    /// little memory.
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
