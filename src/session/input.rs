//! What can happen to a session. Every message of running work names the work, so that words of stopped work can be dropped.

use crate::protocol::{
    AlarmId, CallId, CallOutput, Deed, Delta, Direction, Failure, FileChange, Patches, Problem, Ran, Retrace, SampleEnd, SampleId,
    SettingsCommand, ToolCall, TurnCommand, TurnId,
};

#[derive(Clone, Debug)]
pub enum Input {
    Alarm(AlarmId),
    /// Files are others than before a call of this turn, whether or not the call came to its end.
    Changed {
        turn: TurnId,
        files: Vec<FileChange>,
    },
    Command(TurnCommand),
    Delta(SampleId, Delta),
    /// What going back would do.
    LookedBack(Retrace),
    /// More is known of the model now, or of another: the size of its context, and how it changes files.
    ModelKnown {
        context: Option<u64>,
        patches: Patches,
    },
    /// The credential could not be renewed after this sample was refused.
    NotRenewed(SampleId, Problem),
    /// A command that a person typed, as a call. `line` is how it was typed.
    Own {
        line: String,
        call: ToolCall,
    },
    /// A running call has put out more.
    Progress {
        call: CallId,
        tail: String,
    },
    /// A tool answered.
    Ran {
        call: CallId,
        ran: Ran,
    },
    /// The credential was renewed after this sample was refused.
    Renewed(SampleId),
    /// Files were brought back; `kept` were left as they are.
    Retraced {
        direction: Direction,
        turn: TurnId,
        files: Vec<String>,
        kept: Vec<String>,
    },
    SampleEnded(SampleId, SampleEnd),
    SampleFailed(SampleId, Failure),
    Settings(SettingsCommand),
    /// Where the conversation takes place, in words for the model.
    Surveyed(String),
    /// What a call would do; one that cannot be understood is answered.
    Understood {
        call: CallId,
        deed: Result<Deed, CallOutput>,
    },
}
