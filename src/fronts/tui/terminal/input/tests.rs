//! Both implementations of the input, over pipes.

use std::io::{PipeWriter, Write, pipe};
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[cfg(target_os = "linux")]
use super::polled;
use super::{Incoming, threaded};

/// Far longer than any test takes.
const LIMIT: Duration = Duration::from_secs(30);

type Wait = Box<dyn FnMut(Option<Instant>) -> Vec<Incoming>>;
type Wake = Box<dyn Fn() + Send>;

/// Both implementations, each with the writing end of its input.
fn ways() -> Vec<(&'static str, Wait, Wake, PipeWriter)> {
    let (reader, writer) = pipe().unwrap();
    let mut threads =
        threaded::TerminalInput::over(reader, || Err(std::io::ErrorKind::NotFound.into())).unwrap();
    let waker = threads.waker();
    let by_thread: (_, Wait, Wake, _) = (
        "threaded",
        Box::new(move |until| threads.wait(until, None).unwrap()),
        Box::new(move || waker.wake()),
        writer,
    );
    [by_thread].into_iter().chain(by_poll()).collect()
}

#[cfg(target_os = "linux")]
fn by_poll() -> Option<(&'static str, Wait, Wake, PipeWriter)> {
    let (reader, writer) = pipe().unwrap();
    let mut polls = polled::TerminalInput::over(reader.into()).unwrap();
    let waker = polls.waker();
    Some((
        "polled",
        Box::new(move |until| polls.wait(until, None).unwrap()),
        Box::new(move || waker.wake()),
        writer,
    ))
}

#[cfg(not(target_os = "linux"))]
fn by_poll() -> Option<(&'static str, Wait, Wake, PipeWriter)> {
    None
}

fn key(code: KeyCode) -> Incoming {
    Incoming::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

/// The next input, after any number of waits.
fn next(wait: &mut Wait) -> Vec<Incoming> {
    let deadline = Instant::now() + LIMIT;
    while Instant::now() < deadline {
        let incoming = wait(Some(deadline));
        if !incoming.is_empty() {
            return incoming;
        }
    }
    Vec::new()
}

#[test]
fn keys_come_as_they_are_typed_and_the_end_is_told() {
    for (way, mut wait, _wake, mut writer) in ways() {
        writer.write_all(b"ab").unwrap();
        assert_eq!(next(&mut wait), [key(KeyCode::Char('a')), key(KeyCode::Char('b'))], "{way}");
        writer.write_all(b"\x1b[").unwrap();
        assert_eq!(wait(Some(Instant::now() + Duration::from_millis(1))), [], "{way}");
        writer.write_all(b"A").unwrap();
        assert_eq!(next(&mut wait), [key(KeyCode::Up)], "{way}");
        drop(writer);
        assert_eq!(next(&mut wait), [Incoming::Closed], "{way}");
    }
}

#[test]
fn an_escape_that_nothing_follows_is_a_key_though_nobody_set_an_alarm() {
    for (way, mut wait, _wake, mut writer) in ways() {
        writer.write_all(b"\x1b").unwrap();
        assert_eq!(wait(None), [], "{way}");
        assert_eq!(wait(None), [key(KeyCode::Esc)], "{way}");
    }
}

#[test]
fn a_wait_ends_when_it_is_due_and_when_it_is_woken() {
    for (way, mut wait, wake, _writer) in ways() {
        assert_eq!(wait(Some(Instant::now())), [], "{way}");
        wake();
        wake();
        assert_eq!(wait(None), [], "{way}: woken before");
        let woken = std::thread::spawn(wake);
        assert_eq!(wait(None), [], "{way}: woken from another thread");
        woken.join().unwrap();
    }
}
