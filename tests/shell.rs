//! The tool `shell` with real commands: their output, and that no process remains.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::stage::needs::demand_sandbox;
use crate::stage::{crowd, sentences};
use codling::net::{Net, NetSettings};
use codling::protocol::{CallId, CallResult, Confinement, Grant, Sandbox, SecretAccess, ToolCall};
use codling::tools::{CallSurroundings, Toolbox, ToolboxSetup};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(30);

struct Fixture {
    dir: TempDir,
    toolbox: Toolbox,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().canonicalize().unwrap();
        std::fs::create_dir(folder.join("work")).unwrap();
        let toolbox = Toolbox::new(ToolboxSetup {
            folder: folder.join("work"),
            private: Vec::new(),
            own: vec![folder.join("data")],
            hidden: Vec::new(),
            outputs: folder.join("outputs"),
            lent: Vec::new(),
            skills: None,
            kept_caches: None,
            closed: Vec::new(),
            home: None,
            withheld: Vec::new(),
            net: Net::new(NetSettings { ca_file: None, node_ca_file: None }),
            program: env!("CARGO_BIN_EXE_codling").into(),
        });
        Self { dir, toolbox }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("work").join(name)
    }

    async fn run(&self, line: &str, more: &str) -> CallResult {
        self.toolbox
            .run(
                &call(line, more),
                Grant::within(Confinement::Free),
                Arc::new(drop),
                CallSurroundings::default(),
            )
            .await
    }

    /// The process id that a command wrote into a file, once it is there.
    async fn pid(&self, name: &str) -> String {
        let path = self.path(name);
        until(|| std::fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n'))).await;
        std::fs::read_to_string(&path).unwrap().trim().to_owned()
    }
}

/// `more` are further arguments: `, "timeout": 5`.
fn call(line: &str, more: &str) -> ToolCall {
    let line = line.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    ToolCall {
        id: CallId::from("call_1"),
        name: "shell".to_owned(),
        arguments: format!("{{\"command\": \"{line}\"{more}}}"),
    }
}

/// The result without the duration, which depends on the load.
fn text(ran: &CallResult) -> String {
    let (head, rest) = ran.output.text.split_once('\n').unwrap();
    format!("{}\n{rest}", head.split(" after ").next().unwrap())
}

/// Polls, and does other work in between.
async fn until(holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LIMIT, "it never came to that");
        // A short pause, so that the waiting test leaves the processor to the others.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Whether a process has ended and is not even a zombie.
fn is_gone(pid: &str) -> bool {
    rustix::process::test_kill_process(
        rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap(),
    )
    .is_err()
}

#[tokio::test]
async fn a_command_is_answered_with_its_end_and_its_output_in_order() {
    let fixture = Fixture::new();
    for (line, more, wanted) in [
        ("echo a; echo b >&2; echo c", "", "Exit code 0\n\na\nb\nc\n"),
        ("exit 3", "", "Exit code 3\n\n(no output)"),
        ("kill -9 $$", "", "Ended by signal 9\n\n(no output)"),
        ("pwd | sed 's,.*/,,'", ", \"workdir\": \".\"", "Exit code 0\n\nwork\n"),
        (
            "echo $CODLING $TERM $PAGER $GIT_EDITOR $NO_COLOR",
            "",
            "Exit code 0\n\n1 dumb cat false 1\n",
        ),
        ("printf '\\033[31mred\\033[0m 1%%\\r2%%\\n'", "", "Exit code 0\n\n2%\n"),
        ("-not-an-option 2>/dev/null", "", "Exit code 127\n\n(no output)"),
        ("printf 'no line end'", "", "Exit code 0\n\nno line end"),
    ] {
        let ran = fixture.run(line, more).await;
        assert_eq!(text(&ran), wanted, "{line}");
        assert_eq!(ran.output.ok, wanted.starts_with("Exit code 0"), "{line}");
        assert_eq!(ran.blocked, None);
    }
}

#[tokio::test]
async fn whoever_wants_to_ask_fails_at_once() {
    let fixture = Fixture::new();
    for line in [
        "read answer",
        "cat > /dev/tty",
        "tty",
        "test -t 0 || test -t 1 || test -t 2",
        "git commit",
        "${EDITOR} file",
    ] {
        let start = Instant::now();
        let ran = fixture.run(line, "").await;
        assert!(!ran.output.ok, "{line}: {}", ran.output.text);
        assert!(start.elapsed() < LIMIT, "{line}");
    }
}

