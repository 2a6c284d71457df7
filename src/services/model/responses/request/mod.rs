//! The body of a request, the same for every account but for what a model takes. Sends nothing, and
//! knows no credential.

mod tool_search;

use std::collections::HashSet;

use serde::Serialize;
use serde::ser::{SerializeSeq, Serializer};
use serde_json::value::RawValue;

use crate::base::tool_name;
use crate::protocol::{
    AccessKind, CallId, CallOutput, Item, ItemId, ItemKind, ModelRequest, Patches, Picture,
    RequestPurpose, ServiceTier, ToolChoice, ToolDefinition, Verbosity, WebAccess, WireSource,
};

use super::item_sort::ItemSort;
use super::{Responses, shapes};
use crate::model::catalogue::family;
use crate::model::dialect::{BodyTerms, Concession, Dialect};
use crate::model::header_names;
use crate::model::messages::as_arguments;
use tool_search::{FoundTools, ToolSearch};

/// The name of an answer's schema, which no person sees.
const SCHEMA_NAME: &str = "codling_output_schema";
/// Who searches for tools.
const CLIENT: &str = "client";
/// The fast tier of a ChatGPT plan.
const PRIORITY: &str = "priority";

/// The JSON of `POST …/responses`, in one pass over the conversation. Items of the server's go back
/// letter for letter.
///
/// # Errors
///
/// Fails if the schema of the answer, the parameters of a tool or an item of the server's are no
/// JSON.
pub fn body(prompt: &ModelRequest, terms: BodyTerms<'_>) -> Result<String, serde_json::Error> {
    let id = prompt.model.id.as_str();
    let source = Responses.source(&prompt.model.provider);
    let reasons = family::reasons(id);
    // A ChatGPT account's models all reason; one we cannot know of, there or elsewhere, is told by
    // an effort that was chosen for it. That reasoning comes sealed is asked of OpenAI alone.
    let chosen = prompt.effort.is_some();
    let kind = terms.kind;
    let (asks, wants_sealed) = match kind {
        AccessKind::ApiKey => (reasons, reasons),
        AccessKind::ChatGpt { .. } => (reasons || chosen, true),
        AccessKind::Provider { .. } => (chosen, false),
    };
    let takes_sealed = takes_sealed(kind, id);
    let is_openai = !matches!(kind, AccessKind::Provider { .. });
    let is_sign_in = matches!(kind, AccessKind::ChatGpt { .. });
    let reasoning = asks.then(|| Reasoning {
        effort: prompt.effort.as_ref().map(|effort| effort.0.as_str()),
        summary: terms.allow(Concession::ReasoningSummary).then_some("auto"),
    });
    let free_text = prompt.patches == Patches::AsText;
    let search = ToolSearch::of(prompt, terms);
    let listed = match &search {
        Some(search) => search.listed(&prompt.items, &source),
        None => prompt.tools.iter().collect(),
    };
    let tools = listed
        .into_iter()
        .map(|spec| match *spec.name == *tool_name::FIND && search.is_some() {
            true => Tool::search(spec),
            false => Tool::new(spec, spec.grammar.as_deref().filter(|_| free_text)),
        })
        .collect::<Result<Vec<_>, _>>()?;
    let schema = prompt.schema.as_deref().map(serde_json::from_str).transpose()?;
    let web = prompt
        .web_search
        .filter(|_| searches(kind, prompt))
        .map(|access| Tool::WebSearch { external_web_access: access == WebAccess::Live });
    // Behind the others, so that those stay where they are.
    let tools: Vec<Tool<'_>> = tools.into_iter().chain(web).collect();
    let offers = !tools.is_empty();
    serde_json::to_string(&Body {
        model: id,
        instructions: &prompt.instructions,
        input: Input {
            items: &prompt.items,
            notes: is_openai.then_some(&prompt.notes),
            source: &source,
            takes_sealed,
            purpose: prompt.purpose,
            search,
        },
        tool_choice: offers.then_some(match prompt.tool_choice {
            ToolChoice::Auto => "auto",
            ToolChoice::None => "none",
        }),
        parallel_tool_calls: (offers && is_openai && family::calls_in_parallel(id)).then_some(true),
        tools,
        reasoning,
        store: false,
        stream: true,
        service_tier: (is_sign_in && prompt.tuning.tier == ServiceTier::Fast).then_some(PRIORITY),
        include: if wants_sealed { &[header_names::ENCRYPTED_REASONING] } else { &[] },
        prompt_cache_key: prompt.session.as_str(),
        text: text(prompt.tuning.verbosity.filter(|_| is_openai), schema),
    })
}

fn text(verbosity: Option<Verbosity>, schema: Option<&RawValue>) -> Option<Text<'_>> {
    let format =
        schema.map(|schema| Format::JsonSchema { name: SCHEMA_NAME, strict: true, schema });
    let verbosity = verbosity.map(Verbosity::as_str);
    (verbosity.is_some() || format.is_some()).then_some(Text { verbosity, format })
}

