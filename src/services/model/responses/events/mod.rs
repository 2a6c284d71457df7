//! The events of a response into deltas, items and an end.
//!
//! Whole items (`response.output_item.done`) are the truth, deltas are for the eye. Where a server
//! sends no whole items, they are taken from the final response, and failing that made of the
//! deltas.

use serde_json::value::RawValue;

use crate::base::Timestamp;
use crate::protocol::{ItemKind, ItemOpening, ModelDelta, ModelRequestEnd, Usage, WireSource};

use super::item_drafts::{Hint, ItemDrafts};
use super::shapes::{
    self, EventHead, EventPiece, ItemEvent, Metadata, OwnedText, Response, ResponseEvent, WireItem,
};
use crate::model::dialect::{AnswerDecoder, DecoderEnd};
use crate::model::error::refusal::ServerRefusal;
use crate::model::header_names;
use crate::model::limits;
use crate::model::stream::bounds::{AnswerExcess, AnswerSize};

/// How far a response has come. One for each request.
pub struct EventDecoder {
    drafts: ItemDrafts,
    tally: AnswerSize,
    failed: Option<ServerRefusal>,
    /// A call came to an end before all of it was written.
    has_cut_call: bool,
}

impl EventDecoder {
    /// `name` begins the ids of this response's items, and must be new with every response: servers
    /// use theirs again.
    pub fn new(name: &str, source: WireSource) -> Self {
        Self {
            drafts: ItemDrafts::new(name, source),
            tally: AnswerSize::default(),
            failed: None,
            has_cut_call: false,
        }
    }
}

impl AnswerDecoder for EventDecoder {
    fn take(
        &mut self,
        data: &str,
        now: Timestamp,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Option<DecoderEnd> {
        if data.trim() == "[DONE]" {
            return None;
        }
        let end = self.event(data, now, emit).unwrap_or_else(|error| {
            tracing::warn!(bytes = data.len(), fault = ?error.classify(), column = error.column(), "an event was skipped: it is malformed");
            None
        });
        self.count().map(DecoderEnd::Excessive).or(end)
    }

    fn size(&self) -> AnswerSize {
        self.tally
    }

    /// A failed response is one only when nothing better follows.
    fn failure(&mut self) -> Option<ServerRefusal> {
        self.failed.take()
    }

    fn is_closing(&self) -> bool {
        self.failed.is_some()
    }
}

impl EventDecoder {
    fn event(
        &mut self,
        data: &str,
        now: Timestamp,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Result<Option<DecoderEnd>, serde_json::Error> {
        // Nearly all events are pieces, and one look is enough for those.
        let piece = match serde_json::from_str::<EventPiece<'_>>(data) {
            Ok(piece) => piece,
            Err(_) => EventPiece {
                kind: serde_json::from_str::<EventHead<'_>>(data)?.kind,
                ..EventPiece::default()
            },
        };
        match piece.kind.as_str() {
            "response.output_text.delta" | "response.refusal.delta" => self.text(&piece, emit),
            "response.output_text.done" | "response.refusal.done" => self.whole_text(&piece, emit),
            "response.reasoning_summary_text.delta" => self.summary(&piece, emit),
            "response.reasoning_text.delta" => self.thought(&piece, emit),
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.argument(&piece, emit)
            }
            "response.function_call_arguments.done" | "response.custom_tool_call_input.done" => {
                self.whole_argument(&piece, emit)
            }
            "response.output_item.added" => self.added(data, emit)?,
            "response.output_item.done" => self.done(data, emit)?,
            "response.completed" => return self.completed(data, emit).map(Some),
            "response.incomplete" => {
                return Ok(Some(DecoderEnd::Incomplete(response(data)?.cut_off_by())));
            }
            "response.failed" => {
                let error = response(data)?.error.map_or("{}", RawValue::get);
                self.failed = Some(ServerRefusal::of_event(error, now));
            }
            "error" => return Ok(Some(DecoderEnd::Refused(ServerRefusal::of_event(data, now)))),
            "response.metadata" | "codex.response.metadata" => metadata(data, emit)?,
            "codex.rate_limits" => limits::from_event(data, now)
                .into_iter()
                .for_each(|limits| emit(ModelDelta::Limits(limits))),
            _ => {}
        }
        Ok(None)
    }

