//! What is known about a wish, as rows: the wish itself, and where, why and how.

use super::verbatim::{is_blank, verbatim};
use super::warnings::warnings;
use crate::base::text::{self, reveal};
use crate::fronts::tui::paint::diff::{self, DiffFrame, Finish};
use crate::fronts::tui::paint::wrap::{Breaks, Prefix, wrap_into};
use crate::fronts::tui::paint::{LaidOutLines, Role, Span};
use crate::protocol::{
    Approval, ApprovalSubject, Confinement, DiffKind, FileDiff, Rule, RuleSubject, SandboxOpening,
};

/// More of a change than anybody reads.
const ROWS: usize = 5_000;
/// Columns of the border that a title leaves to counts.
const BESIDE_TITLE: usize = 28;
/// More empty lines say nothing but hide what follows.
const EMPTY: usize = 2;
/// Columns of the names of facts.
const NAMES: usize = 12;

/// `Run this command?`
pub fn title(subject: &ApprovalSubject) -> String {
    match subject {
        ApprovalSubject::Change(files) => match files.as_slice() {
            [file] => {
                let path =
                    if let DiffKind::Moved { from } = &file.kind { from } else { &file.path };
                format!("{} {}?", verb(file), reveal(path))
            }
            [first, others @ ..] if others.iter().all(|file| verb(file) == verb(first)) => {
                format!("{} {} files?", verb(first), files.len())
            }
            files => format!("Change {} files?", files.len()),
        },
        ApprovalSubject::Command(_) => "Run this command?".into(),
        ApprovalSubject::External { .. } => "Call this tool?".into(),
        ApprovalSubject::Fetch(_) => "Fetch this address?".into(),
        ApprovalSubject::Input { .. } => "Type this into a running command?".into(),
        ApprovalSubject::Look(_) => "Look at this?".into(),
    }
}

fn verb(file: &FileDiff) -> &'static str {
    match file.kind {
        DiffKind::Added => "Create",
        DiffKind::Deleted => "Delete",
        DiffKind::Moved { .. } => "Move",
        DiffKind::Updated => "Change",
    }
}

/// All of what would be done.
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
        ApprovalSubject::Command(command) => {
            let mut rest = command.trim_end_matches('\n').split('\n').enumerate().peekable();
            while let Some((at, line)) = rest.next() {
                let mark = if at == 0 { "$ " } else { "> " };
                let mut empty = usize::from(is_blank(line));
                while empty > 0 && rest.next_if(|(_, line)| is_blank(line)).is_some() {
                    empty += 1;
                }
                match empty {
                    0 => verbatim(&mut lines, mark, line, width),
                    1..=EMPTY => (0..empty).for_each(|_| verbatim(&mut lines, mark, "", width)),
                    _ => verbatim(&mut lines, mark, &format!("<{empty} empty lines>"), width),
                }
            }
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

/// Every file of a change of several, as many in a row as fit, and an empty row below: for one that is too long to be seen at once.
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

/// What `always` would allow from now on, rule by rule.
pub fn rules(learn: &[Rule], width: usize) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    lines.push_row("From now on, this is allowed without asking:", Role::Heading);
    for one in learn {
        let prefix =
            Prefix::new(vec![Span::new("  ", Role::Text)], vec![Span::new("    ", Role::Text)]);
        wrap_into(&mut lines, &[Span::new(rule(one), Role::Code)], width, &prefix, Breaks::Words);
    }
    lines
}

/// What would be open to commands in the sandbox, one row for each.
pub fn opens(grants: &[SandboxOpening], width: usize) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    lines.push_row("It runs in the sandbox. From now on, commands there can:", Role::Heading);
    for one in grants {
        let prefix =
            Prefix::new(vec![Span::new("  ", Role::Text)], vec![Span::new("    ", Role::Text)]);
        let what = if matches!(one, SandboxOpening::Host(_)) { "reach " } else { "write to " };
        wrap_into(
            &mut lines,
            &[Span::new(what, Role::Text), Span::new(grant(one), Role::Code)],
            width,
            &prefix,
            Breaks::Words,
        );
    }
    lines
}

fn grant(grant: &SandboxOpening) -> String {
    reveal(&grant.to_string().replace('\n', " ")).into_owned()
}

/// What the title says of a change, as far as it can be counted: ` +12 −3`.
pub fn counts(subject: &ApprovalSubject) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    if let ApprovalSubject::Change(files) = subject {
        diff::push_counts(&mut lines, files);
    }
    lines.end_row();
    lines
}

/// Whether the title says all that the head of the file would: its whole path, and nothing but that.
fn says_all(subject: &ApprovalSubject, file: &FileDiff, width: usize) -> bool {
    let has_lines = file.added + file.removed > 0;
    has_lines
        && !matches!(file.kind, DiffKind::Moved { .. })
        && text::width(&title(subject)) + BESIDE_TITLE <= width
}

