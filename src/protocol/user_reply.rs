//! What a person said or did to a call, or that there was none, as the model is told of it; a
//! screen reads it back, so as not to tell people about "the user".

/// A person's words to a call that waited for them, or their key that ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserReply<'a> {
    Answered(&'a str),
    /// A question got no answer, with or without words instead.
    Declined(Option<&'a str>),
    /// The call was not to run.
    Refused(Option<&'a str>),
    /// It ran, and had put out these last lines.
    Stopped(Option<&'a str>),
    /// The turn was stopped before the call ran.
    Unrun,
    /// Nobody was there to be asked what it asks, or whether it may run: then with what would have to be allowed.
    Unasked(Option<&'a str>),
}

const ANSWERED: &str = "The user answered: ";
const DECLINED: &str = "The user declined to answer.";
const DECLINED_BECAUSE: &str = "The user declined to answer. They said: ";
const REFUSED: &str = "The user refused this call. Do not try the same in another way: go on without it, or ask what is wanted.";
const REFUSED_BECAUSE: &str = "The user refused this call and said: ";
const STOPPED: &str = "Interrupted by the user before it finished. It may have been done in part.";
const STOPPED_SAYING: &str = "Interrupted by the user before it finished. It may have been done in part. Its last words:\n";
const UNRUN: &str = "Interrupted by the user before it ran.";
const UNASKED: &str = "Nobody can be asked here: this runs without a screen. Go on without it, or end by saying what you would have done.";

const UNASKED_WHETHER: &str = "Nobody can be asked here: this runs without a screen. The call needs a person's yes (";
const UNASKED_END: &str = "). Do it in a form that needs none, go on without it, or end by saying what you would have done.";

impl<'a> UserReply<'a> {
    /// For the model.
    pub fn told(self) -> String {
        match self {
            Self::Answered(words) => format!("{ANSWERED}{}", words.trim()),
            Self::Declined(None) => DECLINED.into(),
            Self::Declined(Some(why)) => format!("{DECLINED_BECAUSE}{}", why.trim()),
            Self::Refused(None) => REFUSED.into(),
            Self::Refused(Some(why)) => format!("{REFUSED_BECAUSE}{}", why.trim()),
            Self::Stopped(None) => STOPPED.into(),
            Self::Stopped(Some(last)) => format!("{STOPPED_SAYING}{last}"),
            Self::Unrun => UNRUN.into(),
            Self::Unasked(None) => UNASKED.into(),
            Self::Unasked(Some(why)) => format!("{UNASKED_WHETHER}{why}{UNASKED_END}"),
        }
    }

    /// Of what the model was told.
    pub fn read(told: &'a str) -> Option<Self> {
        match told {
            DECLINED => return Some(Self::Declined(None)),
            REFUSED => return Some(Self::Refused(None)),
            STOPPED => return Some(Self::Stopped(None)),
            UNRUN => return Some(Self::Unrun),
            UNASKED => return Some(Self::Unasked(None)),
            _ => {}
        }
        let after = |words: &str| told.strip_prefix(words);
        after(ANSWERED)
            .map(Self::Answered)
            .or_else(|| after(DECLINED_BECAUSE).map(|why| Self::Declined(Some(why))))
            .or_else(|| after(REFUSED_BECAUSE).map(|why| Self::Refused(Some(why))))
            .or_else(|| after(UNASKED_WHETHER)?.strip_suffix(UNASKED_END).map(|why| Self::Unasked(Some(why))))
            .or_else(|| after(STOPPED_SAYING).map(|last| Self::Stopped(Some(last))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_model_is_told_can_be_read_back() {
        for said in [
            UserReply::Answered("green"),
            UserReply::Answered(""),
            UserReply::Declined(None),
            UserReply::Declined(Some("not now")),
            UserReply::Refused(None),
            UserReply::Refused(Some("keep the name")),
            UserReply::Stopped(None),
            UserReply::Stopped(Some("one\ntwo\n")),
            UserReply::Unrun,
            UserReply::Unasked(None),
            UserReply::Unasked(Some("It uses the network")),
        ] {
            assert_eq!(UserReply::read(&said.told()), Some(said));
        }
        for other in ["", "Exit code 0", "It said: The user answered: x"] {
            assert_eq!(UserReply::read(other), None, "{other}");
        }
    }
}
