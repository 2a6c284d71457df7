//! The system prompt: one text, whose lines may hold for some tools or fronts alone.

use std::sync::Arc;

use crate::protocol::{Patches, ToolFace};

/// The system prompt of a session.
#[derive(Clone, Debug)]
pub enum Instructions {
    /// The same for every model.
    Fixed(Arc<str>),
    /// A text whose lines may begin with a condition in braces: `{codex}` and `{own}` for the
    /// tools, `{patches}` and `{edits}` for how files are changed, `{asks}` and `{alone}` for
    /// whether anybody can be asked. Other words follow it.
    Conditional(&'static str, Arc<str>),
}

impl Instructions {
    /// The text for a model with these tools, and for a session that asks questions or does not.
    pub fn text(&self, face: ToolFace, patches: Patches, asks: bool) -> Arc<str> {
        let (text, more) = match self {
            Self::Fixed(text) => return Arc::clone(text),
            Self::Conditional(text, more) => (text, more),
        };
        let does_patch = face == ToolFace::Codex || patches != Patches::Never;
        let holds = |condition: &str| match condition {
            "codex" => face == ToolFace::Codex,
            "own" => face == ToolFace::Own,
            "patches" => does_patch,
            "edits" => !does_patch,
            "asks" => asks,
            _ => !asks,
        };
        let lines = text.lines().filter_map(|line| {
            let marked = line.strip_prefix('{').and_then(|rest| rest.split_once("} "));
            marked.map_or(Some(line), |(condition, line)| holds(condition).then_some(line))
        });
        let mut text = lines.collect::<Vec<_>>().join("\n");
        text.push('\n');
        text.push_str(more);
        text.into()
    }
}

impl<T: Into<Arc<str>>> From<T> for Instructions {
    fn from(text: T) -> Self {
        Self::Fixed(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_hold_for_the_tools_and_the_fronts_that_they_name() {
        let text = "all\n{codex} c\n{own} o\n{patches} p\n{edits} e\n{asks} a\n{alone} n";
        let instructions = Instructions::Conditional(text, "more".into());
        for (face, patches, asks, expected) in [
            (ToolFace::Codex, Patches::AsText, true, "all\nc\np\na\nmore"),
            (ToolFace::Own, Patches::AsText, true, "all\no\np\na\nmore"),
            (ToolFace::Own, Patches::Never, false, "all\no\ne\nn\nmore"),
        ] {
            assert_eq!(&*instructions.text(face, patches, asks), expected);
        }
        let fixed = Instructions::from("{codex} as it is");
        assert_eq!(&*fixed.text(ToolFace::Own, Patches::Never, true), "{codex} as it is");
    }
}
