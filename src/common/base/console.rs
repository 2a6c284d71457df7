//! Standard output and standard error for programs that print lines: control codes never reach a
//! terminal, and a reader that has gone is no error.

use std::io::{self, IsTerminal, Write};

use super::text;

/// Who reads a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// A pipe or a file: text is passed on unchanged.
    Program,
    /// A terminal: control codes that are not ours are removed.
    Terminal,
}

impl Reader {
    /// [`Reader::Terminal`] if the stream is a terminal, else [`Reader::Program`].
    pub fn of(stream: &impl IsTerminal) -> Self {
        if stream.is_terminal() { Self::Terminal } else { Self::Program }
    }
}

/// Where the two streams lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ways {
    Apart,
    /// One pipe or file takes both streams (`2>&1`).
    Joined,
}

impl Ways {
    fn of_process() -> Self {
        #[cfg(unix)]
        if let (Ok(out), Ok(err)) =
            (rustix::fs::fstat(rustix::stdio::stdout()), rustix::fs::fstat(rustix::stdio::stderr()))
            && (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino)
        {
            return Self::Joined;
        }
        Self::Apart
    }
}

/// The width of the terminal on standard output; `None` if it is no terminal or does not say.
pub fn columns() -> Option<u16> {
    #[cfg(unix)]
    return rustix::termios::tcgetwinsize(rustix::stdio::stdout())
        .ok()
        .map(|size| size.ws_col)
        .filter(|columns| *columns > 0);
    #[cfg(not(unix))]
    return None;
}

/// Standard output and standard error of a command, each cleaned for whoever reads it. A failed
/// write is kept and returned at the end.
pub struct Console {
    out: Stream,
    err: Stream,
    ways: Ways,
    /// Whether notes may be dimmed on a terminal.
    dim: Dim,
    /// The first failure to write to standard output.
    lost: Option<io::Error>,
}