/// What is known besides the wish.
#[derive(Debug, Default)]
pub struct Around {
    /// Where it happens, and why it is asked.
    place: LaidOutLines,
    /// What the model says it is for.
    said: LaidOutLines,
    /// How it would run.
    manner: LaidOutLines,
    /// What would be learned.
    learned: LaidOutLines,
}

impl Around {
    pub fn new(approval: &Approval, width: usize) -> Self {
        let mut around = Self::default();
        // Of a look the paths are all there is to see.
        if let Some(place) = approval
            .place
            .as_ref()
            .filter(|_| !matches!(approval.subject, ApprovalSubject::Look(_)))
        {
            fact(&mut around.place, "where", reveal(place).into_owned(), Role::Text, width);
        }
        for warning in warnings(&approval.subject) {
            fact(&mut around.place, "beware", warning, Role::Warn, width);
        }
        fact(
            &mut around.place,
            "why",
            reveal(&approval.why.replace('\n', " ")).into_owned(),
            Role::Text,
            width,
        );
        if let Some(reason) = &approval.reason {
            fact(
                &mut around.said,
                "model says",
                format!("“{}”", text::clean_line(reason.trim())),
                Role::Quote,
                width,
            );
        }
        if matches!(approval.subject, ApprovalSubject::Command(_)) {
            let (how, role) = match approval.confinement {
                Confinement::Folder => {
                    ("in the sandbox: writes only to this folder, no network", Role::Text)
                }
                Confinement::ReadOnly => ("in the sandbox: cannot write, no network", Role::Text),
                Confinement::Free => ("without a sandbox: it can do anything you can", Role::Warn),
            };
            fact(&mut around.manner, "runs", how.into(), role, width);
        }
        if !approval.learn.is_empty() {
            let rules: Vec<_> = approval.learn.iter().map(rule).collect();
            fact(&mut around.learned, "always", rules.join("\n"), Role::Code, width);
        }
        if !approval.opens.is_empty() {
            let grants: Vec<_> = approval.opens.iter().map(grant).collect();
            fact(
                &mut around.learned,
                "open",
                format!("only {}, in the sandbox", grants.join(", ")),
                Role::Code,
                width,
            );
        }
        around
    }

    /// What goes on below the wish, and what stays in sight: all of it where a row is between them; else what takes no more rows than that,
    /// the words of the model going first, then what would be learned.
    pub fn part(&self, beside: usize, most: usize) -> (LaidOutLines, LaidOutLines) {
        let Self { place, said, manner, learned } = self;
        let whole = put_together(&[place, said, manner, learned]);
        if whole.len() <= beside.max(most) {
            return (LaidOutLines::new(), whole);
        }
        for (left, kept) in
            [(vec![said], vec![place, manner, learned]), (vec![said, learned], vec![place, manner])]
        {
            let kept = put_together(&kept);
            if kept.len() <= most {
                return (put_together(&left), kept);
            }
        }
        (whole, LaidOutLines::new())
    }
}

fn put_together(parts: &[&LaidOutLines]) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    parts.iter().for_each(|part| lines.append(part));
    lines
}

/// `shell: cargo test *`
fn rule(rule: &Rule) -> String {
    let meaning = if (rule.subject, rule.pattern.as_str()) == (RuleSubject::Edit, "*") {
        " (every change in the folder)"
    } else {
        ""
    };
    format!("{}: {}{meaning}", rule.subject.as_str(), reveal(&rule.pattern.replace('\n', " ")))
}

fn fact(lines: &mut LaidOutLines, name: &'static str, words: String, role: Role, width: usize) {
    let prefix = Prefix::new(
        vec![Span::new(text::pad(name, NAMES), Role::Dim)],
        vec![Span::new(" ".repeat(NAMES), Role::Dim)],
    );
    wrap_into(lines, &[Span::new(words, role)], width, &prefix, Breaks::Words);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(command: &str) -> Vec<String> {
        let lines = what(&ApprovalSubject::Command(command.to_owned()), 60);
        (0..lines.len())
            .map(|row| {
                lines.row(row).map(|(piece, _)| piece).collect::<String>().trim_end().to_owned()
            })
            .collect()
    }

    #[test]
    fn blanks_do_not_push_the_end_of_a_command_out_of_sight() {
        let wide = " ".repeat(5_000);
        assert_eq!(shown(&format!("ls{wide}; rm -rf src")), ["$ ls <5000 blanks> ; rm -rf src"]);
        assert_eq!(shown(&format!("ls\t{}\u{3000}\u{2800}; rm x", "\u{a0}".repeat(50))).len(), 1);
        let tall = "\n".repeat(300);
        assert_eq!(
            shown(&format!("ls{tall}rm -rf src")),
            ["$ ls", "> <299 empty lines>", "> rm -rf src"]
        );
        assert_eq!(shown("a\n\n    b  c"), ["$ a", ">", ">     b  c"]);
    }
}
