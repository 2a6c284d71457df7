//! What can happen to a session. Every message of running work names the work, so that words of stopped work can be dropped.

use crate::protocol::{AlarmId, CallId, CallOutput, Delta, Failure, Problem, SampleEnd, SampleId, SettingsCommand, TurnCommand};

#[derive(Clone, Debug)]
pub enum Input {
    Alarm(AlarmId),
    Command(TurnCommand),
    /// The size of the model's context, when it is known.
    Context(Option<u64>),
    Delta(SampleId, Delta),
    /// The credential could not be renewed after this sample was refused.
    NotRenewed(SampleId, Problem),
    /// A tool answered.
    Ran {
        call: CallId,
        output: CallOutput,
    },
    /// The credential was renewed after this sample was refused.
    Renewed(SampleId),
    SampleEnded(SampleId, SampleEnd),
    SampleFailed(SampleId, Failure),
    Settings(SettingsCommand),
}
