//! All settings, as meant: the layers are already folded.

use std::path::PathBuf;
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::base::Secret;
use crate::protocol::{Effort, ModelId, Origins, Surroundings};

use super::Paths;

#[derive(Clone, Debug)]
pub struct Settings {
    pub paths: Paths,
    pub origins: Origins,
    /// The auth.json in use.
    pub auth_file: PathBuf,
    /// opencode's own auth.json, whether or not it exists; empty where there is no home to look in.
    pub opencode_file: PathBuf,
    /// `OPENAI_API_KEY`, when set and not empty.
    pub api_key: Option<Secret>,
    /// `SSL_CERT_FILE`: certificates (PEM) that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    pub model: Option<ModelId>,
    pub effort: Option<Effort>,
    /// Requests to the model in one turn, at the most.
    pub max_steps: u32,
    /// Silence on a stream after which it counts as broken.
    pub idle_limit: Duration,
    /// How much is written to the log file; `OFF` opens none.
    pub log: LevelFilter,
    pub surroundings: Surroundings,
    /// Where the browser sign-in listens: the registered ports, unless a stand-in allows others.
    pub callback_ports: [u16; 2],
}
