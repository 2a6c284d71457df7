//! Permission rules that are in force in a session, each with where it comes from.

use std::path::PathBuf;

use super::Rule;

/// A permission rule that holds in a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRule {
    /// What was said beforehand.
    pub rule: Rule,
    /// Where it stands, and so where it can be taken back.
    pub source: RuleSource,
}

/// Where a permission rule stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleSource {
    /// A person said "always" in this session; it is forgotten when the session is closed.
    Conversation,
    /// A person kept it for this folder: it holds in every later session here.
    Folder,
    /// In this file, which a person wrote by hand.
    Settings(PathBuf),
}
