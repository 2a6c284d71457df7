//! The words a command is answered with. Runs nothing.

use std::time::Duration;

use crate::protocol::{CallOutput, CallResult, CommandExit, CommandResult, OutputRest, ToolResult};
use crate::sandbox::{CommandEnd, CommandSpec, ExitKind, Unkept};

use super::output::OutputSummary;
use super::plain_text::plain;

/// Shorter runs are not worth a word.
const WORTH: Duration = Duration::from_secs(1);

pub fn answer(
    title: String,
    spec: &CommandSpec,
    end: &CommandEnd,
    took: Duration,
    (summary, left_out): (&OutputSummary, Option<&str>),
) -> CallOutput {
    let (notes, body) = (notes(end, left_out), output(summary));
    let mut text = head(spec, end, took);
    // The warning is a notice of its own on the screen.
    for note in notes.iter().chain(end.warning().iter()) {
        text.push_str(&format!("\n{note}"));
    }
    text.push_str("\n\n");
    let result = CommandResult {
        exit: exit(spec, end),
        duration: took,
        notes,
        output_at: text.len(),
        is_silent: body.is_none(),
        rest: summary
            .gap
            .as_ref()
            .map(|gap| gap.file.clone().map_or(OutputRest::NotKept, OutputRest::File)),
    };
    text.push_str(&body.unwrap_or_else(|| "(no output)".to_owned()));
    let ok = end.how == ExitKind::Exit(0);
    CallOutput { ok, ..CallOutput::text(title, text) }.with(ToolResult::Command(Box::new(result)))
}

/// Sentences besides how the command ended.
pub fn notes(end: &CommandEnd, left_out: Option<&str>) -> Vec<String> {
    let left = match end.left {
        0 => None,
        1 => Some("1 process that it left running was ended".to_owned()),
        many => Some(format!("{many} processes that it left running were ended")),
    };
    left.into_iter().chain(left_out.map(str::to_owned)).chain(changes(end)).collect()
}

/// The changes that were put back, and the requests that were refused.
pub fn changes(end: &CommandEnd) -> impl Iterator<Item = String> + use<> {
    let put_back = (!end.put_back.is_empty()).then(|| {
        let names = end.put_back.join(", ");
        format!("What it changed in the settings and hooks of git was set aside beside it, and what stood there was put back ({names})")
    });
    let unreached = (!end.unreached.is_empty()).then(|| {
        format!(
            "It asked for hosts that are not open to commands in the sandbox: {}",
            end.unreached.join(", ")
        )
    });
    let unkept = end.unkept.as_ref().map(Unkept::sentence);
    [put_back, unreached, unkept].into_iter().flatten()
}

pub fn exit(spec: &CommandSpec, end: &CommandEnd) -> CommandExit {
    match &end.how {
        ExitKind::Exit(code) => CommandExit::Code(*code),
        ExitKind::Failed(_) => CommandExit::Failed,
        ExitKind::Late => CommandExit::TimedOut(spec.limit),
        ExitKind::Signal(number) => CommandExit::Signal(*number),
        ExitKind::Stopped => CommandExit::Stopped,
    }
}

/// Why it was not started, or what is not known of it.
pub fn failure(end: &CommandEnd) -> Option<String> {
    if let ExitKind::Failed(why) = &end.how { Some(why.clone()) } else { None }
}

/// It was not run: nobody was asked about it, and what it must not read then cannot all be hidden
/// from it.
pub fn unhidden(title: String) -> CallResult {
    let why = "The folder holds too much to hide all files in it that may hold secrets";
    let text =
        format!("It was not run. {why}. Search and read with the tools for that, if you have them");
    CallResult { blocked: Some(why.to_owned()), ..CallOutput::refusal(title, text).into() }
}

/// It was not run, and could be in another form.
pub fn refused(title: String, why: &str) -> CallResult {
    CallOutput::refusal(title, format!("It was not run. {why}")).into()
}

fn head(spec: &CommandSpec, end: &CommandEnd, took: Duration) -> String {
    let after =
        if took > WORTH { format!(" after {:.1} s", took.as_secs_f64()) } else { String::new() };
    match &end.how {
        ExitKind::Exit(code) => format!("Exit code {code}{after}"),
        ExitKind::Failed(why) => why.clone(),
        ExitKind::Late => format!(
            "It was not done after {} and was ended, with all that it had started. `timeout` (in ms, at most 600000) gives it longer",
            seconds(spec.limit)
        ),
        ExitKind::Signal(number) => format!("Ended by signal {number}{after}"),
        ExitKind::Stopped => format!("It was ended before it was done{after}"),
    }
}

