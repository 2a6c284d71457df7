//! The arguments of `app-server client`.

use std::path::PathBuf;

use clap::{Args as Group, Subcommand, ValueEnum};

#[derive(Debug, Group)]
pub struct ClientArgs {
    /// The server to speak to: ws://HOST:PORT or unix://PATH; left out, the one that `serve` has
    /// started, else one is started for the command
    #[arg(long, value_name = "ADDRESS", global = true)]
    pub listen_url: Option<String>,
    /// Start this server instead, and speak to it over its pipe: `--spawn "codex app-server"`
    #[arg(long, value_name = "CMD", conflicts_with = "listen_url", global = true)]
    pub spawn: Option<String>,
    /// The file that holds the token of the server; `serve` has its clients bring it
    #[arg(long, value_name = "FILE", global = true)]
    pub token_file: Option<PathBuf>,
    /// How to answer approvals: ask (a line each, y or n), accept or decline; left out, ask on a
    /// terminal, else decline
    #[arg(long, value_name = "ANSWER", global = true)]
    pub approvals: Option<ApprovalAnswer>,
    #[command(subcommand)]
    pub command: ClientSub,
}

/// How the client answers approvals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ApprovalAnswer {
    Ask,
    Accept,
    Decline,
}

#[derive(Debug, Subcommand)]
pub enum ClientSub {
    /// Start a server in the background, which logs to the state folder
    Serve {
        /// Where it listens
        #[arg(long, value_name = "ADDRESS", default_value = "ws://127.0.0.1:4222")]
        listen: String,
        /// End the server that was started there before
        #[arg(long)]
        kill: bool,
    },
    /// List the models
    ModelList,
    /// Print every message of the server's until Ctrl-C
    Watch,
    /// Send a prompt in a new thread, and print the answer
    #[command(alias = "send-message-v2")]
    SendMessage {
        /// The prompt
        text: String,
    },
    /// Send a prompt in an earlier thread, and print the answer
    #[command(alias = "resume-message-v2")]
    ResumeMessage {
        /// The thread, by its id
        id: String,
        /// The prompt
        text: String,
    },
    /// Send a prompt in a new thread in which every command asks
    TriggerCmdApproval {
        /// The prompt; left out, one that wants a file to be made
        text: Option<String>,
    },
    /// Print what is left of the plan
    #[command(alias = "get-account-rate-limits")]
    RateLimits,
    /// List the threads, newest first
    ThreadList {
        /// How many at the most
        #[arg(long)]
        limit: Option<u32>,
    },
    /// Print a thread, and follow the turn that runs in it
    ThreadResume {
        /// The thread, by its id
        id: String,
    },
    /// Sign in with ChatGPT, in a browser or with a code for any device
    Login {
        /// With a code
        #[arg(long)]
        device_code: bool,
    },
    /// Call any method, with its parameters as JSON
    Call {
        /// As in `thread/list`
        method: String,
        /// As in `{"limit": 5}`
        params: Option<String>,
    },
}
