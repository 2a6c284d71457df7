//! The page on what fills the model's context, and on what the conversation has used up.

use ratatui::layout::Rect;

use crate::base::text;
use crate::protocol::{AccountKind, ContextPart, ContextReport, Usage};
use crate::tui::conversation::Conversation;
use crate::tui::overlay::scroll::ScrollText;
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span};
use crate::tui::program_facts::Facts;
use crate::tui::wording::{cost, tokens};

/// The largest width in columns.
const WIDTH: u16 = 72;
const NAME_WIDTH: usize = 26;
const COUNT_WIDTH: usize = 8;
const SPENT_WIDTH: usize = 16;

#[derive(Debug, Default)]
pub struct ContextDialog {
    pub(in crate::tui::overlay) scroll: ScrollText,
    /// `None` until the engine has answered.
    report: Option<ContextReport>,
}

impl ContextDialog {
    /// Takes the engine's answer.
    pub fn know(&mut self, report: ContextReport) {
        self.report = Some(report);
    }

    pub fn draw(&mut self, facts: &Facts, talk: &Conversation, area: Rect, canvas: &mut Canvas) {
        let width = WIDTH.min(area.width.saturating_sub(6));
        let mut lines = LaidOutLines::new();
        if let Some(report) = &self.report {
            parts(report, usize::from(width), &mut lines);
        }
        lines.end_row();
        let model = talk.settings().map(|settings| &settings.model);
        let account = model.and_then(|model| facts.accounts.as_ref()?.of(&model.provider));
        let price = match (talk.session.spent.cost, account.map(|account| &account.kind)) {
            (Some(millionths), _) => cost(millionths),
            (None, Some(AccountKind::ChatGpt { .. })) => "your plan pays".to_owned(),
            (None, _) => "the model's price is not known".to_owned(),
        };
        spent(&talk.session.spent, &price, usize::from(width), &mut lines);
        self.scroll.draw("Context and cost", &lines, width, area, canvas);
    }
}

/// The whole, then a row for each part with a bar.
fn parts(report: &ContextReport, width: usize, lines: &mut LaidOutLines) {
    let whole = match report.size {
        Some(size) => format!(
            "{} of {} tokens · summed up at {} %",
            tokens(report.used),
            tokens(size),
            report.compacted_at
        ),
        None => format!("{} tokens; the model's limit is not known", tokens(report.used)),
    };
    lines.push_row("What fills the model's context", Role::Heading);
    lines.push_row(&whole, Role::Text);
    lines.end_row();
    let most = report.parts.iter().map(|(_, tokens)| *tokens).max().unwrap_or(1).max(1);
    let room = width.saturating_sub(NAME_WIDTH + COUNT_WIDTH + 2);
    for (part, count) in &report.parts {
        lines.push(&text::pad(&text::cut(&name(part), NAME_WIDTH - 1), NAME_WIDTH), Role::Dim);
        lines.push(&format!("{:>COUNT_WIDTH$}  ", tokens(*count)), Role::Text);
        let columns = usize::try_from(*count * room as u64 / most).unwrap_or(room);
        lines.push_row(&"━".repeat(columns.max(1)), Role::Accent);
    }
}

fn name(part: &ContextPart) -> String {
    match part {
        ContextPart::Answers => "answers and thoughts".to_owned(),
        ContextPart::Calls => "tool calls and outputs".to_owned(),
        ContextPart::Folder => "AGENTS.md and the folder".to_owned(),
        ContextPart::Instructions => "codling's instructions".to_owned(),
        ContextPart::Notes => "notes, commands, skills".to_owned(),
        ContextPart::Pictures => "pictures".to_owned(),
        ContextPart::Prompts => "your prompts".to_owned(),
        ContextPart::Server(server) => format!("tools of {}", text::clean_line(server)),
        ContextPart::Summary => "summary of the past".to_owned(),
        ContextPart::Tools => "built-in tools".to_owned(),
    }
}

/// The tokens of all requests, and what they cost.
fn spent(spent: &Usage, price: &str, width: usize, lines: &mut LaidOutLines) {
    let mut row = |name: &str, value: &str| {
        let name = Prefix::behind(text::pad(name, SPENT_WIDTH), Role::Dim);
        lines.wrap(&[Span::new(value, Role::Text)], width, &name);
    };
    let (input, cached) = (tokens(spent.input), tokens(spent.cached));
    row("sent in all", &format!("{input} tokens, {cached} of them cached"));
    let (output, reasoning) = (tokens(spent.output), tokens(spent.reasoning));
    row("written in all", &format!("{output} tokens, {reasoning} of them thoughts"));
    row("cost", price);
}
