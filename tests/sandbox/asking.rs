//! `codling sandbox`, and the message if a command cannot run.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use codling::protocol::{Confinement, Sandbox};
use codling::sandbox::{ExitKind, probe};

use super::fixture::Fixture;
use crate::stage::needs::demand_sandbox;
use crate::stage::{crowd, sentences};

#[test]
fn a_cage_that_cannot_be_built_runs_nothing() {
    Fixture::each(|fixture| {
        for (command, says) in
            [(vec!["/not/there"], "No such file"), (vec!["sh\0"], sentences::NOT_STARTED)]
        {
            let mut order = fixture.order(Confinement::Folder, "");
            order.command = command.into_iter().map(Into::into).collect();
            let seen = fixture.run_order(&order);
            let told = format!("{:?} {}", seen.how, seen.text);
            assert!(told.contains(says) && seen.how != ExitKind::Exit(0), "{told}");
        }
    });
}

/// Runs the program in a folder of its own with text on standard input.
fn sandbox(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_codling");
    let mut command = Command::new(program);
    command.arg("sandbox").args(arguments).current_dir(folder).env("HOME", folder);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without reading.
    let _unread = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn a_person_can_ask_for_the_tier_and_run_a_command_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let told = sandbox(dir.path(), &[], "");
    let tier = String::from_utf8(told.stdout).unwrap();
    let found = probe(Path::new(env!("CARGO_BIN_EXE_codling")));
    assert!(
        told.status.success()
            && tier.starts_with("Tier ")
            && tier.lines().count() == 1 + found.refused.len(),
        "{tier}"
    );
    if found.sandbox == Sandbox::Absent {
        assert_eq!(sandbox(dir.path(), &["--", "true"], "").status.code(), Some(125));
    }
    demand_sandbox(Sandbox::is_present);
    for (arguments, works) in [
        (&["--", "sh", "-c", "echo made; : > new"][..], true),
        (&["--mode", "read-only", "--", "sh", "-c", "echo made; : > other"], false),
        (&["--", "sh", "-c", "echo made; : > ../other"], false),
    ] {
        let output = sandbox(dir.path(), arguments, "");
        assert_eq!(output.status.success(), works, "{arguments:?}");
        assert_eq!(output.stdout, b"made\n", "{arguments:?}");
    }
    assert!(dir.path().join("new").exists() && !dir.path().join("other").exists());
}

#[test]
fn a_command_of_ones_own_sees_no_sign_in_and_no_key() {
    let found = demand_sandbox(Sandbox::is_present);
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let settings = "[provider.acme]\nname = \"Acme\"\nbase_url = \"https://llm.acme.example/v1\"\ndialect = \"responses\"\nkey_env = \"ACME\"\nheaders = { \"X-Team\" = \"secret-header\" }\nmodels = [\"large\"]\n";
    let mut secret = vec![
        ("own/data/auth.json", "secret-sign-in"),
        ("own/data/sessions/a.jsonl", "secret-words"),
        ("own/config/config.toml", settings),
        ("home/.ssh/id_ed25519", "secret-key"),
    ];
    if found.tier() <= 2 {
        secret.push(("other/.env", "secret-neighbour"));
    }
    for (file, text) in [("work/README.md", "# Orchard\n")].iter().chain(&secret) {
        std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        std::fs::write(root.join(file), text).unwrap();
    }
    let files = secret.iter().map(|(file, _)| format!("../{file}")).collect::<Vec<_>>().join(" ");
    let line = format!("cat README.md {files}; env; ls -R ../own");
    for mode in ["auto", "read-only"] {
        let output = Command::new(env!("CARGO_BIN_EXE_codling"))
            .args(["sandbox", "--mode", mode, "--", "sh", "-c", &line])
            .current_dir(root.join("work"))
            .env("HOME", root.join("home"))
            .env("CODLING_HOME", root.join("own"))
            .env("OPENAI_API_KEY", "secret-variable")
            .env("ACME", "secret-acme")
            .env("GITHUB_TOKEN", "secret-token")
            .env("TERM", "a-persons-own")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(told.contains("# Orchard") && told.contains("TERM=a-persons-own"), "{told}");
        assert!(!told.contains("secret-"), "{mode}: {told}");
    }
}

#[test]
fn a_file_that_was_hidden_from_a_command_of_ones_own_is_named_with_the_way_to_open_it() {
    demand_sandbox(Sandbox::is_present);
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    for (file, text) in [("work/README.md", "# Orchard\n"), ("home/.tool/data", "a tool's own")] {
        std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        std::fs::write(root.join(file), text).unwrap();
    }
    let data = root.join("home/.tool/data").display().to_string();
    let run = |words: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_codling"))
            .args(["sandbox", "--"])
            .args(words)
            .current_dir(root.join("work"))
            .env("HOME", root.join("home"))
            .env("CODLING_HOME", root.join("own"))
            .output()
            .unwrap()
    };
    for words in [&["cat", &data][..], &["sh", "-c", &format!("cat {data}")]] {
        let output = run(words);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{errors}");
        assert!(errors.contains("sandbox_read = [\"~/.tool\"]"), "{errors}");
    }
    for words in [&["cat", "README.md"][..], &["cat", "/not/there"], &["true", &data]] {
        let errors = String::from_utf8_lossy(&run(words).stderr).into_owned();
        assert!(!errors.contains("sandbox_read"), "{errors}");
    }
}

