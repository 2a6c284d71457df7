//! Whether a command seems to have failed for what kept it in: a guess by its words, so that it can
//! be offered again without. Decides nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::Path;

use crate::base::is_secret;
use crate::protocol::{AllowedHost, Confinement};
use crate::sandbox::{CommandEnd, CommandSpec, ExitKind, MachineListeners};

use super::output::OutputSummary;
use super::plain_text::plain;

const NETWORK: [&str; 19] = [
    "network is unreachable",
    "network unreachable",
    "could not resolve",
    "couldn't resolve",
    "could not be resolved",
    "temporary failure in name resolution",
    "temporary failure resolving",
    "name or service not known",
    "nodename nor servname",
    "getaddrinfo",
    "enotfound",
    "eai_again",
    "no such host",
    "dial tcp",
    "failed to lookup address",
    "dns error",
    "connect eperm",
    "socket: operation not permitted",
    "failed to create socket",
];

/// The words of programs for a port on which nobody listens.
const UNANSWERED: [&str; 5] = [
    "connection refused",
    "econnrefused",
    "couldn't connect",
    "could not connect",
    "failed to connect",
];

/// Services of this machine that listen on sockets.
const SERVICES: [&str; 6] = [
    "docker daemon",
    "failed to connect to bus",
    "authentication agent",
    "gpg failed to sign",
    "can't connect to x11",
    "cannot open display",
];

const REFUSED: [&str; 8] = [
    "operation not permitted",
    "permission denied",
    "read-only file system",
    "permissionerror",
    "eacces",
    "eperm",
    "erofs",
    "access denied",
];

/// The words of programs for files that are not there.
const MISSING: [&str; 6] = [
    "no such file or directory",
    "not found",
    "enoent",
    "does not exist",
    "cannot find",
    "can't open",
];
/// Lines that are looked at for files that a command missed.
const MOST_MISSING: usize = 50;
/// Numbers in such lines that are taken for ports.
const MOST_PORTS: usize = 64;

/// As the child says it.
const NOT_SET_UP: &str = "codling: the command was not run: the sandbox";
/// As the supervisor says it.
const NOT_BEGUN: &str = "The command could not be started: the sandbox";
/// A system call that the filter ends.
const BAD_CALL: i32 = 31;

/// Why a command seems to have failed for the sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blame {
    /// One sentence without a full stop.
    pub why: String,
    /// Hosts that it asked for and that are not open to it; a port of this machine is one.
    pub unreached: Vec<AllowedHost>,
}

impl From<String> for Blame {
    fn from(why: String) -> Self {
        Self { why, unreached: Vec::new() }
    }
}

/// `None` where the sandbox is not to blame, or there was none.
pub fn blame(spec: &CommandSpec, end: &CommandEnd, summary: &OutputSummary) -> Option<Blame> {
    if end.how != ExitKind::Stopped
        && let Some(name) = end.first_put_back()
    {
        let why = format!(
            "It changed `{name}`, which git follows without a sandbox too; that was put back"
        );
        return Some(why.into());
    }
    match (spec.confinement, &end.how) {
        (Confinement::Free, _) | (_, ExitKind::Exit(0) | ExitKind::Late | ExitKind::Stopped) => {
            return None;
        }
        (_, ExitKind::Failed(why)) => {
            return why.strip_prefix(NOT_BEGUN).map(|why| format!("The sandbox{why}").into());
        }
        (_, ExitKind::Signal(BAD_CALL)) => {
            let why = "It was ended for a system call that the sandbox does not let through";
            return Some(why.to_owned().into());
        }
        (_, ExitKind::Exit(_) | ExitKind::Signal(_)) => {}
    }
    if let Some(host) = end.unreached.first() {
        let unreached = end.unreached.iter().filter_map(|host| AllowedHost::parse(host)).collect();
        let why = format!("It asked for `{host}`, which is not open to commands in the sandbox");
        return Some(Blame { why, unreached });
    }
    let text = plain(&summary.head) + "\n" + &plain(&summary.tail);
    let by_line = |line| by_words(line, spec.confinement, &spec.folder).map(Blame::from);
    missed(spec, &text)
        .map(Blame::from)
        .or_else(|| unanswered(spec, &text))
        .or_else(|| text.lines().find_map(by_line))
}

