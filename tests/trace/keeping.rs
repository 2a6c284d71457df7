//! Contents kept before a command's calls destroy them, with the real kernel: every way to lose a
//! content, and what needs no copy.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

use codling::protocol::KeptKind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use codling::sandbox::{
    KeepSpec, LossDecision, LossListener, LossNews, Unkept, UnkeptReason, WhenUnkept, read_kept,
};

use super::*;

/// Longer than the copies for one command may be; a sparse file.
const TOO_LONG_TO_COPY: u64 = (256 << 20) + 1;
/// Longer than may be kept for one command in any way.
const TOO_LONG: u64 = (2 << 30) + 1;

/// Command lines, the files they need, and the contents that are kept.
const LINES: &[(&str, &str, &[&str])] = &[
    ("rm {a,b}.log", "rm", &["a.log", "b.log"]),
    ("x=file; rm $x", "rm", &["file"]),
    ("ls *.log | xargs rm", "xargs", &["a.log", "b.log"]),
    ("find . -name '*.log' -exec rm {} +", "find", &["a.log", "b.log"]),
    ("find . -name '*.log' -delete", "find", &["a.log", "b.log"]),
    ("mv /dev/null file 2> \"$TMPDIR/x\"; true", "mv", &["file"]),
    ("truncate -s0 file", "truncate", &["file"]),
    (": > file", "bash", &["file"]),
    ("tar --remove-files -cf \"$TMPDIR/x.tar\" file", "tar", &["file"]),
    // By other names, in other folders, and by system calls of every kind.
    ("cd sub && rm ../file in", "rm", &["file", "sub/in"]),
    ("echo more >> file; rm file", "rm", &["file"]),
    ("mv a.log b.log", "mv", &["b.log"]),
    ("mv a.log c && rm c", "mv", &["a.log"]),
    ("mv sub s && rm -r s", "mv", &["sub/in"]),
    ("cp a.log b.log", "cp", &["b.log"]),
    ("sed -i s/a/x/ a.log", "sed", &["a.log"]),
    ("dd if=/dev/zero of=file bs=1 count=1 conv=notrunc 2> \"$TMPDIR/x\"", "dd", &["file"]),
    // It opens the file for writing, and nobody can know that it will not write.
    ("touch file", "touch", &["file"]),
    ("exec 3<> file; echo >&3", "bash", &["file"]),
    ("exec 3< file; : > /proc/self/fd/3", "bash", &["file"]),
    ("echo > alias", "bash", &["file"]),
    ("ln -sf nowhere file", "ln", &["file"]),
    ("rm link/in", "rm", &["sub/in"]),
    ("mv sub \"$TMPDIR/\"", "mv", &["sub/in"]),
    ("ln file twin; rm file; : > twin", "ln", &["file"]),
    ("chmod 0 a.log; rm -f a.log", "rm", &["a.log"]),
    (
        "python3 -c 'import os; os.unlink(\"a.log\"); os.replace(\"b.log\", \"file\"); open(\"sub/in\", \"r+\").truncate(0)'",
        "python3",
        &["a.log", "file", "sub/in"],
    ),
    // Its own files, empty files, and files that tools generate. A disk's clock may be some
    // milliseconds behind.
    (
        "for n in {1..50000}; do :; done; echo x > new; rm new; echo y > t; echo z > u; mv t u; : > u",
        "mv",
        &[],
    ),
    ("rm empty; : > empty", "rm", &[]),
    ("rm target/out; : > target/deep/out; rm -r target", "rm", &[]),
    ("rm -f .git/objects/ab/cd", "rm", &[]),
    ("cat file a.log; chmod 600 file; ln b.log twin", "ln", &[]),
    ("mv a.log moved; mv -n moved b.log; mv sub s", "mv", &[]),
    ("rm sub 2> \"$TMPDIR/x\"; mkdir d; rmdir d", "rm", &[]),
    // Folders outside do not matter here.
    ("echo x > \"$TMPDIR/x\"; rm \"$TMPDIR/x\"", "rm", &[]),
];

/// The same by system calls that today's libraries no longer make.
#[cfg(target_arch = "x86_64")]
const OLD_CALLS: &[(&str, &[&str])] = &[
    ("(2, \"file\", 513, 0)", &["file"]),
    ("(76, \"file\", 0)", &["file"]),
    ("(82, \"a.log\", \"file\")", &["file"]),
    ("(85, \"file\", 0644)", &["file"]),
    ("(87, \"file\")", &["file"]),
    ("(263, -100, \"file\", 0)", &["file"]),
    ("(264, -100, \"a.log\", -100, \"file\")", &["file"]),
    ("(316, -100, \"a.log\", -100, \"file\", 0)", &["file"]),
    ("(316, -100, \"a.log\", -100, \"file\", 1)", &[]),
    ("(316, -100, \"a.log\", -100, \"file\", 2)", &[]),
    ("(437, -100, \"file\", pack(\"QQQ\", 1, 0, 0), 24)", &["file"]),
];

