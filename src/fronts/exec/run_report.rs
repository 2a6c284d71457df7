//! Prints a run's events and its end, in the requested form.

use std::io;

use crate::base::Console;
use crate::protocol::{EventKind, Exit, Notice, TurnOutcome, in_shell};

use super::answer::AnswerWriter;
use super::findings::{self, FindingsForm};
use super::json_lines::JsonLines;
use super::last_message::{self, LastMessage};
use super::progress::ProgressWriter;
use super::turn::{OutputForm, RunEnd, RunRequest};

pub struct RunReport<'a> {
    console: &'a mut Console,
    shape: Shape,
    last: LastMessage,
    findings: Option<FindingsForm>,
    /// How many findings were printed.
    found: usize,
}

enum Shape {
    Json(JsonLines),
    Text(Box<Text>),
}

#[derive(Default)]
struct Text {
    answer: AnswerWriter,
    progress: ProgressWriter,
}

impl<'a> RunReport<'a> {
    pub fn new(ask: &RunRequest, console: &'a mut Console) -> Self {
        let shape = match ask.form {
            OutputForm::Json => Shape::Json(JsonLines::default()),
            OutputForm::Text => Shape::Text(Box::default()),
        };
        let form = if ask.schema.is_some() {
            last_message::AnswerForm::Json
        } else {
            last_message::AnswerForm::Any
        };
        let last = LastMessage::new(form, ask.last_message.clone());
        Self { console, shape, last, findings: ask.findings, found: 0 }
    }

    /// Begins the report once the session has its id.
    pub fn begin(&mut self, ask: &RunRequest) {
        if let Shape::Json(lines) = &mut self.shape {
            lines.begin(ask, self.console);
        }
    }

    pub fn show(&mut self, event: &EventKind) {
        match &mut self.shape {
            Shape::Json(lines) => lines.show(event, self.console),
            Shape::Text(text) => {
                // A program that reads JSON wants only the last message.
                if self.last.form() == last_message::AnswerForm::Any {
                    text.answer.show(event, self.console);
                }
                text.progress.show(event, self.console);
            }
        }
        self.last.take(event);
    }

    pub fn flush(&mut self) {
        self.console.flush();
    }

    /// The exit code if stdout no longer accepts output.
    pub fn lost(&mut self) -> Option<Exit> {
        let error = self.console.lost()?;
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Some(Exit::Done);
        }
        let message = format!("The answer cannot be written to standard output: {error}");
        self.console.problem(&message, None);
        Some(Exit::Failed)
    }

    pub fn end(mut self, end: RunEnd) -> Exit {
        let end = self.settle(end);
        let exit = match &end {
            RunEnd::Done | RunEnd::MaxSteps if self.found > 0 => Exit::Failed,
            RunEnd::Done | RunEnd::MaxSteps => Exit::Done,
            RunEnd::Failed(problem) => Exit::after(&problem.kind),
            RunEnd::Interrupted => Exit::Interrupted,
        };
        match &mut self.shape {
            Shape::Json(lines) => lines.end(&end, exit, self.console),
            Shape::Text(_) => {
                if end == RunEnd::Interrupted {
                    self.console.interrupted();
                }
                self.console.end_line();
            }
        }
        self.flush();
        if let Some(lost) = self.lost() {
            return lost;
        }
        match end {
            RunEnd::Done => {}
            RunEnd::Failed(problem) => self
                .console
                .problem(&problem.message, problem.next.as_deref().map(in_shell).as_deref()),
            RunEnd::Interrupted => self.console.note("Interrupted"),
            RunEnd::MaxSteps => {
                if let Some(Notice { message, next }) = TurnOutcome::MaxSteps.notice() {
                    self.console.note(
                        &[Some(message), next].into_iter().flatten().collect::<Vec<_>>().join(". "),
                    );
                }
            }
        }
        exit
    }

    /// Fails a completed turn if its answer has the wrong form or cannot be written.
    fn settle(&mut self, end: RunEnd) -> RunEnd {
        let settled = match &end {
            RunEnd::Done | RunEnd::MaxSteps => self.last.settle(),
            RunEnd::Failed(_) | RunEnd::Interrupted => Ok(None),
        };
        let text = match settled {
            Ok(text) => text,
            Err(problem) => return RunEnd::Failed(problem),
        };
        if text.is_none()
            && let Some(line) = self.last.unwritten()
        {
            self.console.note(&line);
        }
        if let (Shape::Text(_), last_message::AnswerForm::Json, Some(json)) =
            (&self.shape, self.last.form(), text)
        {
            match self.findings {
                None => self.console.line(json.trim()),
                Some(form) => match findings::print(json, form, self.console) {
                    Ok(found) => self.found = found,
                    Err(problem) => return RunEnd::Failed(problem),
                },
            }
        }
        end
    }
}