/// Whether the server's own web search may be asked for: of OpenAI alone, and of no model that
/// would turn the whole request down for it.
fn searches(kind: &AccessKind, prompt: &ModelRequest) -> bool {
    let thinks = prompt.effort.as_ref().is_none_or(|effort| effort.0 != "minimal");
    thinks
        && match kind {
            AccessKind::ApiKey => family::searches_web(prompt.model.id.as_str()),
            AccessKind::ChatGpt { .. } => true,
            AccessKind::Provider { .. } => false,
        }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    instructions: &'a str,
    input: Input<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parallel_tool_calls: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning<'a>>,
    store: bool,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    include: &'a [&'a str],
    prompt_cache_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<Text<'a>>,
}

#[derive(Serialize)]
struct Text<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    verbosity: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<Format<'a>>,
}

/// The form that an answer, or the input of a tool, has to fit.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Format<'a> {
    Grammar { syntax: &'a str, definition: &'a str },
    JsonSchema { name: &'a str, strict: bool, schema: &'a RawValue },
}

#[derive(Serialize)]
struct Reasoning<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    effort: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a str>,
}

/// A tool that takes arguments by a schema, or text by a grammar, or one that the server runs
/// itself.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Tool<'a> {
    Custom {
        name: &'a str,
        description: &'a str,
        format: Format<'a>,
    },
    Function {
        name: &'a str,
        description: &'a str,
        strict: bool,
        parameters: &'a RawValue,
    },
    /// Finds tools of the client's.
    #[serde(rename = "tool_search")]
    Search {
        execution: &'a str,
        description: &'a str,
        parameters: &'a RawValue,
    },
    /// The server's own; what it finds never passes through here.
    WebSearch {
        external_web_access: bool,
    },
}

impl<'a> Tool<'a> {
    fn search(spec: &'a ToolDefinition) -> Result<Self, serde_json::Error> {
        let ToolDefinition { description, parameters, .. } = spec;
        let parameters = serde_json::from_str(parameters)?;
        Ok(Self::Search { execution: CLIENT, description, parameters })
    }

    fn new(spec: &'a ToolDefinition, grammar: Option<&'a str>) -> Result<Self, serde_json::Error> {
        let ToolDefinition { name, description, parameters, .. } = spec;
        Ok(match grammar {
            Some(definition) => Self::Custom {
                name,
                description,
                format: Format::Grammar { syntax: "lark", definition },
            },
            None => Self::Function {
                name,
                description,
                strict: false,
                parameters: serde_json::from_str(parameters)?,
            },
        })
    }
}

/// The items that a request holds, in their order, each with the server's own words for it where
/// they go back letter for letter. All others are left out: thoughts that are not sealed, or that
/// another server wrote, and what says nothing.
pub(super) fn sent<'a>(
    items: &'a [std::sync::Arc<Item>],
    source: &'a WireSource,
    takes_sealed: bool,
) -> impl Iterator<Item = (&'a Item, Option<&'a RawValue>)> {
    items.iter().filter_map(move |item| {
        // Another server's words mean nothing to this one.
        let own = item.wire.as_ref().filter(|wire| wire.source == *source);
        let raw = own.and_then(|wire| serde_json::from_str::<&RawValue>(&wire.text).ok());
        let is_sent = match (raw, &item.kind) {
            (Some(raw), ItemKind::Reasoning { .. }) => takes_sealed && is_encrypted(raw),
            (Some(_), _) => true,
            (None, ItemKind::Assistant { text, .. }) => !text.is_empty(),
            (None, ItemKind::Call(_) | ItemKind::Output { .. } | ItemKind::User { .. }) => true,
            // Reasoning counts only in the server's own, sealed words; the rest says nothing.
            (
                None,
                ItemKind::Compaction
                | ItemKind::Reasoning { .. }
                | ItemKind::Unknown { .. }
                | ItemKind::WebSearch(_),
            ) => false,
        };
        is_sent.then_some((&**item, raw))
    })
}

/// Whether a model's server takes reasoning back that it sealed.
pub(super) fn takes_sealed(kind: &AccessKind, model: &str) -> bool {
    match kind {
        AccessKind::ApiKey => family::reasons(model),
        AccessKind::ChatGpt { .. } | AccessKind::Provider { .. } => true,
    }
}

struct Input<'a> {
    items: &'a [std::sync::Arc<Item>],
    /// Those that are sent as the developer's words; `None` where the role may not be known.
    notes: Option<&'a HashSet<ItemId>>,
    source: &'a WireSource,
    takes_sealed: bool,
    purpose: RequestPurpose,
    search: Option<ToolSearch<'a>>,
}