/// One sentence without a full stop on the file of the home that was hidden from a command of a
/// person's or a client's own, so that it failed. `said` is its output, as far as that was read; a
/// path among its words counts, too, since its output may have gone to the person alone.
pub fn missed_by_own(spec: &CommandSpec, how: &ExitKind, said: &[u8]) -> Option<String> {
    let failed = matches!(how, ExitKind::Exit(code) if *code != 0);
    if !failed || spec.confinement == Confinement::Free {
        return None;
    }
    let words: Vec<String> =
        spec.command.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    missed(spec, &plain(said)).or_else(|| hidden(spec, words.iter().flat_map(|word| paths(word))))
}

/// A file of the person's home that is there, and was hidden.
fn missed(spec: &CommandSpec, text: &str) -> Option<String> {
    let says = |line: &&str| {
        let lower = line.to_lowercase();
        MISSING.iter().chain(&REFUSED).any(|words| lower.contains(words))
    };
    hidden(spec, text.lines().filter(says).take(MOST_MISSING).flat_map(paths))
}

/// The first of these paths that is there, and was hidden.
#[cfg(target_os = "linux")]
fn hidden<'a>(spec: &CommandSpec, paths: impl Iterator<Item = &'a str>) -> Option<String> {
    let home = spec.home.homes.first()?;
    let whole = |path: &str| match path.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => Path::new(path).to_owned(),
    };
    let place = crate::sandbox::missed(spec, &paths.map(whole).collect::<Vec<_>>())?;
    let place = place.display();
    Some(format!(
        "It looked for `{place}`, which is hidden from commands in the sandbox; `sandbox_read = [\"{place}\"]` in your `config.toml` shows it to them"
    ))
}

/// Hidden files can be seen to be there.
#[cfg(not(target_os = "linux"))]
fn hidden<'a>(_spec: &CommandSpec, _paths: impl Iterator<Item = &'a str>) -> Option<String> {
    None
}

/// A port of the loopback that did not answer, and on which the machine itself has a program.
fn unanswered(spec: &CommandSpec, text: &str) -> Option<Blame> {
    let says = |line: &&str| {
        let lower = line.to_lowercase();
        UNANSWERED.iter().any(|words| lower.contains(words))
    };
    let mut named = text.lines().filter(says).take(MOST_MISSING).flat_map(ports).take(MOST_PORTS);
    let (first, listeners) = (named.next()?, MachineListeners::look());
    let at = std::iter::once(first)
        .chain(named)
        .find_map(|(port, families)| listeners.on_loopback(port, families))?;
    let host = AllowedHost::parse(&at.to_string())?;
    let words = host.in_words();
    let is_open = spec.grants.hosts.contains(&host) && spec.confinement == Confinement::Folder;
    let shares = spec.sandbox.shares_network();
    let refused = spec.loopback.as_ref().and_then(|loopback| loopback.unopened(at));
    Some(match (is_open, shares) {
        (false, true) => Blame {
            why: format!("It asked for {words}, which is not open to commands in the sandbox"),
            unreached: vec![host],
        },
        (false, false) => {
            format!("It asked for {words}, whose ports commands in the sandbox do not reach").into()
        }
        (true, true) => {
            let refused = refused?;
            format!("It asked for {words}, which is open and was not reached. {refused}").into()
        }
        (true, false) => format!(
            "It asked for {words}, which is open and was not reached. Commands share no network in this sandbox"
        )
        .into(),
    })
}

/// Finds numbers in a line that may be ports of the loopback device, with the families to look at:
/// `127.0.0.1:80`, `/dev/tcp/localhost/80`, `port 80`.
fn ports(line: &str) -> Vec<(u16, [IpAddr; 2])> {
    const NAMES: [&str; 3] = ["127.0.0.1", "::1", "localhost"];
    let (four, six) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
    let families: [IpAddr; 2] = if line.contains("::1") { [six, four] } else { [four, six] };
    if !NAMES.iter().any(|name| line.contains(name)) {
        return Vec::new();
    }
    let rest = NAMES.iter().fold(line.to_owned(), |line, name| line.replace(name, " "));
    rest.split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .filter(|port| *port != 0)
        .map(|port| (port, families))
        .take(MOST_PORTS)
        .collect()
}

