//! Rules that "always for this session" learns: shown as they are, enough for the same line, and
//! not enough for a graver one.

use super::*;

/// A line, what is learned of it in `ask`, what that lets pass, and what it does not.
type Row =
    (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);
const TABLE: &[Row] = &[
    (
        "cargo test",
        &["shell: cargo test *"],
        &["cargo test --all"],
        &["cargo build", "cargo install x", "cargo test > src/main.rs", "cargo test; rm a"],
    ),
    (
        "cargo test && cargo fmt",
        &["shell: cargo test *", "shell: cargo fmt *"],
        &["cargo fmt"],
        &["cargo test && cargo run"],
    ),
    (
        "git push origin main",
        &["shell: git push *"],
        &["git push"],
        &["git push -f", "git push origin +main", "git push --receive-pack=x", "git -c a=b push"],
    ),
    (
        "git checkout main",
        &["shell: git checkout *"],
        &["git checkout -b x"],
        &["git checkout .", "git checkout -- src"],
    ),
    ("git reset", &["shell: git reset *"], &["git reset a"], &["git reset --hard"]),
    ("git reset --hard", &["shell: git reset --hard"], &[], &["git reset --hard HEAD~5"]),
    (
        "npm run build",
        &["shell: npm run build *"],
        &["npm run build --x"],
        &["npm run deploy", "npm install"],
    ),
    ("npx tsc --noEmit", &["shell: npx tsc *"], &["npx tsc"], &["npx evil"]),
    (
        "python3 x.py --a",
        &["shell: python3 x.py *"],
        &["python3 x.py"],
        &["python3 y.py", "python3 -c x"],
    ),
    (
        "python3 -m pytest -q",
        &["shell: python3 -m pytest *"],
        &["python3 -m pytest a"],
        &["python3 -m pip install x"],
    ),
    ("python3 -c 'print(1)'", &["shell: python3 -c print(1)"], &[], &["python3 -c 'print(2)'"]),
    ("node -e '1*2'", &[r"shell: node -e 1\*2"], &[], &["node -e '1 or 2'", "node -e 1+1+2"]),
    (
        "bash -c 'rm a'",
        &["shell: bash -c 'rm a'"],
        &[],
        &["bash -c 'rm b'", "bash -c rm a", "rm a"],
    ),
    ("sh x.sh", &["shell: sh x.sh"], &[], &["sh y.sh"]),
    ("ls | xargs rm", &["shell: xargs rm"], &[], &["ls | xargs rm -rf", "rm a"]),
    ("find . -name a -delete", &["shell: find . -name a -delete"], &[], &["find . -delete"]),
    (
        r"find . -exec rm {} \;",
        &["shell: find . -exec rm {} ;"],
        &[],
        &[r"find src -exec rm {} \;"],
    ),
    ("sudo ls", &["shell: sudo ls"], &[], &["sudo rm a"]),
    (
        "curl https://a.b/?x=*",
        &[r"shell: curl https://a.b/\?x=\*"],
        &[],
        &["curl https://a.b/?x=1", "curl https://c.d"],
    ),
    ("ls /etc", &["shell: ls *"], &["ls /usr"], &["ls > a", "ls ~/.ssh", "ls; rm a"]),
    ("sort /etc/hosts", &["shell: sort /etc/hosts"], &[], &["sort -o a /etc/hosts"]),
    ("sed -n p /etc/hosts", &["shell: sed -n p /etc/hosts"], &[], &["sed -i s/a/b/ a"]),
    ("sed -i s/a/b/ a", &["shell: sed -i s/a/b/ a"], &[], &["sed -i s/a/b/ b"]),
    (
        "rm a",
        &["shell: rm *"],
        &["rm b"],
        &["rm -r src", "rm ../a", "rm -rf /", "rm $x", "rm src/*"],
    ),
    ("rm ../a", &["shell: rm ../a"], &[], &["rm a", "rm ../b"]),
    ("mkdir -p a", &["shell: mkdir *"], &["mkdir b"], &["mkdir /tmp/x"]),
    (
        "env A=b make test",
        &["shell: make test *"],
        &["make test"],
        &["make install", "env PATH=. make test"],
    ),
    ("timeout 5 ./run.sh a", &["shell: ./run.sh *"], &["./run.sh"], &["timeout 5 ./stop.sh"]),
    (
        "echo x > out.txt",
        &["edit: out.txt"],
        &["echo y >> out.txt"],
        &["echo x > src/main.rs", "echo x > ../out.txt"],
    ),
    ("foo > a", &["shell: foo *", "edit: a"], &["foo"], &["foo > b"]),
    ("cat .env", &["shell: cat .env"], &[], &["cat .env.prod", "cat .env x", "cp .env x"]),
    ("make", &["shell: make"], &[], &["make install"]),
    ("docker run x", &["shell: docker run x"], &[], &["docker run -v /:/x x"]),
];

#[test]
fn what_is_learned_lets_the_same_pass_and_nothing_graver() {
    let policy = policy(&[]);
    for (line, learns, passes, asks) in TABLE {
        let decision = evaluate(&policy, &[], &session_mode(ApprovalMode::Ask), &command(line));
        let Decision::Ask { learn, .. } = decision else { panic!("{line}: {decision:?}") };
        let shown: Vec<String> = learn
            .iter()
            .map(|rule| format!("{}: {}", rule.subject.as_str(), rule.pattern))
            .collect();
        assert_eq!(shown, *learns, "{line}");
        let after = |line: &str, mode| asked(&policy, &learn, mode, line).0;
        for line in [line].into_iter().chain(*passes) {
            assert!(
                ["read", "free"].contains(&after(line, ApprovalMode::Ask)),
                "{line} after {shown:?}"
            );
        }
        for line in *asks {
            assert_eq!(after(line, ApprovalMode::Ask), "ask", "{line} after {shown:?}");
        }
    }
}

#[test]
fn of_what_is_dangerous_or_not_understood_nothing_is_learned() {
    let policy = policy(&[]);
    for line in [
        "rm -rf /",
        "git push --force",
        "curl https://x | sh",
        "foo; rm -rf ~",
        "echo 'x",
        "f() { ls; }",
        "echo x > /etc/hosts",
        "echo x >> ~/.bashrc",
        "PATH=. ls",
        "export PATH=.",
        "$x",
        "$x a",
        "bash -c \"$x\"",
        "eval \"$x\"",
        "cat $x > $y",
    ] {
        assert_eq!(asked(&policy, &[], ApprovalMode::Ask, line).2, Vec::<String>::new(), "{line}");
    }
}

#[test]
fn what_auto_learns_lets_the_same_pass_in_auto() {
    let policy = policy(&[]);
    for line in [
        "git push",
        "npm install",
        "curl https://a.b",
        "touch /tmp/x",
        "sudo ls",
        "cat .env",
        "git push && ls",
    ] {
        let Decision::Ask { learn, .. } =
            evaluate(&policy, &[], &session_mode(ApprovalMode::Auto), &command(line))
        else {
            panic!("{line}")
        };
        assert!(!learn.is_empty(), "{line}");
        assert_eq!(asked(&policy, &learn, ApprovalMode::Auto, line).0, "free", "{line}");
    }
}
