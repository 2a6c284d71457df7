//! Models and who serves them: providers, accounts, requests, and what streams back.

mod access;
mod account;
mod context;
mod item;
mod model;
mod model_request;
mod provider;
mod tuning;
mod usage;
mod web;

pub use access::{Access, AccessKind, SentCredential};
pub use account::{
    Account, AccountKind, AccountList, BrowserLaunch, ClientTokens, CredentialSource,
    CredentialStanding, PortHolder, SignInMethod, SignInPatience, SignInRule, SignInStep,
    SignInWay,
};
pub use context::{ContextPart, ContextReport};
pub use item::{Item, ItemKind, ItemOpening, Wire, WireSource};
pub use model::{
    Effort, Model, ModelList, ModelMarks, ModelName, ModelRef, ModelSource, Patches, Prices,
};
pub use model_request::{
    Compactor, ModelDelta, ModelRequest, ModelRequestEnd, RequestPurpose, ToolChoice,
};
pub use provider::{
    KeyVariable, Provider, ProviderAuth, ProviderOffer, ProviderSource, needs_openai,
};
pub use tuning::{ServiceTier, SessionSettings, Tuning, Verbosity};
pub use usage::{Limit, Limits, Usage};
pub use web::{Citation, WebAccess, WebAction, WebSearch, WebSearchState};
