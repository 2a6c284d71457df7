//! Pictures of this machine's clipboard, read with the programs that desktops have for it. None is
//! waited for longer than half a second: over SSH one may wait for a display that never answers.

use std::io;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::base::start;

/// How long a program may take in all.
const LIMIT: Duration = Duration::from_millis(500);
/// Bytes that are read of a program; the reader of pictures takes no more.
const MOST: u64 = (50 << 20) + 1;
/// Types of pictures, the best first.
const TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// Why the clipboard gave no picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPicture {
    /// A program did not answer in time.
    Late(&'static str),
    /// There is none on the clipboard, or no display that has one.
    NotThere,
    /// No program that could read it is installed.
    NoProgram,
    /// The terminal or the person refused it.
    Refused,
}

/// A program that prints the clipboard.
struct Program {
    name: &'static str,
    /// Arguments that list the types; none where it knows one type alone.
    list: &'static [&'static str],
    /// Arguments that print a picture; the type follows them where there is a list.
    print: &'static [&'static str],
}

const PROGRAMS: [Program; 3] = [
    Program { name: "wl-paste", list: &["--list-types"], print: &["--no-newline", "--type"] },
    Program {
        name: "xclip",
        list: &["-selection", "clipboard", "-o", "-t", "TARGETS"],
        print: &["-selection", "clipboard", "-o", "-t"],
    },
    Program { name: "pngpaste", list: &[], print: &["-"] },
];

/// Reads the picture on the clipboard with the first program that has one. Takes up to half a
/// second for each.
///
/// # Errors
///
/// [`NoPicture`] if none has one.
pub fn read_clipboard() -> Result<Vec<u8>, NoPicture> {
    let mut why = NoPicture::NoProgram;
    for program in &PROGRAMS {
        match program.read() {
            Ok(bytes) if !bytes.is_empty() => return Ok(bytes),
            Ok(_) => why = NoPicture::NotThere,
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                why = NoPicture::Late(program.name);
            }
            Err(_not_there) => {}
        }
    }
    Err(why)
}

impl Program {
    /// The picture, empty if there is none.
    fn read(&self) -> io::Result<Vec<u8>> {
        let until = Instant::now() + LIMIT;
        let mut arguments = self.print.to_vec();
        if !self.list.is_empty() {
            let listed = output(self.name, self.list, until)?;
            let listed = String::from_utf8_lossy(&listed);
            let has = |wanted: &&str| listed.lines().any(|line| line.trim() == *wanted);
            let Some(wanted) = TYPES.into_iter().find(has) else { return Ok(Vec::new()) };
            arguments.push(wanted);
        }
        output(self.name, &arguments, until)
    }
}

/// Runs a program until then at the most, and returns what it printed.
fn output(name: &str, arguments: &[&str], until: Instant) -> io::Result<Vec<u8>> {
    let left = until.saturating_duration_since(Instant::now());
    start::answer(Command::new(name).args(arguments), b"", left, |output| {
        start::read_most(output, MOST)
    })
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_type_of_those_that_are_offered_is_read() {
        let sh = |script: &'static [&'static str]| Program {
            name: "sh",
            list: script,
            print: &["-c", "printf %s \"$0\""],
        };
        let offers = sh(&["-c", "printf 'TARGETS\\nimage/jpeg\\nimage/png\\ntext/plain\\n'"]);
        assert_eq!(offers.read().unwrap(), b"image/png");
        assert_eq!(sh(&["-c", "echo text/plain; exit 1"]).read().unwrap(), b"");
    }
}
