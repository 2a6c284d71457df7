//! Approval policies and sandboxes of the protocol, and the approval modes that codling maps them
//! to. Where the two vocabularies differ, the stricter mode is taken.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{ApprovalMode, Presence};

/// When a client wants to be asked.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum AskForApproval {
    #[serde(rename = "untrusted")]
    Untrusted,
    /// The older word for [`Self::OnRequest`].
    #[serde(rename = "on-failure")]
    OnFailure,
    #[serde(rename = "on-request")]
    OnRequest,
    #[serde(rename = "never")]
    Never,
    #[serde(rename = "granular")]
    Granular(Value),
}

/// How far commands may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxMode {
    ReadOnly,
    WorkspaceWrite,
    DangerFullAccess,
}

/// The sandbox as turns and commands name it. Its network setting applies only to commands that
/// clients run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SandboxPolicy {
    DangerFullAccess,
    ExternalSandbox {
        #[serde(default, rename = "networkAccess")]
        _network_access: ExternalNetwork,
    },
    ReadOnly {
        #[serde(default)]
        network_access: bool,
    },
    WorkspaceWrite {
        #[serde(default)]
        network_access: bool,
        #[serde(default)]
        writable_roots: Vec<PathBuf>,
    },
}

/// The network access that the sandbox around codling allows, according to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExternalNetwork {
    Enabled,
    #[default]
    Restricted,
}

/// A sandbox under its name as a permission profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum PermissionProfile {
    #[serde(rename = ":danger-full-access")]
    DangerFullAccess,
    #[serde(rename = ":read-only")]
    ReadOnly,
    #[serde(rename = ":workspace")]
    Workspace,
}

impl From<PermissionProfile> for SandboxMode {
    fn from(profile: PermissionProfile) -> Self {
        match profile {
            PermissionProfile::DangerFullAccess => Self::DangerFullAccess,
            PermissionProfile::ReadOnly => Self::ReadOnly,
            PermissionProfile::Workspace => Self::WorkspaceWrite,
        }
    }
}

/// All profiles, strictest first, each with its description.
pub const PROFILES: [(SandboxMode, &str); 3] = [
    (SandboxMode::ReadOnly, "Reads, and changes nothing"),
    (SandboxMode::WorkspaceWrite, "Works in the folder; commands run in a sandbox"),
    (SandboxMode::DangerFullAccess, "Works everywhere, without a sandbox"),
];

impl SandboxMode {
    /// The name of the sandbox's permission profile.
    pub fn profile(self) -> &'static str {
        match self {
            Self::DangerFullAccess => ":danger-full-access",
            Self::ReadOnly => ":read-only",
            Self::WorkspaceWrite => ":workspace",
        }
    }
}

/// The reviewer of actions that go beyond the sandbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reviewer {
    /// An agent that Codex has and codling lacks. The client does not expect to be asked instead
    /// and might accept anything, so everything is declined.
    AutoReview,
    /// The older word for [`Self::AutoReview`].
    GuardianSubagent,
    #[default]
    User,
}

/// The permissions of a thread as its client set them; they determine its approval mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Permissions {
    reviewer: Reviewer,
    /// `None` if the client did not say when to ask: it then follows from the sandbox.
    ask: Option<AskForApproval>,
    pub sandbox: SandboxMode,
}

impl From<&SandboxPolicy> for SandboxMode {
    fn from(policy: &SandboxPolicy) -> Self {
        match policy {
            SandboxPolicy::DangerFullAccess => Self::DangerFullAccess,
            SandboxPolicy::ReadOnly { .. } => Self::ReadOnly,
            // codling cannot know what surrounds it, so its own sandbox stays.
            SandboxPolicy::ExternalSandbox { .. } | SandboxPolicy::WorkspaceWrite { .. } => {
                Self::WorkspaceWrite
            }
        }
    }
}

impl Permissions {
    /// Returns the permissions that describe a mode in the protocol's words.
    pub fn of(mode: ApprovalMode) -> Self {
        let (ask, sandbox) = match mode {
            // This mode asks nothing because it allows nothing. It must not turn into the "never"
            // of a client that names another sandbox.
            ApprovalMode::ReadOnly => (None, SandboxMode::ReadOnly),
            ApprovalMode::Ask => (Some(AskForApproval::Untrusted), SandboxMode::WorkspaceWrite),
            ApprovalMode::Auto => (Some(AskForApproval::OnRequest), SandboxMode::WorkspaceWrite),
            ApprovalMode::Full => (Some(AskForApproval::Never), SandboxMode::DangerFullAccess),
        };
        Self { reviewer: Reviewer::User, ask, sandbox }
    }

    /// Returns these permissions with the client's changes.
    pub fn with(&self, ask: Option<AskForApproval>, sandbox: Option<SandboxMode>) -> Self {
        let ask = ask.or_else(|| self.ask.clone());
        Self { reviewer: self.reviewer, ask, sandbox: sandbox.unwrap_or(self.sandbox) }
    }

    /// Returns these permissions with the reviewer that a client names, if any.
    pub fn reviewed_by(self, reviewer: Option<Reviewer>) -> Self {
        Self { reviewer: reviewer.unwrap_or(self.reviewer), ..self }
    }

    /// When the client is asked.
    fn ask(&self) -> &AskForApproval {
        match (&self.ask, self.sandbox) {
            (Some(ask), _) => ask,
            (None, SandboxMode::ReadOnly) => &AskForApproval::Never,
            (None, _) => &AskForApproval::Untrusted,
        }
    }

