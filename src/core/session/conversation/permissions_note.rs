//! The permissions note for the model: the approval mode, the sandbox, the network and writable
//! folders. It is told at the start and, on a change, behind what was said since: never in the
//! head.

use std::fmt::Write;

use crate::protocol::{AllowedHost, ApprovalMode, Presence, SandboxOpenings, SessionMode};

/// The note as the permissions are now; ends with a line feed.
pub(super) fn permissions(
    mode: SessionMode,
    presence: Presence,
    openings: &SandboxOpenings,
) -> String {
    let mut text = "# Permissions\n\n".to_owned();
    text.push_str(match (mode.approval_mode, mode.sandbox.is_present()) {
        (ApprovalMode::ReadOnly, _) => {
            "Approval mode `read-only`: you can read, and run commands that write nothing. \
            Whatever would change something is refused; describe it instead.\n"
        }
        (ApprovalMode::Ask, true) => {
            "Approval mode `ask`: reading in the folder is free, and commands that only read run \
            in the sandbox. Changes and all other commands need the user's approval; an approved \
            command runs outside the sandbox.\n"
        }
        (ApprovalMode::Ask, false) => {
            "Approval mode `ask`: reading in the folder is free. Changes and commands need the \
            user's approval.\n"
        }
        (ApprovalMode::Auto, true) => {
            "Approval mode `auto`: changes in the folder and commands in the sandbox run without \
            approval. Anything beyond that needs it; an approved command runs outside the \
            sandbox.\n"
        }
        (ApprovalMode::Auto, false) => {
            "Approval mode `auto`: changes in the folder run without approval. Commands, and \
            changes beyond it, need it.\n"
        }
        (ApprovalMode::Full, _) => {
            "Approval mode `full`: nothing waits for approval, and commands run without a \
            sandbox.\n"
        }
    });
    match (mode.approval_mode, mode.sandbox.is_present()) {
        (ApprovalMode::Full, _) => {}
        (_, false) => text.push_str("Sandbox: none on this system.\n"),
        (approval, true) => {
            let folder = if approval == ApprovalMode::Auto { "the folder and " } else { "" };
            let open =
                if approval == ApprovalMode::Auto { openings } else { &SandboxOpenings::default() };
            let _fits = write!(text, "In the sandbox commands write only in {folder}`$TMPDIR`");
            for folder in &open.folders {
                let _fits = write!(text, ", `{}`", folder.display());
            }
            let (ports, hosts): (Vec<_>, Vec<_>) =
                open.hosts.iter().partition(|host| host.on_loopback().is_some());
            let listed = |all: Vec<&AllowedHost>| {
                all.iter().map(|host| format!("`{host}`")).collect::<Vec<_>>().join(", ")
            };
            let https = (!hosts.is_empty()).then(|| format!("HTTPS to {}", listed(hosts)));
            let machine = (!ports.is_empty())
                .then(|| format!("{} of this machine's loopback", listed(ports)));
            let reached: Vec<String> = https.into_iter().chain(machine).collect();
            match reached.as_slice() {
                [] => text.push_str("; no network.\n"),
                reached => {
                    let _fits = writeln!(text, "; network: {} only.", reached.join(" and "));
                }
            }
        }
    }
    if presence == Presence::Unattended && mode.approval_mode != ApprovalMode::Full {
        text.push_str(
            "Nobody can be asked here: what needs approval is refused at once. Do not request it; \
            go on without it, or say at the end what you would have done.\n",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Agent, AllowedHost, Sandbox};

    fn note(approval_mode: ApprovalMode, sandbox: Sandbox, openings: &SandboxOpenings) -> String {
        let text = permissions(
            SessionMode { agent: Agent::Build, approval_mode, sandbox },
            Presence::Attended,
            openings,
        );
        text.lines().skip(3).collect()
    }

    #[test]
    fn where_nobody_can_be_asked_that_is_told_unless_nothing_asks() {
        for approval_mode in ApprovalMode::ALL {
            let mode =
                SessionMode { agent: Agent::Build, approval_mode, sandbox: Sandbox::Namespaces };
            let told = |presence| permissions(mode, presence, &SandboxOpenings::default());
            let (alone, attended) = (told(Presence::Unattended), told(Presence::Attended));
            assert_eq!(alone != attended, approval_mode != ApprovalMode::Full, "{alone}");
            assert!(alone.starts_with(&attended), "{alone}");
        }
    }

    #[test]
    fn what_keeps_commands_in_is_told_with_what_is_open() {
        let open = SandboxOpenings {
            hosts: vec![AllowedHost::parse("crates.io").unwrap()],
            folders: vec!["/cache".into()],
            readable: Vec::new(),
        };
        let mut with_port = open.clone();
        with_port.hosts.push(AllowedHost::parse("127.0.0.1:5432").unwrap());
        assert!(note(ApprovalMode::Auto, Sandbox::Namespaces, &with_port).ends_with(
            "network: HTTPS to `crates.io` and `127.0.0.1:5432` of this machine's loopback only."
        ));
        for (mode, sandbox, expected) in [
            (
                ApprovalMode::Auto,
                Sandbox::Namespaces,
                "In the sandbox commands write only in the folder and `$TMPDIR`, `/cache`; \
                network: HTTPS to `crates.io` only.",
            ),
            (
                ApprovalMode::ReadOnly,
                Sandbox::Namespaces,
                "In the sandbox commands write only in `$TMPDIR`; no network.",
            ),
            (ApprovalMode::Ask, Sandbox::Absent, "Sandbox: none on this system."),
            (ApprovalMode::Full, Sandbox::Namespaces, ""),
        ] {
            assert_eq!(note(mode, sandbox, &open), expected, "{mode:?}");
        }
    }
}
