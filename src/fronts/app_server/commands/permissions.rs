//! The permissions of a client's command, translated for codling's sandbox. If a request cannot be
//! met exactly, and the nearest choice would be less strict or useless, it is refused with a
//! sentence.

use std::path::PathBuf;

use crate::engine::NetworkAccess;
use crate::protocol::Confinement;

use crate::app_server::request::permissions::{SandboxMode, SandboxPolicy};
use crate::app_server::transport::wire::Fault;

/// The permissions of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandPermissions {
    pub confinement: Confinement,
    pub network: NetworkAccess,
    /// Folders that it may write in besides its working folder.
    pub writable: Vec<PathBuf>,
}

impl From<SandboxMode> for CommandPermissions {
    fn from(mode: SandboxMode) -> Self {
        let confinement = match mode {
            SandboxMode::DangerFullAccess => Confinement::Free,
            SandboxMode::ReadOnly => Confinement::ReadOnly,
            SandboxMode::WorkspaceWrite => Confinement::Folder,
        };
        Self { confinement, network: NetworkAccess::Hosts, writable: Vec::new() }
    }
}

impl CommandPermissions {
    /// Returns the permissions of a sandbox policy. The temporary folder is always private,
    /// whatever the policy says about shared ones.
    ///
    /// # Errors
    ///
    /// Fails for an external sandbox, and if a writable root is not an absolute path.
    pub fn of_policy(policy: SandboxPolicy) -> Result<Self, Fault> {
        let mode = SandboxMode::from(&policy);
        let (network_access, writable_roots) = match policy {
            SandboxPolicy::DangerFullAccess => (false, Vec::new()),
            SandboxPolicy::ExternalSandbox { .. } => {
                let message = "codling does not know the sandbox around it: use `workspaceWrite`, or `dangerFullAccess` to rely on that one alone";
                return Err(Fault::invalid(message));
            }
            SandboxPolicy::ReadOnly { network_access } => (network_access, Vec::new()),
            SandboxPolicy::WorkspaceWrite { network_access, writable_roots } => {
                (network_access, writable_roots)
            }
        };
        if let Some(root) = writable_roots.iter().find(|root| !root.is_absolute()) {
            let root = root.display();
            let why = format!("AbsolutePathBuf deserialized without a base path: {root}");
            return Err(Fault::unreadable(why));
        }
        let network = if network_access { NetworkAccess::Everything } else { NetworkAccess::Hosts };
        Ok(Self { network, writable: writable_roots, ..mode.into() })
    }

    /// Returns the permissions of a profile. Only the protocol's built-in profiles exist.
    ///
    /// # Errors
    ///
    /// Fails if no built-in profile has this name.
    pub fn of_profile(name: &str) -> Result<Self, Fault> {
        let mode = match name {
            ":danger-full-access" => SandboxMode::DangerFullAccess,
            ":read-only" => SandboxMode::ReadOnly,
            ":workspace" => SandboxMode::WorkspaceWrite,
            _ => {
                let message = format!(
                    "unknown permission profile `{name}`: there are `:read-only`, `:workspace` and `:danger-full-access` here"
                );
                return Err(Fault::invalid(message));
            }
        };
        Ok(mode.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_is_what_it_says_or_refused() {
        use Confinement::{Folder, Free, ReadOnly};
        use NetworkAccess::{Everything, Hosts};
        let of = |policy| CommandPermissions::of_policy(serde_json::from_value(policy).unwrap());
        for (policy, confinement, network, writable) in [
            (json!({ "type": "dangerFullAccess" }), Free, Hosts, vec![]),
            (json!({ "type": "readOnly" }), ReadOnly, Hosts, vec![]),
            (json!({ "type": "readOnly", "networkAccess": true }), ReadOnly, Everything, vec![]),
            (json!({ "type": "workspaceWrite" }), Folder, Hosts, vec![]),
            (
                json!({
                    "type": "workspaceWrite", "networkAccess": true, "writableRoots": ["/a"],
                    "excludeSlashTmp": true, "excludeTmpdirEnvVar": true,
                }),
                Folder,
                Everything,
                vec![PathBuf::from("/a")],
            ),
        ] {
            let expected = CommandPermissions { confinement, network, writable };
            assert_eq!(of(policy.clone()).unwrap(), expected, "{policy}");
        }
        for (policy, why) in [
            (json!({ "type": "externalSandbox" }), "sandbox around it"),
            (json!({ "type": "externalSandbox", "networkAccess": "enabled" }), "sandbox around it"),
            (json!({ "type": "workspaceWrite", "writableRoots": ["a"] }), "base path: a"),
        ] {
            let fault = of(policy.clone()).unwrap_err();
            assert!(fault.message.contains(why), "{policy}: {}", fault.message);
        }
    }

    #[test]
    fn the_profiles_of_the_protocol_are_known_and_no_others() {
        for (name, confinement) in [
            (":read-only", Confinement::ReadOnly),
            (":workspace", Confinement::Folder),
            (":danger-full-access", Confinement::Free),
        ] {
            assert_eq!(CommandPermissions::of_profile(name).unwrap().confinement, confinement);
        }
        for name in ["", "workspace", ":full", "mine"] {
            let fault = CommandPermissions::of_profile(name).unwrap_err();
            assert!(fault.message.starts_with("unknown permission profile"), "{name}");
        }
    }
}