struct Stream {
    to: Box<dyn Write + Send>,
    reader: Reader,
    cursor: Cursor,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Cursor {
    LineStart,
    MidLine,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dim {
    Allowed,
    Never,
}

impl Console {
    /// The streams of this process. The caller looks up `NO_COLOR` and `TERM=dumb` and then calls
    /// [`Console::plain`].
    pub fn of_process() -> Self {
        let (out, err) = (Reader::of(&io::stdout()), Reader::of(&io::stderr()));
        Self {
            ways: Ways::of_process(),
            ..Self::new(
                Box::new(io::BufWriter::new(io::stdout())),
                out,
                Box::new(io::stderr()),
                err,
            )
        }
    }

    /// A console over any two streams, each with who reads it.
    pub fn new(
        out: Box<dyn Write + Send>,
        out_reader: Reader,
        err: Box<dyn Write + Send>,
        err_reader: Reader,
    ) -> Self {
        let stream = |to, reader| Stream { to, reader, cursor: Cursor::LineStart };
        Self {
            out: stream(out, out_reader),
            err: stream(err, err_reader),
            ways: Ways::Apart,
            dim: Dim::Allowed,
            lost: None,
        }
    }

    /// Turns all styling off.
    pub fn plain(mut self) -> Self {
        self.dim = Dim::Never;
        self
    }

    /// Who reads standard output.
    pub fn out_reader(&self) -> Reader {
        self.out.reader
    }

    /// Prints text on standard output, cleaned for a terminal. [`Console::flush`] sends it.
    pub fn print(&mut self, text: &str) {
        let cleaned = match self.out.reader {
            Reader::Terminal => text::clean(text),
            Reader::Program => text.into(),
        };
        let written = self.out.write(&cleaned);
        self.keep(written);
    }

    /// Prints one line on standard output.
    pub fn line(&mut self, line: &str) {
        self.print(line);
        self.print("\n");
    }

    /// Prints our own styled lines to a terminal on standard output.
    pub fn picture(&mut self, lines: &[String]) {
        for line in lines {
            let written = self.out.write(&format!("{line}\n"));
            self.keep(written);
        }
    }

    /// Ends the current line on standard output, if one was begun.
    pub fn end_line(&mut self) {
        if self.out.cursor == Cursor::MidLine {
            self.print("\n");
        }
    }

    /// Sends all that was printed on standard output. A failure is kept, as one of a print is.
    pub fn flush(&mut self) {
        let flushed = self.out.to.flush();
        self.keep(flushed);
    }

    /// Prints one short line of progress on standard error, dimmed on a terminal.
    pub fn note(&mut self, line: &str) {
        let line = text::clean_line(line);
        match (self.err.reader, self.dim) {
            (Reader::Terminal, Dim::Allowed) => {
                self.write_error(&format!("\x1b[2m{line}\x1b[22m\n"))
            }
            _ => self.write_error(&format!("{line}\n")),
        }
    }

    /// Prints an error and its advice on standard error. The sentence gets a capital unless it
    /// begins with a file name.
    pub fn problem(&mut self, message: &str, next: Option<&str>) {
        let cleaned = text::clean(message);
        self.write_error(&format!("codling: {}\n", text::sentence(&cleaned)));
        if let Some(next) = next {
            self.write_error(&format!("  {}\n", text::clean(next)));
        }
    }

    /// Prints our own lines on standard error, unchanged.
    pub fn complain(&mut self, lines: &str) {
        self.write_error(&text::clean(lines));
    }

    /// Prints a question on standard error; the answer is typed on the same line.
    pub fn ask(&mut self, question: &str) {
        self.write_error(&text::clean_line(question));
    }

    /// Records that the person ended the question's line by answering it.
    pub fn answered(&mut self) {
        self.err.cursor = Cursor::LineStart;
    }

    /// Records that Ctrl-C was pressed: the terminal shows `^C`, so the next output begins a new
    /// line.
    pub fn interrupted(&mut self) {
        let line_is_ended_anyway =
            self.out.reader == Reader::Terminal && self.out.cursor == Cursor::MidLine;
        if self.err.reader == Reader::Terminal && !line_is_ended_anyway {
            self.err.cursor = Cursor::MidLine;
        }
    }

    /// The first failure to write to standard output, such as a closed pipe or a full disk.
    pub fn lost(&self) -> Option<&io::Error> {
        self.lost.as_ref()
    }

    /// Writes to standard error. A failure here cannot be reported anywhere, so it is ignored.
    fn write_error(&mut self, text: &str) {
        if self.ways == Ways::Joined
            || (self.err.reader == Reader::Terminal && self.out.reader == Reader::Terminal)
        {
            self.end_line();
        }
        self.flush();
        let open_question = if self.err.cursor == Cursor::MidLine { "\n" } else { "" };
        let _gone = self
            .err
            .write(open_question)
            .and_then(|()| self.err.write(text))
            .and_then(|()| self.err.to.flush());
    }

    fn keep(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.lost.get_or_insert(error);
        }
    }
}

impl Stream {
    fn write(&mut self, text: &str) -> io::Result<()> {
        if let Some(last) = text.chars().last() {
            self.cursor = if last == '\n' { Cursor::LineStart } else { Cursor::MidLine };
        }
        self.to.write_all(text.as_bytes())
    }
}

/// Consoles for tests, with all that they printed.
#[cfg(any(test, debug_assertions))]
#[allow(clippy::unwrap_used, reason = "only tests call it")]
pub mod recording {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A stream that keeps what was written to it.
    #[derive(Clone, Default)]
    pub struct Page(Arc<Mutex<Vec<u8>>>);

    impl Page {
        /// The whole text so far.
        pub fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A stream whose reader has closed it.
    pub struct Gone;

    impl Write for Gone {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A console with its recorded standard output and standard error.
    pub fn console(out: Reader, err: Reader) -> (Console, Page, Page) {
        let (first, second) = (Page::default(), Page::default());
        (Console::new(Box::new(first.clone()), out, Box::new(second.clone()), err), first, second)
    }
}

#[cfg(test)]
mod tests {
    use super::recording::{Gone, Page, console};
    use super::*;

