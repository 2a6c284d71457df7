//! The arguments of `codling mcp` as typed, in Codex's words.

use clap::{Args as Group, Subcommand};

/// A command about MCP servers.
#[derive(Debug, Subcommand)]
pub enum McpArgs {
    /// List the servers of your settings and of this folder, and whether each may start
    List {
        /// Print JSON: names of variables and headers, and none of their values
        #[arg(long)]
        json: bool,
    },
    /// Show one server
    Get {
        /// Its name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Add a server to your settings: a program, or an address
    #[command(
        override_usage = "codling mcp add NAME [--env KEY=VALUE]... -- COMMAND [ARGS]...\n       \
                                codling mcp add NAME --url URL [--bearer-token-env-var NAME]"
    )]
    Add(McpAddArgs),
    /// Sign in to a server with the browser; over SSH, paste the address that the browser ends on
    Login {
        /// Its name
        name: String,
        /// The scopes to ask for, instead of those that the server names
        #[arg(long, value_name = "SCOPES", value_delimiter = ',')]
        scopes: Vec<String>,
    },
    /// Sign out of a server: its tokens are forgotten
    Logout {
        /// Its name
        name: String,
    },
    /// Take a server out of your settings
    Remove {
        /// Its name
        name: String,
    },
}

/// A server to add.
#[derive(Debug, Group)]
pub struct McpAddArgs {
    /// Its name: letters, digits, `-`, `_` and `.`
    pub name: String,
    /// A variable that the program gets, as KEY=VALUE; may be given again for more
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "url")]
    pub env: Vec<String>,
    /// The address of a server that is reached over HTTP
    #[arg(long, conflicts_with = "command", required_unless_present = "command")]
    pub url: Option<String>,
    /// The variable that holds the token for that address
    #[arg(long, value_name = "NAME", requires = "url")]
    pub bearer_token_env_var: Option<String>,
    /// The program and its arguments, after `--`
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}
