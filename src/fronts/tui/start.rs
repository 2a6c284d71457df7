//! What the screen is told at its start, and what it leaves behind.

use std::path::PathBuf;
use std::sync::Arc;

use crate::fronts::tui::paint::ColorEnv;
use crate::fronts::tui::terminal::CopyEnv;
use crate::protocol::{
    ApprovalMode, Effort, ModelName, ModelRef, Provider, SessionSelector, Surroundings,
};

/// All that the first frame needs, and what is shown later; read before the screen is entered.
#[derive(Clone, Debug)]
pub struct StartInfo {
    pub surroundings: Surroundings,
    /// The folder the conversation is about; absolute.
    pub folder: PathBuf,
    /// Shown as `~`.
    pub home: Option<PathBuf>,
    pub version: String,
    pub model: Option<ModelRef>,
    /// Of the settings.
    pub providers: Arc<[Provider]>,
    pub effort: Option<Effort>,
    /// What to begin with.
    pub begin: Beginning,
    /// What may happen without asking in every conversation of this start; the settings' choice where it is `None`.
    pub mode: Option<ApprovalMode>,
    /// A plain label that is always visible: `demo: a stand-in, not OpenAI`.
    pub banner: Option<String>,
    pub color: ColorEnv,
    pub copy: CopyEnv,
    /// `VISUAL`, else `EDITOR`: a command line.
    pub editor: Option<String>,
    /// For `/status`: what a path is for, and the path.
    pub paths: Vec<(String, PathBuf)>,
}

/// What stands on the screen first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Beginning {
    /// The list of earlier conversations over a new one.
    Choose,
    #[default]
    New,
    /// An earlier conversation; its own model and effort unless others were asked for.
    Resume { which: SessionSelector, model: Option<ModelName>, effort: Option<Effort> },
}

/// How the screen was left, and what to print on the normal one afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Farewell {
    pub lines: Vec<String>,
    pub ending: ScreenEnd,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScreenEnd {
    #[default]
    Asked,
    /// The number of the signal; a shell expects 128 and this.
    Signal(i32),
    /// Nothing more can be read from the terminal.
    TerminalGone,
}
