//! Secrets in commands that nobody approved: none of the repository's and none of the person's.
//! With the real kernel and the real git.

use std::fs;
use std::path::Path;
use std::process::Command;

use codling::demo::ScriptedAnswer;
use codling::protocol::Sandbox;

use crate::agent::fixture::Fixture;
use crate::stage::needs::{demand, demand_sandbox};
use crate::stage::sentences;

const SECRET: &str = "hunter2hunter2";

fn git(folder: &Path, words: &[&str]) {
    let words = ["-c", "user.name=A", "-c", "user.email=a@b"].iter().chain(words);
    assert!(Command::new("git").args(words).current_dir(folder).status().unwrap().success());
}

#[test]
fn a_secret_that_was_committed_and_removed_is_not_shown_unasked() {
    demand_sandbox(Sandbox::is_present);
    for mode in ["read-only", "ask", "auto"] {
        let fixture = Fixture::new();
        git(&fixture.folder(), &["init", "-q", "-b", "main"]);
        fixture.write("a.txt", "one\n");
        fixture.write(".env", &format!("KEY={SECRET}\n"));
        git(&fixture.folder(), &["add", "-A"]);
        git(&fixture.folder(), &["commit", "-qm", "first"]);
        git(&fixture.folder(), &["rm", "-q", ".env"]);
        git(&fixture.folder(), &["commit", "-qm", "remove the key"]);
        fixture.write("server.key", SECRET);
        git(&fixture.folder(), &["add", "-A"]);
        let lines = [
            "git log -p",
            "git show HEAD~1",
            "git grep KEY HEAD~1; git show",
            "git diff HEAD~1 | cat",
            "git diff",
            "echo HEAD~1:.en? | git cat-file --batch",
            "git log --stat",
        ];
        let ids = ["c0", "c1", "c2", "c3", "c4", "c5", "c6"];
        let calls = lines.iter().zip(ids).map(|(line, id)| ScriptedAnswer::runs(id, line));
        fixture.script(calls.chain([ScriptedAnswer::says("Seen.")]));
        let told = fixture.run(&["--approval-mode", mode, "what was committed?"]);
        assert!(told.status.code().is_some(), "{told:?}");
        for (line, id) in lines.iter().zip(ids) {
            let output = fixture.output(id);
            assert!(!output.contains(SECRET), "{line}: {output}");
            assert_eq!(
                output.contains("told to leave out"),
                !line.contains("cat-file") && !line.contains("--stat"),
                "{line}: {output}"
            );
        }
        let log = fixture.output("c0");
        assert!(log.contains("remove the key") && log.contains("+one"), "{log}");
        assert!(fixture.output("c6").contains(".env"), "{}", fixture.output("c6"));
    }
}

#[test]
fn the_login_profile_gives_its_paths_to_a_command_and_not_its_secrets() {
    demand_sandbox(Sandbox::is_present);
    demand(Path::new("/bin/bash").is_file(), "`/bin/bash`: install it");
    let fixture = Fixture::new();
    let home = fixture.outside().join("home");
    fs::create_dir(&home).unwrap();
    let profile = "echo profile was here\nread answer\nexport TOOLS_AT=/opt/tools GITHUB_TOKEN=hunter2\n\
                   export DATABASE_URL=postgres://app:hunter2@db/app\nunset TAKEN\necho x >> ~/heard\n";
    fs::write(home.join(".bash_profile"), profile).unwrap();
    let line = "env; . ~/.bash_profile; env | grep -c hunter2";
    let again = "env | grep -e TOOLS_AT -e hunter2";
    fixture.script([
        ScriptedAnswer::runs("c1", line),
        ScriptedAnswer::runs("c2", again),
        ScriptedAnswer::says("Seen."),
    ]);
    let told = fixture
        .command(&["--approval-mode", "auto", "look around"])
        .env("HOME", &home)
        .env("SHELL", "/bin/bash")
        .env("PATH", std::env::var_os("PATH").unwrap())
        .envs([("TAKEN", "1"), ("KEPT", "2"), ("GITHUB_TOKEN", "hunter2")])
        .output()
        .unwrap();
    assert!(told.status.success(), "{told:?}");
    let output = fixture.output("c1");
    let has = |line: &str| output.lines().any(|shown| shown == line);
    assert!(has("TOOLS_AT=/opt/tools") && has("KEPT=2") && !has("TAKEN=1"), "{output}");
    assert!(!output.contains("hunter2") && !output.contains("profile was here"), "{output}");
    let again = fixture.output("c2");
    assert!(again.contains("TOOLS_AT=/opt/tools") && !again.contains("hunter2"), "{again}");
    assert_eq!(fs::read_to_string(home.join("heard")).unwrap(), "x\n", "it is read once");
}

#[test]
fn a_profile_that_fails_is_told_once_and_commands_run_without_it() {
    demand_sandbox(Sandbox::is_present);
    demand(Path::new("/bin/bash").is_file(), "`/bin/bash`: install it");
    for profile in ["exit 3\n", "exec sleep 1000\n", "kill -9 $$\n", "exec true\n"] {
        let fixture = Fixture::new();
        let home = fixture.outside().join("home");
        fs::create_dir(&home).unwrap();
        fs::write(home.join(".bash_profile"), profile).unwrap();
        fixture.script([
            ScriptedAnswer::runs("c1", "echo [$KEPT]"),
            ScriptedAnswer::runs("c2", "echo [$KEPT]"),
            ScriptedAnswer::says("Seen."),
        ]);
        let told = fixture
            .command(&["--approval-mode", "auto", "look around"])
            .env("HOME", &home)
            .envs([("SHELL", "/bin/bash"), ("KEPT", "2")])
            .stderr(std::process::Stdio::piped())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&told.stderr);
        assert!(told.status.success(), "{profile}: {said}");
        for id in ["c1", "c2"] {
            assert!(fixture.output(id).contains("[2]"), "{profile}: {}", fixture.output(id));
        }
        assert_eq!(said.matches(sentences::FAILED_PROFILE).count(), 1, "{profile}: {said}");
    }
}
