//! The words in which the model is told of a job, as Codex's models are used to them: the time, how
//! it stands, then what it has written. Runs nothing.

use std::time::Duration;

use crate::base::phrases::{count, size};
use crate::base::text::{head, tail};
use crate::protocol::{CallOutput, CallResult, CommandExit, CommandResult, OutputRest, ToolResult};

use super::job::{EndedJob, Job, Reading};
use super::unread::Taken;
use crate::tools::shell::output::KeptOutput;
use crate::tools::shell::plain_text::plain;

/// Tokens of output in one answer, where the call names no number, and at the most.
pub const TOKENS: u64 = 10_000;
pub const MOST_TOKENS: u64 = 50_000;
/// A token of such text, roughly.
const BYTES_PER_TOKEN: usize = 4;

/// The answer to a call that looked at a job for so long. `note` is one sentence for a job that
/// still runs.
pub fn answer(
    job: &Job,
    title: String,
    took: Duration,
    tokens: u64,
    note: Option<&str>,
) -> CallResult {
    let Reading { taken, picture, ended } = job.read();
    let (body, cut) = match picture {
        Some(picture) => (picture, None),
        None => shorten(&taken, tokens),
    };
    let rest = cut.map(|cut| (cut, job.kept()));
    let mut text = format!("Wall time: {:.4} seconds\n", took.as_secs_f64());
    let exit = ended.as_ref().map_or(CommandExit::Running(job.id), |ended| ended.exit.clone());
    text.push_str(&standing(&exit, ended.as_ref()));
    let notes = match &ended {
        Some(ended) => ended.notes.clone(),
        None => note.map(str::to_owned).into_iter().collect(),
    };
    // The warning is a notice of its own on the screen.
    for note in notes.iter().chain(ended.iter().filter_map(|ended| ended.warning.as_ref())) {
        text.push_str(&format!("\n{note}"));
    }
    if let Some((cut, kept)) = &rest {
        text.push_str(&format!("\nOriginal token count: {}", cut.tokens));
        let place = match kept {
            KeptOutput::All(file) => {
                format!("all of the command's output is in `{}`", file.display())
            }
            KeptOutput::Beginning { file, bytes, why } => {
                let (first, file) = (size(*bytes), file.display());
                format!(
                    "the first {first} of the command's output are in `{file}`, and the rest is not kept: {why}"
                )
            }
            KeptOutput::Nothing(why) => why.clone(),
        };
        text.push_str(&format!("\n{} left out; {place}", size(cut.bytes)));
    }
    text.push_str("\nOutput:\n");
    let result = CommandResult {
        duration: job.began.elapsed(),
        notes,
        output_at: text.len(),
        is_silent: body.is_empty(),
        rest: rest.map(|(_, kept)| kept.file().map_or(OutputRest::NotKept, OutputRest::File)),
        exit,
    };
    text.push_str(&body);
    let ok = matches!(result.exit, CommandExit::Code(0) | CommandExit::Running(_));
    let output = CallOutput { ok, ..CallOutput::text(title, text) }
        .with(ToolResult::Command(Box::new(result)));
    match ended {
        None => output.into(),
        Some(EndedJob { blocked, loses, unreached, warning, .. }) => {
            CallResult { output, blocked, loses, unreached, notice: warning }
        }
    }
}

fn standing(exit: &CommandExit, ended: Option<&EndedJob>) -> String {
    match exit {
        CommandExit::Running(job) => format!("Process running with session ID {}", job.0),
        CommandExit::Code(code) => format!("Process exited with code {code}"),
        CommandExit::Signal(number) => format!("Process ended by signal {number}"),
        CommandExit::Stopped => "Process was ended before it was done".to_owned(),
        CommandExit::TimedOut(limit) => {
            format!("Process was ended after {}", count(limit.as_secs(), "second"))
        }
        CommandExit::Failed => {
            ended.and_then(|ended| ended.failure.clone()).unwrap_or_else(|| "It failed".to_owned())
        }
    }
}

/// The part of an output that is left out.
struct Cut {
    tokens: u64,
    bytes: u64,
}

/// The output as text, cut in the middle where it is longer than so many tokens.
fn shorten(taken: &Taken, tokens: u64) -> (String, Option<Cut>) {
    let Taken { head: first_part, skipped, tail: last_part } = taken;
    let room = usize::try_from(tokens).unwrap_or(usize::MAX).saturating_mul(BYTES_PER_TOKEN);
    if *skipped == 0 {
        let all = plain(&[&first_part[..], last_part].concat());
        if all.len() <= room {
            return (all, None);
        }
        let (first, last) = (head(&all, room / 2), tail(&all, room / 2));
        let bytes = (all.len() - first.len() - last.len()) as u64;
        let cut = Cut { tokens: tokens_of(all.len() as u64), bytes };
        return (join(first, bytes, last), Some(cut));
    }
    let (before, behind) = (plain(first_part), plain(last_part));
    let all = (before.len() + behind.len()) as u64 + skipped;
    let (first, last) = (head(&before, room / 2), tail(&behind, room / 2));
    let bytes = all - (first.len() + last.len()) as u64;
    (join(first, bytes, last), Some(Cut { tokens: tokens_of(all), bytes }))
}

fn tokens_of(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN as u64)
}

fn join(first: &str, bytes: u64, last: &str) -> String {
    format!("{first}\n… {} tokens left out …\n{last}", tokens_of(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_cut_in_the_middle_by_tokens() {
        let taken = |head: &str, skipped, tail: &str| Taken {
            head: head.into(),
            skipped,
            tail: tail.into(),
        };
        let cut = |taken: &Taken, tokens| {
            let (text, cut) = shorten(taken, tokens);
            (text, cut.map(|cut| (cut.tokens, cut.bytes)))
        };
        assert_eq!(cut(&taken("12345678", 0, ""), 2), ("12345678".into(), None));
        assert_eq!(
            cut(&taken("123456789abcdefg", 0, ""), 2),
            ("1234\n… 2 tokens left out …\ndefg".into(), Some((4, 8)))
        );
        // Letters stay whole.
        assert_eq!(cut(&taken("ööööööööööö", 0, ""), 2).0, "öö\n… 4 tokens left out …\nöö");
        assert_eq!(
            cut(&taken("abcdefgh", 992, "ijklmnop"), 2),
            ("abcd\n… 250 tokens left out …\nmnop".into(), Some((252, 1000)))
        );
        assert_eq!(cut(&taken("ab", 0, "cd"), 100), ("abcd".into(), None));
    }
}