fn by_words(line: &str, confinement: Confinement, folder: &Path) -> Option<String> {
    let lower = line.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if let Some((_, why)) = line.split_once(NOT_SET_UP) {
        return Some(format!("The sandbox{}", why.trim_end()));
    }
    if says(&NETWORK) {
        return Some("It seems to need the network, which the sandbox keeps from it".to_owned());
    }
    if says(&SERVICES) {
        return Some(
            "It seems to need another program of this machine, which the sandbox keeps it from"
                .to_owned(),
        );
    }
    if confinement == Confinement::Folder
        && says(&["read-only file system", "device or resource busy"])
        && says(&[".git/", "'.git'"])
    {
        return Some("It seems to have tried to change `.git`, which only plain git commands may do in the sandbox".to_owned());
    }
    // A secret is asked for by its name, not by whatever comes upon it.
    if !says(&REFUSED)
        || confinement == Confinement::ReadOnly
            && words(line).any(|word| is_secret(Path::new(word)))
    {
        return None;
    }
    let mut paths = paths(line).peekable();
    if confinement == Confinement::Folder
        && paths.peek().is_some()
        && paths.all(|path| is_inside(path, folder))
    {
        return None;
    }
    Some(match confinement {
        Confinement::ReadOnly => {
            "It seems to have tried to write, to read outside of the folder, or something else that the sandbox forbids".to_owned()
        }
        Confinement::Folder | Confinement::Free => {
            "It seems to have tried to write outside of the folder, or something else that the sandbox forbids".to_owned()
        }
    })
}

/// Words of a line that look like paths: absolute, in the home, or with a folder. A bare name may
/// be anywhere.
fn paths(line: &str) -> impl Iterator<Item = &str> {
    words(line).filter(|word| {
        word.len() > 1 && ["/", "~/", "./", "../"].iter().any(|start| word.starts_with(start))
    })
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| c.is_whitespace() || "'\"`‘’“”()[]<>,;:=".contains(c))
}

