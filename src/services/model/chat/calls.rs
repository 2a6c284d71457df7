//! The tool calls of an answer while they stream, and which of them a piece belongs to: servers
//! leave out indexes and ids, send the same for several calls, or a new one with every piece.

use serde_json::Value;

use super::shapes::{CallPiece, FunctionPiece};

/// A call of which not all may have come.
#[derive(Debug, Default)]
pub struct CallDraft {
    index: Option<u64>,
    pub id: Option<String>,
    pub name: String,
    pub arguments: String,
    pub extra: Option<Value>,
    /// The server sent the arguments as an object, not as text in pieces.
    is_whole: bool,
}

/// Where a piece went.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// It began the call at this position.
    Began(usize),
    /// It belongs to a call that was there.
    Went(usize),
}

/// All calls of an answer, in the order they began.
#[derive(Debug, Default)]
pub struct CallDrafts(pub Vec<CallDraft>);

impl CallDrafts {
    /// Takes a piece; returns where it went, and the bytes of arguments that it brought.
    pub fn take(&mut self, piece: CallPiece) -> (Taken, usize) {
        let CallPiece { index, id, function, extra_content } = piece;
        let FunctionPiece { name, arguments } = function.unwrap_or_default();
        let name = name.filter(|name| !name.trim().is_empty());
        let id = id.filter(|id| !id.trim().is_empty());
        let (text, is_whole) = match arguments {
            None | Some(Value::Null) => (String::new(), false),
            Some(Value::String(text)) => (text, false),
            Some(other) => (other.to_string(), true),
        };
        let found = self.position(index, id.as_deref(), name.as_deref(), &text);
        let at = found.unwrap_or(self.0.len());
        if found.is_none() {
            // An id that another call has cannot tell the two apart.
            let is_taken = self.0.iter().any(|call| call.id.is_some() && call.id == id);
            let id = id.filter(|_| !is_taken);
            self.0.push(CallDraft { index, id, ..CallDraft::default() });
        }
        let Some(call) = self.0.get_mut(at) else { return (Taken::Went(at), 0) };
        if let Some(name) = name.filter(|_| call.name.is_empty()) {
            call.name = name;
        }
        call.extra = extra_content.or(call.extra.take());
        // All of it once more, at the end.
        let is_repeated = !call.arguments.is_empty()
            && (call.is_whole && is_whole
                || call.arguments == text && is_whole_json(&call.arguments));
        let brought = if is_repeated { 0 } else { text.len() };
        if !is_repeated {
            call.arguments.push_str(&text);
        }
        call.is_whole |= is_whole;
        (if found.is_some() { Taken::Went(at) } else { Taken::Began(at) }, brought)
    }

    /// The call that a piece goes on with: the open one of its index, else of its id, else the only
    /// one. A new name or id whose arguments begin anew, while the old ones are whole, is a new
    /// call.
    fn position(
        &self,
        index: Option<u64>,
        id: Option<&str>,
        name: Option<&str>,
        text: &str,
    ) -> Option<usize> {
        let last = |test: &dyn Fn(&CallDraft) -> bool| self.0.iter().rposition(test);
        let by_index = index.and_then(|index| last(&|call| call.index == Some(index)));
        let by_id = id.and_then(|id| last(&|call| call.id.as_deref() == Some(id)));
        let nameless = name.is_none() && !self.0.is_empty();
        let at = match (by_index, by_id) {
            (Some(at), _) => at,
            (None, Some(at)) if index.is_none() || self.0[at].index.is_none() => at,
            // A piece of arguments alone, whatever id it carries.
            (None, _) if nameless && index.is_none() => self.0.len() - 1,
            (None, _) => return None,
        };
        let call = &self.0[at];
        let is_other_id = id.is_some_and(|id| call.id.as_deref().is_some_and(|own| own != id));
        let is_named_anew = name.is_some() && !call.name.is_empty();
        let begins_anew = text.trim_start().starts_with('{') || text.is_empty();
        let is_repeated =
            call.arguments == text && name == Some(call.name.as_str()) && !is_other_id;
        let is_next = (is_named_anew || is_other_id && name.is_some())
            && begins_anew
            && is_whole_json(&call.arguments)
            && !is_repeated;
        (!is_next).then_some(at)
    }
}

/// Whether a text is a whole JSON object, or nothing.
pub fn is_whole_json(text: &str) -> bool {
    text.trim().is_empty() || serde_json::from_str::<serde_json::Map<String, Value>>(text).is_ok()
}
