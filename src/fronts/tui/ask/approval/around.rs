//! Facts about an approval: place, reason, manner, and the rules it would add.

use super::subject_rows::{grant, rule};
use crate::base::text::{self, reveal};
use crate::protocol::{Approval, ApprovalSubject, Confinement};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{LaidOutLines, Role, Span};

/// Columns for the names of facts.
const NAMES: usize = 12;

#[derive(Debug, Default)]
pub struct Around {
    /// In this order: the place, files to be deleted, misleading characters and the reason for
    /// asking.
    place: Vec<LaidOutLines>,
    /// The model's explanation.
    said: LaidOutLines,
    /// How it would run.
    manner: LaidOutLines,
    /// Rules that it would add.
    learned: LaidOutLines,
}

impl Around {
    pub fn new(approval: &Approval, width: usize) -> Self {
        let mut around = Self::default();
        let mut place = |name: &'static str, words: String, role: Role| {
            let mut lines = LaidOutLines::new();
            fact(&mut lines, name, words, role, width);
            around.place.push(lines);
        };
        // Reading has no targets but its paths.
        if let Some(folder) = approval
            .place
            .as_ref()
            .filter(|_| !matches!(approval.subject, ApprovalSubject::Look(_)))
        {
            place("where", reveal(folder).into_owned(), Role::Text);
        }
        let deletes = deletes(approval);
        if !deletes.is_empty() {
            place("deletes", deletes, Role::Warn);
        }
        for warning in approval.subject.warnings() {
            place("beware", warning, Role::Warn);
        }
        place("why", reveal(&approval.why.replace('\n', " ")).into_owned(), Role::Text);
        if let Some(reason) = &approval.reason {
            let words = format!("“{}”", text::clean_line(reason.trim()));
            fact(&mut around.said, "model says", words, Role::Quote, width);
        }
        if matches!(approval.subject, ApprovalSubject::Command(_) | ApprovalSubject::Loss(_)) {
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
            let words = format!("only {}, in the sandbox", grants.join(", "));
            fact(&mut around.learned, "open", words, Role::Code, width);
        }
        around
    }

    /// The number of all rows.
    pub fn height(&self) -> usize {
        let place: usize = self.place.iter().map(LaidOutLines::len).sum();
        place + self.said.len() + self.manner.len() + self.learned.len()
    }

    /// Splits the facts into rows that scroll with the action and rows that stay visible. All stay
    /// if they fit `beside` the action. Otherwise the model's words scroll first, then the rules;
    /// place, reason and manner stay, shortened to leave `least` of `room` rows.
    pub fn part(&self, beside: usize, room: usize, least: usize) -> (LaidOutLines, LaidOutLines) {
        let Self { said, manner, learned, .. } = self;
        let place = self.place(usize::MAX);
        let most = beside.max(room / 2);
        for (below, pinned) in [
            (vec![], vec![&place, said, manner, learned]),
            (vec![said], vec![&place, manner, learned]),
            (vec![said, learned], vec![&place, manner]),
        ] {
            let pinned = put_together(&pinned);
            if pinned.len() <= most {
                return (put_together(&below), pinned);
            }
        }
        let most = room.saturating_sub(least);
        let mut pinned = LaidOutLines::new();
        for (rows, most) in [(2, most.min(room * 2 / 3)), (1, most)] {
            pinned = put_together(&[&self.place(rows), manner]);
            if pinned.len() <= most {
                break;
            }
        }
        (put_together(&[&place, said, learned]), pinned)
    }

    /// Place, deletions and reason, each in at most `most` rows.
    fn place(&self, most: usize) -> LaidOutLines {
        let mut lines = LaidOutLines::new();
        self.place.iter().for_each(|fact| lines.append(&shortened(fact, most)));
        lines
    }
}

/// The deleted paths, as far as the command names them: `` `~/precious`, `build` and untracked
/// files ``.
fn deletes(approval: &Approval) -> String {
    let mut named: Vec<String> = Vec::new();
    for what in approval.hazards.iter().flat_map(|hazard| &hazard.deletes) {
        let what = reveal(&what.replace('\n', " ")).into_owned();
        if !named.contains(&what) {
            named.push(what);
        }
    }
    named.join(", ")
}

/// The first rows, with an ellipsis if there are more.
fn shortened(fact: &LaidOutLines, most: usize) -> LaidOutLines {
    let mut lines = fact.clone();
    if fact.len() > most {
        lines.truncate(most.saturating_sub(1));
        let width = fact.width(most - 1).saturating_sub(1);
        let mut left = width;
        for (piece, ink) in fact.row(most - 1) {
            let shown = text::cut(piece, left);
            let shown = shown.strip_suffix('…').unwrap_or(&shown);
            left = left.saturating_sub(text::width(shown));
            lines.push(shown, ink);
        }
        lines.push("…", Role::Text);
        lines.end_row();
    }
    lines
}

fn put_together(parts: &[&LaidOutLines]) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    parts.iter().for_each(|part| lines.append(part));
    lines
}

fn fact(lines: &mut LaidOutLines, name: &'static str, words: String, role: Role, width: usize) {
    let name = Prefix::behind(text::pad(name, NAMES), Role::Dim);
    lines.wrap(&[Span::new(words, role)], width, &name);
}
