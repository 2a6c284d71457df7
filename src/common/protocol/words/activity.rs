//! How far an open session is: running, waiting for a person, idle.

/// How far an open session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// A call waits until a person allows it.
    AwaitsApproval,
    /// A question waits for a person's answer.
    AwaitsAnswer,
    /// A turn waits until its usage limit is reset.
    AwaitsLimit,
    /// A turn is in progress.
    Running,
    /// No turn is in progress.
    Idle,
}

impl Activity {
    const ALL: [Self; 5] =
        [Self::AwaitsApproval, Self::AwaitsAnswer, Self::AwaitsLimit, Self::Running, Self::Idle];

    /// `approval`, `question`, `limit`, `running`, `idle`: for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwaitsApproval => "approval",
            Self::AwaitsAnswer => "question",
            Self::AwaitsLimit => "limit",
            Self::Running => "running",
            Self::Idle => "idle",
        }
    }

    /// The one of that name, as [`Self::as_str`] gives it; `None` where there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|activity| activity.as_str() == name)
    }

    /// `waiting for approval`, `waiting for an answer`, `waiting for a limit`, `running`, `idle`:
    /// for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::AwaitsApproval => "waiting for approval",
            Self::AwaitsAnswer => "waiting for an answer",
            Self::AwaitsLimit => "waiting for a limit",
            Self::Running => "running",
            Self::Idle => "idle",
        }
    }
}
