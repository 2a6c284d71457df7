//! The tools as the model meets them: a folder, a call, an answer.

pub mod fixture;
mod hostile;
mod malformed;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::jobs::Jobs;
use crate::base::text::says;
use crate::protocol::{
    CallId, CallOutput, Confinement, Grant, SecretAccess, ToolCall, ToolEffects,
};

use super::Toolbox;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::pictures::pixels;
use fixture::assert_kind;

struct Fixture {
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new(files: &[(&str, &str)]) -> Self {
        let fixture = Self { dir: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            fixture.write(path, text.as_bytes());
        }
        fixture
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// Sets when a file was last changed, in seconds after some day.
    fn date(&self, path: &str, seconds: u64) -> &Self {
        let when = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000 + seconds);
        fs::File::options().write(true).open(self.path(path)).unwrap().set_modified(when).unwrap();
        self
    }

    fn call(&self, name: &str, arguments: impl AsRef<str>) -> CallOutput {
        call(self.dir.path(), name, arguments.as_ref())
    }

    fn ok(&self, name: &str, arguments: impl AsRef<str>) -> String {
        let output = self.call(name, arguments.as_ref());
        assert!(output.ok, "{name} {}: {}", arguments.as_ref(), output.text);
        output.text
    }

    /// Why a call of a tool that reads is refused.
    fn refusal(&self, name: &str, arguments: impl AsRef<str>) -> ToolRefusal {
        refusal(self.dir.path(), name, arguments.as_ref())
    }

    fn refused(&self, name: &str, arguments: impl AsRef<str>) -> String {
        let output = self.call(name, arguments.as_ref());
        assert!(!output.ok, "{name} {}: {}", arguments.as_ref(), output.text);
        output.text
    }
}

fn refusal(folder: &Path, name: &str, arguments: &str) -> ToolRefusal {
    let call = fixture::call(name, arguments);
    let refusal =
        Toolbox::of(folder, Vec::new()).refusal(&call, Grant::within(Confinement::Folder));
    refusal.unwrap_or_else(|| panic!("{call:?} was not refused"))
}

fn call(folder: &Path, name: &str, arguments: &str) -> CallOutput {
    call_with(Grant::within(Confinement::Folder), folder, name, arguments)
}

