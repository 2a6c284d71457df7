//! The facts about its surroundings that the agent is given once, at the start.

use std::sync::Arc;

use crate::protocol::{ApprovalMode, ModelRef, Provider, SignInRule};

/// The settings that clients are told about, or that decide what they may ask for.
#[derive(Clone, Debug)]
pub struct AcpSetup {
    /// The settings' model; decides with `providers` whether prompts need OpenAI's sign-in.
    pub model: Option<ModelRef>,
    /// The approval mode of every session that is opened; `None` for the settings' choice.
    pub mode: Option<ApprovalMode>,
    /// The providers of the settings, renewed when those change.
    pub providers: Arc<[Provider]>,
    /// Which sign-ins the person's settings allow.
    pub sign_in_rule: SignInRule,
    /// Decides whether clients are offered to sign in with a browser.
    pub browser: BrowserUse,
    /// The arguments with which this program signs in by device code in a terminal.
    pub terminal_sign_in: Vec<String>,
}

/// Whether a browser that is opened on this machine is one that the person sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserUse {
    /// There is none, or `NO_BROWSER` says not to use it.
    Never,
    /// The person sees it.
    Near,
}
