//! A tool source for tests: its tools are set, and its answers say what it was called with.

use std::sync::Arc;

use tokio::sync::watch;

use crate::protocol::CallOutput;

use super::{SourceAnswer, SourceCall, SourceTool, SourceTools, ToolSource};

#[derive(Debug)]
pub(crate) struct StandIn {
    name: &'static str,
    tools: watch::Sender<Arc<[SourceTool]>>,
}

impl StandIn {
    /// `tools` are names; those that end in `?` only read.
    pub(crate) fn new(name: &'static str, tools: &[&str]) -> Arc<Self> {
        Arc::new(Self { name, tools: watch::channel(all(tools)).0 })
    }

    pub(crate) fn with(name: &'static str, tools: Arc<[SourceTool]>) -> Arc<Self> {
        Arc::new(Self { name, tools: watch::channel(tools).0 })
    }

    pub(crate) fn set(&self, tools: &[&str]) {
        self.tools.send_replace(all(tools));
    }
}

fn all(names: &[&str]) -> Arc<[SourceTool]> {
    let tool = |name: &&str| SourceTool {
        name: name.trim_end_matches('?').into(),
        description: "Does something elsewhere".into(),
        parameters: r#"{"type":"object"}"#.into(),
        read_only: name.ends_with('?'),
    };
    names.iter().map(tool).collect()
}

impl ToolSource for StandIn {
    fn name(&self) -> &str {
        self.name
    }

    fn tools(&self) -> SourceTools {
        self.tools.subscribe()
    }

    fn call<'a>(&'a self, call: SourceCall<'a>) -> SourceAnswer<'a> {
        let SourceCall { tool, arguments, .. } = call;
        Box::pin(async move {
            let text = match tool {
                "flood" => "x".repeat(1 << 20),
                _ => format!("{} {tool} {arguments}", self.name),
            };
            CallOutput::text(tool, text)
        })
    }
}
