//! Systems that refuse a part of the best sandbox: which tier is found, that it says so, and that a
//! command runs in it.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use codling::protocol::{Sandbox, SharedNamespaces};
use tempfile::TempDir;

use crate::stage::needs::{demand_root, demand_sandbox};
use crate::stage::sentences;
use crate::stage::until;

/// How long a program may take to start on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// The output of `codling sandbox` and of a command in it, started with `words` in front.
struct Told {
    tier: String,
    run: String,
}

/// A world-writable folder with the program in it. Root makes refusals, from tier 1.
fn folder() -> TempDir {
    demand_root();
    demand_sandbox(|sandbox| sandbox == Sandbox::Namespaces);
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let copy = dir.path().join("codling");
    fs::hard_link(env!("CARGO_BIN_EXE_codling"), &copy)
        .or_else(|_| fs::copy(env!("CARGO_BIN_EXE_codling"), &copy).map(drop))
        .unwrap();
    dir
}

const NOBODY: &str = "setpriv --reuid 65534 --regid 65534 --clear-groups";
const COMMAND: &str = "sandbox -- sh -c 'echo ran; touch ../escape || echo kept'";

/// Runs in a user namespace with all users: its root runs `first`, and `inside` are the arguments
/// that run a command.
fn in_namespace(dir: &Path, first: &str, inside: &str) -> Told {
    let run = |arguments: &str| {
        let line = format!("{first}; cd {0}; exec {NOBODY} {0}/codling {arguments}", dir.display());
        let mut command = Command::new("unshare");
        // A program started as root there has root's rights.
        command
            .args(["-U", "-m", "sh", "-c", "read go; exec sh -c \"$1\"", "sh", &line])
            .env("HOME", dir);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let own = fs::read_link("/proc/self/ns/user").unwrap();
        until(LIMIT, "it has a namespace of its own", || {
            fs::read_link(format!("/proc/{}/ns/user", child.id())).unwrap() != own
        });
        for map in ["uid_map", "gid_map"] {
            fs::write(format!("/proc/{}/{map}", child.id()), "0 0 65536").unwrap();
        }
        child.stdin.take().unwrap().write_all(b"go\n").unwrap();
        let output = child.wait_with_output().unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    Told { tier: run("sandbox"), run: run(inside) }
}

fn limit(kind: &str) -> String {
    format!("echo 0 > /proc/sys/user/max_{kind}_namespaces")
}

fn assert_told(told: &Told, wanted: Sandbox, because: &str, name: &str) {
    let first = format!("Tier {} of 4 ({}). ", wanted.tier(), wanted.as_str());
    assert!(
        told.tier.starts_with(&first) && told.tier.contains(wanted.lacks().unwrap()),
        "{name}: {}",
        told.tier
    );
    assert!(
        told.tier.contains("Refused here: ") && told.tier.contains(because),
        "{name}: {}",
        told.tier
    );
    assert!(told.run.contains("ran\n") && told.run.contains("kept\n"), "{name}: {}", told.run);
    assert!(told.run.contains(wanted.lacks().unwrap()), "{name}: {}", told.run);
}

#[test]
#[ignore = "needs root; `.ci/run` runs it there"]
fn a_refused_stage_leads_to_the_next_best_and_is_named() {
    use Sandbox::{Landlock, NamespacesBut};
    use SharedNamespaces::{Both, Network, Processes};

    let dir = folder();
    let both = format!("{}; {}", limit("net"), limit("pid"));
    // Mounts over parts of `/proc`, as in containers, keep others from being mounted.
    let masked = "mount -t tmpfs none /proc/sys".to_owned();
    for (name, first, wanted, because) in [
        ("no user namespaces", limit("user"), Landlock, sentences::STAGE_USERS),
        ("no mount namespaces", limit("mnt"), Landlock, sentences::STAGE_MOUNTS),
        ("no network namespaces", limit("net"), NamespacesBut(Network), sentences::STAGE_NETWORK),
        (
            "no process namespaces",
            limit("pid"),
            NamespacesBut(Processes),
            sentences::STAGE_PROCESSES,
        ),
        ("neither", both, NamespacesBut(Both), "a namespace of"),
        ("a masked /proc", masked, NamespacesBut(Processes), sentences::STAGE_PROC),
    ] {
        assert_told(&in_namespace(dir.path(), &first, COMMAND), wanted, because, name);
        assert!(!dir.path().parent().unwrap().join("escape").exists(), "{name}");
    }
}

#[test]
#[ignore = "needs root; `.ci/run` runs it there"]
fn where_a_filter_or_a_changed_root_refuses_them_there_is_another_tier() {
    let dir = folder();
    let run = |words: &str, arguments: &str| {
        let line = format!("{words} {}/codling {arguments}", dir.path().display());
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(dir.path())
            .env("HOME", dir.path())
            .env("CODLING_HOME", dir.path().join("own"))
            .output()
            .unwrap();
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    };
    // The sandbox itself is such a filter.
    let inner = format!("{}/codling sandbox --", dir.path().display());
    let mounted =
        "unshare -m sh -c 'mkdir -p root && mount --rbind / root && exec chroot root \"$@\"' sh";
    let without_network = Sandbox::NamespacesBut(SharedNamespaces::Network);
    // With open hosts a command would otherwise not start at all.
    let own = dir.path().join("own");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("config.toml"), "sandbox_network = [\"a.org\"]\n").unwrap();
    for (name, words, wanted, because) in [
        ("a filter", inner.clone(), Sandbox::Landlock, "namespaces: "),
        (
            "a filter, for an ordinary user",
            format!("{NOBODY} {inner}"),
            Sandbox::Landlock,
            "namespaces: ",
        ),
        (
            "root without its rights",
            "setpriv --bounding-set -sys_admin".to_owned(),
            Sandbox::Landlock,
            "namespaces: ",
        ),
        (
            "root without rights over the network",
            "setpriv --bounding-set -net_admin".to_owned(),
            without_network,
            "its loopback device: ",
        ),
        ("a changed root", format!("{mounted} {NOBODY}"), Sandbox::Landlock, "namespaces: "),
    ] {
        let told = Told { tier: run(&words, "sandbox"), run: run(&words, COMMAND) };
        assert_told(&told, wanted, because, name);
    }
}

#[test]
#[ignore = "needs root; `.ci/run` runs it there"]
fn without_a_namespace_of_ipc_a_filter_takes_its_place() {
    let dir = folder();
    let line = "sandbox -- sh -c 'ipcmk -M 64 && echo made; echo ran'";
    let told = in_namespace(dir.path(), &limit("ipc"), line);
    assert!(told.tier.starts_with("Tier 1 of 4 (namespaces). It lacks nothing"), "{}", told.tier);
    assert!(told.run.contains("ran\n") && !told.run.contains("made"), "{}", told.run);
    let told = in_namespace(dir.path(), "true", line);
    assert!(told.run.contains("made\nran\n"), "{}", told.run);
}