#[tokio::test]
async fn a_command_that_takes_too_long_is_ended_with_its_children() {
    let fixture = Fixture::new();
    let line = "trap '' TERM; (setsid sleep 600 > /dev/null 2>&1 & echo $! > far); sleep 600 & echo $! > near; echo begun; wait; sleep 600";
    let ran = fixture.run(line, ", \"timeout\": 3000").await;
    assert!(ran.output.text.starts_with(sentences::TOLD_TOOK_TOO_LONG), "{}", ran.output.text);
    assert!(ran.output.text.ends_with("begun\n") && !ran.output.ok);
    assert!(is_gone(&fixture.pid("near").await) && is_gone(&fixture.pid("far").await));
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_is_ended_with_its_children() {
    let fixture = Fixture::new();
    let line = "(setsid sleep 600 > /dev/null 2>&1 & echo $! > far); echo $$ > own; sleep 600 & echo $! > near; wait";
    let pids = tokio::select! {
        _ = fixture.run(line, "") => panic!("it was to be left"),
        pids = async { [fixture.pid("own").await, fixture.pid("near").await, fixture.pid("far").await] } => pids,
    };
    for pid in &pids {
        until(|| is_gone(pid)).await;
    }
}

#[tokio::test]
async fn what_a_command_leaves_in_the_background_is_ended_and_told() {
    let fixture = Fixture::new();
    let ran = fixture.run("sleep 600 & echo $! > near; (setsid sleep 600 & ); echo done", "").await;
    assert_eq!(text(&ran), sentences::TOLD_PROCESSES_ENDED);
    assert!(is_gone(&fixture.pid("near").await));
    let ran = fixture.run("(sleep 0.05; echo late) & echo done", "").await;
    assert_eq!(text(&ran), "Exit code 0\n\ndone\nlate\n");
}

#[tokio::test]
async fn a_long_output_is_told_by_its_ends_and_kept_whole() {
    let fixture = Fixture::new();
    let ran = fixture.run("seq 200000", "").await;
    let text = &ran.output.text;
    assert!(
        text.starts_with("Exit code 0")
            && text.contains("\n1\n2\n3\n")
            && text.ends_with("\n199999\n200000\n"),
        "{text}"
    );
    assert!(text.len() < 40_000 && text.contains(sentences::TOLD_LINES_LEFT_OUT), "{text}");
    let kept = std::fs::read_to_string(fixture.dir.path().join("outputs/call_1.txt")).unwrap();
    assert_eq!(kept, (1..=200_000).map(|line| format!("{line}\n")).collect::<String>());
}

#[tokio::test]
async fn progress_is_heard_while_a_command_runs() {
    let fixture = Fixture::new();
    let heard: Arc<Mutex<Vec<String>>> = Arc::default();
    let progress = {
        let heard = Arc::clone(&heard);
        Arc::new(move |tail| heard.lock().unwrap().push(tail))
    };
    let call = call("echo one; echo two; until test -e go; do sleep 0.01; done", "");
    let running = fixture.toolbox.run(
        &call,
        Grant::within(Confinement::Free),
        progress,
        CallSurroundings::default(),
    );
    let letting_go = async {
        until(|| heard.lock().unwrap().last().is_some_and(|tail| tail == "one\ntwo\n")).await;
        std::fs::write(fixture.path("go"), "").unwrap();
    };
    let (ran, ()) = tokio::join!(running, letting_go);
    assert!(ran.output.ok);
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces: Landlock alone tells less")]
async fn a_failure_of_the_sandbox_is_told_apart() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    for (line, blamed) in [
        ("touch ../x", true),
        ("touch x", false),
        ("false", false),
        // An address of documentation: nothing leaves the machine even without a sandbox.
        ("exec 3<>/dev/tcp/192.0.2.1/1", true),
        // No program listens there, on the machine either.
        ("exec 3<>/dev/tcp/127.0.0.1/1", false),
    ] {
        let ran = fixture
            .toolbox
            .run(
                &call(line, ""),
                Grant::within(Confinement::Folder),
                Arc::new(drop),
                CallSurroundings::default(),
            )
            .await;
        assert_eq!(ran.blocked.is_some(), blamed, "{line}: {}", ran.output.text);
    }
}

#[tokio::test]
async fn what_nobody_was_asked_about_sees_no_secrets_and_follows_no_link_out() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    std::fs::create_dir(fixture.path("deploy")).unwrap();
    for (file, text) in [
        (".env", "KEY=apples"),
        ("deploy/server.pem", "KEY=pears"),
        ("plain.txt", "KEY=plums"),
        ("../diary", "KEY=cherries"),
    ] {
        std::fs::write(fixture.path(file), text).unwrap();
    }
    std::os::unix::fs::symlink("../diary", fixture.path("notes")).unwrap();
    let line = "cat notes; grep -rh KEY .; cat .e*; find . -name '*.pem' -exec cat {} +; true";
    let all = Grant { secrets: SecretAccess::All, ..Grant::within(Confinement::ReadOnly) };
    for (leave, seen) in [
        (Grant::within(Confinement::ReadOnly), ["plums"].as_slice()),
        (Grant::within(Confinement::Folder), &["plums"]),
        (all, &["apples", "cherries", "pears", "plums"]),
        (Grant::within(Confinement::Free), &["apples", "cherries", "pears", "plums"]),
    ] {
        let ran = fixture
            .toolbox
            .run(&call(line, ""), leave, Arc::new(drop), CallSurroundings::default())
            .await;
        let found: Vec<&str> = ["apples", "cherries", "pears", "plums"]
            .into_iter()
            .filter(|word| ran.output.text.contains(word))
            .collect();
        assert_eq!(found, seen, "{leave:?}: {}", ran.output.text);
    }
    let ran = fixture
        .toolbox
        .run(
            &call("cat notes", ""),
            Grant::within(Confinement::ReadOnly),
            Arc::new(drop),
            CallSurroundings::default(),
        )
        .await;
    assert!(ran.blocked.is_some(), "a link that leads out is offered to a person");
    let ran = fixture
        .toolbox
        .run(
            &call("grep -r KEY .", ""),
            Grant::within(Confinement::ReadOnly),
            Arc::new(drop),
            CallSurroundings::default(),
        )
        .await;
    assert!(
        ran.blocked.is_none() && ran.output.text.contains("plain.txt:KEY=plums"),
        "{}",
        ran.output.text
    );
}