impl Serialize for Input<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut input = serializer.serialize_seq(None)?;
        let mut custom: HashSet<&str> = HashSet::new();
        let mut search = self.search.clone();
        for (item, raw) in sent(self.items, self.source, self.takes_sealed) {
            let is_note = self.notes.is_some_and(|notes| notes.contains(&item.id));
            let user = if is_note { "developer" } else { "user" };
            match (&item.kind, raw) {
                (ItemKind::Call(call), Some(raw)) => {
                    let is_kept = match &mut search {
                        Some(search) => search.keeps(call, raw),
                        None => !tool_search::is_of_search(call, raw),
                    };
                    if is_custom(raw) {
                        custom.insert(call.id.as_str());
                    }
                    match is_kept {
                        true => input.serialize_element(raw)?,
                        false => ours(&mut input, &item.kind, user, &custom)?,
                    }
                }
                (_, Some(raw)) => input.serialize_element(raw)?,
                (ItemKind::Output { call, output }, None) => {
                    let found = search.as_mut().and_then(|it| it.answer(call.as_str(), output));
                    match found {
                        Some(tools) => input.serialize_element(&Ours::found(call, tools))?,
                        None => ours(&mut input, &item.kind, user, &custom)?,
                    }
                }
                (_, None) => ours(&mut input, &item.kind, user, &custom)?,
            }
        }
        if self.purpose == RequestPurpose::Compaction {
            input.serialize_element(&Ours::CompactionTrigger)?;
        }
        input.end()
    }
}

/// Writes an item that has no words of the server's: ours, another server's, or one that came in
/// pieces only. `user` is the role of what the person, or codling, says to the model.
fn ours<S: SerializeSeq>(
    input: &mut S,
    kind: &ItemKind,
    user: &str,
    custom: &HashSet<&str>,
) -> Result<(), S::Error> {
    match kind {
        ItemKind::User { text, images } => {
            // Pictures may come without a word.
            let words =
                (!text.is_empty() || images.is_empty()).then_some(Content::InputText { text });
            let content: Vec<_> =
                words.into_iter().chain(images.iter().map(Content::image)).collect();
            input.serialize_element(&Ours::Message { role: user, content: &content })
        }
        ItemKind::Assistant { text, .. } => {
            let content = [Content::OutputText { text }];
            input.serialize_element(&Ours::Message { role: "assistant", content: &content })
        }
        ItemKind::Call(call) => input.serialize_element(&Ours::FunctionCall {
            call_id: call.id.as_str(),
            name: &call.name,
            arguments: &as_arguments(&call.arguments),
        }),
        ItemKind::Output { call, output } => {
            let (call_id, output) = (call.as_str(), Output(output));
            input.serialize_element(&if custom.contains(call_id) {
                Ours::CustomToolCallOutput { call_id, output }
            } else {
                Ours::FunctionCallOutput { call_id, output }
            })
        }
        // Never sent in words of ours.
        ItemKind::Compaction
        | ItemKind::Reasoning { .. }
        | ItemKind::Unknown { .. }
        | ItemKind::WebSearch(_) => Ok(()),
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Ours<'a> {
    /// Has to be the last; answered by an item that stands for all before it.
    CompactionTrigger,
    CustomToolCallOutput {
        call_id: &'a str,
        output: Output<'a>,
    },
    FunctionCall {
        call_id: &'a str,
        name: &'a str,
        arguments: &'a str,
    },
    FunctionCallOutput {
        call_id: &'a str,
        output: Output<'a>,
    },
    Message {
        role: &'a str,
        content: &'a [Content<'a>],
    },
    ToolSearchOutput {
        call_id: &'a str,
        status: &'a str,
        execution: &'a str,
        tools: FoundTools<'a>,
    },
}

impl<'a> Ours<'a> {
    fn found(call: &'a CallId, tools: FoundTools<'a>) -> Self {
        let call_id = call.as_str();
        Self::ToolSearchOutput { call_id, status: "completed", execution: CLIENT, tools }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Content<'a> {
    InputImage { image_url: String },
    InputText { text: &'a str },
    OutputText { text: &'a str },
}

impl Content<'_> {
    fn image(Picture { mime, data }: &Picture) -> Self {
        Self::InputImage { image_url: format!("data:{mime};base64,{data}") }
    }
}

/// Text alone is a string; with images it is a list.
struct Output<'a>(&'a CallOutput);

impl Serialize for Output<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let CallOutput { text, images, .. } = self.0;
        if images.is_empty() {
            return serializer.serialize_str(text);
        }
        let mut content = serializer.serialize_seq(None)?;
        if !text.is_empty() {
            content.serialize_element(&Content::InputText { text })?;
        }
        for image in images {
            content.serialize_element(&Content::image(image))?;
        }
        content.end()
    }
}

/// Unsealed reasoning is refused: with nothing stored, the server cannot know what it was.
fn is_encrypted(raw: &RawValue) -> bool {
    serde_json::from_str::<shapes::WireItem<'_>>(raw.get())
        .is_ok_and(|item| item.encrypted_content.is_some())
}

fn is_custom(raw: &RawValue) -> bool {
    // Nearly no call is, and the word alone tells that much.
    raw.get().contains("custom_tool_call")
        && serde_json::from_str::<shapes::WireItem<'_>>(raw.get())
            .is_ok_and(|item| ItemSort::of(&item) == ItemSort::CustomCall)
}

#[cfg(test)]
mod tests;