/// Files whose content is their own name.
fn lay_out(folder: &Path) {
    fs::remove_dir_all(folder).unwrap();
    for below in ["sub", "target/deep", ".git/objects/ab"] {
        fs::create_dir_all(folder.join(below)).unwrap();
    }
    for name in
        ["file", "a.log", "b.log", "sub/in", "target/out", "target/deep/out", ".git/objects/ab/cd"]
    {
        fs::write(folder.join(name), name).unwrap();
    }
    fs::write(folder.join("empty"), "").unwrap();
    symlink("sub", folder.join("link")).unwrap();
    symlink("file", folder.join("alias")).unwrap();
    if rustix::process::geteuid().is_root() {
        let all = Command::new("chown").args(["-hR", "65534:65534"]).arg(folder).status();
        assert!(all.unwrap().success());
    }
}

impl Fixture {
    fn keep(&self, otherwise: WhenUnkept) -> KeepSpec {
        let exempt = vec![self.folder().join("target")];
        KeepSpec { store: self.dir.path().join("kept"), exempt, otherwise }
    }

    fn run_keeping(&self, keep: KeepSpec, line: &str) -> Seen {
        self.run_asking(keep, line, LIMIT, None)
    }

    /// The same, with a person to ask.
    fn run_asking(
        &self,
        keep: KeepSpec,
        line: &str,
        limit: Duration,
        asked: Option<LossListener>,
    ) -> Seen {
        for left in [&self.dir.path().join("kept"), &keep.store] {
            fs::remove_dir_all(left).unwrap_or_default();
        }
        fs::remove_file(self.trace()).unwrap_or_default();
        let trace = TraceSpec { file: self.trace(), keep: Some(keep) };
        let order = self.order(Confinement::Folder, line);
        let order = CommandSpec { trace: Some(trace), limit, ..order };
        let (_held, switch) = kill_switch().unwrap();
        let mut bytes = Vec::new();
        let end = order
            .run(&self.program, switch.asking(asked), &mut |heard| bytes.extend_from_slice(heard));
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Seen { end, text, trace: read_trace(&self.trace()) }
    }
}