fn call_with(grant: Grant, folder: &Path, name: &str, arguments: &str) -> CallOutput {
    let call = ToolCall {
        id: CallId::from("call_1"),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime
        .block_on(Toolbox::of(folder, Vec::new()).run(
            &call,
            grant,
            std::sync::Arc::new(drop),
            crate::tools::CallSurroundings::default(),
        ))
        .output
}

#[test]
fn every_tool_takes_what_its_schema_names_and_nothing_else() {
    let fixture = Fixture::new(&[("a.txt", "text\n")]);
    fixture.write("a.png", &pixels::tests::PNG);
    // Those that change something have stories of their own.
    for spec in Toolbox::of("/nowhere", Vec::new())
        .definitions()
        .iter()
        .filter(|spec| matches!(spec.effects, ToolEffects::Asks | ToolEffects::Looks))
    {
        let schema: serde_json::Value = serde_json::from_str(&spec.parameters).unwrap();
        assert_eq!(
            (&schema["type"], &schema["additionalProperties"]),
            (&"object".into(), &false.into()),
            "{}",
            spec.name
        );
        let properties = schema["properties"].as_object().unwrap();
        let mut arguments = serde_json::Map::new();
        for (name, property) in properties {
            assert!(
                property["description"].is_string() || spec.description.contains(name.as_str()),
                "the model is not told of {name}"
            );
            let value = match (name.as_str(), property["type"].as_str().unwrap()) {
                ("filePath", "string") => "a.txt".into(),
                ("path", "string") if *spec.name == *"view_image" => "a.png".into(),
                ("plan", "array") => serde_json::json!([{"step": "t", "status": "pending"}]),
                ("questions", "array") => serde_json::json!([{"question": "q", "id": "i"}]),
                ("items", "array") => serde_json::json!([{"text": "t", "state": "open"}]),
                ("options", "array") => serde_json::json!([{"label": "l"}]),
                ("format", "string") => "text".into(),
                ("url", "string") => "http://localhost:9/".into(),
                ("path" | "workdir", "string") => ".".into(),
                (_, "string") => "t*".into(),
                (_, "integer") => 1.into(),
                (_, "boolean") => true.into(),
                other => panic!("{other:?}"),
            };
            arguments.insert(name.clone(), value);
        }
        // Tools that change a file or start a program are not run here. These two need a person: to
        // be asked, or to allow it.
        let answer = fixture.call(&spec.name, serde_json::to_string(&arguments).unwrap());
        let refusal = [
            ("question", "can be asked"),
            ("request_user_input", "can be asked"),
            ("webfetch", "this machine"),
        ]
        .into_iter()
        .find(|(name, _)| *name == &*spec.name);
        assert!(
            refusal.map_or(answer.ok, |(_, why)| answer.text.contains(why)),
            "{}: {}",
            spec.name,
            answer.text
        );
        let mut more = arguments.clone();
        more.insert("ignore".into(), "x".into());
        let answer = fixture.refused(&spec.name, serde_json::to_string(&more).unwrap());
        assert!(answer.contains("no parameter `ignore`"), "{answer}");
        for name in schema["required"].as_array().unwrap() {
            let mut fewer = arguments.clone();
            fewer.remove(name.as_str().unwrap());
            let answer = fixture.refused(&spec.name, serde_json::to_string(&fewer).unwrap());
            assert!(
                answer.contains("is missing")
                    && properties.keys().all(|name| answer.contains(name.as_str())),
                "{answer}"
            );
        }
    }
}

#[test]
fn a_malformed_call_is_answered_with_what_the_tool_takes() {
    let fixture = Fixture::new(&[("a.txt", "text\n")]);
    for arguments in [r#"{"filePath": "a.txt""#, "a.txt", "[]"] {
        assert_kind!(fixture.refusal("read", arguments), ToolRefusal::Arguments { .. });
    }
    for (arguments, wrong) in [
        (r#"{"filePath": 3}"#, "a number"),
        (r#"{"filePath": "a.txt", "offset": "soon"}"#, "`soon`"),
        (r#"{"filePath": "a.txt", "limit": -1}"#, "-1"),
    ] {
        let refusal = fixture.refusal("read", arguments);
        let ToolRefusal::WrongArgument { found, .. } = refusal else { panic!("{refusal:?}") };
        assert_eq!(found, wrong);
    }
    assert_kind!(
        fixture.refusal("read", r#"{"name": "a.txt"}"#),
        ToolRefusal::MissingArgument { name: "filePath" }
    );
    for arguments in ["[]", r#"{"filePath": 3}"#, r#"{"name": "a.txt"}"#] {
        let answer = fixture.refused("read", arguments);
        assert!(answer.ends_with("The parameters are `filePath` (string, required), `offset` (integer), `limit` (integer)"), "{answer}");
    }
}

#[test]
fn read_numbers_the_lines_and_says_how_to_go_on() {
    let fixture = Fixture::new(&[("a.txt", "one\ntwo\nthree\n"), ("empty", "")]);
    assert_eq!(
        fixture.ok("read", r#"{"filePath":"a.txt"}"#),
        "1\tone\n2\ttwo\n3\tthree\n(the file ends here, 3 lines)"
    );
    assert_eq!(
        fixture.ok("read", r#"{"filePath":"a.txt","offset":"2","limit":1}"#),
        "2\ttwo\n(lines 2 to 2 of 3 shown; `offset` 3 goes on)"
    );
    assert_eq!(fixture.call("read", r#"{"filePath":"a.txt","offset":2}"#).title, "a.txt 2-3");
    assert_eq!(fixture.call("read", r#"{"filePath":"./a.txt"}"#).title, "a.txt");
    assert_eq!(fixture.ok("read", r#"{"filePath":"empty"}"#), "`empty` is empty");
    assert_kind!(
        fixture.refusal("read", r#"{"filePath":"a.txt","offset":9}"#),
        ToolRefusal::PastTheEnd { offset: 9, .. }
    );
}

#[test]
fn read_holds_back_what_is_too_much() {
    let fixture = Fixture::new(&[
        ("long.txt", &"line\n".repeat(5_000)),
        ("wide.txt", &format!("{}\n", "w".repeat(1_000)).repeat(100)),
    ]);
    let text = fixture.ok("read", r#"{"filePath":"long.txt"}"#);
    assert!(
        text.ends_with("2000\tline\n(lines 1 to 2000 of 5,000 shown; `offset` 2001 goes on)"),
        "{}",
        &text[text.len() - 200..]
    );
    let text = fixture.ok("read", r#"{"filePath":"wide.txt"}"#);
    assert!(
        text.len() < 51 * 1024
            && text.ends_with(
                "(lines 1 to 50 of 100 shown, as much as fits in 50.0 KB; `offset` 51 goes on)"
            ),
        "{}",
        text.len()
    );
    let sparse = fs::File::create(fixture.path("huge.log")).unwrap();
    std::io::Write::write_all(&mut &sparse, &b"text\n".repeat(2_000)).unwrap();
    sparse.set_len(10 << 30).unwrap();
    assert_kind!(fixture.refusal("read", r#"{"filePath":"huge.log"}"#), ToolRefusal::Huge { .. });
}

#[test]
fn pictures_are_handed_over_and_other_binary_files_are_not() {
    let fixture = Fixture::new(&[]);
    fixture
        .write("logo", &pixels::tests::PNG)
        .write("program", b"\x7fELF\0\0\0")
        .write("fake.png", b"plain text\n");
    let output = fixture.call("read", r#"{"filePath":"logo"}"#);
    assert_eq!(
        (output.images.len(), output.images[0].mime, &output.images[0].data[..11]),
        (1, "image/png", "iVBORw0KGgo")
    );
    assert_eq!(output.text, "The picture `logo` (image/png, 1 × 1 pixels, 67 bytes) is attached");
    fixture.write("head.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0");
    for (tool, arguments) in
        [("read", r#"{"filePath":"head.png"}"#), ("view_image", r#"{"path":"head.png"}"#)]
    {
        assert_kind!(fixture.refusal(tool, arguments), ToolRefusal::BrokenPicture { .. });
    }
    assert_kind!(fixture.refusal("read", r#"{"filePath":"program"}"#), ToolRefusal::Binary { .. });
    assert!(fixture.ok("read", r#"{"filePath":"fake.png"}"#).starts_with("1\tplain text\n"));
    fixture.write("large.jpg", b"\xff\xd8\xff\xe0");
    let large = fs::File::options().write(true).open(fixture.dir.path().join("large.jpg"));
    large.unwrap().set_len((50 << 20) + 1).unwrap();
    assert_kind!(
        fixture.refusal("read", r#"{"filePath":"large.jpg"}"#),
        ToolRefusal::LargeImage { .. }
    );
}

#[test]
fn read_helps_on_when_there_is_no_such_file() {
    let fixture = Fixture::new(&[("src/settings.rs", "x\n"), ("src/.hidden", "")]);
    for (path, names) in [("src/setting.rs", &["src/settings.rs"][..]), ("settings.rs/deeper", &[])]
    {
        let refusal = fixture.refusal("read", format!(r#"{{"filePath":"{path}"}}"#));
        let ToolRefusal::Missing { near, .. } = refusal else { panic!("{refusal:?}") };
        assert_eq!(near, names);
    }
    assert_eq!(
        fixture.ok("read", r#"{"filePath":"src"}"#),
        "`src` is a folder. It contains:\n.hidden\nsettings.rs"
    );
}

#[test]
fn nothing_outside_of_the_folder_can_be_seen() {
    let fixture = Fixture::new(&[("in/a.txt", "inside\n"), ("secret.txt", "hush\n")]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret.txt", fixture.path("in/link.txt")).unwrap();
        std::os::unix::fs::symlink("..", fixture.path("in/up")).unwrap();
    }
    let folder = fixture.path("in");
    for (name, arguments) in [
        ("read", r#"{"filePath":"../secret.txt"}"#),
        ("read", r#"{"filePath":"/etc/hosts"}"#),
        ("read", r#"{"filePath":"~/.ssh/id_ed25519"}"#),
        ("list", r#"{"path":".."}"#),
        ("grep", r#"{"pattern":"hush","path":"../secret.txt"}"#),
        ("glob", r#"{"pattern":"*","path":"/"}"#),
        ("glob", r#"{"pattern":"../*"}"#),
        ("glob", r#"{"pattern":"/etc/*"}"#),
        ("glob", r#"{"pattern":"~/*"}"#),
        #[cfg(unix)]
        ("read", r#"{"filePath":"link.txt"}"#),
        #[cfg(unix)]
        ("list", r#"{"path":"up"}"#),
    ] {
        assert_kind!(refusal(&folder, name, arguments), ToolRefusal::Outside { .. });
        let output = call(&folder, name, arguments);
        assert!(!output.ok && !output.text.contains("hush"), "{name} {arguments}: {}", output.text);
    }
    let found = call(&folder, "grep", r#"{"pattern":"hush"}"#);
    assert_eq!(found.text, "No lines match `hush` in `.`");
    let inside = serde_json::json!({ "filePath": folder.join("a.txt") });
    assert!(call(&folder, "read", &inside.to_string()).ok);
}

#[cfg(unix)]
#[test]
fn pipes_are_not_waited_for() {
    let fixture = Fixture::new(&[("a.txt", "text\n")]);
    let listener = std::os::unix::net::UnixListener::bind(fixture.path("socket")).unwrap();
    assert!(
        std::process::Command::new("mkfifo").arg(fixture.path("pipe")).status().unwrap().success()
    );
    for name in ["pipe", "socket"] {
        for (tool, arguments) in [
            ("read", format!(r#"{{"filePath":"{name}"}}"#)),
            ("grep", format!(r#"{{"pattern":"x","path":"{name}"}}"#)),
            ("list", format!(r#"{{"path":"{name}"}}"#)),
        ] {
            assert_kind!(fixture.refusal(tool, arguments), ToolRefusal::Device { .. });
        }
    }
    assert_eq!(fixture.ok("grep", r#"{"pattern":"text"}"#), "a.txt\n  1: text");
    drop(listener);
}

#[test]
fn glob_puts_the_newest_first_and_honours_gitignore() {
    let fixture = Fixture::new(&[
        ("src/old.rs", ""),
        ("new.rs", ""),
        ("target/x.rs", ""),
        (".gitignore", "target"),
        (".ci/a.rs", ""),
    ]);
    fixture.date("src/old.rs", 1).date("new.rs", 3).date(".ci/a.rs", 2);
    let output = fixture.call("glob", r#"{"pattern":"**/*.rs"}"#);
    assert_eq!(
        (output.title.as_str(), output.text.as_str()),
        ("3 files for **/*.rs", "new.rs\n.ci/a.rs\nsrc/old.rs")
    );
    assert_eq!(fixture.ok("glob", r#"{"pattern":"*.rs","path":"src"}"#), "src/old.rs");
    assert_eq!(fixture.ok("glob", r#"{"pattern":"*.rs","path":"target"}"#), "target/x.rs");
    let absolute = serde_json::json!({ "pattern": fs::canonicalize(fixture.path("src")).unwrap().join("*.rs") });
    assert_eq!(fixture.ok("glob", absolute.to_string()), "src/old.rs");
    assert_eq!(fixture.ok("glob", r#"{"pattern":"*.py"}"#), "No files match `*.py` in `.`");
    assert!(fixture.ok("glob", r#"{"pattern":"src"}"#).ends_with("`src/**` matches what is in it"));
    assert_kind!(fixture.refusal("glob", r#"{"pattern":"[a"}"#), ToolRefusal::Glob { .. });
    assert_kind!(
        fixture.refusal("glob", r#"{"pattern":"*","path":"new.rs"}"#),
        ToolRefusal::File { .. }
    );
}

#[test]
fn glob_shows_a_hundred_files_and_says_how_many_there_are() {
    let fixture = Fixture::new(&[]);
    for number in 0..250 {
        fixture
            .write(&format!("d{}/f{number:03}", number % 5), b"")
            .date(&format!("d{}/f{number:03}", number % 5), number);
    }
    let text = fixture.ok("glob", r#"{"pattern":"f*"}"#);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[99]), (101, "d4/f249", "d0/f150"));
    assert!(says(lines[100], "100 … of 250"), "{}", lines[100]);
}

#[test]
fn grep_tells_nothing_of_files_that_may_hold_secrets_unless_one_is_named() {
    let files = [".env", "deploy/server.pem", ".ssh/id_rsa", ".env.example", "src/env.rs"];
    let fixture = Fixture::new(&files.map(|file| (file, "KEY=pears")));
    let answer = fixture.ok("grep", r#"{"pattern":"KEY"}"#);
    assert_eq!(
        answer
            .lines()
            .filter(|line| !line.starts_with(' ') && !line.is_empty())
            .collect::<Vec<_>>()
            .len(),
        2,
        "{answer}"
    );
    assert!(answer.contains(".env.example") && answer.contains("src/env.rs"), "{answer}");
    assert!(
        fixture.ok("grep", r#"{"pattern":"KEY","include":".env"}"#).starts_with("No lines match")
    );
    // Whether it may is decided elsewhere: here it was.
    assert_eq!(fixture.ok("grep", r#"{"pattern":"KEY","path":".env"}"#), ".env\n  1: KEY=pears");
    let grant = Grant { secrets: SecretAccess::All, ..Grant::within(Confinement::ReadOnly) };
    let found = call_with(grant, fixture.dir.path(), "grep", r#"{"pattern":"KEY"}"#);
    assert_eq!(found.title, "5 matches for KEY");
}

#[test]
fn grep_groups_matching_lines_by_file() {
    let fixture = Fixture::new(&[
        ("src/a.rs", "fn one() {}\r\n// none\nfn two() {}\n"),
        ("b.md", "fn three\n"),
        ("bin", "fn\0 four"),
    ]);
    fixture
        .write("utf16.txt", b"\xff\xfef\0n\0 \x005\0")
        .date("src/a.rs", 1)
        .date("b.md", 2)
        .date("utf16.txt", 0);
    let output = fixture.call("grep", r#"{"pattern":"^fn\\s"}"#);
    assert_eq!(output.title, "4 matches for ^fn\\s");
    assert_eq!(
        output.text,
        "b.md\n  1: fn three\n\nsrc/a.rs\n  1: fn one() {}\n  3: fn two() {}\n\nutf16.txt\n  1: fn 5"
    );
    assert_eq!(
        fixture.ok("grep", r#"{"pattern":"\\}$","include":"*.rs"}"#),
        "src/a.rs\n  1: fn one() {}\n  3: fn two() {}"
    );
    assert_eq!(
        fixture.ok("grep", r#"{"pattern":"(?i)FN T","path":"b.md"}"#),
        "b.md\n  1: fn three"
    );
    assert_eq!(
        fixture.ok("grep", r#"{"pattern":"x","include":"*.py"}"#),
        "No lines match `x` in `.` in files like `*.py`"
    );
}

#[test]
fn a_regular_expression_that_is_none_is_explained() {
    let fixture = Fixture::new(&[("a", "b")]);
    for (pattern, says) in [
        ("foo(", "unclosed group"),
        ("*a", "repetition operator missing"),
        ("a\\nb", "\\n"),
        ("(?=a)", "look-around"),
    ] {
        let refusal =
            fixture.refusal("grep", serde_json::json!({ "pattern": pattern }).to_string());
        let ToolRefusal::Regex { reason, .. } = refusal else { panic!("{refusal:?}") };
        assert!(reason.contains(says), "{reason}");
    }
}

#[test]
fn list_shows_the_upper_levels_first_and_counts_what_it_leaves_out() {
    let fixture = Fixture::new(&[
        ("a/b/c/deep.txt", ""),
        ("z.txt", ""),
        (".env", ""),
        (".git/HEAD", ""),
        (".gitignore", "out"),
        ("out/x", ""),
    ]);
    assert_eq!(
        fixture.ok("list", "{}"),
        ".env\n.gitignore\na/\n  b/\n    c/\n      deep.txt\nz.txt"
    );
    assert_eq!(fixture.ok("list", r#"{"path":"a/b"}"#), "c/\n  deep.txt");
    fs::create_dir(fixture.path("void")).unwrap();
    assert_eq!(fixture.ok("list", r#"{"path":"void"}"#), "(nothing in it)");
    for number in 0..300 {
        fixture.write(&format!("a/many/{number:03}"), b"");
    }
    let text = fixture.ok("list", "{}");
    let lines: Vec<&str> = text.lines().collect();
    // Seven entries on the first two levels, then `c`, so that 192 of the 300 have room.
    assert!(
        lines.contains(&"z.txt") && lines.contains(&"    c/") && !text.contains("deep.txt"),
        "{text}"
    );
    assert!(text.contains("    … 108 entries not shown"), "{text}");
    assert_eq!(lines.last(), Some(&"(the first 200 entries by depth; `path` shows one folder)"));
}

#[test]
fn a_folder_that_is_gone_is_said_to_be_gone() {
    let fixture = Fixture::new(&[]);
    for name in ["glob", "grep", "list", "read"] {
        let output =
            call(&fixture.path("gone"), name, r#"{"pattern":"x","path":"x","filePath":"x"}"#);
        assert!(!output.ok && !output.text.is_empty(), "{name}: {}", output.text);
    }
    assert_kind!(refusal(&fixture.path("gone"), "list", "{}"), ToolRefusal::Io { .. });
}

#[test]
fn work_that_takes_too_long_ends_with_what_it_has() {
    use super::definition::ToolContext;
    use super::folder::WorkFolder;
    use crate::tools::call::arguments::Arguments;
    use crate::tools::call::stop_signal::StopSignal;
    use crate::tools::folder::open_files::{AgreedTexts, EditorPatience, OpenFiles, UnsavedTexts};
    use crate::tools::folder::read_files::ReadFiles;

    let fixture = Fixture::new(&[("a.txt", "text\n")]);
    let folder = WorkFolder::open(&fixture.path("")).unwrap();
    let context = ToolContext {
        folder: &folder,
        stop: &StopSignal::after(Duration::ZERO),
        read_files: &ReadFiles::default(),
        call: &CallId::from("c"),
        secrets: SecretAccess::Plain,
        jobs: &Jobs::default(),
        open_files: &OpenFiles {
            editor: None,
            patience: EditorPatience::REAL,
            folder: &fixture.path(""),
            stop: &StopSignal::default(),
            unsaved: &UnsavedTexts::default(),
            agreed: &AgreedTexts::default(),
        },
        face: Default::default(),
        skills: None,
    };
    let grep = crate::tools::files::grep::run(
        &mut Arguments::parse(r#"{"pattern":"text"}"#).unwrap(),
        &context,
    )
    .unwrap();
    let glob = crate::tools::files::glob::run(
        &mut Arguments::parse(r#"{"pattern":"*"}"#).unwrap(),
        &context,
    )
    .unwrap();
    let list =
        crate::tools::files::list::run(&mut Arguments::parse("{}").unwrap(), &context).unwrap();
    for output in [grep, glob, list] {
        assert!(output.text.contains("too long"), "{}", output.text);
    }
    let refusal = crate::tools::files::read::run(
        &mut Arguments::parse(r#"{"filePath":"a.txt"}"#).unwrap(),
        &context,
    )
    .unwrap_err();
    assert!(refusal.to_string().contains("too long"), "{refusal}");
}

#[test]
fn a_file_of_one_endless_line_is_left_out_and_said_to_be() {
    let fixture = Fixture::new(&[("short.txt", "needle\n")]);
    fixture.write("endless.txt", &b"needle ".repeat(1_300_000));
    assert_eq!(
        fixture.ok("grep", r#"{"pattern":"needle$"}"#),
        "short.txt\n  1: needle\n(1 file could not be searched)"
    );
    let alone = fixture.ok("grep", r#"{"pattern":"needle","path":"endless.txt"}"#);
    assert_eq!(alone, "No lines match `needle` in `endless.txt`\n(1 file could not be searched)");
}
