//! The subject of an approval as rows.

use super::command_rows::{CommandRows, verbatim};
use crate::base::text::{self, reveal};
use crate::protocol::{ApprovalSubject, DiffKind, FileDiff, Rule, RuleSubject, SandboxOpening};
use crate::tui::paint::diff::{self, DiffFrame, Finish};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{LaidOutLines, Role, Span};

/// The limit for rows of a change.
const ROWS: usize = 5_000;
/// Columns of the border that the title leaves for counts.
const BESIDE_TITLE: usize = 28;

/// The whole planned action.
pub fn what(subject: &ApprovalSubject, width: usize) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    match subject {
        ApprovalSubject::Change(files) => {
            let frame = DiffFrame {
                width: u16::try_from(width).unwrap_or(u16::MAX),
                inset: 0,
                rows: ROWS,
                hint: "",
                finish: Finish::Coloured,
            };
            match files.as_slice() {
                [file] if says_all(subject, file, width) => diff::put_body(&mut lines, file, frame),
                _ => diff::put(&mut lines, files, frame),
            }
        }
        ApprovalSubject::Command(command) | ApprovalSubject::Loss(command) => {
            return CommandRows::of(command, width).lines;
        }
        ApprovalSubject::External { server, tool, arguments } => {
            verbatim(&mut lines, "", &format!("{server}: {tool}"), width);
            arguments.trim().split('\n').for_each(|line| verbatim(&mut lines, "  ", line, width));
        }
        ApprovalSubject::Fetch(address) => verbatim(&mut lines, "", address, width),
        ApprovalSubject::Input { command, text } => {
            verbatim(&mut lines, "$ ", command, width);
            let typed = text.strip_suffix('\n').unwrap_or(text);
            typed.split('\n').for_each(|line| verbatim(&mut lines, "> ", line, width));
        }
        ApprovalSubject::Look(paths) => {
            paths.iter().for_each(|path| verbatim(&mut lines, "", path, width))
        }
    }
    lines
}

/// All files of a change to several, several in a row, with an empty row below; for a change that
/// is too long for the screen.
pub fn names(subject: &ApprovalSubject, width: usize) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    if let ApprovalSubject::Change(files) = subject
        && files.len() > 1
    {
        diff::put_names(&mut lines, files, width);
        lines.end_row();
    }
    lines
}

/// The rules that `always` would add, one by one.
pub fn rules(learn: &[Rule], width: usize) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    lines.push_row("From now on, this is allowed without asking:", Role::Heading);
    for one in learn {
        lines.wrap(&[Span::new(rule(one), Role::Code)], width, &indent());
    }
    lines
}

/// The openings for sandboxed commands, one row each.
pub fn opens(grants: &[SandboxOpening], width: usize) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    lines.push_row("It runs in the sandbox. From now on, commands there can:", Role::Heading);
    for one in grants {
        let what = if matches!(one, SandboxOpening::Host(_)) { "reach " } else { "write to " };
        let spans = [Span::new(what, Role::Text), Span::new(grant(one), Role::Code)];
        lines.wrap(&spans, width, &indent());
    }
    lines
}

fn indent() -> Prefix {
    Prefix::new(vec![Span::new("  ", Role::Text)], vec![Span::new("    ", Role::Text)])
}

pub(super) fn grant(grant: &SandboxOpening) -> String {
    reveal(&grant.in_words().replace('\n', " ")).into_owned()
}

/// The counts of a change in the title, as far as they are known: ` +12 −3`.
pub fn counts(subject: &ApprovalSubject) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    if let ApprovalSubject::Change(files) = subject {
        diff::push_counts(&mut lines, files);
    }
    lines.end_row();
    lines
}

/// Whether the title contains everything that the file's head row would: the whole path and nothing
/// else.
fn says_all(subject: &ApprovalSubject, file: &FileDiff, width: usize) -> bool {
    let has_lines = file.added + file.removed > 0;
    has_lines
        && !matches!(file.kind, DiffKind::Moved { .. })
        && text::width(&subject.question()) + BESIDE_TITLE <= width
}

/// `shell: cargo test *`
pub(super) fn rule(rule: &Rule) -> String {
    let meaning = if (rule.subject, rule.pattern.as_str()) == (RuleSubject::Edit, "*") {
        " (every change in the folder)"
    } else {
        ""
    };
    format!("{}: {}{meaning}", rule.subject.as_str(), reveal(&rule.pattern.replace('\n', " ")))
}
