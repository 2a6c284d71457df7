//! Parts of a command that a person should see.

use super::{command, policy};
use crate::policy::hazards;

/// The hazards of a line: each part as it stands there, and what it deletes.
fn found_hazards(line: &str) -> Vec<(String, Vec<String>)> {
    let found = hazards(&policy(&[]), &command(line));
    found.into_iter().map(|hazard| (line[hazard.at].to_owned(), hazard.deletes)).collect()
}

#[test]
fn what_deletes_is_named_and_found_where_it_stands() {
    for (line, part, deletes) in [
        ("ls\nrm -rf ~/precious\nls", "rm -rf ~/precious", &["`~/precious`"][..]),
        ("ls; rm -r a 'b c' ; ls", "rm -r a 'b c'", &["`a`", "`b c`"]),
        ("echo $(\nls\nrm -r build\n)", "rm -r build", &["`build`"]),
        ("bash <<'EOF'\nls\nrm -rf ~/precious\nEOF\n", "rm -rf ~/precious", &["`~/precious`"]),
        ("bash -c 'ls\nrm x\nls'", "rm x", &["`x`"]),
        ("ls && sudo rm x", "sudo rm x", &["`x`"]),
        ("x=f; rm $x", "rm $x", &["`$x`"]),
        ("if true; then\n  rm é\nfi", "rm é", &["`é`"]),
        (
            "find src -name '*.o' -delete",
            "find src -name '*.o' -delete",
            &["what `find` finds below `src`"],
        ),
        ("ls | xargs rm", "xargs rm", &["what it is given"]),
        ("find . -exec rm {} +", "find . -exec rm {} +", &["what it finds"]),
        ("git clean -fdx", "git clean -fdx", &["untracked files"]),
        (
            "rm 1 2 3 4 5 6 7 8 9 10",
            "rm 1 2 3 4 5 6 7 8 9 10",
            &["`1`", "`2`", "`3`", "`4`", "`5`", "`6`", "`7`", "`8`", "2 more"],
        ),
    ] {
        let found = found_hazards(line);
        assert!(
            found.iter().any(|(at, what)| at == part && what == deletes),
            "{line:?}: {found:?}"
        );
    }
    for line in ["git clean -n", "git clean --dry-run"] {
        assert!(found_hazards(line).iter().all(|(_, deletes)| deletes.is_empty()), "{line}");
    }
}

#[test]
fn what_reaches_further_than_the_folder_is_told_after_what_destroys() {
    let found = found_hazards("cat x\ncurl https://a.example\nrm x\nrm -rf ~\necho 1 > /etc/x");
    let parts: Vec<&str> = found.iter().map(|(at, _)| at.as_str()).collect();
    assert_eq!(parts, ["rm -rf ~", "rm x", "curl https://a.example", "echo 1 > /etc/x"]);
}

#[test]
fn a_line_that_cannot_be_taken_apart_is_told_by_the_words_in_it() {
    for (line, part) in [
        ("f() {\n  ls\n  rm -rf ~/precious\n}\nf", "rm -rf ~/precious"),
        ("ls\n((x = 1))\nrm -rf src", "rm -rf src"),
        ("a=(1 2)\nls\nshutil.rmtree(x)", "rmtree(x)"),
        ("python3 - <<E\nimport shutil\nshutil.rmtree(x)\nE\n", "rmtree(x)"),
    ] {
        let found = found_hazards(line);
        assert!(found.iter().any(|(at, _)| at == part), "{line:?}: {found:?}");
    }
    let long = format!("{}rm -rf ~/precious; {}", "ls; ".repeat(500), "true; ".repeat(500));
    assert!(found_hazards(&long).iter().any(|(at, _)| at == "rm -rf ~/precious"));
}

#[test]
fn work_in_the_folder_is_no_hazard() {
    for line in ["cargo test", "ls -la && cat x", "echo a > b", "make; ./run", "form rmx"] {
        assert_eq!(found_hazards(line), [], "{line}");
    }
}
