//! How a front on a plain terminal ends, as the process tells its caller.

use crate::protocol::ProblemKind;

/// The ways in which such a front can end, each with its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// The exit code of a command that was run for its own sake.
    Command(u8),
    /// 0: what was asked is done.
    Done,
    /// 1: the turn, the sign-in or the sign-out failed.
    Failed,
    /// 130, as a shell reports SIGINT.
    Interrupted,
    /// 3: nobody is signed in, or the sign-in cannot be renewed.
    NotSignedIn,
    /// 128 and the number of the signal that ended it, as a shell reports it.
    Signal(u8),
    /// 2: the arguments or the settings are wrong.
    Usage,
}

impl Exit {
    /// The exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Command(code) => code,
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotSignedIn => 3,
            Self::Interrupted => 130,
            Self::Signal(number) => number.saturating_add(128),
        }
    }

    /// How to end after a problem that leaves nothing to go on with.
    pub fn after(kind: &ProblemKind) -> Self {
        match kind {
            ProblemKind::Config => Self::Usage,
            ProblemKind::NotSignedIn => Self::NotSignedIn,
            ProblemKind::Answer
            | ProblemKind::BadRequest
            | ProblemKind::BrokenStream
            | ProblemKind::ContextLength
            | ProblemKind::CredentialFile
            | ProblemKind::Internal
            | ProblemKind::Network
            | ProblemKind::NoDeviceCodes
            | ProblemKind::NoModel
            | ProblemKind::NotNow
            | ProblemKind::OpenElsewhere(_)
            | ProblemKind::Overloaded
            | ProblemKind::Quota
            | ProblemKind::RateLimited
            | ProblemKind::Refused
            | ProblemKind::Resolved
            | ProblemKind::SignIn
            | ProblemKind::SignInForbidden
            | ProblemKind::TokensHeld
            | ProblemKind::TooManyRequests
            | ProblemKind::UsageLimit { .. } => Self::Failed,
        }
    }
}
