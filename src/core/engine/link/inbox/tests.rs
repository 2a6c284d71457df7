//! The inbox: what waits, what is joined, and the snapshot for a client that does not look.

use std::path::PathBuf;

use super::*;
use crate::protocol::{CallId, ItemId, Limits, Notice, WatchId};

fn event(session: Option<&str>, seq: u64, kind: EventKind) -> Incoming {
    Incoming::Event(Event { session: session.map(SessionId::from), seq, kind })
}

fn delta(seq: u64, item: &str, text: &str) -> Incoming {
    event(Some("s"), seq, EventKind::TextDelta { item: ItemId::from(item), text: text.into() })
}

fn notice(message: &str) -> EventKind {
    EventKind::Notice(Notice { message: message.into(), next: None })
}

/// An inbox, and what its client is told.
fn inbox() -> (Arc<InboxSender>, Inbox, Arc<Mutex<Vec<Arrival>>>) {
    let announced: Arc<Mutex<Vec<Arrival>>> = Arc::default();
    let tells = Arc::clone(&announced);
    let waker: Waker = Box::new(move |arrival| tells.lock().unwrap().push(arrival));
    let sender = Arc::new(InboxSender::waking(Some(waker)));
    (Arc::clone(&sender), Inbox::new(sender, || {}), announced)
}

#[test]
fn streaming_words_of_one_item_are_joined_and_wake_once() {
    let (sender, mut inbox, announced) = inbox();
    for one in [delta(1, "a", "one "), delta(2, "a", "two"), delta(3, "b", "three")] {
        assert_eq!(sender.push(one), Backlog::Short);
    }
    assert_eq!(inbox.take(), [delta(2, "a", "one two"), delta(3, "b", "three")]);
    _ = sender.push(delta(4, "b", "!"));
    assert_eq!(*announced.lock().unwrap(), [Arrival::Delta, Arrival::Delta]);
}

#[test]
fn what_is_no_delta_wakes_at_once_even_after_deltas_did() {
    let (sender, mut inbox, announced) = inbox();
    let limits = || event(None, 1, EventKind::Limits(Limits::default()));
    _ = sender.push(delta(1, "a", "x"));
    _ = sender.push(limits());
    _ = sender.push(limits());
    _ = sender.push(delta(2, "a", "y"));
    assert_eq!(*announced.lock().unwrap(), [Arrival::Delta, Arrival::News]);
    assert_eq!(inbox.take().len(), 3, "the newer limits take the place of the older");
    assert!(inbox.take().is_empty());
}

#[test]
fn progress_takes_the_place_of_progress() {
    let (sender, mut inbox, _) = inbox();
    for tail in ["a", "b", "c"] {
        let kind = EventKind::CallProgress { call: CallId::from("c"), tail: tail.into() };
        _ = sender.push(event(Some("s"), 1, kind));
    }
    let kind = EventKind::CallProgress { call: CallId::from("c"), tail: "c".into() };
    assert_eq!(inbox.take(), [event(Some("s"), 1, kind)]);
}

#[test]
fn a_client_that_does_not_look_is_given_a_snapshot_and_does_not_grow() {
    let (sender, mut inbox, _) = inbox();
    _ = sender.push(Incoming::Reply(RequestId(1), Ok(crate::protocol::Reply::Done)));
    _ = sender.push(event(Some("quiet"), 1, notice("kept")));
    let mut snapshots = 0;
    let session = SessionId::from("s");
    for seq in 1..=3 * SESSION_MAX as u64 {
        if sender.push(event(Some("s"), seq, notice("n"))) == Backlog::TooLong {
            snapshots += 1;
            sender.resync(&session, seq, Arc::new(SessionView::new(session.clone())));
        }
    }
    assert!((2..=4).contains(&snapshots), "{snapshots}");
    let all = inbox.take();
    assert!(all.len() <= SESSION_MAX + 2, "{}", all.len());
    assert!(matches!(all[0], Incoming::Reply(RequestId(1), _)), "answers are never given up");
    assert_eq!(all[1], event(Some("quiet"), 1, notice("kept")));
    let Incoming::Event(Event { seq: first, kind: EventKind::Snapshot(_), .. }) = &all[2] else {
        panic!("{:?}", all[2])
    };
    let seqs: Vec<u64> = all
        .iter()
        .skip(3)
        .map(|one| if let Incoming::Event(event) = one { event.seq } else { 0 })
        .collect();
    assert!(seqs.iter().zip(*first + 1..).all(|(seq, expected)| *seq == expected), "no gap");
}

#[test]
fn news_of_the_program_is_bounded_and_loses_the_oldest() {
    let (sender, mut inbox, _) = inbox();
    for seq in 0..1_000 {
        _ = sender.push(event(None, seq, notice(&seq.to_string())));
    }
    let all = inbox.take();
    assert_eq!(all.len(), PROGRAM_MAX);
    assert_eq!(all.back(), Some(&event(None, 999, notice("999"))));
}

#[tokio::test]
async fn the_end_comes_after_all_that_was_sent() {
    let (sender, mut inbox, announced) = inbox();
    _ = sender.push(delta(1, "a", "x"));
    sender.end();
    assert_eq!(inbox.next().await, Some(delta(1, "a", "x")));
    assert_eq!(inbox.next().await, None);
    assert_eq!(*announced.lock().unwrap(), [Arrival::Delta, Arrival::End]);
}

#[test]
fn news_of_a_watch_is_joined_and_crowds_out_no_other_news() {
    let (sender, mut inbox, _) = inbox();
    let changed = |watch: u64, paths: &[&str]| EventKind::FilesChanged {
        watch: WatchId(watch),
        paths: paths.iter().map(PathBuf::from).collect(),
    };
    let limited = |why: &str| EventKind::WatchLimited { watch: WatchId(1), why: why.into() };
    let watches = 2 * PROGRAM_MAX as u64;
    _ = sender.push(event(None, 1, notice("first")));
    for watch in 0..watches {
        _ = sender.push(event(None, 0, changed(watch, &["/a"])));
    }
    for kind in [limited("why"), changed(1, &["/b", "/a"]), limited("why else")] {
        _ = sender.push(event(None, 0, kind));
    }
    let kinds: Vec<_> = std::iter::from_fn(|| inbox.try_next())
        .filter_map(|incoming| match incoming {
            Incoming::Event(event) => Some(event.kind),
            Incoming::Reply(..) => None,
        })
        .collect();
    assert_eq!(kinds.len() as u64, 1 + watches + 1);
    assert_eq!(kinds[0], notice("first"));
    assert_eq!(kinds[1..3], [changed(0, &["/a"]), changed(1, &["/a", "/b"])]);
    assert_eq!(kinds.last(), Some(&limited("why else")));
}
