//! An open session as its holder tells it to other programs: what it does, and the asks that wait
//! there.

use crate::base::text::{clean_line, cut};
use crate::protocol::{Activity, Ask, LimitStage, SessionId, SessionView, TranscriptEntry};

/// Columns of a title or of the last words.
const LONGEST: usize = 200;

/// The state of a session that a living program holds. Its texts are one line each, without
/// control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveState {
    /// The session.
    pub session: SessionId,
    /// The session it works for, where there is one.
    pub parent: Option<SessionId>,
    /// The process that holds it; in a container it may have another number outside.
    pub process: u32,
    /// The folder it works in.
    pub folder: String,
    /// The git branch when it was opened; `None` where there was none.
    pub branch: Option<String>,
    /// Its title; empty where it has none.
    pub title: String,
    /// How far it is.
    pub activity: Activity,
    /// How long its turn has been going on, in seconds; `None` where none is in progress.
    pub seconds: Option<u64>,
    /// Commands that go on running there.
    pub jobs: usize,
    /// The ask that waits longest, the running call, or the last line of the answer; may be empty.
    pub last: String,
}

impl LiveState {
    /// The state of a session that this process holds; how long its turn has been going on is for
    /// others to say.
    pub fn of(view: &SessionView) -> Self {
        let short = |text: &str| cut(&clean_line(text), LONGEST).into_owned();
        let place = view.place.as_ref();
        let folder = place.map(|place| place.folder.display().to_string()).unwrap_or_default();
        Self {
            session: view.id.clone(),
            parent: view.parent.as_ref().map(|parent| parent.session.clone()),
            process: std::process::id(),
            folder: clean_line(&folder).into_owned(),
            branch: place.and_then(|place| Some(short(place.branch.as_deref()?))),
            title: short(&view.title),
            activity: view.activity(),
            seconds: None,
            jobs: view.jobs.len(),
            last: short(view.last_words()),
        }
    }
}

impl SessionView {
    /// How far the session is; asks of those that work for it count as its own.
    pub fn activity(&self) -> Activity {
        let mut is_question = false;
        for (_, ask) in self.waiting_asks() {
            match ask {
                Ask::Approval(_) => return Activity::AwaitsApproval,
                Ask::Question { .. } => is_question = true,
            }
        }
        match (self.turn, self.limit.as_ref().map(|limit| limit.stage)) {
            _ if is_question => Activity::AwaitsAnswer,
            (_, Some(LimitStage::Offered(_))) => Activity::AwaitsAnswer,
            (_, Some(LimitStage::Waiting)) => Activity::AwaitsLimit,
            (Some(_), None) => Activity::Running,
            (None, None) => Activity::Idle,
        }
    }

    /// The asks that wait for a person, its own first, and the session in which each is answered.
    pub fn waiting_asks(&self) -> impl Iterator<Item = (&SessionId, &Ask)> {
        let own = self.asks.iter().map(|ask| (&self.id, ask));
        let of_children = self
            .children
            .iter()
            .flat_map(|child| child.asks.iter().map(move |ask| (&child.session, &**ask)));
        own.chain(of_children)
    }

    /// The ask that waits longest, the usage limit that holds the turn up, the call that runs, or
    /// the last line of the answer since the last prompt; empty where there is none.
    pub fn last_words(&self) -> &str {
        match self.waiting_asks().next() {
            Some((_, Ask::Approval(approval))) => return &approval.title,
            Some((_, Ask::Question { question, .. })) => return &question.text,
            None => {}
        }
        if let Some(limit) = &self.limit {
            return &limit.problem.message;
        }
        if let Some((_, title)) = self.running.last() {
            return title;
        }
        for entry in self.transcript.entries().iter().rev() {
            match &**entry {
                TranscriptEntry::User { .. } => break,
                TranscriptEntry::Assistant { text, .. } if !text.trim().is_empty() => {
                    return text.trim_end().lines().next_back().unwrap_or_default().trim();
                }
                _ => {}
            }
        }
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Timestamp;
    use crate::protocol::{AskId, LimitHold, Problem, ProblemKind, TurnId};

    #[test]
    fn a_turn_that_a_limit_holds_waits_for_a_person_or_for_the_reset() {
        let mut view = SessionView::new("ses_1".into());
        view.turn = Some(TurnId(1));
        assert_eq!(view.activity(), Activity::Running);
        let problem = Problem::new(ProblemKind::UsageLimit { resets: None }, "Used up");
        for (stage, activity) in [
            (LimitStage::Offered(AskId(1)), Activity::AwaitsAnswer),
            (LimitStage::Waiting, Activity::AwaitsLimit),
        ] {
            let problem = problem.clone();
            view.limit = Some(LimitHold { until: Timestamp(0), stage, problem });
            assert_eq!((view.activity(), view.last_words()), (activity, "Used up"));
        }
    }
}
