//! `grep`: lines that match a regular expression, grouped by file, the newest first. Changes and
//! keeps nothing.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::UNIX_EPOCH;
use std::{io, mem};

use grep_matcher::{LineTerminator, Matcher};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::sinks::Bytes;
use grep_searcher::{BinaryDetection, MmapChoice, Searcher, SearcherBuilder};

use crate::base::is_secret;
use crate::protocol::{CallOutput, Found, SecretAccess, ToolAudience, ToolEffects, ToolResult};

use super::glob::{below, is_file};
use super::hits::{FileHits, Hits, SHOWN, excerpt};
use crate::base::phrases::{count, shorten};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};
use crate::tools::folder::ResolvedPath;
use crate::tools::folder::path_glob::PathGlob;
use crate::tools::folder::walk::walk;

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "grep",
    description: codling_assets::tools::GREP,
    parameters: r#"{
  "type": "object",
  "properties": {
    "pattern": { "type": "string", "description": "A regular expression (Rust syntax, no look-around); begin with (?i) to ignore case" },
    "path": { "type": "string", "description": "A folder or a file; the whole folder by default" },
    "include": { "type": "string", "description": "A glob for the files to search, such as *.{ts,tsx}" }
  },
  "required": ["pattern"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Looks,
    audience: ToolAudience::Others,
};

/// A file with a longer line is left out: the line would have to be held whole.
const LINE: usize = 8 << 20;
/// Bytes of a regular expression.
const LONGEST: usize = 16 << 10;
/// More threads than this do not help on the disks of laptops.
const SEARCHERS: usize = 4;
/// Files that are handed on at once: one by one, threads would wake each other more than they
/// search.
const BATCH: usize = 32;
/// Batches that are found and not yet searched; the walk waits for room.
const WAITING: usize = 32;

/// Runs `grep`: lists the lines that fit a regular expression.
///
/// # Errors
///
/// Refuses wrong arguments, an expression that cannot be read, and a path that is missing or may
/// not be read.
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let pattern = arguments.text("pattern")?;
    let path = arguments.optional_text("path")?;
    let include = arguments.optional_text("include")?;
    arguments.end()?;
    let matcher = matcher(&pattern)?;
    let shape = include.as_deref().map(PathGlob::parse).transpose()?;
    let place = context.folder.place(path.as_deref().unwrap_or("."))?;
    let hits = Mutex::new(Hits::default());
    if context.folder.metadata(&place)?.is_dir() {
        search_folder(context, &place, &matcher, shape.as_ref(), &hits);
    } else {
        let (file, _) = context.folder.open_file(&place)?;
        let found = search(&mut searcher(), &matcher, context.stop.reader(file));
        hits.lock().unwrap_or_else(PoisonError::into_inner).add(UNIX_EPOCH, &place.real, found);
    }
    context.stop.check()?;
    let hits = hits.into_inner().unwrap_or_else(PoisonError::into_inner);
    let title = format!("{} for {}", count(hits.total, "match"), shorten(&pattern, 60));
    let mut text = hits.render(|path| context.folder.shown(path));
    if hits.total == 0 {
        let only = include.map(|include| format!(" in files like `{include}`")).unwrap_or_default();
        text = format!("No lines match `{pattern}` in `{}`{only}\n{text}", place.shown);
    }
    text.truncate(text.trim_end().len());
    if context.stop.is_late() {
        text.push_str("\n(the search took too long and was ended; there may be more. Give a `path` or an `include`)");
    }
    Ok(CallOutput::text(title, text)
        .with(ToolResult::Found { count: hits.total, what: Found::Matches }))
}

fn matcher(pattern: &str) -> Result<RegexMatcher, ToolRefusal> {
    if pattern.len() > LONGEST {
        return Err(ToolRefusal::Regex {
            pattern: shorten(pattern, 100),
            reason: format!("it is longer than {LONGEST} bytes"),
        });
    }
    let built = RegexMatcherBuilder::new()
        .multi_line(true)
        .line_terminator(Some(b'\n'))
        .crlf(true)
        .build(pattern);
    built.map_err(|error| {
        let reason = error.to_string();
        // The last line of a syntax error holds its cause, the lines before it point at the place.
        let cause =
            reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
        ToolRefusal::Regex { pattern: pattern.to_owned(), reason: cause }
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

/// Some threads walk, others search what they find; whoever walks waits while more files are found
/// than can be searched.
fn search_folder(
    context: &ToolContext<'_>,
    from: &ResolvedPath,
    matcher: &RegexMatcher,
    shape: Option<&PathGlob>,
    hits: &Mutex<Hits>,
) {
    let searchers = thread::available_parallelism().map_or(1, |cores| cores.get().min(SEARCHERS));
    let (found, files) = sync_channel::<Vec<PathBuf>>(WAITING);
    let files = Arc::new(Mutex::new(files));
    thread::scope(|scope| {
        for _ in 0..searchers {
            let files = Arc::clone(&files);
            scope.spawn(move || search_each(context, &files, matcher, hits));
        }
        // With the last searcher goes the receiving end, so that the walk does not wait for one
        // that broke down.
        drop(files);
        let mut batch = Vec::with_capacity(BATCH);
        for entry in walk(context.folder, from).build().flatten() {
            if context.stop.is_dropped() || context.stop.is_late() {
                break;
            }
            if is_file(&entry) && shape.is_none_or(|shape| shape.fits(below(entry.path(), from))) {
                batch.push(entry.into_path());
            }
            if batch.len() == BATCH
                && found.send(mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_err()
            {
                return;
            }
        }
        let _nobody_searches = found.send(batch);
        // Tells the searchers that nothing more comes.
        drop(found);
    });
}

fn search_each(
    context: &ToolContext<'_>,
    files: &Mutex<Receiver<Vec<PathBuf>>>,
    matcher: &RegexMatcher,
    hits: &Mutex<Hits>,
) {
    let mut searcher = searcher();
    loop {
        let next = files.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else { return };
        for real in batch {
            if context.stop.is_dropped() || context.stop.is_late() {
                break;
            }
            let place = ResolvedPath { real, shown: String::new() };
            let Ok(file) = context.folder.open_found(&place) else { continue };
            let found = search(&mut searcher, matcher, context.stop.reader(&file));
            // That there is a match is a part of the secret too: nothing is told of it.
            let is_shown = || context.secrets == SecretAccess::All || !is_secret(&place.real);
            if !matches!(found, Ok(FileHits { total: 0, .. })) && is_shown() {
                let changed =
                    file.metadata().and_then(|about| about.modified()).unwrap_or(UNIX_EPOCH);
                hits.lock().unwrap_or_else(PoisonError::into_inner).add(
                    changed,
                    &place.real,
                    found,
                );
            }
        }
    }
}

/// All matches of one file are counted, those that could be shown are kept.
fn search(
    searcher: &mut Searcher,
    matcher: &RegexMatcher,
    reader: impl io::Read,
) -> io::Result<FileHits> {
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