#[tokio::test]
async fn conversations_are_hidden_but_for_the_outputs_that_the_model_was_told_of() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    let around = fixture.dir.path().canonicalize().unwrap();
    for (folder, text) in [("data/sessions", "KEY=apples"), ("outputs", "KEY=pears")] {
        std::fs::create_dir_all(around.join(folder)).unwrap();
        std::fs::write(around.join(folder).join("file"), text).unwrap();
    }
    let line = "cat ../outputs/file ../data/sessions/file; ls ../data; stat -c %n ../data";
    let ran = fixture
        .toolbox
        .run(
            &call(line, ""),
            Grant::within(Confinement::Folder),
            Arc::new(drop),
            CallSurroundings::default(),
        )
        .await;
    let text = &ran.output.text;
    assert!(
        text.contains("pears") && !text.contains("apples") && text.contains("\n../data\n"),
        "{text}"
    );
}

#[tokio::test]
async fn what_cannot_be_hidden_is_not_run() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    std::fs::write(fixture.path(".env"), "TOKEN=apples").unwrap();
    std::fs::write(fixture.path("plain"), "TOKEN=plums").unwrap();
    for (beside, blocked) in [(0..1_100, false), (1_100..17_000, true)] {
        crowd(&fixture.path(""), beside);
        // If it can be covered, the number of files beside it does not matter.
        let blocked = blocked
            && codling::sandbox::found(env!("CARGO_BIN_EXE_codling").as_ref()).sandbox
                == codling::protocol::Sandbox::Landlock;
        let ran = fixture
            .toolbox
            .run(
                &call("grep -r TOKEN .", ""),
                Grant::within(Confinement::ReadOnly),
                Arc::new(drop),
                CallSurroundings::default(),
            )
            .await;
        assert_eq!(ran.blocked.is_some(), blocked, "{ran:?}");
        assert!(!ran.output.text.contains("apples"), "{}", ran.output.text);
        assert_eq!(ran.output.text.contains("plums"), !blocked, "{}", ran.output.text);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
async fn only_plain_git_commands_may_change_what_git_keeps() {
    demand_sandbox(|sandbox| sandbox == Sandbox::Namespaces);
    let fixture = Fixture::new();
    let begin = "git init -q . && echo x > file && git add file && git -c user.name=a -c user.email=b commit -qm first";
    assert!(fixture.run(begin, "").await.output.ok);
    let kept = Grant::within(Confinement::Folder);
    for line in [
        "rm -rf .git/objects",
        "git gc --prune=now",
        "git update-ref -d HEAD",
        "mv .git x",
        "git config a.b c",
    ] {
        let ran = fixture
            .toolbox
            .run(&call(line, ""), kept, Arc::new(drop), CallSurroundings::default())
            .await;
        assert!(
            !ran.output.ok && fixture.path(".git/HEAD").exists(),
            "{line}: {}",
            ran.output.text
        );
    }
    let writable = Grant { git: codling::protocol::GitAccess::Writable, ..kept };
    let line = "echo y > file && git add file && git -c user.name=a -c user.email=b commit -qm second && git switch -qc other && git status";
    let ran = fixture
        .toolbox
        .run(&call(line, ""), writable, Arc::new(drop), CallSurroundings::default())
        .await;
    assert!(ran.output.ok, "{}", ran.output.text);
    let ran = fixture
        .toolbox
        .run(&call("git config a.b c", ""), writable, Arc::new(drop), CallSurroundings::default())
        .await;
    assert!(!ran.output.ok, "{}", ran.output.text);
    assert!(fixture.run("git fsck && git log --oneline | wc -l | grep -qx 2", "").await.output.ok);
}

#[tokio::test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces: Landlock alone tells less")]
async fn what_runs_later_cannot_be_changed_and_is_told_of_where_it_came() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_codling"));
    let tier = codling::sandbox::found(program).sandbox.tier();
    let places = [
        ".cargo/config.toml",
        ".claude/settings.json",
        ".codling/config.toml",
        ".envrc",
        ".husky/pre-commit",
        ".mcp.json",
        ".vscode/tasks.json",
        "AGENTS.md",
    ];
    for place in places {
        let fixture = Fixture::new();
        let folder = place.split_once('/').map_or(".", |(folder, _)| folder);
        let line = format!("mkdir -p {folder}; echo x >> {place} && echo written");
        let run = || async {
            let kept = Grant::within(Confinement::Folder);
            fixture
                .toolbox
                .run(&call(&line, ""), kept, Arc::new(drop), CallSurroundings::default())
                .await
        };
        let ran = run().await;
        let told = ran.notice.clone().unwrap_or_default();
        let named =
            if place.starts_with(".cargo") { place } else { place.split('/').next().unwrap() };
        assert!(told.ends_with(&format!("(`{named}`)")), "{place}: {told} {}", ran.output.text);
        let ran = run().await;
        // Without mounts nothing is read-only.
        assert_eq!(ran.output.text.contains("written"), tier > 2, "{place}: {}", ran.output.text);
        assert_eq!(ran.notice, None, "{place}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
async fn the_secrets_of_other_projects_are_hidden_where_that_can_be_done() {
    demand_sandbox(Sandbox::has_mounts);
    let fixture = Fixture::new();
    let other = fixture.path("..").canonicalize().unwrap().join("other");
    std::fs::create_dir(&other).unwrap();
    for name in [".env", "server.pem", "id_rsa", "secrets.yml"] {
        std::fs::write(other.join(name), "TOKEN=plums").unwrap();
    }
    std::fs::write(other.join("README"), "pears").unwrap();
    let line = "cd ../other; cat .env server.pem id_rsa secrets.yml; ls -a; cat README";
    for (confinement, hidden) in
        [(Confinement::Folder, true), (Confinement::ReadOnly, true), (Confinement::Free, false)]
    {
        let leave = Grant { secrets: SecretAccess::All, ..Grant::within(confinement) };
        let ran = fixture
            .toolbox
            .run(&call(line, ""), leave, Arc::new(drop), CallSurroundings::default())
            .await;
        assert_eq!(!ran.output.text.contains("plums"), hidden, "{}", ran.output.text);
        assert!(
            ran.output.text.contains("pears") && ran.output.text.contains(".env"),
            "{}",
            ran.output.text
        );
    }
}
