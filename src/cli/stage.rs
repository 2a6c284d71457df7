//! The backend of a command: OpenAI with the person's own files, or the stand-in with a home that
//! is thrown away.

use std::path::Path;

use crate::base::cause;
use crate::config::{Env, Flags, key_variables};
use crate::demo::{DEMO_MODEL, Home, Options, Script, Stand};
use crate::protocol::Origins;

use super::error::CliError;
use super::intent::Server;

/// Holds the stand-in while it is needed. Drop it last, after the engine.
pub struct Backend {
    /// The environment to read settings from.
    pub env: Env,
    demo: Option<(Stand, Home)>,
}

/// Whether the demo's person has signed in before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedIn {
    Already,
    /// The person can try the sign-in itself.
    NotYet,
}

/// The label on the screen while the demo runs.
const LABEL: &str = "demo: a stand-in, not OpenAI";

impl Backend {
    /// Prepares the real provider, which takes nothing, or starts the stand-in with a home of its
    /// own. `signed_in` says whether that home holds tokens already.
    ///
    /// # Errors
    ///
    /// Fails if the stand-in or its home cannot be made, or if its script cannot be read.
    pub fn set(server: &Server, env: &Env, signed_in: SignedIn) -> Result<Self, CliError> {
        let demo = |source| CliError::Demo { source };
        match server {
            Server::Real => Ok(Self { env: env.clone(), demo: None }),
            Server::Demo { context, script } => {
                let (stand, home) = (
                    Stand::start(Options { context: *context, ..Options::demo() }).map_err(demo)?,
                    Home::create().map_err(demo)?,
                );
                if let Some(path) = script {
                    let unplayable = |reason| CliError::Script { path: path.clone(), reason };
                    let text =
                        std::fs::read_to_string(path).map_err(|error| unplayable(cause(&error)))?;
                    let script =
                        Script::read(&text).map_err(|error| unplayable(error.to_string()))?;
                    let pace = Options::demo().pace;
                    stand.script(script.scripted().into_iter().map(|answer| answer.paced(pace)));
                }
                if signed_in == SignedIn::Already {
                    home.sign_in(&stand.issue()).map_err(demo)?;
                }
                Ok(Self {
                    env: demo_env(env, home.path(), &stand.origins()),
                    demo: Some((stand, home)),
                })
            }
        }
    }

    /// Returns the folder whose project settings count; none in the demo, as the stand-in does not
    /// have the models that they name.
    pub fn project<'a>(&self, folder: &'a Path) -> Option<&'a Path> {
        self.demo.is_none().then_some(folder)
    }

    /// Chooses the stand-in's own model unless another was typed; its name says what it is.
    pub fn flags(&self, typed: Flags) -> Flags {
        match (&self.demo, typed.model) {
            (Some(_), None) => Flags { model: Some(DEMO_MODEL.to_owned()), ..typed },
            (_, model) => Flags { model, ..typed },
        }
    }

    /// Returns the label that says that this is a stand-in; `None` for OpenAI.
    pub fn label(&self) -> Option<&'static str> {
        self.demo.as_ref().map(|_| LABEL)
    }
}

/// Returns the environment without anything that leads to the person's own files, keys or servers.
pub(super) fn demo_env(env: &Env, home: &Path, origins: &Origins) -> Env {
    let without_keys = key_variables().fold(env.clone(), Env::without);
    without_keys
        .without("CODLING_AUTH_")
        .without("CODLING_CHATGPT_")
        .without("CODLING_API_")
        .without("OPENAI_")
        .with("CODLING_HOME", home)
        // Codling looks for opencode's file there, and finds none.
        .with("XDG_DATA_HOME", home.join("data"))
        // The same goes for Codex's file.
        .with("CODEX_HOME", home.join("codex"))
        .with("CODLING_AUTH_ORIGIN", origins.auth.to_string())
        .with("CODLING_CHATGPT_ORIGIN", origins.chatgpt.to_string())
        .with("CODLING_API_ORIGIN", origins.api.to_string())
        // Neither the public catalogue nor servers of this machine are asked.
        .with("OPENCODE_DISABLE_MODELS_FETCH", "1")
}
