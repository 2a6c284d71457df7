//! `grep`: lines that match a regular expression, grouped by file, the newest first. Changes and keeps nothing.

use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use grep_matcher::{LineTerminator, Matcher};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::sinks::Bytes;
use grep_searcher::{BinaryDetection, MmapChoice, Searcher, SearcherBuilder};
use ignore::WalkState;

use crate::protocol::{CallOutput, ToolSpec};

use super::arguments::Arguments;
use super::folder::Place;
use super::glob::{below, changed, is_file};
use super::hits::{FileHits, Hits, SHOWN, excerpt};
use super::refusal::Refusal;
use super::shape::Shape;
use super::toolbox::Task;
use super::walk::walk;
use super::words::{count, shorten};

pub const SPEC: ToolSpec = ToolSpec {
    name: "grep",
    description: include_str!("../../assets/tools/grep.md"),
    parameters: r#"{
  "type": "object",
  "properties": {
    "pattern": { "type": "string", "description": "The regular expression that a line has to match" },
    "path": { "type": "string", "description": "The folder or the file to look in; the whole folder when left out" },
    "include": { "type": "string", "description": "A glob that a file's path has to match, such as *.rs" }
  },
  "required": ["pattern"],
  "additionalProperties": false
}"#,
};

/// A file with a longer line is left out: the line would have to be held whole.
const LINE: usize = 8 << 20;

pub fn run(arguments: &mut Arguments, task: &Task<'_>) -> Result<CallOutput, Refusal> {
    let pattern = arguments.text("pattern")?;
    let path = arguments.optional_text("path")?;
    let include = arguments.optional_text("include")?;
    arguments.end()?;
    let matcher = matcher(&pattern)?;
    let shape = include.as_deref().map(Shape::parse).transpose()?;
    let place = task.folder.place(path.as_deref().unwrap_or("."))?;
    let hits = Mutex::new(Hits::default());
    if task.folder.metadata(&place)?.is_dir() {
        search_folder(task, &place, &matcher, shape.as_ref(), &hits);
    } else {
        let (file, _) = task.folder.open_file(&place)?;
        let found = search(&mut searcher(), &matcher, task.stop.reader(file));
        hits.lock().unwrap_or_else(PoisonError::into_inner).add(UNIX_EPOCH, &place.real, found);
    }
    task.stop.check()?;
    let hits = hits.into_inner().unwrap_or_else(PoisonError::into_inner);
    let title = format!("{} for {}", count(hits.total, "match"), shorten(&pattern, 60));
    let mut text = hits.render(|path| task.folder.shown(path));
    if text.is_empty() {
        let only = include.map(|include| format!(" in files like `{include}`")).unwrap_or_default();
        text = format!("No lines match `{pattern}` in `{}`{only}", place.shown);
    }
    if task.stop.is_late() {
        text.push_str("\n(the search took too long and was ended; there may be more. Give a `path` or an `include`)");
    }
    Ok(CallOutput::text(title, text))
}

fn matcher(pattern: &str) -> Result<RegexMatcher, Refusal> {
    let built = RegexMatcherBuilder::new().multi_line(true).line_terminator(Some(b'\n')).crlf(true).build(pattern);
    built.map_err(|error| {
        let reason = error.to_string();
        // The last line of a syntax error holds its cause, the lines before it point at the place.
        let cause = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Refusal::Regex { pattern: pattern.to_owned(), reason: cause }
    })
}

fn searcher() -> Searcher {
    SearcherBuilder::new()
        .line_terminator(LineTerminator::crlf())
        .line_number(true)
        .binary_detection(BinaryDetection::quit(0))
        .heap_limit(Some(LINE))
        .memory_map(MmapChoice::never())
        .build()
}

fn search_folder(task: &Task<'_>, from: &Place, matcher: &RegexMatcher, shape: Option<&Shape>, hits: &Mutex<Hits>) {
    walk(task.folder, from).build_parallel().run(|| {
        let mut searcher = searcher();
        Box::new(move |entry| {
            if task.stop.is_dropped() || task.stop.is_late() {
                return WalkState::Quit;
            }
            let wanted = |path: &Path| shape.is_none_or(|shape| shape.fits(below(path, from)));
            let Some(entry) = entry.ok().filter(|entry| is_file(entry) && wanted(entry.path())) else {
                return WalkState::Continue;
            };
            let place = Place { real: entry.path().to_path_buf(), shown: String::new() };
            if let Ok((file, _)) = task.folder.open_file(&place) {
                let found = search(&mut searcher, matcher, task.stop.reader(file));
                if !matches!(found, Ok(FileHits { total: 0, .. })) {
                    hits.lock().unwrap_or_else(PoisonError::into_inner).add(changed(&entry), entry.path(), found);
                }
            }
            WalkState::Continue
        })
    });
}

/// All matches of one file are counted, those that could be shown are kept.
fn search(searcher: &mut Searcher, matcher: &RegexMatcher, reader: impl io::Read) -> io::Result<FileHits> {
    let mut found = FileHits::default();
    let sink = Bytes(|number, line| {
        found.total += 1;
        if found.lines.len() < SHOWN {
            let at = matcher.find(line).ok().flatten().map_or(0, |hit| hit.start());
            found.lines.push((number, excerpt(line, at)));
        }
        Ok(true)
    });
    searcher.search_reader(matcher, reader, sink)?;
    Ok(found)
}
