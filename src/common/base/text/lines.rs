//! Lines of a stream up to a maximum size; longer ones are skipped.

use std::io::{self, BufRead, Read as _};

/// Reads the next line with its line feed; empty if it has more than `largest` bytes, `None` at the
/// end of the stream.
///
/// # Errors
///
/// The stream's error.
pub fn next_line(input: &mut impl BufRead, largest: usize) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let limit = largest as u64 + 1;
    if input.by_ref().take(limit).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() > largest && line.last() != Some(&b'\n') {
        line = Vec::new();
        skip_line(input)?;
    }
    Ok(Some(line))
}

fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let there = input.fill_buf()?;
        let (used, done) = match there.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (there.len(), there.is_empty()),
        };
        input.consume(used);
        if done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_read() {
        let text = format!("short\n{}\nnext\n{}", "x".repeat(100), "y".repeat(100));
        let mut input = io::BufReader::with_capacity(7, text.as_bytes());
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut input, 20).unwrap() {
            lines.push(String::from_utf8(line).unwrap());
        }
        assert_eq!(lines, ["short\n", "", "next\n", ""]);
    }
}
