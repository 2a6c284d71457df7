//! Detects whether this system can keep a command in, and which program to start for it.

#[cfg(target_os = "linux")]
pub mod memory;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::protocol::Sandbox;

use crate::sandbox::program::program;

#[cfg(target_os = "linux")]
use super::probe::ProbeRefusal;
#[cfg(target_os = "linux")]
use crate::sandbox::walls::namespaces::NamespaceStage;

/// The sandbox of this system, and why it has no better one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeResult {
    /// The best sandbox that works here.
    pub sandbox: Sandbox,
    /// Why better ones failed: one sentence each, without a full stop.
    pub refused: Vec<String>,
}

/// The sandbox for commands that this program starts.
pub fn detect() -> ProbeResult {
    found(&program())
}

/// The sandbox for commands that a program starts: tried once for each, by a process that gives up
/// its own rights, unless that is remembered from an earlier start; after that it costs nothing.
pub fn found(program: &Path) -> ProbeResult {
    static FOUND: Mutex<BTreeMap<PathBuf, ProbeResult>> = Mutex::new(BTreeMap::new());
    let mut all = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    all.entry(program.to_owned()).or_insert_with(|| recall_or_probe(program)).clone()
}

/// Results are remembered in this folder from now on, so that later starts try nothing. It costs
/// nothing to try on other systems.
pub fn remember_in(state: &Path) {
    #[cfg(target_os = "linux")]
    memory::remember_in(state);
    #[cfg(not(target_os = "linux"))]
    let _unused = state;
}

#[cfg(target_os = "linux")]
fn recall_or_probe(program: &Path) -> ProbeResult {
    if memory::recall(program).is_some() {
        return ProbeResult { sandbox: Sandbox::Namespaces, refused: Vec::new() };
    }
    let found = probe(program);
    memory::keep(program, found.sandbox, false);
    found
}

#[cfg(not(target_os = "linux"))]
fn recall_or_probe(program: &Path) -> ProbeResult {
    probe(program)
}

/// Tries which sandbox is the best that works here. `program` is this program.
#[cfg(target_os = "linux")]
pub fn probe(program: &Path) -> ProbeResult {
    choose(&mut |sandbox| super::probe::attempt(program, sandbox))
}

#[cfg(target_os = "linux")]
fn choose(attempt: &mut dyn FnMut(Sandbox) -> Result<(), ProbeRefusal>) -> ProbeResult {
    use crate::protocol::SharedNamespaces::{Both, Network, Processes};

    let mut refused = Vec::new();
    let mut next = Some(Sandbox::Namespaces);
    while let Some(sandbox) = next {
        let Err(ProbeRefusal { stage, why }) = attempt(sandbox) else {
            return ProbeResult { sandbox, refused };
        };
        tracing::info!(sandbox = sandbox.as_str(), why, "this does not keep commands in here");
        refused.push(format!("{}: {why}", sandbox.as_str()));
        // With what can be had, before something else is tried.
        next = match (sandbox, stage) {
            (Sandbox::Namespaces, Some(NamespaceStage::Network)) => {
                Some(Sandbox::NamespacesBut(Network))
            }
            (Sandbox::Namespaces, Some(NamespaceStage::Processes)) => {
                Some(Sandbox::NamespacesBut(Processes))
            }
            (Sandbox::NamespacesBut(Network), Some(NamespaceStage::Processes))
            | (Sandbox::NamespacesBut(Processes), Some(NamespaceStage::Network)) => {
                Some(Sandbox::NamespacesBut(Both))
            }
            (Sandbox::Namespaces | Sandbox::NamespacesBut(_), _) => Some(Sandbox::Bubblewrap),
            (Sandbox::Bubblewrap, _) => Some(Sandbox::Landlock),
            _ => None,
        };
    }
    ProbeResult { sandbox: Sandbox::Absent, refused }
}

/// Tries whether seatbelt is there. `_program` is this program.
#[cfg(target_os = "macos")]
pub fn probe(_program: &Path) -> ProbeResult {
    let works = Path::new(crate::sandbox::walls::seatbelt::PROGRAM).is_file();
    let refused = if works {
        Vec::new()
    } else {
        vec![format!("seatbelt: there is no `{}`", crate::sandbox::walls::seatbelt::PROGRAM)]
    };
    ProbeResult { sandbox: if works { Sandbox::Seatbelt } else { Sandbox::Absent }, refused }
}

/// There is no sandbox on other systems. `_program` is this program.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub fn probe(_program: &Path) -> ProbeResult {
    ProbeResult { sandbox: Sandbox::Absent, refused: vec!["This system has no sandbox".to_owned()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trial_takes_no_rights_from_the_program() {
        assert_eq!(detect(), detect());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("free"), "still").unwrap();
        assert!(std::net::TcpListener::bind("127.0.0.1:0").is_ok());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_refused_decides_what_is_tried_next() {
        use Sandbox::{Absent, Bubblewrap, Landlock, Namespaces, NamespacesBut};

        use crate::protocol::SharedNamespaces::{Both, Network, Processes};

        let [network, processes, mounts, users] = [
            NamespaceStage::Network,
            NamespaceStage::Processes,
            NamespaceStage::Mounts,
            NamespaceStage::Users,
        ]
        .map(Some);
        for (refusals, wanted) in [
            (&[][..], Namespaces),
            (&[(Namespaces, network)], NamespacesBut(Network)),
            (&[(Namespaces, processes)], NamespacesBut(Processes)),
            (&[(Namespaces, processes), (NamespacesBut(Processes), network)], NamespacesBut(Both)),
            (&[(Namespaces, network), (NamespacesBut(Network), processes)], NamespacesBut(Both)),
            (&[(Namespaces, network), (NamespacesBut(Network), mounts)], Bubblewrap),
            (&[(Namespaces, mounts)], Bubblewrap),
            (&[(Namespaces, None)], Bubblewrap),
            (&[(Namespaces, users), (Bubblewrap, None)], Landlock),
            (&[(Namespaces, users), (Bubblewrap, None), (Landlock, None)], Absent),
        ] {
            let mut left = refusals.iter();
            let found = choose(&mut |sandbox| match left.next() {
                None => Ok(()),
                Some((tried, stage)) => {
                    assert_eq!(sandbox, *tried);
                    Err(ProbeRefusal { stage: *stage, why: "no".to_owned() })
                }
            });
            assert_eq!(
                (found.sandbox, found.refused.len()),
                (wanted, refusals.len()),
                "{refusals:?}"
            );
        }
    }
}
