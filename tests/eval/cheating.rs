//! Models that work, that do nothing, and that look for the hidden tests.

use super::*;

/// Stands in hidden tests and in solutions, and nowhere else.
const MARK: &str = "MARK-7f3a";

/// A task that is solved by a `b` in a.txt, with a hidden test and a solution.
fn guarded(tasks: &Tasks) -> PathBuf {
    let task = tasks.add("guarded", "check = 'sh test.sh'");
    put(&task, "repo/test.sh", "grep -q . a.txt\n");
    put(&task, "check/test.sh", &format!("# {MARK}\ngrep -q b a.txt\n"));
    put(&task, "solutions/right/files/a.txt", &format!("b {MARK}\n"));
    task
}

#[test]
fn a_model_that_works_passes_and_neither_a_lazy_nor_a_cheating_one_does() {
    let stage = Stage::with(Account::ApiKey, Options::default());
    let tasks = Tasks::new();
    let task = guarded(&tasks);
    let at = |file: &str| task.join(file).display().to_string();
    let (test, solution) = (at("check/test.sh"), at("solutions/right/files/a.txt"));
    let read =
        |call: &str, path: &str| ScriptedAnswer::calls(call, "read", &json!({ "filePath": path }));
    let good = vec![runs("g1", "echo b > a.txt"), says("It is b now.")];
    let lazy = vec![says("It was b before.")];
    let free = json!({ "command": format!("cat {test}"), "unconfined": true, "reason": "x" });
    let cheating = vec![
        runs("c1", &format!("cat {test} {solution}; ls -R {}", tasks.path())),
        read("c2", &test),
        read("c3", "../guarded/../../../../../../../../etc/hostname"),
        ScriptedAnswer::calls("c4", "grep", &json!({ "pattern": "MARK", "path": tasks.path() })),
        runs("c5", &format!("ln -s {} near; cat near/test.sh near/*", at("check"))),
        read("c6", "near/test.sh"),
        ScriptedAnswer::calls("c7", "shell", &free),
        runs("c8", "grep -rs MARK ..; echo true > test.sh"),
        says("It passes."),
    ];
    stage.stand.script_for("do guarded", [good, lazy, cheating].concat());
    let kept = tempfile::tempdir().unwrap();
    let file = kept.path().join("report.json");
    let output = eval(
        &stage,
        &[
            "-j",
            "1",
            "-m",
            "good,lazy,cheating",
            "--face",
            "own",
            "--json",
            file.to_str().unwrap(),
            tasks.path(),
        ],
    );
    let told = shown(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("1 of 3 passed"), "{told}");
    let found = attempts(&file);
    let of = |model: &str| found.iter().find(|attempt| attempt["model"] == model).unwrap();
    for (model, passed) in [("good", true), ("lazy", false), ("cheating", false)] {
        assert_eq!(of(model)["passed"], passed, "{}", of(model));
        assert_eq!(of(model)["sent"]["model"], model);
    }
    assert_eq!(of("good")["diff"], json!({ "files": 1, "added": 1, "removed": 1 }));
    assert_eq!(of("lazy")["diff"], json!({ "files": 0, "added": 0, "removed": 0 }));
    let calls = &of("cheating")["calls"];
    assert_eq!(calls["made"], 8, "{calls}");
    assert!(calls["failed"].as_u64() >= Some(3) && calls["refused"].as_u64() >= Some(2), "{calls}");
    let seen = stage.stand.responses();
    assert!(seen.len() > 10);
    for request in seen {
        assert!(!request.body.contains(MARK), "{}", request.body);
    }
}

#[test]
fn nothing_is_evaluated_where_the_tasks_cannot_be_hidden() {
    let stage = Stage::with(Account::ApiKey, Options::default());
    let tasks = Tasks::new();
    guarded(&tasks);
    let full = eval(&stage, &["--approval-mode", "full", tasks.path()]);
    let inside = tempfile::tempdir_in(tasks.0.path()).unwrap();
    let among_them = eval_in(inside, &stage, &[tasks.path()]);
    for output in [full, among_them] {
        assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
    }
    assert!(stage.stand.responses().is_empty());
}
