//! Grids of models, efforts and tools, evaluations that are cut off and resumed, and how copies are
//! set up.

use super::*;

#[test]
fn every_combination_is_asked_as_it_says_and_has_a_row() {
    let stage = Stage::with(Account::ApiKey, Options::default());
    let tasks = Tasks::new();
    tasks.add("one", "check = 'true'\nmodel = 'not-asked'");
    tasks.add("two", "check = 'true'");
    stage.stand.script_for("do one", std::iter::repeat_n(says("Done."), 8));
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("report.json");
    let grid =
        ["-m", "gpt-5.5,gpt-6-sol", "--effort", "low,high", "--face", "codex,own", "--only", "on*"];
    let output = eval(
        &stage,
        &[&grid[..], &["-j", "4", "--json", file.to_str().unwrap(), tasks.path()]].concat(),
    );
    let told = shown(&output);
    let found = attempts(&file);
    assert_eq!(output.status.code(), Some(0), "{told}{found:#?}");
    assert!(told.contains("8 of 8 passed"), "{told}");
    let mut asked: Vec<(String, String, bool)> = Vec::new();
    for request in stage.stand.responses() {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let tools = body["tools"].as_array().unwrap().iter();
        let is_codex = tools.clone().any(|tool| tool["name"] == "exec_command");
        asked.push((text(&body["model"]), text(&body["reasoning"]["effort"]), is_codex));
    }
    let mut told_of = Vec::new();
    for attempt in &found {
        let sent = &attempt["sent"];
        for part in ["model", "effort", "face"] {
            assert_eq!(attempt[part], sent[part], "{attempt}");
        }
        let text = |part: &str| sent[part].as_str().unwrap().to_owned();
        told_of.push((text("model"), text("effort"), text("face") == "codex"));
        let name = format!("{} {} {}", text("model"), text("effort"), text("face"));
        assert!(told.lines().any(|line| line.starts_with(&format!("{name}  "))), "{name}: {told}");
    }
    asked.sort();
    told_of.sort();
    assert_eq!((asked.len(), &asked), (8, &told_of));
}

#[test]
fn an_evaluation_that_is_stopped_tells_what_was_done_by_then_and_is_resumed_without_that() {
    let stage = Stage::with(Account::ApiKey, Options::default());
    let tasks = Tasks::new();
    tasks.add("first", "check = 'true'");
    tasks.add("second", "check = 'true'");
    stage.stand.script_for("do first", [says("Done."), says("Again.")]);
    stage.stand.script_for("do second", [ScriptedAnswer::stall(), says("Done."), says("Again.")]);
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("report.json");
    let report = ["-j", "1", "--json", file.to_str().unwrap(), tasks.path()];
    let mut command = stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), kept.path());
    command.arg("eval").args(report).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let asks = |request: &codling::demo::SeenRequest| request.body.contains("do second");
    assert!(stage.stand.wait_for(asks, Duration::from_secs(30)).is_some());
    // The report is there while the second attempt runs.
    assert_eq!(attempts(&file).len(), 1);
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = shown(&output);
    assert_eq!(output.status.code(), Some(130), "{told}");
    assert!(told.contains("first  passed") && told.contains("1 of 2 passed"), "{told}");
    let before = stage.stand.responses().len();
    let again = ["--resume", file.to_str().unwrap(), "--repeat", "2"];
    let output = eval(&stage, &[&again[..], &report[..]].concat());
    let told = shown(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("4 of 4 passed"), "{told}");
    assert_eq!(stage.stand.responses().len(), before + 3);
    let sessions: std::collections::BTreeSet<String> =
        attempts(&file).iter().map(|attempt| attempt["session"].to_string()).collect();
    assert_eq!(sessions.len(), 4);
    // Nothing is missing any more.
    let output = eval(&stage, &[&again[..], &report[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
    assert_eq!(stage.stand.responses().len(), before + 3);
    fs::write(&file, r#"{"version":1,"tasks":[]}"#).unwrap();
    let output = eval(&stage, &[&again[..], &report[..]].concat());
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
}

#[test]
fn a_task_whose_program_is_missing_is_skipped_and_is_no_success_by_itself() {
    let stage = Stage::with(Account::ApiKey, Options::default());
    let tasks = Tasks::new();
    tasks.add("lacking", "check = 'true'\nneeds = ['sh', 'no-such-program']");
    tasks.add("whole", "check = 'true'\nneeds = ['sh']");
    stage.stand.script_for("do whole", [says("Done.")]);
    let output = eval(&stage, &[tasks.path()]);
    let told = shown(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("1 of 1 passed · 1 skipped"), "{told}");
    assert!(told.contains("no-such-program"), "{told}");
    let output = eval(&stage, &["--only", "lacking", tasks.path()]);
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    assert_eq!(stage.stand.responses().len(), 1);
}

#[test]
fn a_copy_is_set_up_with_a_repository_and_the_check_gets_the_answer_and_the_commit() {
    let stage = Stage::with(Account::ApiKey, Options::default());
    let tasks = Tasks::new();
    tasks.add(
        "set-up",
        r#"check = '''
test "$(git rev-parse HEAD)" = "$CODLING_EVAL_START" \
  && test "$(git rev-list --count HEAD)" = 2 \
  && git rev-parse -q --verify other && git diff --quiet HEAD -- b.txt \
  && git log --format=%an | grep -qx "codling eval" \
  && grep -qx more a.txt && grep -qx 42 "$CODLING_EVAL_ANSWER" && ! test -e ../answer.md
'''
[setup]
run = "set -e; echo b > b.txt; git add .; git commit -qm two; git branch other; echo more >> a.txt"
"#,
    );
    tasks.add(
        "bare",
        "check = '! test -e .git && test -z \"$CODLING_EVAL_START\"'\n[setup]\ngit = false",
    );
    tasks.add("unlucky", "check = 'true'\n[setup]\nrun = 'echo no luck; exit 3'");
    tasks.add("slow", "check = 'true'\n[setup]\nrun = 'tail -f /dev/null'\nseconds = 1");
    stage.stand.script_for("do set-up", [says("41\n"), says("42\n")]);
    stage.stand.script_for("do bare", [says("Done.")]);
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("report.json");
    let output = eval(&stage, &["-j", "2", "--json", file.to_str().unwrap(), tasks.path()]);
    let told = shown(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let results: Vec<(String, String)> = attempts(&file)
        .iter()
        .map(|attempt| (attempt["task"].to_string(), attempt["result"].to_string()))
        .collect();
    let expected =
        [("bare", "passed"), ("set-up", "failed"), ("slow", "broken"), ("unlucky", "broken")];
    let quoted = expected.map(|(task, result)| (format!("\"{task}\""), format!("\"{result}\"")));
    assert_eq!(results, quoted, "{told}");
    assert!(told.contains("no luck"), "{told}");
    let output = eval(&stage, &["--only", "set-up", tasks.path()]);
    assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
}
