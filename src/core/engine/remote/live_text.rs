//! The state of a session as text, a line `KEY VALUE` for each fact: the answer to the question
//! `state`, which programs of any version understand.

use crate::base::text::{clean_line, head};
use crate::protocol::{Activity, LiveState, SessionId};

/// Bytes of a value.
const LONGEST: usize = 1_024;

/// Writes a state down. A fact that is not known has no line.
pub(super) fn write(state: &LiveState) -> String {
    let facts = [
        ("session", Some(state.session.as_str().to_owned())),
        ("parent", state.parent.as_ref().map(|parent| parent.as_str().to_owned())),
        ("process", Some(state.process.to_string())),
        ("folder", Some(state.folder.clone())),
        ("branch", state.branch.clone()),
        ("title", Some(state.title.clone())),
        ("state", Some(state.activity.as_str().to_owned())),
        ("seconds", state.seconds.map(|seconds| seconds.to_string())),
        ("jobs", Some(state.jobs.to_string())),
        ("last", Some(state.last.clone())),
    ];
    let line = |(key, value): (&str, Option<String>)| {
        let value = value.filter(|value| !value.is_empty())?;
        Some(format!("{key} {}\n", head(&clean_line(&value), LONGEST)))
    };
    facts.into_iter().filter_map(line).collect()
}

/// Reads a state; keys that are not known are passed over. `None` where it is none: an older
/// program does not know the question.
pub(super) fn read(text: &str) -> Option<LiveState> {
    let value = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(found, _)| *found == key).map(|(_, value)| clean_line(value).into_owned())
    };
    Some(LiveState {
        session: SessionId::new(value("session")?),
        parent: value("parent").map(SessionId::new),
        process: value("process")?.parse().ok()?,
        folder: value("folder").unwrap_or_default(),
        branch: value("branch"),
        title: value("title").unwrap_or_default(),
        // A newer program may know others, in all of which a turn is in progress.
        activity: Activity::named(&value("state")?).unwrap_or(Activity::Running),
        seconds: value("seconds").and_then(|it| it.parse().ok()),
        jobs: value("jobs").and_then(|it| it.parse().ok()).unwrap_or_default(),
        last: value("last").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> LiveState {
        LiveState {
            session: "ses_1".into(),
            parent: None,
            process: 7,
            folder: "/srv/a b".into(),
            branch: Some("main".into()),
            title: String::new(),
            activity: Activity::AwaitsApproval,
            seconds: Some(3),
            jobs: 2,
            last: "rm -rf build".into(),
        }
    }

    #[test]
    fn a_state_is_read_as_it_was_written() {
        assert_eq!(read(&write(&state())), Some(state()));
        let text = write(&state());
        assert!(text.contains("folder /srv/a b\nbranch main\nstate approval\n"), "{text}");
    }

    #[test]
    fn no_text_makes_a_line_of_its_own_or_a_long_one() {
        let (title, last) = ("a\nstate idle\u{1b}[2J".to_owned(), "x".repeat(9_000));
        let read = read(&write(&LiveState { title, last, ..state() })).unwrap();
        assert_eq!((&*read.title, read.activity), ("a state idle␛[2J", Activity::AwaitsApproval));
        assert_eq!(read.last.len(), LONGEST);
    }

    #[test]
    fn an_older_program_tells_no_state_and_a_newer_one_may_tell_more() {
        assert_eq!(read(""), None);
        let newer = "colour red\nsession ses_1\nprocess 7\nstate dreaming\n";
        assert_eq!(read(newer).map(|it| it.activity), Some(Activity::Running));
    }
}