#[test]
fn a_command_heeds_an_interrupt_also_where_codling_was_started_to_ignore_it() {
    demand_sandbox(Sandbox::is_present);
    let dir = tempfile::tempdir().unwrap();
    let line = "trap '' INT; exec \"$0\" sandbox -- sh -c 'kill -INT $$; echo went on'";
    let output = Command::new("sh")
        .args(["-c", line, env!("CARGO_BIN_EXE_codling")])
        .current_dir(dir.path())
        .env("HOME", dir.path())
        .output()
        .unwrap();
    assert!(output.stdout.is_empty() && !output.status.success(), "{output:?}");
}

#[test]
fn a_script_can_use_it_like_the_command_itself() {
    let dir = tempfile::tempdir().unwrap();
    let found = demand_sandbox(Sandbox::is_present);
    for (line, input, code, out, errors) in [
        ("exit 0", "", 0, "", ""),
        ("exit 7", "", 7, "", ""),
        ("exit 255", "", 255, "", ""),
        ("kill -9 $$", "", 137, "", ""),
        ("kill -TERM $$", "", 143, "", ""),
        ("cat; echo e >&2", "a\0b\n", 0, "a\0b\n", "e\n"),
        ("echo o; echo e >&2; echo p; exit 3", "", 3, "o\np\n", "e\n"),
        ("read first; cat | tr a-z A-Z", "one\ntwo\n", 0, "TWO\n", ""),
        ("head -c 3000000 /dev/zero | tr '\\0' x | wc -c", "", 0, "3000000\n", ""),
    ] {
        let output = sandbox(dir.path(), &["--", "bash", "-c", line], input);
        assert_eq!(output.status.code(), Some(code), "{line}: {output:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), out, "{line}");
        let said = String::from_utf8_lossy(&output.stderr);
        // The limits of the tier stand before the command's output.
        assert!(
            said.ends_with(errors) && (found.lacks().is_some() || said == errors),
            "{line}: {said}"
        );
    }
    for (command, code) in [("/not/there", 127), ("/etc/passwd", 126)] {
        let output = sandbox(dir.path(), &["--", command], "");
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(sentences::NOT_RUN), "{output:?}");
    }
    let folder = dir.path();
    let whole = sandbox(folder, &["--", "sh", "-c", "cat > kept; echo done"], &"x".repeat(1 << 20));
    assert_eq!(
        (whole.stdout.as_slice(), folder.join("kept").metadata().unwrap().len()),
        (&b"done\n"[..], 1 << 20)
    );
}

#[test]
fn repositories_are_kept_from_a_command_of_the_persons_own_and_what_it_left_is_said() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("work");
    std::fs::create_dir(&folder).unwrap();
    let script = "git init -q nested && cd nested && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m m";
    let made = Command::new("sh").args(["-c", script]).current_dir(&folder).output().unwrap();
    assert!(made.status.success());
    let git = folder.join("nested/.git");
    let settings = std::fs::read(git.join("config")).unwrap();
    let line = "rm -rf nested/.git/objects; git -C nested config core.fsmonitor ./x; git init -q new && git -C new config core.fsmonitor ./x";
    let kept_by = demand_sandbox(Sandbox::is_present);
    let ran = Command::new(env!("CARGO_BIN_EXE_codling"))
        .args(["sandbox", "--", "sh", "-c", line])
        .current_dir(&folder)
        .env("HOME", home.path())
        .output()
        .unwrap();
    let errors = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(0), "{errors}");
    assert!(errors.contains("new/.git/config"), "{errors}");
    assert_eq!(std::fs::read(git.join("config")).unwrap(), settings);
    assert!(!git.join("config.set-aside").exists(), "{errors}");
    assert!(git.join("objects").exists() || !kept_by.has_mounts());
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn secrets_of_other_projects_are_hidden_wherever_links_lead_to_them_and_however_much_is_beside() {
    let kept_by = demand_sandbox(Sandbox::has_mounts);
    let home = tempfile::tempdir().unwrap();
    let root = home.path().canonicalize().unwrap();
    for file in ["src/mine/x", "src/many/.env", "far/away/.env", "far/app.cfg", "src/other/x"] {
        std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
        std::fs::write(root.join(file), "A-SECRET\n").unwrap();
    }
    crowd(&root.join("src/many"), 0..6_000);
    for (to, link) in [("../../far/app.cfg", "src/other/.env"), ("../far/away", "src/linked")] {
        std::os::unix::fs::symlink(to, root.join(link)).unwrap();
    }
    let line =
        "cat ../many/.env ../other/.env ../linked/.env ../../far/away/.env ../../far/app.cfg";
    let nobody = Fixture::of_nobody(kept_by);
    let programs =
        [Some(Path::new(env!("CARGO_BIN_EXE_codling"))), nobody.as_ref().map(|it| &*it.program)];
    for program in programs.into_iter().flatten() {
        if nobody.as_ref().is_some_and(|nobody| nobody.program == program) {
            let mut all = Command::new("chown");
            assert!(all.args(["-hR", "65534:65534"]).arg(&root).status().unwrap().success());
        }
        for mode in ["auto", "read-only"] {
            let ran = Command::new(program)
                .args(["sandbox", "--mode", mode, "--", "sh", "-c", &format!("cat x; {line}")])
                .current_dir(root.join("src/mine"))
                .env("HOME", &root)
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&ran.stdout).into_owned();
            assert_eq!(told, "A-SECRET\n", "only the folder's own, in {mode}: {ran:?}");
        }
    }
}
