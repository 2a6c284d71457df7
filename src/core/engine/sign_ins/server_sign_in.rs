//! Signing in to an MCP server: finds the one that is meant.

use std::path::PathBuf;

use crate::auth::SignInTarget;
use crate::base::text::clean_line;
use crate::engine::session::mcp_listing;
use crate::engine::session::open_session::EngineDefaults;
use crate::engine::work::blocking;
use crate::protocol::{Problem, ProblemKind};

/// The server that a person wants to sign in to.
#[derive(Clone, Debug)]
pub(in crate::engine) struct WantedServer {
    /// Whose servers are meant, besides the person's own.
    pub(in crate::engine) folder: PathBuf,
    pub(in crate::engine) name: String,
    /// Those to ask for; empty for those of the settings.
    pub(in crate::engine) scopes: Vec<String>,
}

impl WantedServer {
    /// Finds the server in the settings and the folder's files.
    ///
    /// # Errors
    ///
    /// There is none of this name, or it is not one that a person signs in to.
    pub(super) async fn target(self, defaults: EngineDefaults) -> Result<SignInTarget, Problem> {
        let Self { folder, name, scopes } = self;
        let listed = blocking(move || mcp_listing::listing(&defaults, &folder).servers).await;
        let listed = listed.unwrap_or_default();
        let found = listed.into_iter().find(|listed| listed.server.name == name);
        let shown = clean_line(&name).into_owned();
        let found = found.ok_or_else(|| {
            let message = format!("There is no MCP server `{shown}` here");
            let problem = Problem::new(ProblemKind::Config, message);
            problem.with_next("`codling mcp list` shows those that there are")
        })?;
        let target = SignInTarget::of(&found.server).ok_or_else(|| {
            let message = format!("Nobody signs in to the MCP server `{shown}`");
            let next = "Only servers with a `url` and no authorization header of yours take one";
            Problem::new(ProblemKind::Config, message).with_next(next)
        })?;
        Ok(target.asking(scopes))
    }
}
