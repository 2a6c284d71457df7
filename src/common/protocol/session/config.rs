//! The person's own settings, as clients read and change them.

use std::path::PathBuf;

use crate::protocol::{ApprovalMode, Effort, ModelRef, ServiceTier, SignInRule, Verbosity};

/// The settings as they are now, whatever the program began with.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigView {
    /// The person's own settings file, whether or not it exists.
    pub file: PathBuf,
    /// Another one for every other text of that file.
    pub version: String,
    /// The model of new conversations; `None` for the account's first one.
    pub model: Option<ModelRef>,
    /// How long models may think.
    pub effort: Option<Effort>,
    /// How much models write.
    pub verbosity: Option<Verbosity>,
    /// How soon requests are served.
    pub service_tier: Option<ServiceTier>,
    /// Which calls run without asking.
    pub approvals: ApprovalMode,
    /// Which sign-ins the person allows.
    pub sign_in_rule: SignInRule,
    /// Settings of which the file is not heard, since the program was started with others.
    pub overridden: Vec<&'static str>,
}

/// One change of a settings file.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigEdit {
    /// The keys on the way to what is changed; not empty.
    pub path: Vec<String>,
    /// The new value; `None` removes the key.
    pub value: Option<ConfigValue>,
    /// How it is merged with the old value.
    pub merge: ConfigMerge,
}

/// How a table is merged with the one that it is written over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigMerge {
    /// It goes.
    Replace,
    /// Its other keys stay.
    Upsert,
}

/// A value of a settings file.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigValue {
    /// `true` or `false`.
    Flag(bool),
    /// Any other number.
    Float(f64),
    /// A list of values.
    List(Vec<ConfigValue>),
    /// A whole number.
    Number(i64),
    /// Keys and their values.
    Table(Vec<(String, ConfigValue)>),
    /// A text.
    Text(String),
}

/// Why settings were not written; nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigRefusal {
    /// The kind of reason.
    pub kind: ConfigRefusalKind,
    /// The reason, in a sentence without a full stop.
    pub message: String,
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigRefusalKind {
    /// The file is another one than the client read.
    Changed,
    /// The settings could not be used.
    Invalid,
    /// There is no such setting.
    UnknownKey,
}
