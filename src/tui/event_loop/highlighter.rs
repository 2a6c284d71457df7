//! A thread that works out the colours of code blocks, started when the first is wanted. Does not know which of them are still on screen.

use std::io;
use std::sync::mpsc::{Sender, channel};

use super::input::Note;
use crate::tui::msg::Msg;
use crate::tui::paint::highlight::highlight;
use crate::tui::transcript::HighlightJob;

#[derive(Debug)]
pub struct Highlighter {
    notes: Sender<Note>,
    jobs: Option<Sender<HighlightJob>>,
}

impl Highlighter {
    pub fn new(notes: Sender<Note>) -> Self {
        Self { notes, jobs: None }
    }

    pub fn ask(&mut self, job: HighlightJob) -> io::Result<()> {
        let jobs = match &self.jobs {
            Some(jobs) => jobs,
            None => self.jobs.insert(start(self.notes.clone())?),
        };
        // The thread ends with the loop, and nobody is left to want colours then.
        let _ended = jobs.send(job);
        Ok(())
    }
}

fn start(notes: Sender<Note>) -> io::Result<Sender<HighlightJob>> {
    let (jobs, wanted) = channel::<HighlightJob>();
    std::thread::Builder::new().name("highlight".into()).spawn(move || {
        for job in wanted {
            let highlight = highlight(&job.code.language, &job.code.code);
            if notes.send(Note::Msg(Box::new(Msg::Highlighted { job, highlight }))).is_err() {
                return;
            }
        }
    })?;
    Ok(jobs)
}
