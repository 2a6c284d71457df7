//! The list of sessions: at a glance, after a check, and with a damaged index.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::super::CheckedSession;
use super::super::session_index::SessionIndex;
use super::{Fixture, Record, WhenHeld, user};

fn titles(listing: &SessionIndex) -> Vec<(String, u32)> {
    let mut sessions = listing.summaries();
    sessions.sort_by(|a, b| a.id.cmp(&b.id));
    sessions.into_iter().map(|session| (session.title, session.prompts)).collect()
}

/// A store with `count` sessions, oldest first, and an index of them.
fn indexed(count: u64) -> Fixture {
    let fixture = Fixture::new();
    for number in 0..count {
        let id = format!("ses_{number:03}");
        fixture.with(&id, "/x", &[user(&format!("prompt {number}"))]);
        age(&fixture, &id, count - number);
    }
    fixture.sessions.list().unwrap().keep().unwrap();
    fixture
}

fn age(fixture: &Fixture, id: &str, minutes: u64) {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 - minutes * 60);
    fs::File::options().write(true).open(fixture.path(id)).unwrap().set_modified(then).unwrap();
}

fn append(fixture: &Fixture, id: &str, records: &[Record]) {
    fixture
        .sessions
        .resume(&id.into(), &WhenHeld::Copy("ses_fork".into()))
        .unwrap()
        .log
        .append(records)
        .unwrap();
}

#[test]
fn what_another_living_program_has_open_is_listed_as_such() {
    let fixture = indexed(2);
    let elsewhere = || {
        let listed = fixture.sessions.list().unwrap().summaries();
        let read = fixture.sessions.read(&"ses_001".into()).unwrap().0;
        let listed = listed.into_iter().map(|session| session.is_open_elsewhere);
        (listed.collect::<Vec<_>>(), read.is_open_elsewhere)
    };
    let held = fixture.sessions.resume(&"ses_001".into(), &WhenHeld::Refuse).unwrap();
    assert_eq!(elsewhere(), (vec![false, false], false), "this program has it open");
    let note = fixture.path("ses_001").with_extension("open");
    let ours = fs::read_to_string(&note).unwrap();
    let parent = std::os::unix::process::parent_id().to_string();
    fs::write(&note, ours.replacen(&std::process::id().to_string(), &parent, 1)).unwrap();
    assert_eq!(elsewhere(), (vec![true, false], true));
    drop(held);
    fs::write(&note, ours.replacen(&std::process::id().to_string(), &parent, 1)).unwrap();
    // A program that another test starts has the file too, until it is another program.
    let end = Instant::now() + Duration::from_secs(20);
    while elsewhere() != (vec![false, false], false) {
        assert!(Instant::now() < end, "only a note is left");
        thread::yield_now();
    }
}

#[test]
fn the_list_is_mended_whatever_became_of_the_index() {
    let fixture = Fixture::new();
    fixture.with("ses_a", "/x", &[user("first\nline")]);
    fixture.with("ses_b", "/y", &[user("second")]);
    let index = fixture.place.path().join("sessions/index.json");
    let file = || fs::metadata(&index).map_or(0, |about| about.ino());
    let listed = || {
        let before = file();
        let listing = fixture.sessions.list().unwrap();
        let titles = titles(&listing);
        listing.keep().unwrap();
        (titles, file() != before)
    };
    let both = || vec![("first".to_owned(), 1), ("second".to_owned(), 1)];
    assert_eq!(listed(), (both(), true));
    assert_eq!(listed(), (both(), false), "nothing has changed");
    for damage in [
        &b""[..],
        b"{",
        b"{\"form\":99,\"entries\":[]}",
        b"{\"form\":2,\"entries\":[[]]}",
        b"null",
        &[0xff; 9],
    ] {
        fs::write(&index, damage).unwrap();
        assert_eq!(listed(), (both(), true), "{damage:?}");
    }
    append(&fixture, "ses_a", &[user("more"), Record::Title("named".into())]);
    assert_eq!(listed(), (vec![("named".into(), 2), ("second".into(), 1)], true));
    fixture.sessions.delete(&"ses_a".into()).unwrap();
    assert_eq!(listed(), (vec![("second".into(), 1)], true));
    fs::create_dir(fixture.path("ses_folder")).unwrap();
    assert_eq!(listed(), (vec![("second".into(), 1)], false), "what is no log says nothing");
}

#[test]
fn a_glance_knows_of_what_is_new_or_gone_and_of_late_changes() {
    let fixture = indexed(200);
    fixture.with("ses_new", "/x", &[user("a new one")]);
    fixture.sessions.delete(&"ses_005".into()).unwrap();
    append(&fixture, "ses_190", &[Record::Title("a late one".into())]);
    let mut listing = fixture.sessions.glance().unwrap();
    let titles: Vec<String> =
        listing.summaries().into_iter().map(|session| session.title).collect();
    assert_eq!(titles.len(), 200);
    assert_eq!(
        titles
            .iter()
            .take(2)
            .filter(|title| ["a new one", "a late one"].contains(&title.as_str()))
            .count(),
        2,
        "{:?}",
        &titles[..3]
    );
    assert!(!titles.contains(&"prompt 5".to_owned()));
    assert_eq!(listing.check(), CheckedSession::Same);
    listing.keep().unwrap();
    assert_eq!(fixture.sessions.glance().unwrap().check(), CheckedSession::Same);
}

#[test]
fn a_closer_look_finds_that_an_old_one_was_gone_on_with() {
    let fixture = indexed(200);
    append(&fixture, "ses_003", &[user("and then?")]);
    age(&fixture, "ses_007", 0);
    let mut listing = fixture.sessions.glance().unwrap();
    assert_eq!(listing.summaries()[0].title, "prompt 199");
    assert_eq!(listing.check(), CheckedSession::Different);
    let first: Vec<_> = listing
        .summaries()
        .into_iter()
        .take(2)
        .map(|session| (session.id.to_string(), session.prompts))
        .collect();
    assert_eq!(first, [("ses_003".to_owned(), 2), ("ses_007".to_owned(), 1)]);
    assert_eq!(listing.check(), CheckedSession::Same, "what was found is known from then on");
    listing.keep().unwrap();
    assert_eq!(fixture.sessions.glance().unwrap().summaries()[0].id, "ses_003".into());
}