    fn text(&mut self, piece: &EventPiece<'_>, emit: &mut dyn FnMut(ModelDelta)) {
        let Some(text) = piece.text() else { return };
        self.tally.text += text.len();
        if let Some(draft) = self.drafts.find_or_open(piece.hint(), ItemOpening::Assistant, emit) {
            draft.text.push_str(text);
            emit(ModelDelta::Text { item: draft.id.clone(), text: text.to_owned() });
        }
    }

    /// Text that came without deltas.
    fn whole_text(&mut self, piece: &EventPiece<'_>, emit: &mut dyn FnMut(ModelDelta)) {
        let Some(text) = piece.text().filter(|text| !text.is_empty()) else { return };
        if let Some(draft) = self.drafts.find(piece.hint(), &ItemOpening::Assistant)
            && draft.text.is_empty()
        {
            self.tally.text += text.len();
            draft.text.push_str(text);
            emit(ModelDelta::Text { item: draft.id.clone(), text: text.to_owned() });
        }
    }

    /// Sections of a summary are set apart by a blank line.
    fn summary(&mut self, piece: &EventPiece<'_>, emit: &mut dyn FnMut(ModelDelta)) {
        let Some(text) = piece.text() else { return };
        self.tally.reasoning += text.len();
        if let Some(draft) = self.drafts.find_or_open(piece.hint(), ItemOpening::Reasoning, emit) {
            let section = piece.summary_index.unwrap_or_default();
            let lead =
                if draft.section != Some(section) && !draft.text.is_empty() { "\n\n" } else { "" };
            draft.section = Some(section);
            let text = format!("{lead}{text}");
            draft.text.push_str(&text);
            emit(ModelDelta::Reasoning { item: draft.id.clone(), text });
        }
    }

    /// Raw thoughts are shown as long as there is no summary of them.
    fn thought(&mut self, piece: &EventPiece<'_>, emit: &mut dyn FnMut(ModelDelta)) {
        let Some(text) = piece.text() else { return };
        self.tally.reasoning += text.len();
        if let Some(draft) = self.drafts.find_or_open(piece.hint(), ItemOpening::Reasoning, emit)
            && draft.section.is_none()
        {
            draft.text.push_str(text);
            emit(ModelDelta::Reasoning { item: draft.id.clone(), text: text.to_owned() });
        }
    }

    fn argument(&mut self, piece: &EventPiece<'_>, emit: &mut dyn FnMut(ModelDelta)) {
        let Some(text) = piece.text() else { return };
        self.tally.arguments += text.len();
        if let Some(draft) =
            self.drafts.find_or_open(piece.hint(), ItemOpening::Call { name: String::new() }, emit)
        {
            draft.text.push_str(text);
        }
    }

    fn whole_argument(&mut self, piece: &EventPiece<'_>, emit: &mut dyn FnMut(ModelDelta)) {
        let Some(text) = piece.text() else { return };
        if let Some(draft) =
            self.drafts.find_or_open(piece.hint(), ItemOpening::Call { name: String::new() }, emit)
        {
            // The bytes that the deltas have brought are counted already.
            self.tally.arguments += text.len().saturating_sub(draft.text.len());
            text.clone_into(&mut draft.text);
        }
    }