fn is_inside(path: &str, folder: &Path) -> bool {
    let path = Path::new(path);
    let climbs = path.components().any(|part| part == std::path::Component::ParentDir);
    !climbs && (path.starts_with(folder) || path.starts_with("."))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::protocol::Sandbox;

    fn order(confinement: Confinement) -> CommandSpec {
        let bounds = (Sandbox::Landlock, confinement);
        CommandSpec::bare(Vec::new(), "/w".into(), bounds, Duration::ZERO)
    }

    fn why(spec: &CommandSpec, end: &CommandEnd, summary: &OutputSummary) -> Option<String> {
        blame(spec, end, summary).map(|blame| blame.why)
    }

    fn guess(confinement: Confinement, how: ExitKind, text: &str) -> Option<String> {
        why(
            &order(confinement),
            &CommandEnd::new(how, 0),
            &OutputSummary { head: text.into(), gap: None, tail: Vec::new() },
        )
    }

    #[test]
    fn what_would_reach_out_of_the_sandbox_later_is_told_whether_the_command_failed_or_not() {
        for (how, blamed) in [
            (ExitKind::Exit(0), true),
            (ExitKind::Exit(1), true),
            (ExitKind::Late, true),
            (ExitKind::Stopped, false),
        ] {
            let end = CommandEnd {
                put_back: vec![".git/hooks/pre-commit".to_owned()],
                ..CommandEnd::new(how, 0)
            };
            let guess = why(
                &order(Confinement::Folder),
                &end,
                &OutputSummary { head: Vec::new(), gap: None, tail: Vec::new() },
            );
            assert_eq!(guess.is_some(), blamed, "{end:?}");
            assert!(guess.is_none_or(|guess| guess.contains("`.git/hooks/pre-commit`")));
        }
    }

    #[test]
    fn a_host_that_the_proxy_did_not_let_it_reach_is_to_blame_for_a_failure_alone() {
        for (how, blamed) in [(ExitKind::Exit(56), true), (ExitKind::Exit(0), false)] {
            let end = CommandEnd { unreached: vec!["a.org".to_owned()], ..CommandEnd::new(how, 0) };
            let guess = why(
                &order(Confinement::Folder),
                &end,
                &OutputSummary { head: Vec::new(), gap: None, tail: Vec::new() },
            );
            assert_eq!(guess.is_some_and(|guess| guess.contains("`a.org`")), blamed, "{end:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_of_the_home_that_is_hidden_is_named_with_the_way_to_open_it() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().to_owned();
        std::fs::create_dir_all(home.join(".tool/data")).unwrap();
        std::fs::create_dir_all(home.join(".ssh")).unwrap();
        let mut spec = order(Confinement::Folder);
        spec.home.homes = vec![home.clone()];
        let guess = |how, text: &str| {
            let summary = OutputSummary { head: text.into(), gap: None, tail: Vec::new() };
            why(&spec, &CommandEnd::new(how, 0), &summary)
        };
        let line =
            |name: &str| format!("cat: {}/{name}: No such file or directory", home.display());
        let summary = guess(ExitKind::Exit(1), &line(".tool/data")).unwrap();
        assert!(summary.contains("sandbox_read = [\"~/.tool\"]"), "{summary}");
        let summary = guess(ExitKind::Exit(1), "cannot open '~/.tool': Permission denied").unwrap();
        assert!(summary.contains("sandbox_read = [\"~/.tool\"]"), "{summary}");
        assert_eq!(guess(ExitKind::Exit(0), &line(".tool/data")), None);
        assert_eq!(guess(ExitKind::Exit(1), &line(".tool/none")), None);
        assert_eq!(guess(ExitKind::Exit(1), &line(".ssh")), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_port_that_only_the_machine_has_is_named_and_one_that_nobody_has_is_not() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let lines = |port: u16| {
            [
                format!("connect ECONNREFUSED 127.0.0.1:{port}"),
                format!("bash: /dev/tcp/localhost/{port}: Connection refused"),
                format!("curl: (7) Failed to connect to localhost port {port} after 0 ms"),
            ]
        };
        let guess = |line: &str| guess(Confinement::Folder, ExitKind::Exit(1), line);
        for line in lines(port) {
            assert!(guess(&line).is_some_and(|why| why.contains(&port.to_string())), "{line}");
            assert_eq!(
                guess(&line.replace("localhost", "a.org").replace("127.0.0.1", "::2")),
                None
            );
        }
        drop(listener);
        // A process that another test is just starting may hold it for a moment.
        let until = Instant::now() + Duration::from_secs(30);
        for line in lines(port) {
            while guess(&line).is_some() {
                assert!(Instant::now() < until, "{line}");
                std::thread::yield_now();
            }
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_port_of_the_machine_can_be_opened_where_commands_share_a_network() {
        use crate::sandbox::Loopback;

        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let text = format!(
            "psql: connection to server at \"localhost\" (::1), port {} failed: Connection refused",
            at.port()
        );
        let summary = OutputSummary { head: text.into_bytes(), gap: None, tail: Vec::new() };
        let port = AllowedHost::parse(&at.to_string()).unwrap();
        for sandbox in Sandbox::ALL {
            let mut spec = CommandSpec { sandbox, ..order(Confinement::Folder) };
            let blamed =
                |spec: &CommandSpec| blame(spec, &CommandEnd::new(ExitKind::Exit(2), 0), &summary);
            let closed = blamed(&spec).unwrap();
            let opens = if sandbox.shares_network() { vec![port.clone()] } else { Vec::new() };
            assert_eq!(closed.unreached, opens, "{sandbox:?}");
            // Open, and it was not to be had.
            spec.grants.hosts.push(port.clone());
            spec.loopback = Some(Loopback::default());
            let open = blamed(&spec).unwrap();
            assert!(open.unreached.is_empty() && open.why.contains("is open and"), "{open:?}");
        }
    }

    #[test]
    fn failures_of_the_sandbox_are_told_from_others() {
        use Confinement::{Folder, ReadOnly};
        for (confinement, text, blamed) in [
            (Folder, "touch: cannot touch '/etc/x': Permission denied", Some("outside")),
            (Folder, "touch: cannot touch '../x': Permission denied", Some("outside")),
            (Folder, "touch: cannot touch 'x': Permission denied", Some("outside")),
            (
                Folder,
                "PermissionError: [Errno 13] Permission denied: '/home/u/.cache/x'",
                Some("outside"),
            ),
            (Folder, "PermissionError: [Errno 13] Permission denied: '/w/data'", None),
            (Folder, "rm: cannot remove '.git/HEAD': Read-only file system", Some("change `.git`")),
            (
                Folder,
                "fatal: Unable to create '/w/.git/index.lock': Read-only file system",
                Some("change `.git`"),
            ),
            (Folder, "bash: line 1: ./run.sh: Permission denied", None),
            (Folder, "bash: /w/run.sh: Permission denied", None),
            (Folder, "open /w/../x: permission denied", Some("outside")),
            (ReadOnly, "touch: cannot touch '/w/x': Permission denied", Some("tried to write")),
            (
                Folder,
                "mkdir: cannot create directory '/usr/x': Read-only file system",
                Some("outside"),
            ),
            (Folder, "kill: (1) - Operation not permitted", Some("forbids")),
            (Folder, "curl: (6) Could not resolve host: example.com", Some("network")),
            (
                Folder,
                "fatal: unable to access 'https://github.com/x/y/': Could not resolve host: github.com",
                Some("network"),
            ),
            (ReadOnly, "grep: ./.env: Permission denied", None),
            (ReadOnly, "cat: link: Permission denied", Some("forbids")),
            (
                ReadOnly,
                "npm ERR! request to https://registry.npmjs.org/x failed, reason: getaddrinfo EAI_AGAIN",
                Some("network"),
            ),
            (
                Folder,
                "dial tcp: lookup proxy.golang.org: socket: operation not permitted",
                Some("network"),
            ),
            (Folder, "ping: socket: Operation not permitted", Some("network")),
            (
                Folder,
                "Cannot connect to the Docker daemon at unix:///var/run/docker.sock",
                Some("another program"),
            ),
            (
                Folder,
                "codling: the command was not run: the sandbox could not be set up: x",
                Some("set up"),
            ),
            (Folder, "error[E0308]: mismatched types", None),
            (Folder, "", None),
            (Folder, "test result: FAILED. 1 passed; 1 failed", None),
        ] {
            let guess = guess(confinement, ExitKind::Exit(1), &format!("some words\n{text}\nmore"));
            assert_eq!(guess.is_some(), blamed.is_some(), "{text}: {guess:?}");
            assert!(guess.unwrap_or_default().contains(blamed.unwrap_or_default()), "{text}");
        }
    }

    #[test]
    fn what_did_not_fail_or_was_free_is_not_blamed_on_it() {
        let text = "touch: cannot touch '/etc/x': Permission denied";
        for (confinement, how, blamed) in [
            (Confinement::Free, ExitKind::Exit(1), false),
            (Confinement::Folder, ExitKind::Exit(0), false),
            (Confinement::Folder, ExitKind::Late, false),
            (Confinement::Folder, ExitKind::Stopped, false),
            (Confinement::Folder, ExitKind::Failed(String::new()), false),
            (
                Confinement::Folder,
                ExitKind::Failed(
                    "The command could not be started: the sandbox could not be set up: x"
                        .to_owned(),
                ),
                true,
            ),
            (Confinement::Folder, ExitKind::Signal(6), true),
            (Confinement::Folder, ExitKind::Signal(31), true),
        ] {
            assert_eq!(
                guess(confinement, how.clone(), text).is_some(),
                blamed,
                "{confinement:?} {how:?}"
            );
        }
    }
}
