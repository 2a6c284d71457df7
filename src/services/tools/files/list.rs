//! `list`: a folder as a tree, level by level, as deep as the entries shown reach. Opens no file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use ignore::DirEntry;

use crate::base::phrases::count;
use crate::protocol::{CallOutput, ToolAudience, ToolEffects};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};
use crate::tools::folder::walk::walk;
use crate::tools::folder::{ResolvedPath, plain};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "list",
    description: codling_assets::tools::LIST,
    parameters: r#"{
  "type": "object",
  "properties": {
    "path": { "type": "string", "description": "The folder to show; the whole folder by default" }
  },
  "required": [],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Looks,
    audience: ToolAudience::Others,
};

const SHOWN: usize = 200;
const DEPTH: usize = 32;

/// Runs `list`: shows the tree below a folder.
///
/// # Errors
///
/// Refuses wrong arguments, and a path that is no folder or may not be listed.
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let path = arguments.optional_text("path")?;
    arguments.end()?;
    let place = context.folder.subfolder(path.as_deref())?;
    Ok(CallOutput::text(title(&place), tree(context, &place)?))
}

pub fn title(place: &ResolvedPath) -> String {
    if place.shown == "." { ".".to_owned() } else { format!("{}/", place.shown) }
}

/// The tree below a folder, one name a line. Each level is walked anew until one does not fit: what
/// is read stays in proportion to what is shown, and only the last level can be larger.
///
/// # Errors
///
/// Fails only if the call was stopped. A walk that takes too long is cut short.
pub fn tree(context: &ToolContext<'_>, place: &ResolvedPath) -> Result<String, ToolRefusal> {
    let mut best = Levels::default();
    for depth in 1..=DEPTH {
        let mut levels = Levels::default();
        for entry in walk(context.folder, place).max_depth(Some(depth)).build().flatten() {
            context.stop.check()?;
            if context.stop.is_late() {
                levels.late = true;
                break;
            }
            if entry.depth() > 0 {
                levels.push(&entry);
            }
        }
        let (grew, full) = (levels.total > best.total, levels.total > SHOWN as u64 || levels.late);
        if !grew && !levels.late {
            break;
        }
        best = levels;
        if full {
            break;
        }
    }
    Ok(best.render(&place.real))
}

/// The entries that come first by depth and name, and how many each folder has.
#[derive(Default)]
struct Levels {
    kept: BTreeSet<ListEntry>,
    /// Entries directly in a folder, for folders that can be shown: no more than are kept, as all
    /// but the last level fit.
    children: BTreeMap<PathBuf, u64>,
    total: u64,
    late: bool,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ListEntry {
    depth: usize,
    path: PathBuf,
    mark: &'static str,
}

impl Levels {
    fn push(&mut self, entry: &DirEntry) {
        let mark = match entry.file_type() {
            Some(kind) if kind.is_dir() => "/",
            Some(kind) if kind.is_symlink() => " (a link)",
            _ => "",
        };
        self.total += 1;
        if let Some(parent) = entry.path().parent() {
            match self.children.get_mut(parent) {
                Some(number) => *number += 1,
                None => drop(self.children.insert(parent.to_path_buf(), 1)),
            }
        }
        self.kept.insert(ListEntry {
            depth: entry.depth(),
            path: entry.path().to_path_buf(),
            mark,
        });
        if self.kept.len() > SHOWN {
            self.kept.pop_last();
        }
    }

    fn render(&self, root: &Path) -> String {
        if self.total == 0 && !self.late {
            return "(nothing in it)".to_owned();
        }
        let mut below: BTreeMap<&Path, Vec<&ListEntry>> = BTreeMap::new();
        for entry in &self.kept {
            below.entry(entry.path.parent().unwrap_or(root)).or_default().push(entry);
        }
        let mut lines = Vec::new();
        self.branch(root, 0, &below, &mut lines);
        if self.late {
            lines.push("(the folder took too long to read; there may be more)".to_owned());
        }
        if self.total > SHOWN as u64 {
            lines.push(format!("(the first {SHOWN} entries by depth; `path` shows one folder)"));
        }
        lines.join("\n")
    }

    fn branch(
        &self,
        folder: &Path,
        indent: usize,
        below: &BTreeMap<&Path, Vec<&ListEntry>>,
        lines: &mut Vec<String>,
    ) {
        let shown = below.get(folder).map_or(&[][..], Vec::as_slice);
        for entry in shown {
            let name = plain(entry.path.file_name().unwrap_or_default());
            lines.push(format!("{}{name}{}", "  ".repeat(indent), entry.mark));
            self.branch(&entry.path, indent + 1, below, lines);
        }
        let left_out =
            self.children.get(folder).copied().unwrap_or(0).saturating_sub(shown.len() as u64);
        if left_out > 0 {
            lines.push(format!("{}… {} not shown", "  ".repeat(indent), count(left_out, "entry")));
        }
    }
}
