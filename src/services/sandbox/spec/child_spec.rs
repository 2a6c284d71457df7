//! The spec of a sandboxed child, in memory and as the words that go to its process.

use std::ffi::{OsStr, OsString};
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;

use crate::protocol::{Confinement, Sandbox};

use super::spec_words::{confinement_named, confinement_word, parse_with_lists, with_lists};

/// Words for [`Tracing`].
const REQUIRED: &str = "required";
const TRACED: &str = "traced";
const UNTRACED: &str = "untraced";
/// Words for [`Network`].
const CLOSED: &str = "closed";
const OPEN: &str = "open";
const PROXIED: &str = "proxied";
const SHARED: &str = "shared";
const SHARED_PROXIED: &str = "shared-proxied";

/// The spec of a child.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChildSpec {
    pub confinement: Confinement,
    pub sandbox: Sandbox,
    pub kept: Vec<PathBuf>,
    pub folder: PathBuf,
    /// The private temporary folder; empty for a free command.
    pub temporary: PathBuf,
    /// Empty on Linux: there, a `Hidden` follows for whatever is kept in, since the program looks
    /// for it while its processes start.
    pub hidden: Vec<PathBuf>,
    pub shown: Vec<PathBuf>,
    /// Other folders that it can write in.
    pub opened: Vec<PathBuf>,
    pub network: Network,
    pub tracing: Tracing,
    pub command: Vec<OsString>,
}

/// Which network a child is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// One of its own that ends at its loopback device, or everybody's with the calls for it
    /// forbidden.
    Closed,
    /// Everybody's.
    Open,
    /// One of its own, with a proxy as the only way out.
    Proxied,
    /// That of the conversation's commands, which ends at its loopback device.
    Shared,
    /// The same, with a proxy in it.
    SharedProxied,
}

/// Whether a child has its calls shown to the supervisor, at its standard input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracing {
    Off,
    On,
    /// Files are kept before it destroys them, so that it does not run where its calls cannot be
    /// shown.
    Required,
}

impl ChildSpec {
    /// The paths that the command can write to; `None` is everything.
    #[cfg(target_os = "linux")]
    pub fn writable(&self) -> Option<Vec<&Path>> {
        match self.confinement {
            Confinement::Free => None,
            Confinement::Folder => Some(
                [&self.folder, &self.temporary]
                    .into_iter()
                    .chain(&self.opened)
                    .map(PathBuf::as_path)
                    .collect(),
            ),
            Confinement::ReadOnly => Some(vec![&self.temporary]),
        }
    }

    /// Folders of the person's that it can write in.
    pub fn own_folders(&self) -> Vec<PathBuf> {
        match self.confinement {
            Confinement::Folder => self.opened.iter().chain([&self.folder]).cloned().collect(),
            Confinement::Free | Confinement::ReadOnly => Vec::new(),
        }
    }

    pub fn words(&self) -> Vec<OsString> {
        let mut words =
            vec![confinement_word(self.confinement).into(), self.sandbox.as_str().into()];
        words.extend([self.folder.clone().into(), self.temporary.clone().into()]);
        let tracing = match self.tracing {
            Tracing::Off => UNTRACED,
            Tracing::On => TRACED,
            Tracing::Required => REQUIRED,
        };
        words.push(tracing.into());
        words.push(self.network.as_str().into());
        words.extend(with_lists(
            [&self.hidden, &self.shown, &self.kept, &self.opened],
            &self.command,
        ));
        words
    }

    /// The words read back.
    pub fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let confinement = confinement_named(&words.next()?)?;
        let sandbox = Sandbox::named(words.next()?.to_str()?)?;
        let (folder, temporary) = (words.next()?.into(), words.next()?.into());
        let tracing = match words.next()?.to_str()? {
            REQUIRED => Tracing::Required,
            TRACED => Tracing::On,
            UNTRACED => Tracing::Off,
            _ => return None,
        };
        let network = Network::named(&words.next()?)?;
        let ([hidden, shown, kept, opened], command) = parse_with_lists(words)?;
        Some(Self {
            confinement,
            sandbox,
            kept,
            folder,
            temporary,
            hidden,
            shown,
            opened,
            network,
            tracing,
            command,
        })
    }
}

impl Network {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => CLOSED,
            Self::Open => OPEN,
            Self::Proxied => PROXIED,
            Self::Shared => SHARED,
            Self::SharedProxied => SHARED_PROXIED,
        }
    }

    /// The same among the conversation's commands, for one that is the command's own.
    #[cfg(target_os = "linux")]
    pub fn shared(self) -> Option<Self> {
        match self {
            Self::Closed => Some(Self::Shared),
            Self::Proxied => Some(Self::SharedProxied),
            Self::Open | Self::Shared | Self::SharedProxied => None,
        }
    }

    /// The same without the conversation's other commands.
    #[cfg(target_os = "linux")]
    pub fn apart(self) -> Self {
        match self {
            Self::Shared => Self::Closed,
            Self::SharedProxied => Self::Proxied,
            Self::Closed | Self::Open | Self::Proxied => self,
        }
    }

    pub fn named(word: &OsStr) -> Option<Self> {
        [Self::Closed, Self::Open, Self::Proxied, Self::Shared, Self::SharedProxied]
            .into_iter()
            .find(|one| word == one.as_str())
    }
}

/// Whether the child is the first one of a namespace of processes, and stays beside the command.
#[cfg(target_os = "linux")]
pub fn has_processes(confinement: Confinement, sandbox: Sandbox) -> bool {
    confinement != Confinement::Free && sandbox.has_processes()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A child with these paths among its lists.
    pub fn child(confinement: Confinement, hidden: &[PathBuf]) -> ChildSpec {
        let network = match (confinement, hidden.is_empty()) {
            (Confinement::ReadOnly, _) => Network::Open,
            (Confinement::Folder, true) => Network::Shared,
            (Confinement::Folder, false) => Network::SharedProxied,
            (_, true) => Network::Closed,
            (_, false) => Network::Proxied,
        };
        ChildSpec {
            confinement,
            sandbox: Sandbox::Namespaces,
            kept: vec!["/k".into()],
            folder: "/f ö".into(),
            temporary: PathBuf::new(),
            hidden: hidden.to_vec(),
            shown: hidden.iter().cloned().chain(["/s".into()]).collect(),
            opened: hidden.to_vec(),
            network,
            tracing: if hidden.is_empty() { Tracing::Off } else { Tracing::On },
            command: vec!["sh".into(), "-c".into(), "a\nb '\"".into(), "".into()],
        }
    }

    #[test]
    fn what_a_child_is_told_arrives() {
        for confinement in [Confinement::Folder, Confinement::Free, Confinement::ReadOnly] {
            for hidden in [&[][..], &["/a b".into(), "-c".into()]] {
                let spec = child(confinement, hidden);
                assert_eq!(ChildSpec::parse(spec.words().into_iter()), Some(spec));
            }
        }
    }
}
