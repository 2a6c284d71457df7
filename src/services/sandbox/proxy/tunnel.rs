//! Carries bytes both ways between two connections until both ends have said all. Looks at none of
//! them.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::thread;
use std::time::{Duration, Instant};

const BUFFER: usize = 64 << 10;

/// Returns when both sides have ended, when one of them broke, or when neither said anything for so
/// long.
///
/// # Errors
///
/// Fails if the time limits of a connection cannot be set. A connection that breaks later is no
/// error.
pub fn carry(inside: &TcpStream, outside: &TcpStream, idle: Duration) -> io::Result<()> {
    for stream in [inside, outside] {
        stream.set_read_timeout(Some(idle))?;
        stream.set_write_timeout(Some(idle))?;
        stream.set_nodelay(true)?;
    }
    let pulse = Pulse(Mutex::new(Instant::now()));
    thread::scope(|scope| {
        let back = thread::Builder::new()
            .name("tunnel-back".to_owned())
            .spawn_scoped(scope, || pour(outside, inside, &pulse, idle));
        match back {
            Ok(_back) => pour(inside, outside, &pulse, idle),
            Err(_) => close(inside, outside),
        }
    });
    Ok(())
}

/// When something last went through, in either direction.
struct Pulse(Mutex<Instant>);

impl Pulse {
    fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn rests(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

fn pour(mut from: &TcpStream, mut to: &TcpStream, pulse: &Pulse, idle: Duration) {
    let mut buffer = vec![0; BUFFER];
    loop {
        let length = match from.read(&mut buffer) {
            // It has said all, and may still listen.
            Ok(0) => break drop(to.shutdown(Shutdown::Write)),
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // The other direction may be at work.
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
                    && pulse.rests() < idle =>
            {
                continue;
            }
            Err(_) => break close(from, to),
        };
        pulse.beat();
        if to.write_all(&buffer[..length]).is_err() {
            break close(from, to);
        }
        pulse.beat();
    }
}

/// Wakes the threads that wait at one of them.
fn close(one: &TcpStream, other: &TcpStream) {
    for stream in [one, other] {
        // It may be closed already.
        let _closed = stream.shutdown(Shutdown::Both);
    }
}
