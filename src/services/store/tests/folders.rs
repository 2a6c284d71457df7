//! Files beside a log: outputs and images of one session.

use std::fs;
use std::time::{Duration, SystemTime};

use super::super::SessionLog;
use super::*;

fn image(fixture: &Fixture, id: &str, content: &str) -> PathBuf {
    let folder = fixture.sessions.images(&id.into());
    fs::create_dir_all(&folder).unwrap();
    let state = changed("/x").after.unwrap();
    fs::write(folder.join(state.digest().unwrap()), content).unwrap();
    fs::write(folder.join("0".repeat(64)), "of no record").unwrap();
    folder
}

#[test]
fn a_session_is_deleted_with_its_folder_and_nothing_that_links_lead_to() {
    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &[user("hi")]);
    fixture.with("ses_b", "/x", &[user("hi")]);
    image(&fixture, "ses_a", "");
    let elsewhere = fixture.place.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("mine"), "x").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(
            &elsewhere,
            fixture.sessions.images(&"ses_a".into()).join("link"),
        )
        .unwrap();
        std::os::unix::fs::symlink(&elsewhere, fixture.place.path().join("sessions/ses_b"))
            .unwrap();
    }
    for id in ["ses_a", "ses_b"] {
        fixture.sessions.delete(&id.into()).unwrap();
        assert!(
            !fixture.path(id).exists()
                && fs::symlink_metadata(fixture.place.path().join("sessions").join(id)).is_err()
        );
    }
    assert_eq!(fs::read_to_string(elsewhere.join("mine")).unwrap(), "x");
}

#[test]
fn a_session_in_which_nothing_was_said_goes_after_a_week_unless_somebody_has_it_open() {
    let fixture = Fixture::new();
    let kept = |id: &str, records: &[Record]| {
        let mut log = fixture.sessions.begin(&id.into(), "/x".as_ref(), KeepFrom::Start).unwrap();
        log.append(records).unwrap();
        log
    };
    let append = |id: &str, line: &[u8]| {
        let mut file = fs::File::options().append(true).open(fixture.path(id)).unwrap();
        std::io::Write::write_all(&mut file, line).unwrap();
    };
    let _open = kept("ses_open", &[]);
    for (id, records) in [
        ("ses_empty", vec![]),
        ("ses_set", vec![Record::Settings(settings())]),
        ("ses_young", vec![]),
        ("ses_said", vec![user("hi")]),
        ("ses_named", vec![Record::Title("pears".into())]),
        ("ses_ran", vec![Record::TurnStarted(TurnId(1))]),
        ("ses_newer_line", vec![]),
        ("ses_torn", vec![]),
        ("ses_damaged", vec![]),
        ("ses_folder", vec![]),
    ] {
        drop(kept(id, &records));
    }
    append("ses_newer_line", b"{\"type\":\"thought\",\"text\":\"hm\"}\n");
    append("ses_torn", b"{\"type\":\"us");
    append("ses_damaged", b"\0\0\n");
    fs::create_dir(fixture.path("ses_folder").with_extension("")).unwrap();
    fs::write(fixture.path("ses_no_log"), "mine\n").unwrap();
    let week = Duration::from_secs(7 * 86_400);
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_800_000_000_000);
    for file in fs::read_dir(fixture.place.path().join("sessions")).unwrap() {
        let file = file.unwrap();
        let age = match file.file_name().to_str() {
            Some("ses_young.jsonl") => week - Duration::from_secs(1),
            _ => week,
        };
        if file.path().is_file() {
            let file = fs::File::options().write(true).open(file.path()).unwrap();
            file.set_modified(now - age).unwrap();
        }
    }
    let before = logs(&fixture);
    fixture.sessions.sweep(&fixture.sessions.list().unwrap());
    let gone: Vec<String> = before.into_iter().filter(|id| !logs(&fixture).contains(id)).collect();
    assert_eq!(gone, ["ses_empty.jsonl", "ses_set.jsonl"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_was_removed_before_its_lock_was_free_is_not_gone_on_with() {
    use std::os::fd::AsRawFd as _;

    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &[user("hi")]);
    let log = fs::File::open(fixture.path("ses_a")).unwrap();
    fs::remove_file(fixture.path("ses_a")).unwrap();
    let opened = PathBuf::from(format!("/proc/self/fd/{}", log.as_raw_fd()));
    let gone = SessionLog::open(&opened, fixture.clock.clone());
    assert!(matches!(gone, Err(StoreError::NoSession { .. })));
}

/// The files of the folder of sessions, in the order of their names.
fn logs(fixture: &Fixture) -> Vec<String> {
    let files = fs::read_dir(fixture.place.path().join("sessions")).unwrap();
    let mut names: Vec<String> =
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_copy_of_a_copy_is_lent_the_outputs_of_both() {
    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &[user("hi")]);
    let mut copy = fixture
        .sessions
        .fork(
            &"ses_a".into(),
            &"ses_b".into(),
            crate::protocol::ForkPoint::End,
            KeepFrom::FirstPrompt,
        )
        .unwrap();
    copy.log.append(&[user("more")]).unwrap();
    drop(copy);
    let second = fixture
        .sessions
        .fork(
            &"ses_b".into(),
            &"ses_c".into(),
            crate::protocol::ForkPoint::End,
            KeepFrom::FirstPrompt,
        )
        .unwrap();
    let outputs = |id: &str| fixture.sessions.outputs(&id.into());
    assert_eq!(fixture.sessions.outputs_before(&second.past), [outputs("ses_b"), outputs("ses_a")]);
    let (_, first) = fixture.sessions.read(&"ses_a".into()).unwrap();
    assert!(fixture.sessions.outputs_before(&first).is_empty());
}

#[test]
fn names_of_forebears_lead_nowhere_else_and_not_round_for_ever() {
    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &[user("hi")]);
    let (_, mut past) = fixture.sessions.read(&"ses_a".into()).unwrap();
    for (name, lent) in [("../ses_a", 0), ("/etc", 0), ("ses_gone", 1)] {
        past.header.as_mut().unwrap().forked_from = Some(name.into());
        assert_eq!(fixture.sessions.outputs_before(&past).len(), lent, "{name}");
    }
    let text = fs::read_to_string(fixture.path("ses_a")).unwrap();
    fs::write(fixture.path("ses_a"), text.replacen('}', r#","forked_from":"ses_a"}"#, 1)).unwrap();
    let (_, past) = fixture.sessions.read(&"ses_a".into()).unwrap();
    assert!(fixture.sessions.outputs_before(&past).len() < 100);
}

#[test]
fn folders_are_no_sessions_and_only_old_ones_without_a_log_are_removed() {
    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &[user("hi")]);
    let folder = |name: &str| fixture.place.path().join("sessions").join(name);
    for name in ["ses_a", "ses_new", "ses_old", "mine", "ses_odd.jsonl"] {
        fs::create_dir_all(folder(name).join("outputs")).unwrap();
        if name != "ses_new" {
            let then = SystemTime::now() - Duration::from_secs(30 * 86_400);
            fs::File::open(folder(name)).unwrap().set_modified(then).unwrap();
        }
    }
    let listing = fixture.sessions.list().unwrap();
    assert_eq!(
        listing.summaries().iter().map(|session| session.id.as_str()).collect::<Vec<_>>(),
        ["ses_a"]
    );
    listing.keep().unwrap();
    let left: Vec<bool> = ["ses_a", "ses_new", "ses_old", "mine", "ses_odd.jsonl"]
        .iter()
        .map(|name| folder(name).exists())
        .collect();
    assert_eq!(left, [true, true, false, true, true]);
}