/// The kept contents, and how each was kept.
fn kept(store: &Path) -> BTreeMap<String, KeptKind> {
    let mut found = BTreeMap::new();
    for content in read_kept(store) {
        let _closed = fs::set_permissions(&content.file, fs::Permissions::from_mode(0o600));
        let held = fs::read_to_string(&content.file).unwrap();
        // A link to a file that was written later holds the new content; a copy was made before.
        if held.len() as u64 == content.length {
            found.insert(held, content.kind);
        }
    }
    found
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn whatever_way_a_content_is_lost_it_is_kept_first_and_nothing_else_is() {
    demand_traces();
    for fixture in [Fixture::new(), Fixture::of_nobody()] {
        let lines = LINES.iter().map(|(line, needs, lost)| ((*line).to_owned(), *needs, *lost));
        #[cfg(target_arch = "x86_64")]
        let lines = lines.chain(OLD_CALLS.iter().map(|(call, lost)| {
            (format!("perl -e 'my ($n, @a) = {call}; syscall($n, @a)'"), "perl", *lost)
        }));
        for (line, needs, lost) in lines {
            demand_program(needs);
            lay_out(&fixture.folder());
            let keep = fixture.keep(WhenUnkept::End);
            let seen = fixture.run_keeping(keep.clone(), &line);
            let names: Vec<String> = kept(&keep.store).into_keys().collect();
            assert_eq!(names, *lost, "{line}: {:?} {}", seen.end, seen.text);
            assert!(seen.end.unkept.is_none(), "{line}: {:?}", seen.end);
        }
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn what_is_removed_keeps_its_place_on_the_disk_and_what_is_written_to_is_copied() {
    demand_traces();
    let fixture = Fixture::new();
    lay_out(&fixture.folder());
    let inode = fs::metadata(fixture.folder().join("file")).unwrap().ino();
    let keep = fixture.keep(WhenUnkept::End);
    fixture.run_keeping(keep.clone(), "rm file; echo x >> a.log");
    let found = kept(&keep.store);
    let wanted = [("a.log", KeptKind::Copy), ("file", KeptKind::Link)];
    assert_eq!(found, wanted.map(|(name, kind)| (name.to_owned(), kind)).into());
    let file = read_kept(&keep.store).into_iter().find(|one| one.kind == KeptKind::Link).unwrap();
    assert_eq!((fs::metadata(&file.file).unwrap().ino(), file.inode), (inode, inode));
    // Another disk cannot hold a second name for it.
    let shm = Path::new("/dev/shm");
    let is_elsewhere = fs::metadata(shm)
        .is_ok_and(|other| other.dev() != fs::metadata(fixture.folder()).unwrap().dev());
    demand(is_elsewhere, "a disk at `/dev/shm` beside that of temporary files");
    let elsewhere = tempfile::tempdir_in(shm).unwrap();
    lay_out(&fixture.folder());
    let store = elsewhere.path().join("kept");
    fixture.run_keeping(KeepSpec { store: store.clone(), ..keep }, "rm file");
    assert_eq!(kept(&store), [("file".to_owned(), KeptKind::Copy)].into());
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn what_is_too_much_to_keep_is_not_destroyed_and_the_command_ends() {
    demand_traces();
    for fixture in [Fixture::new(), Fixture::of_nobody()] {
        for (line, length, why) in [
            (": > large; echo x > later", TOO_LONG_TO_COPY, UnkeptReason::Copied),
            ("rm large; echo x > later", TOO_LONG, UnkeptReason::Kept),
            ("trap '' TERM; mv a.log large; echo x > later", TOO_LONG, UnkeptReason::Kept),
            ("mv large \"$TMPDIR/\" & wait; echo x > later", TOO_LONG, UnkeptReason::Kept),
        ] {
            for otherwise in [WhenUnkept::End, WhenUnkept::GoOn] {
                lay_out(&fixture.folder());
                let large = fixture.folder().join("large");
                fs::File::create(&large).unwrap().set_len(length).unwrap();
                fs::set_permissions(&large, fs::Permissions::from_mode(0o666)).unwrap();
                let keep = fixture.keep(otherwise);
                let seen = fixture.run_keeping(keep, line);
                let is_there = fs::metadata(&large).is_ok_and(|about| about.len() == length);
                let goes_on = fixture.folder().join("later").exists();
                if otherwise == WhenUnkept::GoOn {
                    assert!(goes_on, "{line}: {:?} {}", seen.end, seen.text);
                    assert_eq!(seen.end.unkept, None);
                    continue;
                }
                // A disk that shares blocks between files needs no copy.
                let Some(unkept) = seen.end.unkept else {
                    assert!(why == UnkeptReason::Copied && goes_on, "{line}: {}", seen.text);
                    continue;
                };
                assert_eq!((unkept.name.as_str(), unkept.why), ("large", why), "{line}");
                assert!(is_there && !goes_on, "{line}: {:?}", seen.end.how);
                assert_eq!(seen.end.how, ExitKind::Stopped);
            }
        }
    }
}

/// The questions, and how often a question was withdrawn.
#[derive(Default)]
struct Asked {
    questions: Mutex<Vec<Unkept>>,
    settled: AtomicUsize,
}

impl Asked {
    /// Answers with this once `ready` says so.
    fn answering(
        self: &Arc<Self>,
        decision: LossDecision,
        ready: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Option<LossListener> {
        let (asked, ready) = (Arc::clone(self), Arc::new(ready));
        Some(LossListener::new(move |news| match news {
            LossNews::Asked(question) => {
                asked.questions.lock().unwrap().push(question.unkept.clone());
                let ready = Arc::clone(&ready);
                std::thread::spawn(move || {
                    until(LIMIT, "it may be answered", || ready());
                    question.answer(decision);
                });
            }
            LossNews::Settled => drop(asked.settled.fetch_add(1, Ordering::SeqCst)),
        }))
    }

    fn names(&self) -> Vec<String> {
        self.questions.lock().unwrap().iter().map(|unkept| unkept.name.clone()).collect()
    }

    fn settled(&self) -> usize {
        self.settled.load(Ordering::SeqCst)
    }
}

/// A sparse file that is too large to keep.
fn too_much(fixture: &Fixture, name: &str) -> PathBuf {
    let large = fixture.folder().join(name);
    fs::File::create(&large).unwrap().set_len(TOO_LONG).unwrap();
    fs::set_permissions(&large, fs::Permissions::from_mode(0o666)).unwrap();
    large
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_call_that_would_lose_too_much_waits_for_an_answer_and_the_others_go_on() {
    demand_traces();
    for fixture in [Fixture::new(), Fixture::of_nobody()] {
        for decision in [LossDecision::GoOn, LossDecision::Refuse] {
            lay_out(&fixture.folder());
            let (large, beside) =
                (too_much(&fixture, "sub/large"), fixture.folder().join("beside"));
            // While one process waits, another removes and makes files.
            let line = "(until [ -e waits ]; do :; done; rm a.log; echo x > beside) & \
                echo x > waits; rm sub/large; echo x > later; wait";
            let asked = Arc::<Asked>::default();
            let seen = fixture.run_asking(
                fixture.keep(WhenUnkept::Ask),
                line,
                LIMIT,
                asked.answering(decision, move || beside.exists()),
            );
            assert_eq!(asked.names(), ["sub/large"], "{:?}", seen.end);
            assert_eq!(asked.questions.lock().unwrap()[0].length, TOO_LONG);
            assert_eq!(asked.settled(), 1);
            assert!(!fixture.folder().join("a.log").exists());
            let goes_on = decision == LossDecision::GoOn;
            assert_eq!(
                (!large.exists(), fixture.folder().join("later").exists()),
                (goes_on, goes_on)
            );
            assert_eq!(seen.end.unkept.is_none(), goes_on, "{:?}", seen.end);
            let wanted = if goes_on { ExitKind::Exit(0) } else { ExitKind::Stopped };
            assert_eq!(seen.end.how, wanted, "{}", seen.text);
        }
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn one_answer_is_for_all_that_a_command_loses() {
    demand_traces();
    let fixture = Fixture::new();
    lay_out(&fixture.folder());
    let larges = ["one", "two", "three"].map(|name| too_much(&fixture, name));
    let asked = Arc::<Asked>::default();
    let listener = asked.answering(LossDecision::GoOn, || true);
    let line = "rm one & rm two & wait; rm three a.log; mv b.log \"$TMPDIR/\"";
    let keep = fixture.keep(WhenUnkept::Ask);
    let seen = fixture.run_asking(keep.clone(), line, LIMIT, listener);
    assert_eq!(seen.end.how, ExitKind::Exit(0), "{}", seen.text);
    assert_eq!((asked.names().len(), asked.settled()), (1, 1));
    assert!(larges.iter().all(|large| !large.exists()));
    // Smaller contents are kept anyway.
    assert_eq!(kept(&keep.store).into_keys().collect::<Vec<_>>(), ["a.log", "b.log"]);
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn while_a_person_thinks_the_time_of_a_command_stands_still() {
    demand_traces();
    let fixture = Fixture::new();
    lay_out(&fixture.folder());
    too_much(&fixture, "large");
    let limit = Duration::from_secs(2);
    let begun = std::time::Instant::now();
    let asked = Arc::<Asked>::default();
    let listener = asked.answering(LossDecision::GoOn, move || begun.elapsed() > 2 * limit);
    let seen = fixture.run_asking(
        fixture.keep(WhenUnkept::Ask),
        "rm large; echo x > later",
        limit,
        listener,
    );
    assert_eq!(seen.end.how, ExitKind::Exit(0), "{}", seen.text);
    // The rest ends as always.
    lay_out(&fixture.folder());
    too_much(&fixture, "large");
    let listener = asked.answering(LossDecision::GoOn, || true);
    let line = "rm large; until [ -e never ]; do :; done";
    let seen = fixture.run_asking(fixture.keep(WhenUnkept::Ask), line, limit, listener);
    assert_eq!(seen.end.how, ExitKind::Late, "{}", seen.text);
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_question_ends_with_the_process_that_waits_and_with_the_command() {
    demand_traces();
    demand_program("timeout");
    let fixture = Fixture::new();
    // Another process ends it; the next question is a new one.
    lay_out(&fixture.folder());
    let large = too_much(&fixture, "large");
    let asked = Arc::<Asked>::default();
    let late = Arc::clone(&asked);
    let listener = asked.answering(LossDecision::GoOn, move || late.settled() > 0);
    let line = "timeout -s KILL 0.5 rm large; [ -e large ] && echo x > later";
    let seen = fixture.run_asking(fixture.keep(WhenUnkept::Ask), line, LIMIT, listener);
    assert!(large.exists() && fixture.folder().join("later").exists(), "{}", seen.text);
    assert_eq!((asked.names().len(), asked.settled(), seen.end.unkept), (1, 1, None));
    // The shell does not wait for the waiting process.
    lay_out(&fixture.folder());
    let large = too_much(&fixture, "large");
    let asked = Arc::<Asked>::default();
    let late = Arc::clone(&asked);
    let listener = asked.answering(LossDecision::GoOn, move || late.settled() > 0);
    let seen =
        fixture.run_asking(fixture.keep(WhenUnkept::Ask), "rm large & exit 3", LIMIT, listener);
    assert!(large.exists(), "{}", seen.text);
    assert_eq!(seen.end.how, ExitKind::Exit(3));
}

#[test]
#[cfg_attr(not(all(has_namespaces, has_python3)), ignore = "needs namespaces and Python")]
fn what_a_program_destroys_that_cannot_be_looked_at_is_kept_or_asked_about() {
    demand_traces();
    demand_program("python3");
    let line = "python3 -c 'import ctypes, os; ctypes.CDLL(None).prctl(4, 0); os.unlink(\"file\")'";
    for fixture in [Fixture::new(), Fixture::of_nobody()] {
        for decision in [LossDecision::GoOn, LossDecision::Refuse] {
            lay_out(&fixture.folder());
            let file = fixture.folder().join("file");
            let keep = fixture.keep(WhenUnkept::Ask);
            let asked = Arc::<Asked>::default();
            let listener = asked.answering(decision, || true);
            let seen = fixture.run_asking(keep.clone(), line, LIMIT, listener);
            let names = asked.names();
            if names.is_empty() {
                // A person who may look at everything keeps it.
                assert!(kept(&keep.store).contains_key("file"), "{:?} {}", seen.end, seen.text);
                continue;
            }
            assert_eq!(asked.questions.lock().unwrap()[0].why, UnkeptReason::Unseen);
            assert!(names[0].starts_with("python3"), "{names:?}");
            assert_eq!(file.exists(), decision == LossDecision::Refuse, "{}", seen.text);
        }
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn where_nobody_answers_nothing_is_lost() {
    demand_traces();
    let fixture = Fixture::new();
    for asked in [None, Some(LossListener::new(drop))] {
        lay_out(&fixture.folder());
        let large = too_much(&fixture, "large");
        let seen = fixture.run_asking(
            fixture.keep(WhenUnkept::Ask),
            "rm large; echo x > later",
            LIMIT,
            asked,
        );
        assert_eq!(seen.end.how, ExitKind::Stopped);
        assert_eq!(seen.end.unkept.map(|unkept| unkept.name), Some("large".to_owned()));
        assert!(large.exists() && !fixture.folder().join("later").exists());
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_command_that_waits_ends_when_it_is_let_go_of() {
    demand_traces();
    let fixture = Fixture::new();
    lay_out(&fixture.folder());
    let large = too_much(&fixture, "large");
    let keep = fixture.keep(WhenUnkept::Ask);
    let trace = TraceSpec { file: fixture.trace(), keep: Some(keep) };
    let order = fixture.order(Confinement::Folder, "rm large");
    let order = CommandSpec { trace: Some(trace), ..order };
    let (held, switch) = kill_switch().unwrap();
    let held = Mutex::new(Some(held));
    // The question itself stays open.
    let questions = Mutex::new(Vec::new());
    let listener = LossListener::new(move |news| {
        questions.lock().unwrap().push(news);
        drop(held.lock().unwrap().take());
    });
    let end = order.run(&fixture.program, switch.asking(Some(listener)), &mut |_| {});
    assert_eq!(end.how, ExitKind::Stopped);
    assert!(large.exists());
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn where_nothing_can_be_kept_nothing_is_destroyed() {
    demand_traces();
    let fixture = Fixture::new();
    lay_out(&fixture.folder());
    let keep = KeepSpec { store: "/not/there/kept".into(), ..fixture.keep(WhenUnkept::End) };
    let seen = fixture.run_keeping(keep, "cat file; echo x > new; rm new file; echo x > later");
    assert_eq!(seen.end.unkept.map(|unkept| unkept.why), Some(UnkeptReason::Failed));
    assert!(fixture.folder().join("file").exists() && !fixture.folder().join("later").exists());
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn nothing_outside_of_the_folder_is_kept_by_a_link_that_leads_there() {
    demand_traces();
    let fixture = Fixture::new();
    lay_out(&fixture.folder());
    fs::create_dir(fixture.dir.path().join("beyond")).unwrap();
    fs::write(fixture.dir.path().join("beyond/in"), "beyond").unwrap();
    let beyond = fixture.dir.path().join("beyond");
    let keep = fixture.keep(WhenUnkept::End);
    let line = format!(
        "for n in $(seq 50); do rm -rf sub; ln -s {} sub; rm -f sub/in; rm sub; mkdir sub; echo x > sub/in; done",
        beyond.display()
    );
    fixture.run_keeping(keep.clone(), &line);
    assert!(!kept(&keep.store).contains_key("beyond"));
}
