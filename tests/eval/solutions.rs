//! Tasks that are checked without a model: by solutions that pass and ones that must not.

use super::*;

/// A task that is solved by a `b` in a.txt and an answer that says so.
fn add(tasks: &Tasks, name: &str, rest: &str) -> PathBuf {
    let task = tasks.add(name, &format!("check = 'sh test.sh'\n{rest}"));
    put(&task, "check/test.sh", "grep -q b a.txt && grep -qx yes \"$CODLING_EVAL_ANSWER\"\n");
    put(&task, "solutions/right/files/a.txt", "b\n");
    put(&task, "solutions/right/answer.md", "yes\n");
    put(&task, "solutions/right-by-hand/apply.sh", "set -e\necho b > a.txt\ngit add a.txt\n");
    put(&task, "solutions/right-by-hand/answer.md", "yes\n");
    put(&task, "solutions/wrong-silent/files/a.txt", "b\n");
    put(&task, "solutions/wrong-lazy/answer.md", "yes\n");
    task
}

#[test]
fn tasks_whose_right_solutions_alone_pass_are_good_and_nobody_has_to_be_signed_in() {
    let stage = Stage::with(Account::Nobody, Options::default());
    let tasks = Tasks::new();
    add(&tasks, "good", "");
    add(&tasks, "lacking", "needs = ['no-such-program']");
    let output = eval(&stage, &["--check-tasks", "-j", "4", tasks.path()]);
    let told = shown(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("10 of 10 as expected"), "{told}");
    for (solution, result) in [
        ("nothing", "failed"),
        ("right", "passed"),
        ("right-by-hand", "passed"),
        ("wrong-lazy", "failed"),
        ("wrong-silent", "failed"),
    ] {
        let is_row = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().take(3).collect();
            words == ["good", solution, result]
        };
        assert!(told.lines().any(|line| is_row(&line)), "{solution}: {told}");
    }
    let output = eval(&stage, &["--check-tasks", "--only", "lacking", tasks.path()]);
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    assert!(stage.stand.responses().is_empty());
}

#[test]
fn a_task_that_something_else_passes_or_that_nothing_does_is_told() {
    let stage = Stage::with(Account::Nobody, Options::default());
    for (name, file, text) in [
        ("unsolved", "solutions/right/files/a.txt", "c\n"),
        ("too-easy", "solutions/wrong-lazy/files/a.txt", "b\n"),
        ("for-nothing", "check/test.sh", "true\n"),
        ("broken", "solutions/right/apply.sh", "exit 3\n"),
    ] {
        let tasks = Tasks::new();
        let task = add(&tasks, name, "");
        put(&task, file, text);
        let output = eval(&stage, &["--check-tasks", "-j", "4", tasks.path()]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", shown(&output));
    }
    let tasks = Tasks::new();
    let task = add(&tasks, "misspelled", "");
    fs::create_dir(task.join("solutions/rigth")).unwrap();
    let output = eval(&stage, &["--check-tasks", tasks.path()]);
    assert_eq!(output.status.code(), Some(2), "{}", shown(&output));
}
