//! The spec of a supervisor, in memory and as the words that go to its process.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::is_secret_place;
use crate::protocol::{AllowedHost, Confinement};

use super::child_spec::{ChildSpec, Network, Tracing};
use super::command_spec::{CommandSpec, NetworkAccess};
use super::spec_words::number;
use crate::sandbox::trace::{KeepSpec, TraceSpec, WhenUnkept};

/// Words for [`WhenUnkept`].
const ASK: &str = "ask";
const END: &str = "end";
const GO_ON: &str = "go-on";
const CAPTURED: &str = "heard";
const TERMINAL: &str = "terminal";
const UNTOUCHED: &str = "untouched";

/// The spec of a supervisor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputWatch {
    pub limit: Duration,
    /// The spec of its child, as far as it is known: the temporary folder is still to be made, and
    /// the supervisor finds out about the network and the tracing.
    pub child: ChildSpec,
    /// Hosts that its proxy lets it reach; empty where it has none.
    pub hosts: Vec<AllowedHost>,
    pub trace: Option<TraceSpec>,
    pub output: SpecOutput,
}

/// Where a command's output goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecOutput {
    /// To the supervisor's own, together with its errors; it reads nothing.
    Captured,
    /// To a terminal, together with its errors; its input comes from there too, and it is the
    /// command's own. It comes on the kill switch; elsewhere than on Linux it is the supervisor's
    /// own output.
    Terminal,
    /// To where the program's own goes, and so do its errors and its input. They come on the kill
    /// switch.
    Untouched,
}

impl OutputWatch {
    pub fn of(spec: &CommandSpec, temporary: PathBuf, output: SpecOutput) -> Self {
        let is_open = spec.confinement == Confinement::Folder;
        let hosts = match spec.network {
            NetworkAccess::Hosts if is_open && spec.sandbox.has_network() => {
                spec.grants.hosts.clone()
            }
            NetworkAccess::Hosts | NetworkAccess::Everything => Vec::new(),
        };
        let network = match spec.network {
            NetworkAccess::Everything => Network::Open,
            NetworkAccess::Hosts if hosts.is_empty() => Network::Closed,
            NetworkAccess::Hosts => Network::Proxied,
        };
        let child = ChildSpec {
            confinement: spec.confinement,
            sandbox: spec.sandbox,
            kept: spec.kept.clone(),
            folder: spec.folder.clone(),
            temporary,
            hidden: if cfg!(target_os = "linux") { Vec::new() } else { spec.hidden.clone() },
            shown: spec.shown.iter().chain(named_secrets(spec)).cloned().collect(),
            opened: if is_open { spec.grants.folders.clone() } else { Vec::new() },
            network,
            tracing: Tracing::Off,
            command: spec.command.clone(),
        };
        Self { limit: spec.limit, child, hosts, trace: spec.trace.clone(), output }
    }

    pub fn words(&self) -> Vec<OsString> {
        let mut words = vec![self.limit.as_millis().to_string().into()];
        words.extend(trace_words(self.trace.as_ref()));
        words.push(self.output.as_str().into());
        words.push(self.hosts.len().to_string().into());
        words.extend(self.hosts.iter().map(|host| host.to_string().into()));
        words.extend(self.child.words());
        words
    }

    /// The words read back.
    pub fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Self> {
        let limit = Duration::from_millis(number(words.next()?)?);
        let trace = parse_trace(&mut words)?;
        let output = match words.next()?.to_str()? {
            CAPTURED => SpecOutput::Captured,
            TERMINAL => SpecOutput::Terminal,
            UNTOUCHED => SpecOutput::Untouched,
            _ => return None,
        };
        let count: usize = number(words.next()?)?;
        let hosts = (0..count)
            .map(|_| AllowedHost::parse(words.next()?.to_str()?))
            .collect::<Option<_>>()?;
        Some(Self { limit, child: ChildSpec::parse(words)?, hosts, trace, output })
    }
}

/// No trace is an empty path, and so is no store.
fn trace_words(trace: Option<&TraceSpec>) -> Vec<OsString> {
    let Some(TraceSpec { file, keep }) = trace else { return vec![OsString::new()] };
    let Some(KeepSpec { store, exempt, otherwise }) = keep else {
        return vec![file.into(), OsString::new()];
    };
    let otherwise = match otherwise {
        WhenUnkept::Ask => ASK,
        WhenUnkept::End => END,
        WhenUnkept::GoOn => GO_ON,
    };
    let mut words = vec![file.into(), store.into(), otherwise.into()];
    words.push(exempt.len().to_string().into());
    words.extend(exempt.iter().map(OsString::from));
    words
}

