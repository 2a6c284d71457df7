//! All settings, as meant: the layers are already folded.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::Secret;
use crate::protocol::{Effort, ModelId, Origins, Surroundings};

#[derive(Clone, Debug)]
pub struct Settings {
    pub paths: Paths,
    pub origins: Origins,
    /// The auth.json in use.
    pub auth_file: PathBuf,
    /// opencode's own auth.json, whether or not it exists.
    pub opencode_file: PathBuf,
    /// `OPENAI_API_KEY`, when set and not empty.
    pub api_key: Option<Secret>,
    pub model: Option<ModelId>,
    pub effort: Option<Effort>,
    /// Requests to the model in one turn, at the most.
    pub max_steps: u32,
    /// Silence on a stream after which it counts as broken.
    pub idle_limit: Duration,
    pub surroundings: Surroundings,
}

/// The four folders, each made 0700 when first written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    pub data: PathBuf,
    pub config: PathBuf,
    pub state: PathBuf,
    pub cache: PathBuf,
}
