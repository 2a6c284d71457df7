//! A second wire dialect, for tests alone: events are lines of words. That it works shows that a
//! dialect touches its own folder and a row of the table.

mod tests;

use serde_json::json;

use super::dialect::{AnswerDecoder, BodyTerms, DecoderEnd, Dialect, Exchange};
use crate::base::Timestamp;
use crate::model::error::refusal::ServerRefusal;
use crate::model::stream::bounds::AnswerSize;
use crate::protocol::{
    CallId, Item, ItemId, ItemKind, ItemOpening, ModelDelta, ModelRequest, ModelRequestEnd,
    ToolCall, Wire, WireSource,
};

/// `POST …/ask`, answered by `say WORDS`, `call TOOL ARGUMENTS`, `no REASON` and `end`.
pub(super) struct Lines;

impl Dialect for Lines {
    fn name(&self) -> &'static str {
        "lines"
    }

    fn path(&self) -> &'static str {
        "ask"
    }

    fn exchange(
        &self,
        name: &str,
        request: &ModelRequest,
        _terms: BodyTerms<'_>,
    ) -> serde_json::Result<Exchange> {
        let asked: Vec<_> = request.items.iter().filter_map(|item| line(&item.kind)).collect();
        let body =
            serde_json::to_string(&json!({ "model": request.model.id.as_str(), "asked": asked }))?;
        let source = self.source(&request.model.provider);
        let size = AnswerSize::default();
        let decoder = Box::new(LineDecoder { name: name.to_owned(), source, size });
        Ok(Exchange { body, decoder })
    }
}

fn line(kind: &ItemKind) -> Option<String> {
    match kind {
        ItemKind::User { text, .. } => Some(format!("user {text}")),
        ItemKind::Assistant { text, .. } => Some(format!("say {text}")),
        ItemKind::Call(call) => Some(format!("call {} {}", call.name, call.arguments)),
        ItemKind::Output { output, .. } => Some(format!("output {}", output.text)),
        ItemKind::Compaction
        | ItemKind::Reasoning { .. }
        | ItemKind::Unknown { .. }
        | ItemKind::WebSearch(_) => None,
    }
}

struct LineDecoder {
    name: String,
    source: WireSource,
    size: AnswerSize,
}

impl LineDecoder {
    fn item(&mut self, data: &str, kind: ItemKind) -> Item {
        self.size.items += 1;
        let wire = Some(Wire { text: data.into(), source: self.source.clone() });
        Item { id: ItemId::new(format!("{}.{}", self.name, self.size.items)), kind, wire }
    }
}

impl AnswerDecoder for LineDecoder {
    fn take(
        &mut self,
        data: &str,
        _now: Timestamp,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<DecoderEnd> {
        let (word, rest) = data.split_once(' ').unwrap_or((data, ""));
        match word {
            "say" => {
                let item = self.item(data, ItemKind::assistant(rest.to_owned()));
                let (id, opening) = (item.id.clone(), ItemOpening::Assistant);
                emit(ModelDelta::Opened { item: id.clone(), opening });
                emit(ModelDelta::Text { item: id, text: rest.to_owned() });
                emit(ModelDelta::Item(item));
            }
            "call" => {
                let (name, arguments) = rest.split_once(' ').unwrap_or((rest, "{}"));
                let id = CallId::new(format!("{}.call", self.name));
                let call = ToolCall { id, name: name.into(), arguments: arguments.into() };
                emit(ModelDelta::Item(self.item(data, ItemKind::Call(call))));
            }
            "no" => {
                let refusal = ServerRefusal { message: rest.into(), ..ServerRefusal::default() };
                return Some(DecoderEnd::Refused(refusal));
            }
            "end" => return Some(DecoderEnd::Completed(ModelRequestEnd::default())),
            _ => {}
        }
        None
    }

    fn size(&self) -> AnswerSize {
        self.size
    }

    fn is_closing(&self) -> bool {
        false
    }
}
