//! How long things take: every wait of a sign-in comes from here, so that a test can live faster.

use std::time::Duration;

use crate::auth::EndpointError;
use crate::protocol::SignInPatience;

/// The longest wait while nothing can be reached, in seconds.
const UNREACHED: u64 = 4;

/// The waits of a sign-in.
#[derive(Clone, Copy, Debug)]
pub struct SignInPace {
    /// The length of one second of a protocol's interval.
    pub second: Duration,
    /// How long the browser way waits for its callback.
    pub browser: Duration,
    /// How long a device code lives where the server does not say, in seconds.
    pub code_seconds: u64,
    /// How many codes are fetched, one after the other has expired, before the person has to ask.
    pub codes: u32,
    /// Whether trouble that may pass is waited for.
    pub patience: SignInPatience,
    /// How long one request may take.
    pub request: Duration,
    /// How long a connection to the listener may take to send its request, or to take its answer.
    pub connection: Duration,
}

impl SignInPace {
    pub const REAL: Self = Self {
        second: Duration::from_secs(1),
        browser: Duration::from_secs(600),
        code_seconds: 900,
        codes: 8,
        patience: SignInPatience::Person,
        request: Duration::from_secs(20),
        connection: Duration::from_secs(5),
    };

    /// For whoever waits.
    pub fn of(patience: SignInPatience) -> Self {
        match patience {
            SignInPatience::Person => Self::REAL,
            SignInPatience::OneCode | SignInPatience::Program => {
                Self { codes: 1, patience, ..Self::REAL }
            }
        }
    }

    pub fn seconds(self, count: u64) -> Duration {
        self.second.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// [`SignInPace::after`] this error. A network that is down costs no server anything, and a
    /// person watches for its return.
    pub fn after_error(self, failures: u32, error: &EndpointError) -> Duration {
        let wait = self.after(failures, error.wait().map(|asked| asked.as_secs()));
        if matches!(error, EndpointError::Unreachable { .. }) {
            wait.min(self.seconds(UNREACHED))
        } else {
            wait
        }
    }

    /// The wait before try number `failures + 1`: what the server asked for (a minute at the most),
    /// else 1, 2, 4, … 30 seconds.
    pub fn after(self, failures: u32, asked: Option<u64>) -> Duration {
        match asked {
            Some(seconds) => self.seconds(seconds.clamp(1, 60)),
            None => self.seconds((1u64 << failures.saturating_sub(1).min(5)).min(30)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_half_a_minute_unless_the_server_names_one() {
        let waits: Vec<u64> =
            (1..=7).map(|failures| SignInPace::REAL.after(failures, None).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30]);
        for (asked, waited) in [(0, 1), (7, 7), (60, 60), (86_400, 60)] {
            assert_eq!(SignInPace::REAL.after(3, Some(asked)).as_secs(), waited);
        }
    }
}
