//! The prompt history of earlier starts, as JSON lines in a private file.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::base::files::{FileError, Lock, append_to};
use crate::protocol::{PastPicture, PastPrompt};

use super::StoreError;

/// The number of prompts that are returned.
const KEPT: usize = 1000;
/// A file of this many bytes is compacted.
const LARGE: u64 = 4 << 20;
/// A longer prompt is not kept: nobody recalls a whole pasted file.
const LONGEST: usize = 64 << 10;

/// The prompt history in one file (`<state>/history.jsonl`), one `{"text":"…"}` a line, newest
/// last. `folded` holds the byte range of each part that is shown folded, `pictures` that of each
/// picture's label and the picture's file. Blocks; safe among processes.
#[derive(Clone, Debug)]
pub struct PromptHistory {
    path: PathBuf,
    large: u64,
}

#[derive(Deserialize, Serialize)]
struct Record {
    text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    folded: Vec<(usize, usize)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<PictureRecord>,
}

#[derive(Deserialize, Serialize)]
struct PictureRecord {
    label: (usize, usize),
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl PromptHistory {
    /// Names the file; the first write makes it and its folder.
    pub fn open(path: PathBuf) -> Self {
        Self { path, large: LARGE }
    }

    /// The last 1,000 prompts, oldest first, without damaged lines.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be read.
    pub fn recall(&self) -> Result<Vec<PastPrompt>, StoreError> {
        let bytes = match self.tail() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(failed(FileError::Read { path: self.path.clone(), source })),
        };
        let mut texts: Vec<PastPrompt> =
            bytes.split(|byte| *byte == b'\n').filter_map(prompt_of).collect();
        texts.dedup_by(|one, other| one.text == other.text);
        texts.drain(..texts.len().saturating_sub(KEPT));
        Ok(texts)
    }

    /// Reads at most the last [`LARGE`] bytes of the file. The line that the cut splits is skipped
    /// as damaged.
    fn tail(&self) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(self.large + LONGEST as u64 * 6)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        Ok(tail)
    }

    /// Adds a prompt, unless it is blank or equals the last one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be written.
    pub fn remember(&self, prompt: impl Into<PastPrompt>) -> Result<(), StoreError> {
        let prompt = prompt.into();
        if prompt.text.trim().is_empty() || prompt.text.len() > LONGEST {
            return Ok(());
        }
        let lock = Lock::take(&self.path).map_err(failed)?;
        let mut file = append_to(&self.path).map_err(failed)?;
        let length = self
            .append(&mut file, &prompt)
            .map_err(|source| failed(FileError::Write { path: self.path.clone(), source }))?;
        drop(file);
        if length > self.large { self.compact(&lock) } else { Ok(()) }
    }

    /// Appends the prompt; returns the new length of the file.
    fn append(&self, file: &mut File, prompt: &PastPrompt) -> io::Result<u64> {
        let (last, ends_whole) = self.last_line()?;
        let length = file.metadata()?.len();
        if ends_whole && last.is_some_and(|last| last.text == prompt.text) {
            return Ok(length);
        }
        // One write, so that a crash damages at most this line. A line that was damaged before is
        // ended first.
        let line = format!("{}{}\n", if ends_whole { "" } else { "\n" }, record(prompt));
        file.write_all(line.as_bytes())?;
        Ok(length + line.len() as u64)
    }

    /// The last prompt, if it can be read, and whether its line is complete.
    fn last_line(&self) -> io::Result<(Option<PastPrompt>, bool)> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        // JSON needs at most six bytes for one byte of text.
        file.seek(SeekFrom::Start(length.saturating_sub(LONGEST as u64 * 6 + 64)))?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail)?;
        let ends_whole = tail.is_empty() || tail.ends_with(b"\n");
        let last =
            tail.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()).and_then(prompt_of);
        Ok((last, ends_whole))
    }

    /// Keeps half of the limit, so that the file is not rewritten at every prompt.
    fn compact(&self, lock: &Lock) -> Result<(), StoreError> {
        let mut lines: Vec<String> = Vec::new();
        let mut size = 0;
        for prompt in self.recall()?.iter().rev() {
            let line = record(prompt) + "\n";
            size += line.len() as u64;
            if size > self.large / 2 {
                break;
            }
            lines.push(line);
        }
        lines.reverse();
        lock.replace(lines.concat().as_bytes()).map_err(failed)
    }
}

fn record(prompt: &PastPrompt) -> String {
    let folded = prompt.folded.iter().map(|part| (part.start, part.end)).collect();
    let pictures = prompt.pictures.iter().map(|it| PictureRecord {
        label: (it.label.start, it.label.end),
        path: it.path.as_ref().and_then(|path| path.to_str()).map(str::to_owned),
    });
    let record = Record { text: prompt.text.clone(), folded, pictures: pictures.collect() };
    serde_json::json!(record).to_string()
}

fn prompt_of(line: &[u8]) -> Option<PastPrompt> {
    let Record { text, folded, pictures } = serde_json::from_slice(line).ok()?;
    let folded = folded.into_iter().map(|(start, end)| start..end).collect();
    let pictures = pictures.into_iter().map(|PictureRecord { label: (start, end), path }| {
        PastPicture { label: start..end, path: path.map(PathBuf::from), picture: None }
    });
    Some(PastPrompt { text, folded, pictures: pictures.collect() })
}

