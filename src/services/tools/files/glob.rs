//! `glob`: files by the shape of their path, the newest first. Opens no file.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ignore::DirEntry;

use crate::base::phrases::{count, grouped, shorten};
use crate::protocol::{CallOutput, Found, ToolAudience, ToolEffects, ToolResult};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};
use crate::tools::folder::path_glob::PathGlob;
use crate::tools::folder::walk::walk;
use crate::tools::folder::{ResolvedPath, WorkFolder};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "glob",
    description: codling_assets::tools::GLOB,
    parameters: r#"{
  "type": "object",
  "properties": {
    "pattern": { "type": "string", "description": "Such as **/*.rs or src/{a,b}/*; without a slash it is matched against names in every folder" },
    "path": { "type": "string", "description": "The folder to search, and what the pattern is relative to" }
  },
  "required": ["pattern"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Looks,
    audience: ToolAudience::Others,
};

const SHOWN: usize = 100;

/// Runs `glob`: lists the files whose names fit a pattern, the latest change first.
///
/// # Errors
///
/// Refuses wrong arguments, a pattern that cannot be read, and a folder that is missing or may not
/// be searched.
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let pattern = arguments.text("pattern")?;
    let path = arguments.optional_text("path")?;
    arguments.end()?;
    let (from, wanted) = aim(context.folder, &pattern, path.as_deref())?;
    let shape = PathGlob::parse(&wanted)?;
    let mut newest = Newest::default();
    for entry in walk(context.folder, &from).build() {
        context.stop.check()?;
        if context.stop.is_late() {
            break;
        }
        if let Some(found) =
            entry.ok().filter(|entry| is_file(entry) && shape.fits(below(entry.path(), &from)))
        {
            newest.push((Reverse(changed(&found)), found.into_path()));
        }
    }
    let title = format!("{} for {}", count(newest.total, "file"), shorten(&pattern, 60));
    let result = ToolResult::Found { count: newest.total, what: Found::Files };
    Ok(CallOutput::text(title, answer(context, &pattern, &from, newest)).with(result))
}

/// Where to begin, and what to look for from there: a pattern may be absolute too, as long as it
/// stays inside.
fn aim(
    folder: &WorkFolder,
    pattern: &str,
    path: Option<&str>,
) -> Result<(ResolvedPath, String), ToolRefusal> {
    let outside = || ToolRefusal::Outside {
        path: shorten(pattern, 200),
        folder: folder.path().display().to_string(),
    };
    let climbs = Path::new(pattern).components().any(|part| part == Component::ParentDir);
    if climbs || pattern.starts_with("~/") {
        return Err(outside());
    }
    let from = folder.subfolder(path)?;
    match Path::new(pattern).strip_prefix(folder.path()) {
        Ok(below) => Ok((folder.place(".")?, format!("/{}", below.to_string_lossy()))),
        Err(_) if Path::new(pattern).is_absolute() => Err(outside()),
        Err(_) => Ok((from, pattern.to_owned())),
    }
}

fn answer(context: &ToolContext<'_>, pattern: &str, from: &ResolvedPath, newest: Newest) -> String {
    let mut lines: Vec<String> =
        newest.files.iter().map(|(_, path)| context.folder.shown(path)).collect();
    if lines.is_empty() {
        lines.push(nothing(context.folder, pattern, from));
    }
    if newest.total > SHOWN as u64 {
        lines.push(format!(
            "(the {SHOWN} most recently changed of {} are shown; a narrower `pattern` or a `path` finds the others)",
            grouped(newest.total)
        ));
    }
    if context.stop.is_late() {
        lines.push(
            "(the search took too long and was ended; there may be more. Give a `path` to look in)"
                .to_owned(),
        );
    }
    lines.join("\n")
}

fn nothing(folder: &WorkFolder, pattern: &str, from: &ResolvedPath) -> String {
    let sentence = format!("No files match `{pattern}` in `{}`", from.shown);
    let plain =
        Path::new(pattern).is_relative().then(|| from.real.join(pattern.trim_end_matches('/')));
    match plain.filter(|path| path.is_dir() && path.starts_with(folder.path())) {
        Some(path) => format!(
            "{sentence}. It is a folder: `{}/**` matches what is in it",
            folder.shown(&path)
        ),
        None => sentence,
    }
}

/// The newest files, no more than are shown, and how many there were.
#[derive(Default)]
struct Newest {
    files: BTreeSet<(Reverse<SystemTime>, PathBuf)>,
    total: u64,
}

impl Newest {
    fn push(&mut self, file: (Reverse<SystemTime>, PathBuf)) {
        self.total += 1;
        self.files.insert(file);
        if self.files.len() > SHOWN {
            self.files.pop_last();
        }
    }
}

pub fn is_file(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
}

/// When a file was last changed; 1970 where that cannot be told.
pub fn changed(entry: &DirEntry) -> SystemTime {
    entry.metadata().ok().and_then(|metadata| metadata.modified().ok()).unwrap_or(UNIX_EPOCH)
}

pub fn below<'a>(path: &'a Path, from: &ResolvedPath) -> &'a Path {
    path.strip_prefix(&from.real).unwrap_or(path)
}