fn seconds(limit: Duration) -> String {
    match limit.subsec_millis() {
        0 => format!("{} s", limit.as_secs()),
        _ => format!("{} ms", limit.as_millis()),
    }
}

/// The output, with a note in the middle on the part that is left out.
fn output(summary: &OutputSummary) -> Option<String> {
    let head = plain(&summary.head);
    match &summary.gap {
        None if head.trim().is_empty() => None,
        None => Some(head),
        Some(gap) => Some(format!(
            "{}\n\n({})\n\n{}",
            head.trim_end_matches('\n'),
            gap.sentence,
            plain(&summary.tail)
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::protocol::{Confinement, Sandbox};

    use super::*;
    use crate::base::text::says;
    use crate::tools::shell::output::OutputGap;

    fn summary(text: &str) -> OutputSummary {
        OutputSummary { head: text.into(), gap: None, tail: Vec::new() }
    }

    fn say(how: ExitKind, left: u32, took: u64, summary: &OutputSummary) -> CallOutput {
        render(CommandEnd::new(how, left), took, summary)
    }

    fn render(end: CommandEnd, took: u64, summary: &OutputSummary) -> CallOutput {
        let (limit, bounds) = (Duration::from_secs(120), (Sandbox::Landlock, Confinement::Free));
        let spec = CommandSpec::bare(Vec::new(), "/w".into(), bounds, limit);
        answer("make".to_owned(), &spec, &end, Duration::from_millis(took), (summary, None))
    }

    #[test]
    fn an_answer_says_how_it_ended_and_what_it_wrote() {
        for (how, left, took, wrote, text) in [
            (ExitKind::Exit(0), 0, 5, "hi\n", "Exit code 0\n\nhi\n"),
            (ExitKind::Exit(0), 0, 5, " \n", "Exit code 0\n\n(no output)"),
            (ExitKind::Exit(2), 0, 3_210, "", "Exit code 2 after 3.2 s\n\n(no output)"),
            (ExitKind::Signal(11), 1, 5, "x", "signal 11\n … 1 process … ended\n\nx"),
            (ExitKind::Exit(0), 3, 5, "x", "Exit code 0\n … 3 processes … ended\n\nx"),
            (ExitKind::Failed("No shell".to_owned()), 0, 5, "", "No shell\n\n(no output)"),
        ] {
            let output = say(how.clone(), left, took, &summary(wrote));
            assert!(says(&output.text, text), "{}", output.text);
            assert!(output.text.ends_with(&text[text.len() - 3..]), "{}", output.text);
            assert_eq!(output.ok, how == ExitKind::Exit(0));
        }
        assert!(says(&say(ExitKind::Late, 0, 120_000, &summary("")).text, "not done … 120 s"));
    }

    #[test]
    fn what_was_put_back_is_named() {
        let put_back = vec![".git/config".to_owned(), ".git/hooks/pre-commit".to_owned()];
        let output = render(
            CommandEnd { put_back, ..CommandEnd::new(ExitKind::Exit(0), 0) },
            5,
            &summary("done\n"),
        );
        let told =
            "Exit code 0\n … set aside … put back (.git/config, .git/hooks/pre-commit)\n\ndone\n";
        assert!(says(&output.text, told), "{}", output.text);
    }

    #[test]
    fn hosts_that_are_not_open_are_named() {
        let unreached = vec!["a.org".to_owned(), "b.org:80".to_owned()];
        let output = render(
            CommandEnd { unreached, ..CommandEnd::new(ExitKind::Exit(56), 0) },
            5,
            &summary("curl: (56)\n"),
        );
        let told = "Exit code 56\n … not open … : a.org, b.org:80\n\ncurl: (56)\n";
        assert!(says(&output.text, told), "{}", output.text);
    }

    #[test]
    fn what_is_left_out_is_told_in_its_place() {
        let summary = OutputSummary {
            head: b"first\n".to_vec(),
            gap: Some(OutputGap {
                sentence: "5 lines left out".to_owned(),
                file: Some("/o".into()),
            }),
            tail: b"last\n".to_vec(),
        };
        assert_eq!(
            say(ExitKind::Exit(0), 0, 5, &summary).text,
            "Exit code 0\n\nfirst\n\n(5 lines left out)\n\nlast\n"
        );
    }
}
