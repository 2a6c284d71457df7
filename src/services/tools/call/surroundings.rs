//! The services and limits that the engine hands the tools: once for a session, and once for each
//! call.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::extensions::ExtensionPlaces;
use crate::net::Net;
use crate::protocol::{LineEdits, Question, ToolFace};
use crate::sandbox::{LossListener, TraceSpec};
use crate::tools::folder::open_files::UnsavedTexts;
use crate::tools::shell::repositories::KnownRepositories;

/// The folders, network and program that the tools of a session work with.
#[derive(Debug)]
pub struct ToolboxSetup {
    /// The folder that the session is about.
    pub folder: PathBuf,
    /// Files that hold credentials: never read, never written.
    pub private: Vec<PathBuf>,
    /// The program's own folders, which commands that are kept in cannot read but for the outputs:
    /// conversations and logs.
    pub own: Vec<PathBuf>,
    /// Files and folders that neither tools nor commands that are kept in may read.
    pub hidden: Vec<PathBuf>,
    /// Where long outputs are kept, made when there is one; the model may read there.
    pub outputs: PathBuf,
    /// Other folders that may be read: an earlier session's outputs, that this one's words name.
    pub lent: Vec<PathBuf>,
    /// Where skills are looked for; `None` where there are none, and the tool is not offered.
    pub skills: Option<Arc<ExtensionPlaces>>,
    /// Folders that are not opened to commands for writing, whatever the settings say.
    pub closed: Vec<PathBuf>,
    /// Where what commands write to caches is kept.
    pub kept_caches: Option<PathBuf>,
    /// The folder that `~` names in a path.
    pub home: Option<PathBuf>,
    /// The network, for tools that fetch pages.
    pub net: Net,
    /// Variables that no command gets: those that hold keys.
    pub withheld: Vec<String>,
    /// The program that starts commands: this one, as `sandbox::program` names it.
    pub program: PathBuf,
}

/// The limits of one call, and the listeners for its events.
#[derive(Debug, Default)]
pub struct CallSurroundings {
    /// How its processes are traced, and which contents are kept before they are destroyed.
    pub trace: Option<TraceSpec>,
    /// Hears whether a command that destroys what could not be kept may go on; without it, such a
    /// command is ended.
    pub losses: Option<LossListener>,
    /// Asks a person what the program of a tool wants to know; without it nobody is asked.
    pub elicitor: Option<Elicitor>,
    /// The repositories in the folder, which it must leave alone.
    pub repositories: KnownRepositories,
    /// Hears, once all of a command has ended, what a person has to know of what it left: also
    /// where nobody waits for its result any more.
    pub ended: Option<oneshot::Sender<Option<String>>>,
    /// Hears what was in the editor alone of files that the call writes over.
    pub unsaved: UnsavedTexts,
    /// How its command line is edited before it runs.
    pub edits: LineEdits,
    /// The tools that the model is offered, in whose form calls are answered.
    pub face: ToolFace,
}

/// A person's answers, by the ids of the questions; `None` where nobody answers.
pub type ElicitedAnswers = Option<Vec<(String, String)>>;

/// Asks a person something in the middle of a call.
#[derive(Clone)]
pub struct Elicitor(Arc<dyn Fn(Question) -> oneshot::Receiver<ElicitedAnswers> + Send + Sync>);

impl Elicitor {
    /// `ask` puts a question before a person; what it returns resolves with the answers.
    pub fn new(
        ask: impl Fn(Question) -> oneshot::Receiver<ElicitedAnswers> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(ask))
    }

    /// Waits for a person's answers, one question after the other.
    pub async fn ask(&self, question: Question) -> ElicitedAnswers {
        (self.0)(question).await.ok().flatten()
    }
}

impl fmt::Debug for Elicitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Elicitor")
    }
}

/// Hears the last lines of what a running call has put out so far.
pub type ProgressSink = Arc<dyn Fn(String) + Send + Sync>;
