//! The MCP servers of a session: which ones there are, which may start, and news of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::phrases::list;
use crate::base::text::sentence;
use crate::base::{Advice, tool_name};
use crate::engine::work::blocking;
use crate::extensions::mcp::{LoadedServers, load};
use crate::extensions::{Definition, DefinitionKind, TrustError, TrustState, TrustStore};
use crate::mcp::{McpAdmission, McpSource};
use crate::protocol::{
    Confinement, EventKind, McpApproval, McpOwner, McpRequest, McpServer, McpState, McpStatus,
    McpTransport, McpTrust, Notice, Problem, ProblemKind, Rule, RuleSubject, Ruling,
};
use crate::tools::ToolSource;

use super::super::link::client::Replier;
use super::super::link::session_handle::SessionHandle;
use super::super::services::Services;
use super::super::work::owned_work::Work;
use super::open_session::EngineDefaults;
use super::session_extensions::trusted;

/// Clones are the same servers.
#[derive(Clone, Debug)]
pub(crate) struct McpServers {
    sources: Arc<[McpSource]>,
    folder: PathBuf,
    trust: TrustStore,
}

impl McpServers {
    /// Reads which servers there are for a session about `folder`, and starts those that may be
    /// started, in the background. Blocks on the disk; needs a runtime.
    pub(crate) fn load(
        services: &Services,
        defaults: &EngineDefaults,
        folder: &Path,
        brought: &[McpServer],
    ) -> (Self, Vec<Notice>) {
        let variable = |name: &str| std::env::var(name).ok();
        let LoadedServers { mut servers, mut notices } =
            load(&defaults.mcp_files(), folder, &variable);
        // A client that opens a session knows what it wants of it.
        servers.retain(|server| brought.iter().all(|own| own.name != server.name));
        servers.extend(brought.iter().cloned());
        let trust = TrustStore::new(&defaults.state());
        let mut untrusted = Vec::new();
        if defaults.trusts_project {
            let of_project = servers.iter().filter(|server| server.owner.is_project());
            let outside = |server: &&McpServer| {
                let outside = definition(server, McpTrust::Outside);
                trust.state(folder, &outside).is_ok_and(|state| state == TrustState::Trusted)
            };
            let definitions: Vec<_> = of_project
                .filter(|server| !outside(server))
                .map(|server| definition(server, McpTrust::Sandboxed))
                .collect();
            notices.extend(trusted(&trust, folder, &definitions));
        }
        let sources = servers.into_iter().map(|server| {
            let admission = admission(&trust, folder, &server).unwrap_or_else(|error| {
                let message = sentence(&error.to_string()).into_owned();
                notices.push(Notice { message, next: error.next_step() });
                McpAdmission::Untrusted(None)
            });
            if let McpAdmission::Untrusted(_) = &admission {
                untrusted.push(format!("`{}`", server.name));
            }
            McpSource::new(server, folder.to_owned(), admission, services.mcp.clone())
        });
        let sources = sources.collect();
        notices.extend(not_started(&untrusted));
        (Self { sources, folder: folder.to_owned(), trust }, notices)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    pub(crate) fn tool_sources(&self) -> impl Iterator<Item = Arc<dyn ToolSource>> {
        self.sources.iter().map(|source| Arc::new(source.clone()) as Arc<dyn ToolSource>)
    }

    /// The files that hold secrets for a server.
    pub(crate) fn private(&self) -> impl Iterator<Item = PathBuf> {
        self.sources.iter().filter_map(|source| {
            let holds = match &source.server().transport {
                McpTransport::Stdio { variables, .. } => !variables.is_empty(),
                McpTransport::Http { headers, .. } => !headers.is_empty(),
            };
            match &source.server().owner {
                McpOwner::Settings(file) if holds => Some(file.clone()),
                _ => None,
            }
        })
    }

    pub(crate) fn statuses(&self) -> Arc<[McpStatus]> {
        self.sources.iter().map(|source| source.status().borrow().clone()).collect()
    }

    /// The rules that the person's own servers come with, weaker than all others. A folder's
    /// servers may only ask for more questions.
    pub(crate) fn rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        for source in self.sources.iter() {
            let McpServer { name, owner, approvals, .. } = source.server();
            let all = tool_name::offered(name, "*").replace("___", "__*");
            let tools = approvals.tools.iter();
            let tools = tools.map(|(tool, mode)| (tool_name::canonical(name, tool), *mode));
            for (pattern, mode) in std::iter::once((all, approvals.default)).chain(tools) {
                let ruling = match mode {
                    McpApproval::Approve if !owner.is_project() => Ruling::Allow,
                    McpApproval::Prompt => Ruling::Ask,
                    McpApproval::Approve | McpApproval::Auto | McpApproval::Writes => continue,
                };
                rules.push(Rule::new(RuleSubject::Tool, pattern, ruling));
            }
        }
        rules
    }

    /// Fills a server's prompt where `text` is `/mcp:server:prompt` and arguments. Returns the note
    /// for the model, or what went wrong; `None` where it names none of these servers.
    pub(crate) async fn expand(&self, text: &str) -> Option<Result<String, String>> {
        let line = text.trim_start().strip_prefix("/mcp:")?;
        let (name, typed) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let (server, prompt) = name.split_once(':')?;
        let source = self.sources.iter().find(|source| source.server().name == server)?;
        let filled = source.prompt(prompt, typed).await;
        Some(filled.map(|text| {
            let named = format!("a prompt of the MCP server `{server}`");
            let text = text.trim_end();
            format!("(The user's next message is {named}, which stands for this.)\n\n{text}\n")
        }))
    }