/// The words read back; `None` where they are no trace.
fn parse_trace(words: &mut impl Iterator<Item = OsString>) -> Option<Option<TraceSpec>> {
    let file = PathBuf::from(words.next()?);
    if file.as_os_str().is_empty() {
        return Some(None);
    }
    let store = PathBuf::from(words.next()?);
    if store.as_os_str().is_empty() {
        return Some(Some(file.into()));
    }
    let otherwise = match words.next()?.to_str()? {
        ASK => WhenUnkept::Ask,
        END => WhenUnkept::End,
        GO_ON => WhenUnkept::GoOn,
        _ => return None,
    };
    let count: usize = number(words.next()?)?;
    let exempt = (0..count).map(|_| Some(words.next()?.into())).collect::<Option<_>>()?;
    Some(Some(TraceSpec { file, keep: Some(KeepSpec { store, exempt, otherwise }) }))
}

/// Secrets that it can read because the person opened them by name. Everything else that they
/// opened is seen with the home that it is in.
fn named_secrets(spec: &CommandSpec) -> impl Iterator<Item = &PathBuf> {
    let homes: Vec<PathBuf> =
        spec.home.homes.iter().filter_map(|home| home.canonicalize().ok()).collect();
    spec.grants.readable.iter().filter(move |path| {
        // Where the child looks at the home by itself, it is told of all.
        !cfg!(target_os = "linux")
            || is_secret_place(path, None)
            || homes.iter().any(|home| is_secret_place(path, Some(home)))
    })
}

impl SpecOutput {
    fn as_str(self) -> &'static str {
        match self {
            Self::Captured => CAPTURED,
            Self::Terminal => TERMINAL,
            Self::Untouched => UNTOUCHED,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::spec::child_spec;

    #[test]
    fn what_a_supervisor_is_told_arrives() {
        for confinement in [Confinement::Folder, Confinement::Free, Confinement::ReadOnly] {
            for hidden in [vec![], vec!["/a b".into(), "-c".into()]] {
                let keep = |otherwise| KeepSpec {
                    store: "/s t".into(),
                    exempt: hidden.clone(),
                    otherwise,
                };
                let trace = |keep| Some(TraceSpec { file: "/t r".into(), keep });
                let (trace, output) = match (hidden.is_empty(), confinement) {
                    (true, Confinement::Free) => (None, SpecOutput::Captured),
                    (true, _) => (trace(Some(keep(WhenUnkept::GoOn))), SpecOutput::Captured),
                    (false, Confinement::Free) => (trace(None), SpecOutput::Untouched),
                    (false, Confinement::Folder) => {
                        (trace(Some(keep(WhenUnkept::Ask))), SpecOutput::Untouched)
                    }
                    (false, _) => (trace(Some(keep(WhenUnkept::End))), SpecOutput::Untouched),
                };
                let hosts =
                    hidden.iter().map(|_| AllowedHost::parse("*.a.org:8443").unwrap()).collect();
                let child = child_spec::tests::child(confinement, &hidden);
                let watch =
                    OutputWatch { limit: Duration::from_millis(9), child, hosts, trace, output };
                assert_eq!(OutputWatch::parse(watch.words().into_iter()), Some(watch));
            }
        }
    }

    #[test]
    fn what_is_not_whole_is_not_understood() {
        let child = ["free", "landlock", "/f", "", "untraced", "closed", "0", "0", "0"];
        for (watch, end) in [
            (&[][..], &[][..]),
            (&["1", "", "heard", "0"], &["0"]),
            (&["x", "", "heard", "0"], &["0", "sh"]),
            (&["1", "", "heard", "0"], &["2", "sh"]),
            (&["1", "", "heard", "1", "*"], &["0", "sh"]),
        ] {
            let words = watch.iter().chain(&child).chain(end).map(OsString::from);
            assert_eq!(OutputWatch::parse(words), None, "{watch:?} {end:?}");
        }
        let whole = ["1", "", "heard", "0"].iter().chain(&child).chain(&["0", "sh"]);
        assert!(OutputWatch::parse(whole.map(OsString::from)).is_some());
    }
}
