//! User replies: what a person said or did to a call, or that there was nobody to ask.

use serde::{Deserialize, Serialize};

/// A person's answer to a call that waited for them, or that they stopped it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserReply {
    /// A question was answered with these words.
    Answered(String),
    /// A question was declined, with or without words in place of an answer.
    Declined(Option<String>),
    /// No person could be asked the call's question, or whether it may run; then it holds why one
    /// would be asked.
    NotAsked(Option<String>),
    /// The turn was stopped before the call ran.
    NotRun,
    /// The person refused to let the call run, with or without words for the model.
    Refused(Option<String>),
    /// The turn was stopped while the call ran; these are its last lines of output, if any.
    Stopped(Option<String>),
}

impl UserReply {
    /// The text that the model reads.
    pub fn told(&self) -> String {
        match self {
            Self::Answered(words) => format!("The user answered: {}", words.trim()),
            Self::Declined(None) => "The user declined to answer.".into(),
            Self::Declined(Some(why)) => format!("The user declined to answer. They said: {}", why.trim()),
            Self::NotAsked(None) => {
                "Nobody can be asked here: this runs without a screen. Go on without it, or end by saying what you would have done.".into()
            }
            Self::NotAsked(Some(why)) => format!(
                "Nobody can be asked here: this runs without a screen. The call needs a person's yes ({why}). Do it in a form that needs none, \
                 go on without it, or end by saying what you would have done."
            ),
            Self::NotRun => "Interrupted by the user before it ran.".into(),
            Self::Refused(None) => {
                "The user refused this call. Do not try the same in another way: go on without it, or ask what is wanted.".into()
            }
            Self::Refused(Some(why)) => format!("The user refused this call and said: {}", why.trim()),
            Self::Stopped(None) => "Interrupted by the user before it finished. It may have been done in part.".into(),
            Self::Stopped(Some(last)) => {
                format!("Interrupted by the user before it finished. It may have been done in part. Its last words:\n{last}")
            }
        }
    }

    /// The person's own words, where there are any.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Answered(words) => Some(words.trim()),
            Self::Declined(words) | Self::Refused(words) => words.as_deref().map(str::trim),
            Self::NotAsked(_) | Self::NotRun | Self::Stopped(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_told_in_a_sentence() {
        let some = |words: &str| Some(words.to_owned());
        for (reply, sentence) in [
            (UserReply::Answered(" two ".into()), "The user answered: two"),
            (UserReply::Declined(None), "The user declined to answer."),
            (UserReply::Declined(some("why? ")), "The user declined to answer. They said: why?"),
            (
                UserReply::NotAsked(None),
                "Nobody can be asked here: this runs without a screen. Go on without it, or end by \
                 saying what you would have done.",
            ),
            (
                UserReply::NotAsked(some("it writes")),
                "Nobody can be asked here: this runs without a screen. The call needs a person's \
                 yes (it writes). Do it in a form that needs none, go on without it, or end by \
                 saying what you would have done.",
            ),
            (UserReply::NotRun, "Interrupted by the user before it ran."),
            (
                UserReply::Refused(None),
                "The user refused this call. Do not try the same in another way: go on without \
                 it, or ask what is wanted.",
            ),
            (UserReply::Refused(some("no\n")), "The user refused this call and said: no"),
            (
                UserReply::Stopped(None),
                "Interrupted by the user before it finished. It may have been done in part.",
            ),
            (
                UserReply::Stopped(some("half")),
                "Interrupted by the user before it finished. It may have been done in part. Its \
                 last words:\nhalf",
            ),
        ] {
            assert_eq!(reply.told(), sentence);
        }
    }
}
