//! The arguments of `app-server`, its client and `acp`, as meant.

use std::path::{Path, PathBuf};

use crate::app_server::client::{self, Answering, ClientCommand, ClientPrompt, LoginKind};
use crate::app_server::{Listen, TokenChoice};
use crate::base::Reader;
use crate::config::Flags;
use crate::protocol::ApprovalMode;

use super::super::args::{self, ApprovalAnswer, ClientSub, ModeChoice};
use super::super::error::CliError;
use super::{Here, Server, flags, folder};

/// A prompt that makes the model run a command.
const ASKS_FIRST: &str = "Run `touch made-after-approval.txt` and confirm that the file exists.";

/// One call of the client: which app-server it speaks to, and what it does there.
#[derive(Debug, PartialEq, Eq)]
pub struct ClientIntent {
    /// `None` for the server in the background; if there is none, one is started.
    pub server: Option<client::Server>,
    pub token_file: Option<PathBuf>,
    pub approvals: Answering,
    pub action: ClientAction,
}

/// The action of an app-server's client.
#[derive(Debug, PartialEq, Eq)]
pub enum ClientAction {
    Ask(ClientCommand),
    /// Starts a server in the background.
    Serve(String, client::Kill),
}

/// The server for editors and SDKs.
#[derive(Debug, PartialEq, Eq)]
pub struct AppServerIntent {
    pub server: Server,
    pub listen: Listen,
    /// The folder of threads that name none.
    pub folder: PathBuf,
    pub flags: Flags,
    pub mode: Option<ApprovalMode>,
}

/// The agent of an editor, which names the folders.
#[derive(Debug, PartialEq, Eq)]
pub struct AcpIntent {
    pub server: Server,
    pub flags: Flags,
    pub mode: Option<ApprovalMode>,
}

pub(super) fn acp(server: Server, choice: ModeChoice) -> AcpIntent {
    AcpIntent { server, mode: choice.approval_mode, flags: flags(choice) }
}

pub(super) fn app_server(
    server: Server,
    dir: Option<&Path>,
    typed: args::AppServerArgs,
    choice: ModeChoice,
    here: &Here,
) -> Result<AppServerIntent, CliError> {
    let token = TokenChoice {
        is_asked_for: typed.ws_auth.is_some(),
        file: typed.ws_token_file.map(|file| here.folder.join(file)),
        hash: typed.ws_token_sha256,
    };
    Ok(AppServerIntent {
        server,
        listen: Listen::parse(&typed.listen, token, &here.folder)?,
        folder: folder(dir, here)?,
        mode: choice.approval_mode,
        flags: flags(choice),
    })
}

pub(super) fn app_server_client(
    typed: args::ClientArgs,
    here: &Here,
) -> Result<ClientIntent, CliError> {
    let is_named = typed.listen_url.is_some() || typed.spawn.is_some();
    if is_named && matches!(typed.command, ClientSub::Serve { .. }) {
        return Err(client::ClientError::ServesItself.into());
    }
    let server = match (&typed.listen_url, &typed.spawn) {
        (Some(address), _) => Some(client::Server::at(address)?),
        (None, Some(line)) => {
            let words = line.split_whitespace().map(str::to_owned).collect();
            Some(client::Server::Started(words))
        }
        (None, None) => None,
    };
    let action = match typed.command {
        ClientSub::Serve { listen, kill } => {
            let kill = if kill { client::Kill::First } else { client::Kill::No };
            ClientAction::Serve(listen, kill)
        }
        ClientSub::ModelList => ClientAction::Ask(ClientCommand::Models),
        ClientSub::Watch => ClientAction::Ask(ClientCommand::Watch),
        ClientSub::SendMessage { text } => {
            ClientAction::Ask(ClientCommand::Send(ClientPrompt::New(text)))
        }
        ClientSub::ResumeMessage { id, text } => {
            let prompt = ClientPrompt::In { thread: id, text };
            ClientAction::Ask(ClientCommand::Send(prompt))
        }
        ClientSub::TriggerCmdApproval { text } => {
            let text = text.unwrap_or_else(|| ASKS_FIRST.to_owned());
            ClientAction::Ask(ClientCommand::Send(ClientPrompt::Asking(text)))
        }
        ClientSub::RateLimits => ClientAction::Ask(ClientCommand::Limits),
        ClientSub::ThreadList { limit } => ClientAction::Ask(ClientCommand::Threads { limit }),
        ClientSub::ThreadResume { id } => ClientAction::Ask(ClientCommand::Resume(id)),
        ClientSub::Login { device_code } => {
            let kind = if device_code { LoginKind::DeviceCode } else { LoginKind::Browser };
            ClientAction::Ask(ClientCommand::Login(kind))
        }
        ClientSub::Call { method, params } => {
            ClientAction::Ask(ClientCommand::Call { method, params })
        }
    };
    let token_file = typed.token_file.map(|file| here.folder.join(file));
    let approvals = match (typed.approvals, here.stdin) {
        (Some(ApprovalAnswer::Accept), _) => Answering::Accept,
        (Some(ApprovalAnswer::Ask), _) | (None, Reader::Terminal) => Answering::Ask,
        (Some(ApprovalAnswer::Decline), _) | (None, Reader::Program) => Answering::Decline,
    };
    Ok(ClientIntent { server, token_file, approvals, action })
}
