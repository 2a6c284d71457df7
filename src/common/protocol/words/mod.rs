//! The words that all others use: ids, problems, addresses, and where the program runs.

mod activity;
mod exit;
mod ids;
mod origin;
mod past_prompt;
pub(crate) mod path_bytes;
mod problem;
mod status_part;
mod surroundings;

pub use activity::Activity;
pub use exit::Exit;
pub use ids::{
    AskId, CallId, ClientId, DialectId, ItemId, JobId, ModelId, ModelRequestId, PromptId,
    ProviderId, RequestId, Requester, SessionId, SignInId, TimerId, TurnId, WatchId,
};
pub use origin::{BaseUrl, Origin, OriginError, Origins};
pub use past_prompt::{PastPicture, PastPrompt};
pub use problem::{Failure, Problem, ProblemKind, RetryAdvice, in_shell};
pub use status_part::{StatusChoice, StatusPart};
pub use surroundings::{MouseUse, Surroundings};
