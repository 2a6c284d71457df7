//! The effect of a key on the stages of `/connect`.

use super::other::OtherProvider;
use crate::protocol::{ConfigCommand, KeyCheck, ProviderId, SignInWay};
use crate::tui::overlay::DialogReply;

/// The effect of a key on the stages.
#[derive(Debug)]
pub enum Go {
    /// Goes one level up and cancels the running sign-in.
    Back,
    /// Goes to the browser sign-in, because no code can be had.
    Browser,
    Close,
    /// Goes to the code, because no browser can be used.
    Headless,
    /// Goes to the field for the key of a provider other than OpenAI.
    Key(ProviderId),
    /// Goes to the form for a provider that is not in the list.
    Describe(Box<OtherProvider>),
    /// Submits the address on which the browser ended.
    Paste(String),
    /// Starts a sign-in in place of the running one.
    SignIn(SignInWay, KeyCheck),
    Stay(DialogReply),
    Ways,
    Way(WayRow),
    /// Has the settings written.
    Write(ConfigCommand),
}

/// A way to sign in to OpenAI, of the list that offers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayRow {
    /// A key that is typed or pasted.
    ApiKey,
    /// ChatGPT Plus/Pro in a browser of this machine.
    Browser,
    /// ChatGPT Plus/Pro by a code for another device.
    Headless,
}
