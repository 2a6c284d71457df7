//! The answer of `exec_command` or `write_stdin`, taken apart.

/// How a command stands, out of the answer of `exec_command` or `write_stdin`.
pub struct JobAnswer<'a> {
    /// `Process exited with code 0`
    pub standing: &'a str,
    /// Sentences about it, a line each.
    pub notes: Vec<&'a str>,
    /// The output of the command.
    pub body: &'a str,
    /// Something is missing in the middle of that.
    pub is_cut: bool,
}

/// Before the number of a command that goes on.
pub const RUNNING: &str = "Process running with session ID ";

impl<'a> JobAnswer<'a> {
    /// `None` where nothing was run: the answer says why.
    pub fn read(output: &'a str) -> Option<Self> {
        let (head, body) = output.strip_prefix("Wall time: ")?.split_once("\nOutput:\n")?;
        let mut lines = head.lines().skip(1);
        let standing = lines.next()?;
        let (counts, notes): (Vec<_>, Vec<_>) =
            lines.partition(|line| line.starts_with("Original token count: "));
        Some(Self { standing, notes, body, is_cut: !counts.is_empty() })
    }

    /// The number under which it goes on.
    pub fn session(&self) -> Option<u64> {
        self.standing.strip_prefix(RUNNING)?.parse().ok()
    }

    /// How it stands, then what it wrote, as `shell` tells it.
    pub fn as_shell(&self) -> String {
        let notes: String = self.notes.iter().map(|note| format!("{note}\n")).collect();
        format!("{}\n{notes}\n{}", self.standing, self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_a_command_tells_how_it_stands() {
        let answer = "Wall time: 0.1000 seconds\nProcess exited with code 2\nA note\nOriginal token count: 9\n3 bytes left out\nOutput:\na\nOutput:\nb";
        let read = JobAnswer::read(answer).unwrap();
        assert_eq!((read.standing, read.session()), ("Process exited with code 2", None));
        assert_eq!((&read.notes[..], read.is_cut), (&["A note", "3 bytes left out"][..], true));
        assert_eq!(read.body, "a\nOutput:\nb");
        assert_eq!(
            read.as_shell(),
            "Process exited with code 2\nA note\n3 bytes left out\n\na\nOutput:\nb"
        );
        let running = format!("Wall time: 1.0000 seconds\n{RUNNING}7\nOutput:\n");
        let read = JobAnswer::read(&running).unwrap();
        assert_eq!((read.session(), read.body, read.is_cut), (Some(7), "", false));
        assert!(JobAnswer::read("The user refused this call").is_none());
    }
}
