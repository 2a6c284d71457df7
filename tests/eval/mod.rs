//! The evaluation harness without a network: our own tasks with scripted models, and tasks that
//! must fail.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by panicking, wherever it goes wrong"
)]

mod cheating;
mod grid;
mod solutions;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use codling::demo::{Options, Script, ScriptedAnswer};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::needs::is_whole;
use crate::stage::{Account, Stage};

fn ours() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/eval/tasks")
}

/// The prompt of a task in its script.
fn scripted(stage: &Stage, task: &Path) {
    let script = Script::read(&fs::read_to_string(task.join("script.json")).unwrap()).unwrap();
    stage.stand.script_for(&script.prompts[0], script.scripted());
}

fn eval(stage: &Stage, arguments: &[&str]) -> Output {
    eval_in(tempfile::tempdir().unwrap(), stage, arguments)
}

/// With this folder for temporary files.
fn eval_in(here: TempDir, stage: &Stage, arguments: &[&str]) -> Output {
    let mut command = stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), here.path());
    command.arg("eval").args(arguments).env("TMPDIR", here.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = command.output().unwrap();
    let left: Vec<_> = fs::read_dir(here.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with("codling-eval-"))
        .collect();
    assert!(left.is_empty(), "copies are left: {left:?}");
    output
}

