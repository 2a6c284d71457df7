//! The data that the screen starts with, and what it returns at its end.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::base::TerminalKind;
use crate::protocol::{
    ApprovalMode, Effort, ModelName, ModelRef, MouseUse, OnUsageLimit, OpenOptions, Provider,
    SessionCommand, SessionId, SessionSelector, StatusChoice, Surroundings, WhenHeld,
};
use crate::tui::paint::ColorEnv;
use crate::tui::terminal::CopyEnv;

/// Options of every conversation that a screen opens: a person is there, who is asked.
pub(in crate::tui) fn screen_options() -> OpenOptions {
    OpenOptions { on_usage_limit: OnUsageLimit::Offer, ..OpenOptions::default() }
}

/// Opens an earlier conversation, or joins it where another program has it.
pub(in crate::tui) fn open_earlier(id: &SessionId, options: OpenOptions) -> SessionCommand {
    let which = SessionSelector::Named(id.as_str().to_owned());
    SessionCommand::Resume { which, when_held: WhenHeld::Join, options }
}

/// Everything for the first frame and some later facts, read before the screen is entered.
#[derive(Clone, Debug)]
pub struct StartInfo {
    /// The environment that decides which way to sign in is offered first.
    pub surroundings: Surroundings,
    /// The conversation's folder; absolute.
    pub folder: PathBuf,
    /// The home folder, which is shown as `~`.
    pub home: Option<PathBuf>,
    /// The version of codling, such as `0.1.0`.
    pub version: String,
    /// The model of the settings; `None` for the provider's own.
    pub model: Option<ModelRef>,
    /// Providers of the settings.
    pub providers: Arc<[Provider]>,
    /// The reasoning effort of the settings; `None` for the model's own.
    pub effort: Option<Effort>,
    /// The first thing on the screen.
    pub begin: Beginning,
    /// The first prompt, sent as soon as the conversation is open.
    pub prompt: Option<String>,
    /// The approval mode of every conversation of this start; `None` for that of the settings.
    pub mode: Option<ApprovalMode>,
    /// A label that is always visible: `demo: a stand-in, not OpenAI`.
    pub banner: Option<String>,
    /// The variables that decide about colors.
    pub color: ColorEnv,
    /// The variables that decide how text gets into the clipboard.
    pub copy: CopyEnv,
    /// How a person who looks elsewhere is told.
    pub telling: Telling,
    /// The command line in `VISUAL`, else in `EDITOR`.
    pub editor: Option<String>,
    /// The part of the mouse that is taken.
    pub mouse: MouseUse,
    /// Whether selected text is copied when the button is released.
    pub copy_on_select: bool,
    /// The status line that was chosen.
    pub status: StatusChoice,
    /// For `/status`: the purpose of a path, and the path.
    pub paths: Vec<(String, PathBuf)>,
}

/// How a person who looks elsewhere is told.
#[derive(Clone, Copy, Debug)]
pub struct Telling {
    /// The abilities of the terminal.
    pub kind: TerminalKind,
    /// Where the terminal never reports its focus: how long without a key counts as elsewhere.
    pub notify_after: Duration,
    /// Whether the window gets a title.
    pub has_title: bool,
}

/// The first thing on the screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Beginning {
    /// The list of earlier conversations over a new one.
    Choose,
    /// A new conversation.
    #[default]
    New,
    /// An earlier conversation. It keeps its model and effort unless others are requested.
    Resume {
        /// The conversation: the latest of the folder, or one by its id.
        which: SessionSelector,
        /// Another model than the one it had.
        model: Option<ModelName>,
        /// Another reasoning effort than the one it had.
        effort: Option<Effort>,
        /// Whether other screens that have it end.
        takes: bool,
    },
}

/// How the screen ended, and what to print afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Farewell {
    /// The lines to print below the screen that was left.
    pub lines: Vec<String>,
    /// Why the screen ended; decides the exit code.
    pub ending: ScreenEnd,
    /// The conversation that was on the screen, where there is something to come back to.
    pub session: Option<SessionId>,
}

/// Why the screen ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScreenEnd {
    /// The person left it.
    #[default]
    Asked,
    /// The person left it, and the conversation goes on.
    Detached,
    /// Another screen has taken the conversation over.
    TakenOver,
    /// The signal's number; the shell expects 128 plus it as the exit code.
    Signal(i32),
    /// The terminal cannot be read any more.
    TerminalGone,
}
