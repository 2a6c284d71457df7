//! Who has a session open: another codling, as far as it said so.

use serde::{Deserialize, Serialize};

use crate::base::Timestamp;

use crate::protocol::SessionId;

/// A session that another program has open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenElsewhere {
    /// The session.
    pub session: SessionId,
    /// Who has it open; `None` where that program does not say so.
    pub holder: Option<SessionHolder>,
    /// Why it was not joined; `None` where that was not tried.
    pub unjoined: Option<Unjoined>,
}

/// Why a session that another program has open cannot be joined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unjoined {
    /// That program does not answer.
    Silent,
    /// That program is of this version, which speaks otherwise.
    OtherVersion(String),
    /// That program is another user's.
    OtherUser,
    /// There is no way to it: it is an older version, on another machine, or the system has none.
    Absent,
}

impl Unjoined {
    /// In a sentence without a full stop, for people.
    pub fn words(&self) -> String {
        match self {
            Self::Silent => "It does not answer: it hangs or was suspended".into(),
            Self::OtherVersion(version) => {
                format!("It is codling {version}, which this version cannot join")
            }
            Self::OtherUser => "It belongs to another user".into(),
            Self::Absent => {
                "It cannot be joined from here: it is an older codling, or on another machine"
                    .into()
            }
        }
    }
}

/// The program that has a session open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionHolder {
    /// The number of its process.
    pub process: u32,
    /// The terminal that it was started in; `None` where there is none, as for an editor's agent.
    pub terminal: Option<String>,
    /// The machine or container it runs on, where that is another one.
    pub host: Option<String>,
    /// Since when it has the session open.
    pub since: Timestamp,
}

impl SessionHolder {
    /// Names it; `since` is when it opened the session, in words.
    pub fn named(&self, since: &str) -> String {
        let process = format!("process {}", self.process);
        let host = self.host.as_ref().map(|host| format!("on {host}"));
        let terminal = self.terminal.as_ref().map(|terminal| format!("terminal {terminal}"));
        let since = format!("since {since}");
        let parts = [Some(process), host, terminal, Some(since)].into_iter().flatten();
        parts.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holder_is_named_by_what_is_known_of_it() {
        let holder = SessionHolder {
            process: 12,
            terminal: Some("/dev/pts/3".into()),
            host: None,
            since: Timestamp(0),
        };
        assert_eq!(holder.named("14:02"), "process 12, terminal /dev/pts/3, since 14:02");
        let far = SessionHolder { terminal: None, host: Some("box".into()), ..holder };
        assert_eq!(far.named("14:02"), "process 12, on box, since 14:02");
    }
}
