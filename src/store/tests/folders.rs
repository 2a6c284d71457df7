//! What lies beside a log: outputs and images of one session.

use std::fs;
use std::time::{Duration, SystemTime};

use super::*;

fn image(shelf: &Shelf, id: &str, content: &str) -> PathBuf {
    let folder = shelf.sessions.images(&id.into());
    fs::create_dir_all(&folder).unwrap();
    let state = changed("/x").after.unwrap();
    fs::write(folder.join(state.digest().unwrap()), content).unwrap();
    fs::write(folder.join("0".repeat(64)), "of no record").unwrap();
    folder
}

#[test]
fn a_session_is_deleted_with_its_folder_and_nothing_that_links_lead_to() {
    let shelf = Shelf::new();
    shelf.with("ses_a", "/x", &[user("hi")]);
    shelf.with("ses_b", "/x", &[user("hi")]);
    image(&shelf, "ses_a", "");
    let elsewhere = shelf.place.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("mine"), "x").unwrap();
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&elsewhere, shelf.sessions.images(&"ses_a".into()).join("link"))
            .unwrap();
        std::os::unix::fs::symlink(&elsewhere, shelf.place.path().join("sessions/ses_b")).unwrap();
    }
    for id in ["ses_a", "ses_b"] {
        shelf.sessions.delete(&id.into()).unwrap();
        assert!(
            !shelf.path(id).exists()
                && fs::symlink_metadata(shelf.place.path().join("sessions").join(id)).is_err()
        );
    }
    assert_eq!(fs::read_to_string(elsewhere.join("mine")).unwrap(), "x");
}

#[test]
fn a_copy_of_a_copy_is_lent_the_outputs_of_both() {
    let shelf = Shelf::new();
    shelf.with("ses_a", "/x", &[user("hi")]);
    let mut copy =
        shelf.sessions.fork(&"ses_a".into(), &"ses_b".into(), None, KeepFrom::FirstPrompt).unwrap();
    copy.log.append(&[user("more")]).unwrap();
    drop(copy);
    let second =
        shelf.sessions.fork(&"ses_b".into(), &"ses_c".into(), None, KeepFrom::FirstPrompt).unwrap();
    let outputs = |id: &str| shelf.sessions.outputs(&id.into());
    assert_eq!(shelf.sessions.outputs_before(&second.past), [outputs("ses_b"), outputs("ses_a")]);
    let (_, first) = shelf.sessions.read(&"ses_a".into()).unwrap();
    assert!(shelf.sessions.outputs_before(&first).is_empty());
}

#[test]
fn names_of_forebears_lead_nowhere_else_and_not_round_for_ever() {
    let shelf = Shelf::new();
    shelf.with("ses_a", "/x", &[user("hi")]);
    let (_, mut past) = shelf.sessions.read(&"ses_a".into()).unwrap();
    for (name, lent) in [("../ses_a", 0), ("/etc", 0), ("ses_gone", 1)] {
        past.header.as_mut().unwrap().forked_from = Some(name.into());
        assert_eq!(shelf.sessions.outputs_before(&past).len(), lent, "{name}");
    }
    let text = fs::read_to_string(shelf.path("ses_a")).unwrap();
    fs::write(shelf.path("ses_a"), text.replacen('}', r#","forked_from":"ses_a"}"#, 1)).unwrap();
    let (_, past) = shelf.sessions.read(&"ses_a".into()).unwrap();
    assert!(shelf.sessions.outputs_before(&past).len() < 100);
}

#[test]
fn folders_are_no_sessions_and_only_old_ones_without_a_log_are_removed() {
    let shelf = Shelf::new();
    shelf.with("ses_a", "/x", &[user("hi")]);
    let folder = |name: &str| shelf.place.path().join("sessions").join(name);
    for name in ["ses_a", "ses_new", "ses_old", "mine", "ses_odd.jsonl"] {
        fs::create_dir_all(folder(name).join("outputs")).unwrap();
        if name != "ses_new" {
            let then = SystemTime::now() - Duration::from_secs(30 * 86_400);
            fs::File::open(folder(name)).unwrap().set_modified(then).unwrap();
        }
    }
    let listing = shelf.sessions.list().unwrap();
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
