//! Tool search in Codex's form: the answer to a `tool_search_call` holds the tools that were found,
//! in the namespaces of their servers, and the list of tools stays as it is.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{Error as _, SerializeSeq, Serializer};
use serde_json::value::RawValue;

use crate::base::tool_name;
use crate::model::catalogue::family;
use crate::model::dialect::{BodyTerms, Concession};
use crate::model::responses::item_sort::ItemSort;
use crate::model::responses::shapes::WireItem;
use crate::protocol::{
    AccessKind, CallOutput, Item, ItemKind, ModelRequest, ToolAudience, ToolCall, ToolDefinition,
    WireSource,
};

/// The searches of one request, as far as its items were read.
#[derive(Clone)]
pub struct ToolSearch<'a> {
    tools: &'a [ToolDefinition],
    /// Searches that wait for their answers, by the ids of their calls.
    open: HashSet<&'a str>,
    /// Names of the tools that the answers hold.
    carried: HashSet<&'a str>,
}

impl<'a> ToolSearch<'a> {
    /// The searches of a request that offers `tool_search`; `None` where the model is offered
    /// `find_tools` or neither.
    pub fn of(request: &'a ModelRequest, terms: BodyTerms<'_>) -> Option<Self> {
        let tools = &request.tools;
        let is_taken = !matches!(terms.kind, AccessKind::Provider { .. })
            && family::searches_tools(request.model.id.as_str())
            && terms.allow(Concession::ToolSearch)
            && tools.iter().any(|tool| tool.audience == ToolAudience::CodexTrained)
            && tools.iter().any(|tool| *tool.name == *tool_name::FIND);
        is_taken.then(|| Self { tools, open: HashSet::new(), carried: HashSet::new() })
    }

    /// Whether a call goes back as the server wrote it: a search does, and a call in a namespace
    /// where an answer before it holds its tool.
    pub fn keeps(&mut self, call: &'a ToolCall, raw: &RawValue) -> bool {
        match form(call, raw) {
            CallForm::Search => {
                self.open.insert(call.id.as_str());
                true
            }
            CallForm::Namespaced => self.carried.contains(call.name.as_str()),
            CallForm::Flat => true,
        }
    }

    /// The tools that an output holds, if it answers a search.
    pub fn answer(&mut self, call: &str, output: &'a CallOutput) -> Option<FoundTools<'a>> {
        if !self.open.remove(call) {
            return None;
        }
        let named = tool_name::found(&output.text);
        let found: Vec<_> =
            named.filter_map(|name| self.tools.iter().find(|tool| *tool.name == *name)).collect();
        self.carried.extend(found.iter().map(|tool| &*tool.name));
        Some(FoundTools(found))
    }

    /// The tools of the request's list: without those that only answers to searches name.
    pub fn listed(&self, items: &'a [Arc<Item>], source: &WireSource) -> Vec<&'a ToolDefinition> {
        let mut search = self.clone();
        let mut listed = HashSet::new();
        for item in items {
            match &item.kind {
                ItemKind::Call(call) => {
                    let own = item.wire.as_ref().filter(|wire| wire.source == *source);
                    if let Some(raw) = own.and_then(|wire| serde_json::from_str(&wire.text).ok()) {
                        search.keeps(call, raw);
                    }
                }
                ItemKind::Output { call, output }
                    if search.answer(call.as_str(), output).is_none() =>
                {
                    listed.extend(tool_name::found(&output.text));
                }
                _ => {}
            }
        }
        let is_listed = |tool: &&ToolDefinition| {
            !tool_name::is_external(&tool.name) || listed.contains(&*tool.name)
        };
        self.tools.iter().filter(is_listed).collect()
    }
}

/// Whether a call is in words that only a request with `tool_search` may hold.
pub fn is_of_search(call: &ToolCall, raw: &RawValue) -> bool {
    form(call, raw) != CallForm::Flat
}

#[derive(PartialEq, Eq)]
enum CallForm {
    Flat,
    Namespaced,
    Search,
}

fn form(call: &ToolCall, raw: &RawValue) -> CallForm {
    // Nearly no call is one of these, and its name tells that much.
    if call.name != tool_name::FIND && !tool_name::is_external(&call.name) {
        return CallForm::Flat;
    }
    match serde_json::from_str::<WireItem<'_>>(raw.get()) {
        Ok(item) if ItemSort::of(&item) == ItemSort::ToolSearch => CallForm::Search,
        Ok(item) if item.namespace.is_some() => CallForm::Namespaced,
        _ => CallForm::Flat,
    }
}

/// The `tools` of a `tool_search_output`.
pub struct FoundTools<'a>(Vec<&'a ToolDefinition>);

#[derive(Serialize)]
struct Namespace<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    description: String,
    tools: Vec<DeferredFunction<'a>>,
}

#[derive(Serialize)]
struct DeferredFunction<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    description: &'a str,
    strict: bool,
    defer_loading: bool,
    parameters: &'a RawValue,
}

impl Serialize for FoundTools<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut namespaces: Vec<Namespace<'_>> = Vec::new();
        for tool in &self.0 {
            let Some((server, name)) = tool_name::split(&tool.name) else { continue };
            let parameters = serde_json::from_str(&tool.parameters);
            let function = DeferredFunction {
                kind: "function",
                name,
                description: &tool.description,
                strict: false,
                defer_loading: true,
                parameters: parameters.map_err(S::Error::custom)?,
            };
            match namespaces.iter_mut().find(|namespace| namespace.name == server) {
                Some(namespace) => namespace.tools.push(function),
                None => namespaces.push(Namespace {
                    kind: "namespace",
                    name: server,
                    description: format!(
                        "Tools of the MCP server {}",
                        server.trim_start_matches("mcp__")
                    ),
                    tools: vec![function],
                }),
            }
        }
        let mut list = serializer.serialize_seq(Some(namespaces.len()))?;
        for namespace in &namespaces {
            list.serialize_element(namespace)?;
        }
        list.end()
    }
}