fn failed(source: FileError) -> StoreError {
    StoreError::History { source }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use crate::base::Advice;

    use super::*;
    use crate::base::text::says;

    fn history() -> (tempfile::TempDir, PromptHistory) {
        let dir = tempfile::tempdir().unwrap();
        let history = PromptHistory::open(dir.path().join("state/history.jsonl"));
        (dir, history)
    }

    #[test]
    fn what_is_remembered_comes_back_at_the_next_start() {
        let (_dir, history) = history();
        assert_eq!(history.recall().unwrap(), Vec::<PastPrompt>::new());
        let prompts = ["first", "two\nlines", "quotes \" and \\ and \u{1f980}", "\u{1b}[31m"];
        for prompt in prompts {
            history.remember(prompt).unwrap();
        }
        assert_eq!(PromptHistory::open(history.path.clone()).recall().unwrap(), prompts);
    }

    #[test]
    fn what_was_folded_is_known_at_the_next_start() {
        let (_dir, history) = history();
        let picture = |at, path| PastPicture { label: at..at + 2, path, picture: None };
        let folded = PastPrompt {
            text: "read this: a\nb\nc".into(),
            folded: std::iter::once(11..16).collect(),
            pictures: vec![picture(0, Some("/tmp/a b.png".into())), picture(3, None)],
        };
        history.remember(folded.clone()).unwrap();
        assert_eq!(PromptHistory::open(history.path.clone()).recall().unwrap(), [folded]);
    }

    #[test]
    fn blank_and_repeated_and_endless_prompts_are_not_kept() {
        let (_dir, history) = history();
        for prompt in ["a", "a", "", " \n", "b", "a", &"x".repeat(LONGEST + 1)] {
            history.remember(prompt).unwrap();
        }
        assert_eq!(history.recall().unwrap(), ["a", "b", "a"]);
    }

    #[test]
    fn a_torn_last_line_costs_no_other() {
        let (_dir, history) = history();
        history.remember("whole").unwrap();
        let mut file = append_to(&history.path).unwrap();
        file.write_all(b"{\"text\":\"to").unwrap();
        assert_eq!(history.recall().unwrap(), ["whole"]);
        history.remember("next").unwrap();
        assert_eq!(history.recall().unwrap(), ["whole", "next"]);
        file.write_all(b"\xff\xfe\n\n{\"other\":1}\n{\"text\":\"more\",\"since\":2}\n").unwrap();
        assert_eq!(history.recall().unwrap(), ["whole", "next", "more"]);
    }

    #[test]
    fn the_newest_thousand_are_given_back() {
        let (_dir, history) = history();
        fs::create_dir_all(history.path.parent().unwrap()).unwrap();
        let lines: Vec<String> =
            (0..1500).map(|number| record(&format!("prompt {number}").into()) + "\n").collect();
        fs::write(&history.path, lines.concat()).unwrap();
        let recalled = history.recall().unwrap();
        assert_eq!(
            (recalled.len(), recalled[0].text.as_str(), recalled[999].text.as_str()),
            (1000, "prompt 500", "prompt 1499")
        );
    }

    #[test]
    fn a_file_that_grew_large_is_written_anew_with_the_newest() {
        let (_dir, mut history) = history();
        history.large = 2000;
        for number in 0..300 {
            history.remember(format!("prompt {number:03}")).unwrap();
            assert!(fs::metadata(&history.path).unwrap().len() <= 2000);
        }
        let recalled = history.recall().unwrap();
        assert!(recalled.len() > 30, "{}", recalled.len());
        let newest: Vec<String> =
            (300 - recalled.len()..300).map(|number| format!("prompt {number:03}")).collect();
        assert_eq!(recalled, newest);
    }

    #[test]
    fn of_a_file_far_too_large_only_the_end_is_read() {
        let (_dir, mut history) = history();
        history.large = 2000;
        fs::create_dir_all(history.path.parent().unwrap()).unwrap();
        let lines: Vec<String> = (0..900)
            .map(|number| record(&format!("{number} {}", "x".repeat(1000)).into()) + "\n")
            .collect();
        fs::write(&history.path, lines.concat()).unwrap();
        let recalled = history.recall().unwrap();
        assert!(recalled.len() < 500, "{}", recalled.len());
        assert!(recalled.last().is_some_and(|last| last.text.starts_with("899 ")));
        assert!(recalled.iter().all(|prompt| prompt.text.len() > 1000), "a half line is no prompt");
    }

    #[test]
    fn several_writers_lose_nothing() {
        let (_dir, history) = history();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let history = history.clone();
                scope.spawn(move || {
                    (0..25)
                        .for_each(|number| history.remember(format!("{writer} {number}")).unwrap())
                });
            }
        });
        assert_eq!(history.recall().unwrap().len(), 100);
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let (_dir, mut history) = history();
        history.large = 10;
        for prompt in ["appended", "and written anew"] {
            history.remember(prompt).unwrap();
            assert_eq!(fs::metadata(&history.path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named_with_what_to_do() {
        let (dir, _) = history();
        fs::write(dir.path().join("state"), "in the way").unwrap();
        let error =
            PromptHistory::open(dir.path().join("state/history.jsonl")).remember("a").unwrap_err();
        assert!(
            says(&error.to_string(), "prompt history … not kept")
                && error.to_string().contains("state"),
            "{error}"
        );
        assert!(error.next_step().is_some());
    }
}