fn shown(output: &Output) -> String {
    format!(
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Every file below a folder with its content.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path.clone(), fs::read(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn our_tasks_pass_with_the_models_that_their_scripts_play() {
    let stage = Stage::with(Account::ChatGpt, Options::default());
    let tasks: Vec<PathBuf> =
        fs::read_dir(ours()).unwrap().map(|entry| entry.unwrap().path()).collect();
    tasks.iter().for_each(|task| scripted(&stage, task));
    let before = contents(&ours());
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("report.json");
    let folder = ours();
    let arguments = ["--jobs", "4", "--json", file.to_str().unwrap(), folder.to_str().unwrap()];
    let output = eval(&stage, &arguments);
    let told = shown(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("20 of 20 passed · "), "{told}");
    assert_eq!(told.lines().filter(|line| line.contains("  passed  ")).count(), 20, "{told}");
    let report: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!((&report["passed"], &report["of"]), (&json!(20), &json!(20)));
    assert_eq!(report["version"], 2);
    for task in report["attempts"].as_array().unwrap() {
        let (tokens, steps) = (&task["tokens"], task["steps"].as_u64().unwrap());
        assert!(steps > 0 && task["seconds"].as_f64().is_some(), "{task}");
        assert_eq!(tokens["input"], json!(1200 * steps), "{task}");
        assert_eq!(tokens["cached"], json!(900 * steps), "{task}");
        assert!(task["session"].as_str().unwrap().starts_with("ses_"), "{task}");
        assert_eq!((&task["sent"]["face"], &task["repeat"]), (&json!("own"), &json!(1)), "{task}");
    }
    assert_eq!(contents(&ours()), before, "the tasks themselves stay as they are");
    stage.stand.check().unwrap();
}

#[test]
fn a_model_that_only_says_that_it_is_done_solves_none_of_them() {
    let stage = Stage::with(Account::ApiKey, Options::default());
    let claim = "I found the cause and mended it. All tests pass now.";
    stage.stand.script_for("", std::iter::repeat_n(ScriptedAnswer::says(claim), 60));
    // Those of the benchmark take seconds, and `.ci/run tasks` tries each of them too.
    let benchmark = is_whole().then(|| ours().with_file_name("benchmark"));
    for tasks in [ours()].into_iter().chain(benchmark) {
        let kept = tempfile::tempdir().unwrap();
        let report = kept.path().join("report.json");
        let arguments = ["-j", "4", "--json", report.to_str().unwrap(), tasks.to_str().unwrap()];
        let output = eval(&stage, &arguments);
        let told = shown(&output);
        assert_eq!(output.status.code(), Some(1), "{told}");
        let attempts = attempts(&report);
        assert_eq!(attempts.len(), fs::read_dir(&tasks).unwrap().filter(is_task).count());
        for attempt in attempts {
            let result = attempt["result"].as_str().unwrap();
            assert!(["failed", "skipped"].contains(&result), "{attempt}");
        }
    }
}

fn is_task(entry: &std::io::Result<fs::DirEntry>) -> bool {
    entry.as_ref().is_ok_and(|entry| entry.path().join("task.toml").is_file())
}

struct Tasks(TempDir);

impl Tasks {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &str {
        self.0.path().to_str().unwrap()
    }

    /// A task whose prompt is its name.
    fn add(&self, name: &str, rest: &str) -> PathBuf {
        let task = self.0.path().join(name);
        fs::create_dir_all(task.join("repo")).unwrap();
        fs::write(task.join("repo/a.txt"), "a\n").unwrap();
        fs::write(task.join("task.toml"), format!("prompt = 'do {name}'\n{rest}")).unwrap();
        task
    }
}

/// Writes a file of a task, with the folders on the way to it.
fn put(task: &Path, file: &str, text: &str) {
    let path = task.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn says(text: &str) -> ScriptedAnswer {
    ScriptedAnswer::says(text)
}

/// The attempts in a report.
fn attempts(file: &Path) -> Vec<Value> {
    let report: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    report["attempts"].as_array().unwrap().clone()
}

fn reads(call: &str) -> ScriptedAnswer {
    ScriptedAnswer::calls(call, "read", &json!({ "filePath": "a.txt" }))
}

fn runs(call: &str, line: &str) -> ScriptedAnswer {
    ScriptedAnswer::calls(call, "shell", &json!({ "command": line }))
}

#[test]
fn what_is_not_solved_in_its_limits_does_not_pass() {
    let stage = Stage::with(Account::ApiKey, Options::default());
    let tasks = Tasks::new();
    let script = |name: &str, answers: Vec<ScriptedAnswer>| {
        stage.stand.script_for(&format!("do {name}"), answers)
    };
    let says = || says("Done.");
    tasks.add("broken", "check = 'true'");
    script("broken", vec![ScriptedAnswer::error(400, "invalid_prompt", "No such thing")]);
    tasks.add("endless-check", "check = 'tail -f /dev/null'\ncheck_seconds = 1");
    script("endless-check", vec![says()]);
    tasks.add("fails", "check = 'echo not so; exit 7'");
    script("fails", vec![says()]);
    let cheats = tasks.add("cheats", "check = 'sh test.sh'");
    fs::create_dir(cheats.join("check")).unwrap();
    fs::write(cheats.join("check/test.sh"), "grep -q b a.txt\n").unwrap();
    script("cheats", vec![runs("c1", "echo true > test.sh"), says()]);
    tasks.add("greedy", "check = 'true'\ntokens = 10");
    script("greedy", vec![reads("c1"), says()]);
    tasks.add("passes", "check = 'grep -q a a.txt'");
    script("passes", vec![reads("c1"), says()]);
    tasks.add("silent", "check = 'true'\nseconds = 1");
    script("silent", vec![ScriptedAnswer::stall()]);
    tasks.add("wanders", "check = 'true'\nsteps = 2");
    script("wanders", vec![reads("c1"), reads("c2"), reads("c3"), says()]);
    let output = eval(&stage, &["-j", "8", tasks.0.path().to_str().unwrap()]);
    let told = shown(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for (task, result) in [
        ("broken", "broken"),
        ("cheats", "failed"),
        ("endless-check", "check timed out"),
        ("fails", "failed"),
        ("greedy", "out of tokens"),
        ("passes", "passed"),
        ("silent", "out of time"),
        ("wanders", "out of steps"),
    ] {
        let row = told.lines().find(|line| line.starts_with(&format!("{task} "))).unwrap();
        assert!(row[task.len()..].trim_start().starts_with(result), "{row}\n{told}");
    }
    assert!(told.contains("1 of 8 passed"), "{told}");
    // It is stopped while a call of the last step runs; one request may be on its way by then.
    let asked = stage.stand.responses();
    let wandered = asked.iter().filter(|request| request.body.contains("do wanders")).count();
    assert!((2..=3).contains(&wandered), "{wandered}");
}

#[test]
fn nothing_is_asked_for_a_folder_without_tasks_or_for_nobody() {
    let stage = Stage::with(Account::ApiKey, Options::default());
    let tasks = Tasks::new();
    let path = tasks.0.path().to_str().unwrap().to_owned();
    let output = eval(&stage, &[&path]);
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(shown(&output).contains("holds no task"), "{}", shown(&output));
    tasks.add("one", "check = 'true'\nsecond = 1");
    let output = eval(&stage, &[&path]);
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    assert!(shown(&output).contains("there is no key `second`"), "{}", shown(&output));
    let task = tasks.add("one", "check = 'true'");
    let nowhere = task.join("task.toml/report.json");
    let output = eval(&stage, &["--json", nowhere.to_str().unwrap(), &path]);
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    let nobody = Stage::with(Account::Nobody, Options::default());
    let output = eval(&nobody, &[&path]);
    assert_eq!(output.status.code(), Some(3), "{}", shown(&output));
    assert!(stage.stand.responses().is_empty() && nobody.stand.responses().is_empty());
}
