//! codling, a coding client for your terminal.
//!
//! A **session is a pure machine**: something happens (`Input`), it answers what must be done
//! (`Effect`). The **engine** is the one loop that feeds the machines and performs their effects
//! with its **services** (auth, model, tools, store, undo, config). The **fronts** (terminal UI,
//! headless `run`, `eval`, `app-server` and `acp` for editors and SDKs, `auth`, `mcp`, `sessions`,
//! `doctor` and `update` on a plain terminal) are clients of the engine in one vocabulary, and only
//! translate: a `Command` goes in, exactly one `Reply` comes back to whoever asked, and `Event`s
//! are news for all who subscribed. A front that comes late, or was too slow, begins with a
//! snapshot (`SessionView`). Where another program holds a session (has its log's lock), the engine
//! joins it through a socket (`engine/remote/mod.rs`): the fronts of both see the same. `update`
//! alone asks no engine: it downloads a release through `net`.
//!
//! A tool call is understood before it is run: **tools** say what a call would do, **policy** says,
//! as a pure function of that, the mode and the rules, whether it may happen without asking, and
//! the session asks, refuses or goes on. A command runs in the **sandbox**, which ends all that it
//! starts and keeps it in where that is wanted; **undo** keeps what files held before a call, and
//! goes back.
//!
//! ```text
//!             cli ── chooses a front
//!    ┌─────────┬────┴────┬──────────┬──────────┬───────────┬───────────┐
//!   tui      exec   app_server     acp     auth_cli  sessions_cli   eval   fronts: translate
//!    └─────────┴────┬────┴──────────┴──────────┴───────────┴───────────┘
//!        Command ↓     ↑ Reply, Event         protocol: the words (plain data)
//!                engine                       the one loop; performs effects; owns running work
//!          Input ↓     ↑ Effect
//!   session     │  auth  model  tools  store  undo    session decides; services touch the world
//!    └ policy   │                ├ sandbox            what may happen; runs commands, confined
//!               │                └ workspace          git, AGENTS.md, clients' files
//!               ├─ extensions                 commands, skills, and the trust that programs need
//!               ├─ config
//!               ├─ net                        the HTTP clients that auth, model and tools share
//!              base                           words without a domain
//!   demo: a stand-in for OpenAI on loopback, for `codling demo` and for tests
//! ```
//!
//! Models are asked in a **wire dialect** (`model/dialect.rs`, a folder for each) of a
//! **provider**, OpenAI or one of the person's settings; tools are the built-in ones and those of
//! **tool sources** (`tools/toolbox/tool_source/mod.rs`), which may come and go. A session may be
//! opened with an **editor** (`protocol/calls/editor.rs`): the tools read and change the text files
//! of the folder as it shows them (`tools/folder/open_files/mod.rs`).
//!
//! The rooms stand in five **crates**, so that a change builds one of them and what uses it:
//! `common` (used by all), `services` (the world), `core` (what decides), `fronts`, and this one,
//! which chooses a front and has the demo. A crate's `lib.rs` imports the rooms of the crates below
//! it, so a path from `crate::` on reads the same everywhere. Code that tests of other crates use
//! is there with `debug_assertions`.
//!
//! Who may use whom (`tests/architecture/mod.rs` reads this table and fails on any other import; a
//! line without an arrow goes on with the one above):
//!
//! ```text
//! base         ->
//! protocol     -> base
//! net          -> base protocol
//! config       -> base protocol
//! extensions   -> base protocol
//! auth         -> base protocol net
//! model        -> base protocol net
//! sandbox      -> base protocol
//! workspace    -> base protocol
//! tools        -> base protocol net sandbox workspace extensions
//! mcp          -> base protocol net sandbox tools
//! undo         -> base protocol
//! store        -> base protocol
//! policy       -> base protocol
//! session      -> base protocol policy
//! engine       -> base protocol net sandbox policy session config auth model workspace extensions
//!                 tools mcp undo store
//! host         -> base protocol engine
//! acp          -> base protocol engine host
//! app_server   -> base protocol engine host
//! auth_cli     -> base protocol engine
//! doctor       -> base protocol engine
//! eval         -> base protocol engine
//! exec         -> base protocol engine
//! mcp_cli      -> base protocol engine auth_cli
//! sessions_cli -> base protocol engine auth_cli
//! tui          -> base protocol engine
//! update       -> base protocol net
//! demo         -> base protocol
//! cli          -> base protocol net config sandbox engine tui eval exec acp app_server auth_cli
//!                 doctor mcp_cli sessions_cli update demo
//! ```
//!
//! Outside crates have rooms too (read by the same test; a crate that is not listed may be used
//! anywhere):
//!
//! ```text
//! ratatui crossterm     : tui
//! reqwest rustls        : net auth mcp model
//! flate2 minisign_verify : update
//! rmcp                  : mcp
//! serde_saphyr          : extensions
//! serde                 : base protocol auth mcp model tools store extensions engine eval exec acp
//!                         app_server auth_cli mcp_cli demo
//! serde_json            : auth mcp model tools store extensions engine eval exec acp app_server
//!                         auth_cli doctor mcp_cli sessions_cli demo
//! postcard              : engine
//! tokio                 : net auth mcp model tools engine tui eval exec acp app_server auth_cli
//!                         host mcp_cli sessions_cli update demo cli
//! http_body_util hyper hyper_util : app_server demo
//! tokio_tungstenite     : app_server
//! agent_client_protocol : acp
//! landlock seccompiler libc nix : sandbox
//! png zune_jpeg jpeg_encoder gif image_webp : tools
//! ```
#![cfg_attr(
    not(unix),
    allow(dead_code, reason = "only Unix reaches all of it; Linux finds dead code")
)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "no test stops its process group"))]

pub use codling_common::{base, config, net, protocol};
pub use codling_core::engine;
pub use codling_fronts::{
    acp, app_server, auth_cli, doctor, eval, exec, mcp_cli, sessions_cli, tui, update,
};
pub use codling_services::{extensions, model, sandbox, tools};

pub mod cli;
pub mod demo;
