//! Device codes: given out, typed on a page, approved or denied, spent.

use std::collections::HashMap;
use std::time::Duration;

use crate::base::Timestamp;

use super::jwt;

/// How long a user code lives.
pub const CODE_LIFE: Duration = Duration::from_secs(15 * 60);

/// Left out: what looks like something else when read off a screen.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

#[derive(Debug)]
pub struct Devices {
    auto_approve: Option<Duration>,
    devices: HashMap<String, Device>,
}

#[derive(Debug)]
struct Device {
    user_code: String,
    issued: Timestamp,
    decision: Option<DeviceDecision>,
}

/// The person's decision about a device code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceDecision {
    /// The sign-in goes on.
    Approve,
    /// The sign-in ends.
    Deny,
}

/// The answer to a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicePollAnswer {
    Approved,
    Denied,
    Expired,
    Pending,
    Unknown,
}

impl Devices {
    pub fn new(auto_approve: Option<Duration>) -> Self {
        Self { auto_approve, devices: HashMap::new() }
    }

    /// The id to poll with and the code to type.
    pub fn begin(&mut self, now: Timestamp) -> (String, String) {
        let id = format!("deviceauth_{}", jwt::random_text(18));
        let user_code = user_code();
        self.devices.insert(
            id.clone(),
            Device { user_code: user_code.clone(), issued: now, decision: None },
        );
        (id, user_code)
    }

    /// Approved ones are forgotten: they can be fetched once.
    pub fn poll(&mut self, id: &str, user_code: &str, now: Timestamp) -> DevicePollAnswer {
        let Some(device) = self.devices.get(id).filter(|device| device.user_code == user_code)
        else {
            return DevicePollAnswer::Unknown;
        };
        let age = now.since(device.issued);
        if age > CODE_LIFE {
            return DevicePollAnswer::Expired;
        }
        match device.decision {
            Some(DeviceDecision::Deny) => DevicePollAnswer::Denied,
            Some(DeviceDecision::Approve) => self.take(id),
            None if self.auto_approve.is_some_and(|after| age >= after) => self.take(id),
            None => DevicePollAnswer::Pending,
        }
    }

    /// Whether there is such a code, waiting. Case, spaces and the dash do not matter.
    pub fn decide(&mut self, typed: &str, decision: DeviceDecision, now: Timestamp) -> bool {
        let typed = plain(typed);
        let waiting = self.devices.values_mut().find(|device| {
            device.decision.is_none()
                && now.since(device.issued) <= CODE_LIFE
                && plain(&device.user_code) == typed
        });
        match waiting {
            Some(device) => {
                device.decision = Some(decision);
                true
            }
            None => false,
        }
    }

    fn take(&mut self, id: &str) -> DevicePollAnswer {
        self.devices.remove(id);
        DevicePollAnswer::Approved
    }
}

fn user_code() -> String {
    let random = jwt::random(9);
    let (letters, digits) = random.split_at(4);
    let letters =
        letters.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
    let digits = digits.iter().map(|byte| char::from(b'0' + byte % 10));
    letters.chain(['-']).chain(digits).collect()
}

fn plain(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_code_typed_in_any_spelling_is_approved_and_fetched_once() {
        let mut devices = Devices::new(None);
        let (id, code) = devices.begin(at(0));
        assert_eq!(devices.poll(&id, &code, at(1)), DevicePollAnswer::Pending);
        assert!(!devices.decide("AAAA-00000x", DeviceDecision::Approve, at(1)));
        assert!(devices.decide(
            &code.to_lowercase().replace('-', " "),
            DeviceDecision::Approve,
            at(1)
        ));
        assert_eq!(devices.poll(&id, &code, at(2)), DevicePollAnswer::Approved);
        assert_eq!(devices.poll(&id, &code, at(3)), DevicePollAnswer::Unknown);
    }

    #[test]
    fn a_code_ends_after_fifteen_minutes() {
        let mut devices = Devices::new(None);
        let (id, code) = devices.begin(at(0));
        assert_eq!(devices.poll(&id, &code, at(900)), DevicePollAnswer::Pending);
        assert_eq!(devices.poll(&id, &code, at(901)), DevicePollAnswer::Expired);
        assert!(!devices.decide(&code, DeviceDecision::Approve, at(901)));
    }

    #[test]
    fn a_denial_stands_and_a_wrong_code_learns_nothing() {
        let mut devices = Devices::new(Some(Duration::from_secs(4)));
        let (id, code) = devices.begin(at(0));
        assert_eq!(devices.poll(&id, "WRNG-12345", at(5)), DevicePollAnswer::Unknown);
        assert!(devices.decide(&code, DeviceDecision::Deny, at(1)));
        assert_eq!(devices.poll(&id, &code, at(9)), DevicePollAnswer::Denied);
    }

    #[test]
    fn in_the_demo_a_code_approves_itself_after_a_while() {
        let mut devices = Devices::new(Some(Duration::from_secs(4)));
        let (id, code) = devices.begin(at(0));
        assert_eq!(devices.poll(&id, &code, at(3)), DevicePollAnswer::Pending);
        assert_eq!(devices.poll(&id, &code, at(4)), DevicePollAnswer::Approved);
    }
}