    /// Tells the session's subscribers whenever a server is in another state.
    pub(crate) fn watch(&self, link: &SessionHandle) -> Vec<Work> {
        let watch_one = |source: &McpSource| {
            let (all, link, mut status) = (self.clone(), link.clone(), source.status());
            Work::start(async move {
                let mut told = McpState::Off;
                loop {
                    let state = status.borrow_and_update().state.clone();
                    if state != told {
                        if let Some(notice) = remark(&status.borrow().name, &state) {
                            link.emit(EventKind::Notice(notice));
                        }
                        told = state;
                    }
                    if status.changed().await.is_err() {
                        return;
                    }
                    link.emit(EventKind::McpServers(all.statuses()));
                }
            })
        };
        self.sources.iter().map(watch_one).collect()
    }

    /// Resolves when each server is ready or has failed.
    ///
    /// # Errors
    ///
    /// Fails if one that is required is not ready then.
    pub(crate) async fn ready(&self) -> Result<(), Problem> {
        for source in self.sources.iter() {
            let mut status = source.status();
            let is_settled = |status: &McpStatus| status.state != McpState::Connecting;
            let Ok(status) = status.wait_for(is_settled).await else { continue };
            let McpServer { name, is_required, is_enabled, .. } = source.server();
            if *is_required && *is_enabled && status.state != McpState::Ready {
                let why = format!("The MCP server `{name}`, which is required, is not ready");
                let next = "Mend it, or take `required` out of its settings";
                return Err(Problem::new(ProblemKind::Config, why).with_next(next));
            }
        }
        Ok(())
    }

    /// Does what is asked of a server; refuses where there is no such one.
    pub(crate) fn perform(&self, name: &str, request: McpRequest, replier: Replier) {
        let source = self.sources.iter().find(|source| source.server().name == name);
        let Some(source) = source else {
            let why = format!("This conversation has no MCP server `{name}`");
            return replier.refuse(Problem::new(ProblemKind::NotNow, why));
        };
        match request {
            McpRequest::Restart => source.restart(),
            McpRequest::Switch(is_on) => source.switch(is_on),
            McpRequest::SwitchTool(tool, is_on) => source.switch_tool(tool, is_on),
            McpRequest::Trust(how) => return self.admit(source.clone(), how, replier),
        }
        replier.done();
    }

    /// Keeps a person's yes, and starts the server then.
    fn admit(&self, source: McpSource, how: McpTrust, replier: Replier) {
        let (trust, folder) = (self.trust.clone(), self.folder.clone());
        let definition = definition(source.server(), how);
        drop(blocking(move || match trust.trust(&folder, &[definition]) {
            Ok(()) => {
                source.admit(confinement(how));
                replier.done();
            }
            Err(error) => replier.refuse(not_kept(&error)),
        }));
    }
}

/// Whether a server may start. Where that cannot be found out, it may not.
pub(super) fn admission(
    trust: &TrustStore,
    folder: &Path,
    server: &McpServer,
) -> Result<McpAdmission, TrustError> {
    if !server.owner.is_project() {
        return Ok(McpAdmission::Admitted(Confinement::Free));
    }
    let state = |how| trust.state(folder, &definition(server, how));
    if state(McpTrust::Outside)? == TrustState::Trusted {
        return Ok(McpAdmission::Admitted(Confinement::Free));
    }
    Ok(match state(McpTrust::Sandboxed)? {
        TrustState::Trusted => McpAdmission::Admitted(Confinement::Folder),
        TrustState::New => McpAdmission::Untrusted(None),
        TrustState::Changed { before } => McpAdmission::Untrusted(Some(before.into())),
    })
}

/// The words a person says yes to: the entry as it stands in the folder's file, and where it runs.
fn definition(server: &McpServer, trust: McpTrust) -> Definition {
    let place = match trust {
        McpTrust::Outside => "\noutside the sandbox",
        McpTrust::Sandboxed => "",
    };
    Definition {
        kind: DefinitionKind::McpServer,
        name: server.name.clone(),
        text: format!("{}{place}", server.definition),
    }
}

fn confinement(trust: McpTrust) -> Confinement {
    match trust {
        McpTrust::Outside => Confinement::Free,
        McpTrust::Sandboxed => Confinement::Folder,
    }
}

fn not_kept(error: &TrustError) -> Problem {
    let problem = Problem::new(ProblemKind::Config, sentence(&error.to_string()));
    match error.next_step() {
        Some(next) => problem.with_next(next),
        None => problem,
    }
}

/// One notice for all, by name.
fn not_started(names: &[String]) -> Option<Notice> {
    let (noun, is) = match names {
        [] => return None,
        [_] => ("server", "is"),
        _ => ("servers", "are"),
    };
    Some(Notice {
        message: format!("The folder's MCP {noun} {} {is} not started", list(names)),
        next: Some("`/mcp` shows what would run, and asks".into()),
    })
}

fn remark(name: &str, state: &McpState) -> Option<Notice> {
    match state {
        McpState::Failed { reason } => Some(Notice {
            message: format!("The MCP server `{name}` cannot be used: {reason}"),
            next: Some("`/mcp` shows more, and starts it again".into()),
        }),
        McpState::SignInNeeded => Some(Notice {
            message: format!("The MCP server `{name}` wants you to sign in"),
            next: Some(format!("`i` in `/mcp` does it, or `codling mcp login {name}`")),
        }),
        _ => None,
    }
}
