//! Where everything that is told goes, and how it ends. Sends nothing.

use std::io;

use crate::base::Console;
use crate::protocol::{EventKind, Exit, in_shell};

use super::answer::Answer;
use super::last::{self, Last};
use super::lines::Lines;
use super::progress::Progress;
use super::turn::{Ask, End, Form};

pub struct Report<'a> {
    console: &'a mut Console,
    shape: Shape,
    last: Last,
}

enum Shape {
    Json(Lines),
    Text(Box<Text>),
}

#[derive(Default)]
struct Text {
    answer: Answer,
    progress: Progress,
}

impl<'a> Report<'a> {
    pub fn new(ask: &Ask, console: &'a mut Console) -> Self {
        let shape = match ask.form {
            Form::Json => Shape::Json(Lines::default()),
            Form::Text => Shape::Text(Box::default()),
        };
        let form = if ask.schema.is_some() { last::Form::Json } else { last::Form::Any };
        Self { console, shape, last: Last::new(form, ask.last_message.clone()) }
    }

    /// The session has its name.
    pub fn begin(&mut self, ask: &Ask) {
        if let Shape::Json(lines) = &mut self.shape {
            lines.begin(ask, self.console);
        }
    }

    pub fn tell(&mut self, event: &EventKind) {
        match &mut self.shape {
            Shape::Json(lines) => lines.tell(event, self.console),
            Shape::Text(text) => {
                // What is said on the way would be in the way of a program that reads the form it asked for.
                if self.last.form() == last::Form::Any {
                    text.answer.tell(event, self.console);
                }
                text.progress.tell(event, self.console);
            }
        }
        self.last.take(event);
    }

    pub fn flush(&mut self) {
        self.console.flush();
    }

    /// The exit code, once stdout takes no more.
    pub fn lost(&mut self) -> Option<Exit> {
        let error = self.console.lost()?;
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Some(Exit::Done);
        }
        let message = format!("The answer cannot be written to standard output: {error}");
        self.console.problem(&message, None);
        Some(Exit::Failed)
    }

    pub fn end(mut self, end: End) -> Exit {
        let end = self.settle(end);
        let exit = match &end {
            End::Done => Exit::Done,
            End::Failed(problem) => Exit::after(&problem.kind),
            End::Interrupted => Exit::Interrupted,
        };
        match &mut self.shape {
            Shape::Json(lines) => lines.end(&end, exit, self.console),
            Shape::Text(_) => {
                if end == End::Interrupted {
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
            End::Done => {}
            End::Failed(problem) => self.console.problem(&problem.message, problem.next.as_deref().map(in_shell).as_deref()),
            End::Interrupted => self.console.note("Interrupted"),
        }
        exit
    }

    /// A turn is done when its answer is what was asked for, and where it was asked for.
    fn settle(&mut self, end: End) -> End {
        let settled = match &end {
            End::Done => self.last.settle(),
            End::Failed(_) | End::Interrupted => Ok(None),
        };
        let text = match settled {
            Ok(text) => text,
            Err(problem) => return End::Failed(problem),
        };
        if text.is_none()
            && let Some(line) = self.last.unwritten()
        {
            self.console.note(&line);
        }
        if let (Shape::Text(_), last::Form::Json, Some(json)) = (&self.shape, self.last.form(), text) {
            self.console.line(json.trim());
        }
        end
    }
}