    fn added(
        &mut self,
        data: &str,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Result<(), serde_json::Error> {
        let event: ItemEvent<'_> = serde_json::from_str(data)?;
        let item: WireItem<'_> = serde_json::from_str(event.item.get())?;
        self.drafts.open_item(event.output_index, &item, emit);
        Ok(())
    }

    fn done(
        &mut self,
        data: &str,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Result<(), serde_json::Error> {
        let event: ItemEvent<'_> = serde_json::from_str(data)?;
        let item: WireItem<'_> = serde_json::from_str(event.item.get())?;
        self.whole(event.output_index, event.item, &item, emit);
        Ok(())
    }

    /// An item that is too much is not told: nobody is to keep it. A call that its server says is
    /// incomplete is not told either: half of its arguments may mean something else.
    fn whole(
        &mut self,
        index: Option<u64>,
        raw: &RawValue,
        item: &WireItem<'_>,
        emit: &mut dyn FnMut(ModelDelta),
    ) {
        let is_cut = item.is_incomplete();
        let Some((item, streamed)) = self.drafts.finish(index, raw, item) else { return };
        if is_cut && matches!(item.kind, ItemKind::Call(_)) {
            self.has_cut_call = true;
            return;
        }
        let unseen = |text: &str| text.len().saturating_sub(streamed);
        self.tally.whole += raw.get().len();
        match &item.kind {
            ItemKind::Assistant { text, .. } => self.tally.text += unseen(text),
            ItemKind::Call(call) => self.tally.arguments += unseen(&call.arguments),
            ItemKind::Reasoning { summary } => self.tally.reasoning += unseen(summary),
            ItemKind::Compaction
            | ItemKind::Output { .. }
            | ItemKind::Unknown { .. }
            | ItemKind::User { .. }
            | ItemKind::WebSearch(_) => {}
        }
        if self.count().is_none() {
            emit(ModelDelta::Item(item));
        }
    }

    /// Brings the tally up to date, and says what there is too much of.
    fn count(&mut self) -> Option<AnswerExcess> {
        (self.tally.items, self.tally.calls) = (self.drafts.items(), self.drafts.calls());
        self.tally.excess()
    }

    fn completed(
        &mut self,
        data: &str,
        emit: &mut dyn FnMut(ModelDelta),
    ) -> Result<DecoderEnd, serde_json::Error> {
        // An odd final response is still the end of a good answer.
        let response = response(data).unwrap_or_default();
        for (index, raw) in response.output.iter().flatten().enumerate() {
            if let Ok(item) = serde_json::from_str::<WireItem<'_>>(raw.get())
                && !self.drafts.has_finished(index, &item)
            {
                self.whole(Some(index as u64), raw, &item, emit);
            }
        }
        if self.has_cut_call {
            return Ok(DecoderEnd::Incomplete(String::new()));
        }
        if response.is_incomplete() {
            return Ok(DecoderEnd::Incomplete(response.cut_off_by()));
        }
        self.drafts.finish_rest().into_iter().for_each(|item| emit(ModelDelta::Item(item)));
        let usage = response
            .usage
            .and_then(|raw| serde_json::from_str::<shapes::WireUsage>(raw.get()).ok())
            .map(usage);
        Ok(DecoderEnd::Completed(ModelRequestEnd { usage, end_turn: response.end_turn }))
    }
}

fn response(data: &str) -> Result<Response<'_>, serde_json::Error> {
    let event: ResponseEvent<'_> = serde_json::from_str(data)?;
    event.response.map_or_else(|| Ok(Response::default()), |raw| serde_json::from_str(raw.get()))
}

/// Headers that a server sends within the stream.
fn metadata(data: &str, emit: &mut dyn FnMut(ModelDelta)) -> Result<(), serde_json::Error> {
    let event: Metadata<'_> = serde_json::from_str(data)?;
    if let Some(headers) = event.headers {
        let headers: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(headers.get())?;
        let state = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(header_names::TURN_STATE.as_str()));
        if let Some(state) = state.and_then(|(_, value)| value.as_str()) {
            emit(ModelDelta::TurnState(state.to_owned()));
        }
    }
    Ok(())
}

fn usage(usage: shapes::WireUsage) -> Usage {
    Usage {
        input: usage.input_tokens,
        cached: usage.input_tokens_details.cached_tokens,
        output: usage.output_tokens,
        reasoning: usage.output_tokens_details.reasoning_tokens,
        cost: None,
    }
}

impl EventPiece<'_> {
    fn text(&self) -> Option<&str> {
        self.delta.as_ref().map(OwnedText::as_str)
    }

    fn hint(&self) -> Hint<'_> {
        Hint { index: self.output_index, wire_id: self.item_id.as_ref().map(OwnedText::as_str) }
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
