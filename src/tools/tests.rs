//! The tools as the model meets them: a folder, a call, an answer.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::jobs::Jobs;
use crate::protocol::{
    CallId, CallOutput, Confinement, Grant, SecretAccess, ToolCall, ToolEffects,
};

use super::{Toolbox, pixels};

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new(files: &[(&str, &str)]) -> Self {
        let desk = Self { dir: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            desk.write(path, text.as_bytes());
        }
        desk
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

    fn refused(&self, name: &str, arguments: impl AsRef<str>) -> String {
        let output = self.call(name, arguments.as_ref());
        assert!(!output.ok, "{name} {}: {}", arguments.as_ref(), output.text);
        output.text
    }
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
    let desk = Desk::new(&[("a.txt", "text\n")]);
    desk.write("a.png", &pixels::tests::PNG);
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
        // What changes something or starts a program is not run here. These two need somebody: a person to ask, a person to allow it.
        let answer = desk.call(&spec.name, serde_json::to_string(&arguments).unwrap());
        let refusal = [
            ("question", "Nobody can be asked"),
            ("request_user_input", "Nobody can be asked"),
            ("webfetch", "leads to this machine"),
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
        let answer = desk.refused(&spec.name, serde_json::to_string(&more).unwrap());
        assert!(answer.contains("no parameter `ignore`"), "{answer}");
        for name in schema["required"].as_array().unwrap() {
            let mut fewer = arguments.clone();
            fewer.remove(name.as_str().unwrap());
            let answer = desk.refused(&spec.name, serde_json::to_string(&fewer).unwrap());
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
    let desk = Desk::new(&[("a.txt", "text\n")]);
    for (arguments, says) in [
        (r#"{"filePath": "a.txt""#, "not a JSON object"),
        ("a.txt", "not a JSON object"),
        ("[]", "they are a list"),
        (r#"{"filePath": 3}"#, "has to be a text, not a number"),
        (
            r#"{"filePath": "a.txt", "offset": "soon"}"#,
            "has to be a whole number from 0 on, not `soon`",
        ),
        (r#"{"filePath": "a.txt", "limit": -1}"#, "not -1"),
        (r#"{"name": "a.txt"}"#, "`filePath` is missing"),
    ] {
        let answer = desk.refused("read", arguments);
        assert!(answer.contains(says), "{answer}");
        assert!(answer.ends_with("The parameters are `filePath` (string, required), `offset` (integer), `limit` (integer)"), "{answer}");
    }
    let answer = desk.refused("frobnicate", "{}");
    assert_eq!(
        answer,
        "There is no tool `frobnicate`. The tools are `apply_patch`, `edit`, `exec_command`, `glob`, `grep`, `list`, `question`, `read`, `request_user_input`, `shell`, `todo`, `update_plan`, `view_image`, `webfetch`, `write`, `write_stdin`"
    );
}

#[test]
fn read_numbers_the_lines_and_says_how_to_go_on() {
    let desk = Desk::new(&[("a.txt", "one\ntwo\nthree\n"), ("empty", "")]);
    assert_eq!(
        desk.ok("read", r#"{"filePath":"a.txt"}"#),
        "1\tone\n2\ttwo\n3\tthree\n(the file ends here, 3 lines)"
    );
    assert_eq!(
        desk.ok("read", r#"{"filePath":"a.txt","offset":"2","limit":1}"#),
        "2\ttwo\n(lines 2 to 2 of 3 shown; `offset` 3 goes on)"
    );
    assert_eq!(desk.call("read", r#"{"filePath":"a.txt","offset":2}"#).title, "a.txt 2-3");
    assert_eq!(desk.call("read", r#"{"filePath":"./a.txt"}"#).title, "a.txt");
    assert_eq!(desk.ok("read", r#"{"filePath":"empty"}"#), "`empty` is empty");
    assert_eq!(
        desk.refused("read", r#"{"filePath":"a.txt","offset":9}"#),
        "`a.txt` has 3 lines, so there is no line 9"
    );
}

#[test]
fn read_holds_back_what_is_too_much() {
    let desk = Desk::new(&[
        ("long.txt", &"line\n".repeat(5_000)),
        ("wide.txt", &format!("{}\n", "w".repeat(1_000)).repeat(100)),
    ]);
    let text = desk.ok("read", r#"{"filePath":"long.txt"}"#);
    assert!(
        text.ends_with("2000\tline\n(lines 1 to 2000 of 5,000 shown; `offset` 2001 goes on)"),
        "{}",
        &text[text.len() - 200..]
    );
    let text = desk.ok("read", r#"{"filePath":"wide.txt"}"#);
    assert!(
        text.len() < 51 * 1024
            && text.ends_with(
                "(lines 1 to 50 of 100 shown, as much as fits in 50.0 KB; `offset` 51 goes on)"
            ),
        "{}",
        text.len()
    );
    let sparse = fs::File::create(desk.path("huge.log")).unwrap();
    std::io::Write::write_all(&mut &sparse, &b"text\n".repeat(2_000)).unwrap();
    sparse.set_len(10 << 30).unwrap();
    assert_eq!(
        desk.refused("read", r#"{"filePath":"huge.log"}"#),
        "`huge.log` is 10.0 GB, more than the 512.0 MB that can be read. `grep` with this `path` finds lines in it"
    );
}

#[test]
fn pictures_are_handed_over_and_other_binary_files_are_not() {
    let desk = Desk::new(&[]);
    desk.write("logo", &pixels::tests::PNG)
        .write("program", b"\x7fELF\0\0\0")
        .write("fake.png", b"plain text\n");
    let output = desk.call("read", r#"{"filePath":"logo"}"#);
    assert_eq!(
        (output.images.len(), output.images[0].mime, &output.images[0].data[..11]),
        (1, "image/png", "iVBORw0KGgo")
    );
    assert_eq!(output.text, "The picture `logo` (image/png, 1 × 1 pixels, 67 bytes) is attached");
    desk.write("head.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0");
    for (tool, arguments) in
        [("read", r#"{"filePath":"head.png"}"#), ("view_image", r#"{"path":"head.png"}"#)]
    {
        let refused = desk.refused(tool, arguments);
        assert!(
            refused.starts_with("The picture `head.png` is damaged: it cannot be decoded ("),
            "{refused}"
        );
    }
    assert_eq!(
        desk.refused("read", r#"{"filePath":"program"}"#),
        "`program` is a binary file (7 bytes), which cannot be read as text"
    );
    assert!(desk.ok("read", r#"{"filePath":"fake.png"}"#).starts_with("1\tplain text\n"));
    desk.write("large.jpg", b"\xff\xd8\xff\xe0");
    let large = fs::File::options().write(true).open(desk.dir.path().join("large.jpg"));
    large.unwrap().set_len((50 << 20) + 1).unwrap();
    assert_eq!(
        desk.refused("read", r#"{"filePath":"large.jpg"}"#),
        "The picture `large.jpg` is 50.0 MB, more than the 50.0 MB that can be shown"
    );
}

#[test]
fn read_helps_on_when_there_is_no_such_file() {
    let desk = Desk::new(&[("src/settings.rs", "x\n"), ("src/.hidden", "")]);
    assert_eq!(
        desk.refused("read", r#"{"filePath":"src/setting.rs"}"#),
        "`src/setting.rs` is not there. There is `src/settings.rs`"
    );
    assert_eq!(
        desk.refused("read", r#"{"filePath":"settings.rs/deeper"}"#),
        "`settings.rs/deeper` is not there"
    );
    assert_eq!(
        desk.ok("read", r#"{"filePath":"src"}"#),
        "`src` is a folder. It contains:\n.hidden\nsettings.rs"
    );
}

#[test]
fn nothing_outside_of_the_folder_can_be_seen() {
    let desk = Desk::new(&[("in/a.txt", "inside\n"), ("secret.txt", "hush\n")]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret.txt", desk.path("in/link.txt")).unwrap();
        std::os::unix::fs::symlink("..", desk.path("in/up")).unwrap();
    }
    let folder = desk.path("in");
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
        let output = call(&folder, name, arguments);
        assert!(
            !output.ok
                && output.text.contains("is outside of the folder")
                && !output.text.contains("hush"),
            "{name} {arguments}: {}",
            output.text
        );
    }
    let found = call(&folder, "grep", r#"{"pattern":"hush"}"#);
    assert_eq!(found.text, "No lines match `hush` in `.`");
    let inside = serde_json::json!({ "filePath": folder.join("a.txt") });
    assert!(call(&folder, "read", &inside.to_string()).ok);
}

#[cfg(unix)]
#[test]
fn pipes_are_not_waited_for() {
    let desk = Desk::new(&[("a.txt", "text\n")]);
    let listener = std::os::unix::net::UnixListener::bind(desk.path("socket")).unwrap();
    assert!(
        std::process::Command::new("mkfifo").arg(desk.path("pipe")).status().unwrap().success()
    );
    for name in ["pipe", "socket"] {
        assert!(
            desk.refused("read", format!(r#"{{"filePath":"{name}"}}"#))
                .contains("is not a regular file")
        );
        assert!(
            desk.refused("grep", format!(r#"{{"pattern":"x","path":"{name}"}}"#))
                .contains("is not a regular file")
        );
        assert!(
            desk.refused("list", format!(r#"{{"path":"{name}"}}"#))
                .contains("is not a regular file")
        );
    }
    assert_eq!(desk.ok("grep", r#"{"pattern":"text"}"#), "a.txt\n  1: text");
    drop(listener);
}

#[test]
fn glob_puts_the_newest_first_and_honours_gitignore() {
    let desk = Desk::new(&[
        ("src/old.rs", ""),
        ("new.rs", ""),
        ("target/x.rs", ""),
        (".gitignore", "target"),
        (".ci/a.rs", ""),
    ]);
    desk.date("src/old.rs", 1).date("new.rs", 3).date(".ci/a.rs", 2);
    let output = desk.call("glob", r#"{"pattern":"**/*.rs"}"#);
    assert_eq!(
        (output.title.as_str(), output.text.as_str()),
        ("3 files for **/*.rs", "new.rs\n.ci/a.rs\nsrc/old.rs")
    );
    assert_eq!(desk.ok("glob", r#"{"pattern":"*.rs","path":"src"}"#), "src/old.rs");
    assert_eq!(desk.ok("glob", r#"{"pattern":"*.rs","path":"target"}"#), "target/x.rs");
    let absolute =
        serde_json::json!({ "pattern": fs::canonicalize(desk.path("src")).unwrap().join("*.rs") });
    assert_eq!(desk.ok("glob", absolute.to_string()), "src/old.rs");
    assert_eq!(desk.ok("glob", r#"{"pattern":"*.py"}"#), "No files match `*.py` in `.`");
    assert!(
        desk.ok("glob", r#"{"pattern":"src"}"#)
            .ends_with("It is a folder: `src/**` matches what is in it")
    );
    assert!(desk.refused("glob", r#"{"pattern":"[a"}"#).contains("is not valid"));
    assert!(
        desk.refused("glob", r#"{"pattern":"*","path":"new.rs"}"#)
            .contains("is a file, not a folder")
    );
}

#[test]
fn glob_shows_a_hundred_files_and_says_how_many_there_are() {
    let desk = Desk::new(&[]);
    for number in 0..250 {
        desk.write(&format!("d{}/f{number:03}", number % 5), b"")
            .date(&format!("d{}/f{number:03}", number % 5), number);
    }
    let text = desk.ok("glob", r#"{"pattern":"f*"}"#);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[99]), (101, "d4/f249", "d0/f150"));
    assert!(lines[100].contains("100 most recently changed of 250"), "{}", lines[100]);
}

#[test]
fn grep_tells_nothing_of_files_that_may_hold_secrets_unless_one_is_named() {
    let files = [".env", "deploy/server.pem", ".ssh/id_rsa", ".env.example", "src/env.rs"];
    let desk = Desk::new(&files.map(|file| (file, "KEY=pears")));
    let answer = desk.ok("grep", r#"{"pattern":"KEY"}"#);
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
    assert!(desk.ok("grep", r#"{"pattern":"KEY","include":".env"}"#).starts_with("No lines match"));
    // Whether it may is decided elsewhere: here it was.
    assert_eq!(desk.ok("grep", r#"{"pattern":"KEY","path":".env"}"#), ".env\n  1: KEY=pears");
    let grant = Grant { secrets: SecretAccess::All, ..Grant::within(Confinement::ReadOnly) };
    let found = call_with(grant, desk.dir.path(), "grep", r#"{"pattern":"KEY"}"#);
    assert_eq!(found.title, "5 matches for KEY");
}

#[test]
fn grep_groups_matching_lines_by_file() {
    let desk = Desk::new(&[
        ("src/a.rs", "fn one() {}\r\n// none\nfn two() {}\n"),
        ("b.md", "fn three\n"),
        ("bin", "fn\0 four"),
    ]);
    desk.write("utf16.txt", b"\xff\xfef\0n\0 \x005\0")
        .date("src/a.rs", 1)
        .date("b.md", 2)
        .date("utf16.txt", 0);
    let output = desk.call("grep", r#"{"pattern":"^fn\\s"}"#);
    assert_eq!(output.title, "4 matches for ^fn\\s");
    assert_eq!(
        output.text,
        "b.md\n  1: fn three\n\nsrc/a.rs\n  1: fn one() {}\n  3: fn two() {}\n\nutf16.txt\n  1: fn 5"
    );
    assert_eq!(
        desk.ok("grep", r#"{"pattern":"\\}$","include":"*.rs"}"#),
        "src/a.rs\n  1: fn one() {}\n  3: fn two() {}"
    );
    assert_eq!(desk.ok("grep", r#"{"pattern":"(?i)FN T","path":"b.md"}"#), "b.md\n  1: fn three");
    assert_eq!(
        desk.ok("grep", r#"{"pattern":"x","include":"*.py"}"#),
        "No lines match `x` in `.` in files like `*.py`"
    );
}

#[test]
fn a_regular_expression_that_is_none_is_explained() {
    let desk = Desk::new(&[("a", "b")]);
    for (pattern, says) in [
        ("foo(", "unclosed group"),
        ("*a", "repetition operator missing"),
        ("a\\nb", "\\n"),
        ("(?=a)", "look-around"),
    ] {
        let answer = desk.refused("grep", serde_json::json!({ "pattern": pattern }).to_string());
        assert!(
            answer.contains("is not a valid regular expression")
                && answer.contains(says)
                && answer.contains("`( ) [ ] { }"),
            "{answer}"
        );
    }
}

#[test]
fn list_shows_the_upper_levels_first_and_counts_what_it_leaves_out() {
    let desk = Desk::new(&[
        ("a/b/c/deep.txt", ""),
        ("z.txt", ""),
        (".env", ""),
        (".git/HEAD", ""),
        (".gitignore", "out"),
        ("out/x", ""),
    ]);
    assert_eq!(desk.ok("list", "{}"), ".env\n.gitignore\na/\n  b/\n    c/\n      deep.txt\nz.txt");
    assert_eq!(desk.ok("list", r#"{"path":"a/b"}"#), "c/\n  deep.txt");
    fs::create_dir(desk.path("void")).unwrap();
    assert_eq!(desk.ok("list", r#"{"path":"void"}"#), "(nothing in it)");
    for number in 0..300 {
        desk.write(&format!("a/many/{number:03}"), b"");
    }
    let text = desk.ok("list", "{}");
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
    let desk = Desk::new(&[]);
    for name in ["glob", "grep", "list", "read"] {
        let output = call(&desk.path("gone"), name, r#"{"pattern":"x","path":"x","filePath":"x"}"#);
        assert!(!output.ok && !output.text.is_empty(), "{name}: {}", output.text);
    }
    assert!(
        call(&desk.path("gone"), "list", "{}")
            .text
            .ends_with("gone` cannot be read: it is not there")
    );
}

#[test]
fn work_that_takes_too_long_ends_with_what_it_has() {
    use super::arguments::Arguments;
    use super::folder::WorkFolder;
    use super::open_files::{AgreedTexts, EditorPatience, OpenFiles, UnsavedTexts};
    use super::read_files::ReadFiles;
    use super::stop_signal::StopSignal;
    use super::tool_definitions::ToolContext;

    let desk = Desk::new(&[("a.txt", "text\n")]);
    let folder = WorkFolder::open(&desk.path("")).unwrap();
    let context = ToolContext {
        folder: &folder,
        stop: &StopSignal::after(Duration::ZERO),
        seen: &ReadFiles::default(),
        call: &CallId::from("c"),
        sight: SecretAccess::Plain,
        jobs: &Jobs::default(),
        open_files: &OpenFiles {
            editor: None,
            patience: EditorPatience::REAL,
            folder: &desk.path(""),
            stop: &StopSignal::default(),
            unsaved: &UnsavedTexts::default(),
            agreed: &AgreedTexts::default(),
        },
    };
    let grep = super::grep::run(&mut Arguments::parse(r#"{"pattern":"text"}"#).unwrap(), &context)
        .unwrap();
    let glob =
        super::glob::run(&mut Arguments::parse(r#"{"pattern":"*"}"#).unwrap(), &context).unwrap();
    let list = super::list::run(&mut Arguments::parse("{}").unwrap(), &context).unwrap();
    for output in [grep, glob, list] {
        assert!(output.text.contains("too long"), "{}", output.text);
    }
    let refusal =
        super::read::run(&mut Arguments::parse(r#"{"filePath":"a.txt"}"#).unwrap(), &context)
            .unwrap_err();
    assert!(refusal.to_string().contains("too long"), "{refusal}");
}

#[test]
fn a_file_of_one_endless_line_is_left_out_and_said_to_be() {
    let desk = Desk::new(&[("short.txt", "needle\n")]);
    desk.write("endless.txt", &b"needle ".repeat(1_300_000));
    assert_eq!(
        desk.ok("grep", r#"{"pattern":"needle$"}"#),
        "short.txt\n  1: needle\n(1 file could not be searched)"
    );
    let alone = desk.ok("grep", r#"{"pattern":"needle","path":"endless.txt"}"#);
    assert_eq!(alone, "No lines match `needle` in `endless.txt`\n(1 file could not be searched)");
}
