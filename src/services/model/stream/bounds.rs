//! The most that one answer of the model may bring: bytes of text, reasoning, arguments and events,
//! items, tool calls. Far above what any model writes; beyond it a server has gone mad, and the
//! answer is ended before it fills the memory, the log and the context.

use std::fmt;

/// Bytes of text for a person, in all messages together. The longest answers of today's models stay
/// below 1 MiB.
pub const TEXT: usize = 2 << 20;
/// Bytes of reasoning that is shown.
pub const REASONING: usize = 2 << 20;
/// Bytes of arguments, in all calls together.
pub const ARGUMENTS: usize = 4 << 20;
/// Items of any kind.
pub const ITEMS: usize = 1_024;
/// Tool calls. Models make some ten at a time.
pub const CALLS: usize = 256;
/// Bytes of whole items as the server wrote them, sealed reasoning among them: they are kept, and
/// sent back with every request.
pub const WHOLE: usize = 12 << 20;
/// Events that are no JSON, after which an answer counts as garbled.
pub const BROKEN: usize = 10;
/// Bytes of one event. The last one holds the whole answer again.
pub const EVENT: usize = 24 << 20;

/// The part of an answer that is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerExcess {
    Arguments,
    Calls,
    Items,
    Reasoning,
    Text,
    Whole,
}

impl fmt::Display for AnswerExcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mb = |bytes: usize| bytes >> 20;
        match self {
            Self::Arguments => write!(f, "more than {} MB of arguments for tools", mb(ARGUMENTS)),
            Self::Calls => write!(f, "more than {CALLS} tool calls"),
            Self::Items => write!(f, "more than {ITEMS} items"),
            Self::Reasoning => write!(f, "more than {} MB of reasoning", mb(REASONING)),
            Self::Text => write!(f, "more than {} MB of text", mb(TEXT)),
            Self::Whole => write!(f, "items of more than {} MB", mb(WHOLE)),
        }
    }
}

/// The size of one answer so far. It only grows, so that growth tells progress from a connection
/// that is merely kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerSize {
    pub arguments: usize,
    pub calls: usize,
    pub items: usize,
    pub reasoning: usize,
    pub text: usize,
    /// Bytes of whole items.
    pub whole: usize,
}

impl AnswerSize {
    /// The first bound that is exceeded, if any.
    pub fn excess(&self) -> Option<AnswerExcess> {
        let bounds = [
            (self.calls, CALLS, AnswerExcess::Calls),
            (self.items, ITEMS, AnswerExcess::Items),
            (self.text, TEXT, AnswerExcess::Text),
            (self.reasoning, REASONING, AnswerExcess::Reasoning),
            (self.arguments, ARGUMENTS, AnswerExcess::Arguments),
            (self.whole, WHOLE, AnswerExcess::Whole),
        ];
        bounds.into_iter().find_map(|(has, most, excess)| (has > most).then_some(excess))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_may_be_reached_and_not_passed() {
        let full = AnswerSize {
            arguments: ARGUMENTS,
            calls: CALLS,
            items: ITEMS,
            reasoning: REASONING,
            text: TEXT,
            whole: WHOLE,
        };
        assert_eq!(full.excess(), None);
        let table = [
            (
                AnswerSize { arguments: ARGUMENTS + 1, ..full },
                "more than 4 MB of arguments for tools",
            ),
            (AnswerSize { calls: CALLS + 1, ..full }, "more than 256 tool calls"),
            (AnswerSize { items: ITEMS + 1, ..full }, "more than 1024 items"),
            (AnswerSize { reasoning: REASONING + 1, ..full }, "more than 2 MB of reasoning"),
            (AnswerSize { text: TEXT + 1, ..full }, "more than 2 MB of text"),
            (AnswerSize { whole: WHOLE + 1, ..full }, "items of more than 12 MB"),
        ];
        for (tally, words) in table {
            assert_eq!(tally.excess().map(|excess| excess.to_string()).as_deref(), Some(words));
        }
    }
}