    #[test]
    fn a_terminal_gets_no_control_codes_and_a_program_gets_every_letter() {
        for (reader, expected) in
            [(Reader::Terminal, "a␛[31mb\n"), (Reader::Program, "a\x1b[31mb\n")]
        {
            let (mut console, out, _) = console(reader, Reader::Terminal);
            console.line("a\x1b[31mb");
            console.flush();
            assert_eq!(out.text(), expected);
        }
    }

    #[test]
    fn a_note_is_one_line_dim_only_where_that_is_seen_and_wanted() {
        let (mut styled, _, err) = console(Reader::Program, Reader::Terminal);
        styled.note("read\nme\x07");
        assert_eq!(err.text(), "\x1b[2mread me␇\x1b[22m\n");
        let (styled, _, err) = console(Reader::Program, Reader::Terminal);
        styled.plain().note("read");
        assert_eq!(err.text(), "read\n");
        let (mut piped, _, err) = console(Reader::Program, Reader::Program);
        piped.note("read");
        assert_eq!(err.text(), "read\n");
    }

    #[test]
    fn a_note_never_lands_in_the_middle_of_an_answers_line_on_one_terminal() {
        let (mut both, out, _) = console(Reader::Terminal, Reader::Terminal);
        both.print("half");
        both.note("read");
        assert_eq!(out.text(), "half\n");
        let (mut apart, out, _) = console(Reader::Program, Reader::Terminal);
        apart.print("half");
        apart.note("read");
        assert_eq!(
            out.text(),
            "half",
            "a file is not given line ends that the answer does not have"
        );
    }

    #[test]
    fn where_one_pipe_takes_both_streams_a_note_begins_on_its_own_line() {
        let page = Page::default();
        let to = || Box::new(page.clone());
        let apart = Console::new(to(), Reader::Program, to(), Reader::Program);
        let mut joined = Console { ways: Ways::Joined, ..apart };
        joined.print("half");
        joined.note("read");
        joined.note("more");
        assert_eq!(page.text(), "half\nread\nmore\n");
    }

    #[test]
    fn a_note_after_an_open_question_begins_on_its_own_line() {
        let (mut asked, _, err) = console(Reader::Program, Reader::Program);
        asked.ask("Choose: ");
        asked.answered();
        asked.ask("Key: ");
        asked.note("Cancelled");
        assert_eq!(err.text(), "Choose: Key: \nCancelled\n");
    }

    #[test]
    fn what_comes_after_ctrl_c_begins_on_its_own_line_and_leaves_none_empty() {
        for (out, begun, expected) in [
            (Reader::Terminal, "", "\nStopped\n"),
            (Reader::Terminal, "half", "Stopped\n"),
            (Reader::Program, "half", "\nStopped\n"),
        ] {
            let (console, _, err) = console(out, Reader::Terminal);
            let mut console = console.plain();
            console.print(begun);
            console.interrupted();
            console.note("Stopped");
            assert_eq!(err.text(), expected);
        }
        let (mut piped, _, err) = console(Reader::Program, Reader::Program);
        piped.interrupted();
        piped.note("Stopped");
        assert_eq!(err.text(), "Stopped\n");
    }

    #[test]
    fn a_problem_is_a_sentence_with_the_next_step_below_it() {
        let (mut console, _, err) = console(Reader::Program, Reader::Program);
        console.problem("the file is gone", Some("Make a new one"));
        console.problem("auth.json is gone", None);
        console.problem("", None);
        assert_eq!(
            err.text(),
            "codling: The file is gone\n  Make a new one\ncodling: auth.json is gone\ncodling: \n"
        );
    }

    #[test]
    fn a_reader_that_has_gone_is_remembered_and_nothing_panics() {
        let err = Page::default();
        let mut console =
            Console::new(Box::new(Gone), Reader::Program, Box::new(Gone), Reader::Program);
        console.line("text");
        console.note("note");
        console.problem("trouble", Some("next"));
        assert_eq!(console.lost().map(io::Error::kind), Some(io::ErrorKind::BrokenPipe));
        assert_eq!(err.text(), "");
    }
}