    /// The approval mode that these permissions map to. Full access without questions takes both
    /// members: a client that gives full access and wants to be asked is asked.
    pub fn mode(&self) -> ApprovalMode {
        match (self.ask(), self.sandbox) {
            (AskForApproval::Never, SandboxMode::DangerFullAccess) => ApprovalMode::Full,
            (AskForApproval::Never, SandboxMode::WorkspaceWrite) => ApprovalMode::Auto,
            (AskForApproval::Never, SandboxMode::ReadOnly) => ApprovalMode::ReadOnly,
            (
                AskForApproval::OnRequest | AskForApproval::OnFailure,
                SandboxMode::WorkspaceWrite,
            ) => ApprovalMode::Auto,
            _ => ApprovalMode::Ask,
        }
    }

    /// Whether no person can be asked.
    pub fn never_asks(&self) -> bool {
        *self.ask() == AskForApproval::Never || self.reviewer != Reviewer::User
    }

    /// Whether somebody answers the questions of a thread.
    pub fn presence(&self) -> Presence {
        if self.never_asks() { Presence::Unattended } else { Presence::Attended }
    }

    pub fn reviewer_name(&self) -> &'static str {
        match self.reviewer {
            Reviewer::AutoReview => "auto_review",
            Reviewer::GuardianSubagent => "guardian_subagent",
            Reviewer::User => "user",
        }
    }

    pub fn ask_json(&self) -> Value {
        match self.ask() {
            AskForApproval::Untrusted => json!("untrusted"),
            AskForApproval::OnRequest | AskForApproval::OnFailure => json!("on-request"),
            AskForApproval::Never => json!("never"),
            AskForApproval::Granular(rules) => json!({ "granular": rules }),
        }
    }

    pub fn sandbox_json(&self) -> Value {
        match self.sandbox {
            SandboxMode::DangerFullAccess => json!({ "type": "dangerFullAccess" }),
            SandboxMode::ReadOnly => json!({ "type": "readOnly", "networkAccess": false }),
            SandboxMode::WorkspaceWrite => json!({
                "type": "workspaceWrite", "writableRoots": [], "networkAccess": false,
                "excludeTmpdirEnvVar": false, "excludeSlashTmp": false,
            }),
        }
    }

    pub fn profile_json(&self) -> Value {
        json!({ "id": self.sandbox.profile() })
    }

    /// The sandbox's name in settings files.
    pub fn sandbox_name(&self) -> &'static str {
        match self.sandbox {
            SandboxMode::DangerFullAccess => "danger-full-access",
            SandboxMode::ReadOnly => "read-only",
            SandboxMode::WorkspaceWrite => "workspace-write",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_in_the_protocols_words_comes_back_as_the_same_mode() {
        for mode in ApprovalMode::ALL {
            assert_eq!(Permissions::of(mode).mode(), mode);
        }
    }

    #[test]
    fn a_sandbox_alone_frees_nothing_in_a_mode_that_only_reads() {
        let strict = Permissions::of(ApprovalMode::ReadOnly);
        assert!(strict.never_asks());
        for sandbox in [SandboxMode::DangerFullAccess, SandboxMode::WorkspaceWrite] {
            let freed = strict.with(None, Some(sandbox));
            assert_eq!((freed.mode(), freed.never_asks()), (ApprovalMode::Ask, false));
            assert_eq!(freed.ask_json(), "untrusted");
        }
        let said = strict.with(Some(AskForApproval::Never), None);
        assert_eq!(said.mode(), ApprovalMode::ReadOnly);
        let freed = said.with(None, Some(SandboxMode::WorkspaceWrite));
        assert_eq!(freed.mode(), ApprovalMode::Auto, "the client said never itself");
    }

    #[test]
    fn with_a_reviewer_that_is_not_here_nobody_is_asked_and_nothing_more_is_allowed() {
        for mode in ApprovalMode::ALL {
            for reviewer in [Reviewer::AutoReview, Reviewer::GuardianSubagent] {
                let reviewed = Permissions::of(mode).reviewed_by(Some(reviewer));
                assert_eq!((reviewed.mode(), reviewed.never_asks()), (mode, true));
                let kept = reviewed.with(Some(AskForApproval::OnRequest), None);
                assert!(kept.never_asks(), "another policy brings no person");
                assert!(!kept.reviewed_by(Some(Reviewer::User)).never_asks());
            }
        }
    }

    #[test]
    fn nothing_is_free_that_a_client_did_not_give_free() {
        let mode = |ask: &str, sandbox: &str| {
            let ask = Some(serde_json::from_value(json!(ask)).unwrap());
            let sandbox = serde_json::from_value(json!(sandbox)).unwrap();
            Permissions { reviewer: Reviewer::User, ask, sandbox }.mode()
        };
        for (ask, sandbox, expected) in [
            ("on-request", "danger-full-access", ApprovalMode::Ask),
            ("untrusted", "danger-full-access", ApprovalMode::Ask),
            ("on-request", "read-only", ApprovalMode::Ask),
            ("untrusted", "workspace-write", ApprovalMode::Ask),
            ("on-request", "workspace-write", ApprovalMode::Auto),
            ("on-failure", "workspace-write", ApprovalMode::Auto),
            ("never", "workspace-write", ApprovalMode::Auto),
            ("never", "read-only", ApprovalMode::ReadOnly),
            ("never", "danger-full-access", ApprovalMode::Full),
        ] {
            assert_eq!(mode(ask, sandbox), expected, "{ask} {sandbox}");
        }
    }
}
