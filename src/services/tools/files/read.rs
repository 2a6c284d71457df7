//! `read`: one file, as numbered lines or as a picture.

use std::io::{Cursor, Read};

use crate::protocol::{CallOutput, ToolAudience, ToolEffects, ToolResult};

use super::list;
use crate::base::phrases::{count, grouped, size};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};
use crate::tools::folder::ResolvedPath;
use crate::tools::folder::lines;
use crate::tools::folder::lines::{LineWindow, Total, WINDOW, WindowEnd};
use crate::tools::folder::open_files::OpenState;
use crate::tools::folder::read_files::{Knowledge, Print};
use crate::tools::folder::text_file;
use crate::tools::folder::text_file::Document;
use crate::tools::pictures::image;
use crate::tools::pictures::image::LoadedPicture;

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "read",
    description: codling_assets::tools::READ,
    parameters: r#"{
  "type": "object",
  "properties": {
    "filePath": { "type": "string", "description": "Relative to the folder, or absolute" },
    "offset": { "type": "integer", "minimum": 1, "description": "The first line to read, from 1" },
    "limit": { "type": "integer", "minimum": 1, "description": "How many lines; 2000 by default" }
  },
  "required": ["filePath"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Looks,
    audience: ToolAudience::Others,
};

const LINES: u64 = 2000;
/// Bytes that tell what kind of file it is.
const HEAD: u64 = 8192;
/// The note on a text that is not on the disk.
const UNSAVED: &str = "\n(this is what the person has in the editor, with changes that are not saved: commands and searches see the file without them)";
/// The same where the disk holds what a command made of the file.
const CROSSED: &str = "\n(this is what the person has in the editor, with changes that are not saved; a command has changed the file on the disk, which may not be in it: it can be changed once the person has saved or reloaded it)";
/// Larger files are for `grep`.
const HUGE: u64 = 512 << 20;

/// Runs `read`: returns lines of a file with their numbers, or the tree of a folder.
///
/// # Errors
///
/// Refuses wrong arguments, and a path that is missing, may not be read, or holds no text.
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let path = arguments.text("filePath")?;
    // Some models count from 0.
    let first = arguments.optional_number("offset")?.unwrap_or(1).max(1);
    let limit = arguments.optional_amount("limit")?.unwrap_or(LINES).max(1);
    arguments.end()?;
    let place = context.folder.place(&path)?;
    if context.folder.metadata(&place)?.is_dir() {
        let tree = list::tree(context, &place)?;
        return Ok(CallOutput::text(
            list::title(&place),
            format!("`{}` is a folder. It contains:\n{tree}", place.shown),
        ));
    }
    let (file, metadata) = context.folder.open_file(&place)?;
    let length = metadata.len();
    let mut stream = context.stop.reader(file);
    let io = |source| match context.stop.check() {
        Ok(()) if context.stop.is_late() => ToolRefusal::Late,
        Ok(()) => ToolRefusal::io(&place.shown, source),
        Err(stopped) => stopped,
    };
    // A file that can be changed later is read whole, so that it is known how much the model has
    // seen.
    let ahead = if length <= text_file::LIMIT { text_file::LIMIT + 1 } else { HEAD };
    let mut start = Vec::new();
    stream.by_ref().take(ahead).read_to_end(&mut start).map_err(io)?;
    let is_whole = start.len() as u64 <= text_file::LIMIT && length <= text_file::LIMIT;
    let print = is_whole.then(|| Print::new(&metadata, Some(&start)));
    let head = &start[..start.len().min(HEAD as usize)];
    let kind = image::kind(head);
    let is_binary = lines::is_binary(head);
    if let Some(mime) = kind {
        let stream = Cursor::new(start).chain(stream);
        let loaded = if length <= image::LIMIT {
            image::load(mime, stream).map_err(io)?
        } else {
            LoadedPicture::Large
        };
        return match loaded {
            LoadedPicture::Picture(prepared) => {
                note(context, &place, print);
                Ok(image::attached(place.shown, prepared, mime, length))
            }
            LoadedPicture::Large => Err(ToolRefusal::LargeImage {
                shown: place.shown,
                size: size(length),
                limit: size(image::LIMIT),
            }),
            LoadedPicture::Flawed(flaw) => {
                Err(ToolRefusal::BrokenPicture { shown: place.shown, flaw })
            }
        };
    }
    if is_binary {
        return Err(ToolRefusal::Binary { shown: place.shown, size: size(length) });
    }
    if length > HUGE {
        return Err(ToolRefusal::Huge {
            shown: place.shown,
            size: size(length),
            limit: size(HUGE),
        });
    }
    let parse = || Document::parse(start.clone());
    let open = match (is_whole && context.open_files.are_shared()).then(parse) {
        Some(Ok(on_disk)) => match context.open_files.text(context.folder, &place, &on_disk) {
            // To read what is saved does no harm; a change of it is refused.
            Err(ToolRefusal::EditorFailed { .. }) => None,
            text => text?,
        },
        // A file that cannot be changed as text is not the editor's either.
        Some(Err(_)) | None => None,
    };
    let Some(open) = open else {
        let stream = Cursor::new(start).chain(stream);
        let window = lines::window(stream, first, limit).map_err(io)?;
        let answer = answer(&place, &window, first)?;
        note(context, &place, print);
        return Ok(answer);
    };
    let window = lines::window(&open.bytes[..], first, limit).map_err(io)?;
    let mut answer = answer(&place, &window, first)?;
    match open.state {
        OpenState::Saved => {}
        OpenState::Unsaved => answer.text.push_str(UNSAVED),
        OpenState::Crossed => answer.text.push_str(CROSSED),
    }
    let print = Print::new(&metadata, Some(&open.bytes));
    note(context, &place, Some(print));
    Ok(answer)
}

fn note(context: &ToolContext<'_>, place: &ResolvedPath, print: Option<Print>) {
    if let Some(print) = print {
        context.read_files.note(&place.real, print, Knowledge::Read);
    }
}

fn answer(
    place: &ResolvedPath,
    window: &LineWindow,
    first: u64,
) -> Result<CallOutput, ToolRefusal> {
    let (Total::Exactly(total) | Total::MoreThan(total)) = window.total;
    if window.lines.is_empty() {
        return match total {
            0 => Ok(CallOutput::text(&place.shown, format!("`{}` is empty", place.shown))),
            _ => Err(ToolRefusal::PastTheEnd {
                shown: place.shown.clone(),
                lines: count(total, "line"),
                offset: first,
            }),
        };
    }
    let last = first + window.lines.len() as u64 - 1;
    let mut text = String::new();
    for (number, line) in (first..).zip(&window.lines) {
        text.push_str(&format!("{number}\t{line}\n"));
    }
    text.push_str(&rest(window, first, last));
    let title = if first == 1 && last == total {
        place.shown.clone()
    } else {
        format!("{} {first}-{last}", place.shown)
    };
    Ok(CallOutput::text(title, text).with(ToolResult::Lines { count: window.lines.len() as u64 }))
}

/// Says which lines were left out, and how to read them.
fn rest(window: &LineWindow, first: u64, last: u64) -> String {
    let total = match window.total {
        Total::Exactly(total) if total == last => {
            return format!("(the file ends here, {})", count(total, "line"));
        }
        Total::Exactly(total) => grouped(total),
        Total::MoreThan(total) => format!("more than {}", grouped(total)),
    };
    let why = if window.full == WindowEnd::Bytes {
        format!(", as much as fits in {}", size(WINDOW as u64))
    } else {
        String::new()
    };
    format!("(lines {first} to {last} of {total} shown{why}; `offset` {} goes on)", last + 1)
}
