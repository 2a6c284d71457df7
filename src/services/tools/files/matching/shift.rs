//! How the indentation that a model remembers differs from the one that is there, and new lines
//! indented the same way.

use std::borrow::Cow;

/// The step between remembered indentation and the one that is there, the same for every line of a
/// block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndentShift {
    /// This stands in front of every line.
    Add(String),
    /// In columns, where a tab is worth `tab` of them.
    Columns {
        tab: usize,
        by: isize,
        style: IndentStyle,
    },
    /// This was in front of every line and is not there.
    Drop(String),
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndentStyle {
    Blanks,
    Tabs,
}

/// The columns a tab may be worth, the likeliest first.
const TABS: [usize; 4] = [4, 2, 8, 3];

impl IndentShift {
    /// `pairs` are lines as they are remembered and as they are there, equal but for blanks around
    /// them. `None` where no one shift explains all.
    pub fn between(pairs: &[(&str, &str)]) -> Option<Self> {
        let telling = pairs.iter().filter(|(wanted, _)| !wanted.trim().is_empty());
        let indents: Vec<(&str, &str)> =
            telling.map(|(wanted, found)| (indent(wanted), indent(found))).collect();
        let Some((wanted, found)) = indents.first() else { return Some(Self::None) };
        let simple = match (found.strip_suffix(wanted), wanted.strip_suffix(found)) {
            (Some(""), _) => Self::None,
            (Some(more), _) => Self::Add(more.to_owned()),
            (_, Some(less)) => Self::Drop(less.to_owned()),
            (None, None) => return Self::in_columns(&indents),
        };
        let explains = |(wanted, found): &(&str, &str)| match &simple {
            Self::Add(more) => found.strip_prefix(more.as_str()) == Some(wanted),
            Self::Drop(less) => wanted.strip_prefix(less.as_str()) == Some(found),
            Self::None | Self::Columns { .. } => wanted == found,
        };
        if indents.iter().all(explains) { Some(simple) } else { Self::in_columns(&indents) }
    }

    /// A line of the model's as it belongs here. Blank lines stay as they are.
    pub fn apply<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let own = indent(line);
        let rest = &line[own.len()..];
        if rest.is_empty() {
            return Cow::Borrowed(line);
        }
        match self {
            Self::None => Cow::Borrowed(line),
            Self::Add(more) => Cow::Owned(format!("{more}{line}")),
            // A line that stands farther left than the rest keeps what it has.
            Self::Drop(less) => Cow::Borrowed(
                line.strip_prefix(less.as_str()).unwrap_or(if less.starts_with(own) {
                    rest
                } else {
                    line
                }),
            ),
            Self::Columns { tab, by, style } => {
                let wide = columns(own, *tab).saturating_add_signed(*by);
                let (tabs, blanks) = match style {
                    IndentStyle::Blanks => (0, wide),
                    IndentStyle::Tabs => (wide / tab, wide % tab),
                };
                Cow::Owned(format!("{}{}{rest}", "\t".repeat(tabs), " ".repeat(blanks)))
            }
        }
    }

    fn in_columns(indents: &[(&str, &str)]) -> Option<Self> {
        let style = if indents.iter().any(|(_, found)| found.contains('\t')) {
            IndentStyle::Tabs
        } else {
            IndentStyle::Blanks
        };
        let uniform = |tab: usize| {
            let mut steps = indents.iter().map(|(wanted, found)| {
                columns(found, tab) as isize - columns(wanted, tab) as isize
            });
            let by = steps.next()?;
            steps.all(|step| step == by).then_some(Self::Columns { tab, by, style })
        };
        let shifts: Vec<Self> = TABS.into_iter().filter_map(uniform).collect();
        let still = shifts.iter().position(|shift| matches!(shift, Self::Columns { by: 0, .. }));
        shifts.into_iter().nth(still.unwrap_or(0))
    }
}

/// The blanks and tabs that a line begins with.
pub fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn columns(indent: &str, tab: usize) -> usize {
    indent
        .bytes()
        .fold(0, |column, byte| if byte == b'\t' { (column / tab + 1) * tab } else { column + 1 })
}
