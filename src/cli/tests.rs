//! Tables of what is typed and what is meant, and of what the demo may see.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};

use crate::auth_cli::{Login, LoginWay};
use crate::base::text::says;
use crate::base::{Advice, Reader, recording};
use crate::config::{Env, Flags, load};
use crate::demo::{Options, Stand};
use crate::exec::OutputForm;
use crate::protocol::ProviderId;
use crate::protocol::{ApprovalMode, Exit, KeyCheck, OnUsageLimit, ToolFace};
use crate::sessions_cli::{Consent, ListScope};

use super::args::Args;
use super::error::CliError;
use super::input;
use super::intent::{
    AcpIntent, EvalSubject, Here, Intent, PromptSource, RunIntent, ScreenIntent, Server,
    SessionsIntent, WhichSession,
};
use super::stage::{Backend, SignedIn, demo_env};

/// A folder with `project/`, `run/` and a file in it.
struct Fixture(tempfile::TempDir);

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("project")).unwrap();
        std::fs::create_dir_all(folder.path().join("run")).unwrap();
        std::fs::write(folder.path().join("file.rs"), "").unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        std::fs::canonicalize(self.0.path().join(name)).unwrap()
    }

    fn meant(&self, typed: &[&str], stdin: Reader) -> Result<Intent, CliError> {
        let args =
            Args::try_parse_from(std::iter::once("codling").chain(typed.iter().copied())).unwrap();
        Intent::of(
            args,
            &Here { folder: self.0.path().to_path_buf(), stdin, stdout: Reader::Terminal },
        )
    }
}

fn flags(model: Option<&str>, effort: Option<&str>) -> Flags {
    Flags { model: model.map(str::to_owned), effort: effort.map(str::to_owned), ..Flags::default() }
}

const DEMO: Server = Server::Demo { context: None, script: None };

fn acp(server: Server, mode: Option<ApprovalMode>) -> AcpIntent {
    AcpIntent { server, flags: Flags::default(), mode }
}

/// Returns the intent of a command line that has nothing but words and a model.
fn run(fixture: &Fixture, server: Server, flags: Flags, prompt: PromptSource) -> RunIntent {
    let folder = fixture.path("");
    RunIntent {
        server,
        folder,
        flags,
        mode: None,
        form: OutputForm::Text,
        prompt,
        images: vec![],
        schema: None,
        last_message: None,
        on_usage_limit: OnUsageLimit::End,
        past: WhichSession::None,
    }
}

#[test]
fn an_evaluation_takes_lists_of_models_efforts_tools_and_names() {
    let fixture = Fixture::new();
    let meant = |typed: &[&str]| match fixture.meant(typed, Reader::Terminal) {
        Ok(Intent::Eval(intent)) => intent,
        other => panic!("{other:?}"),
    };
    let plain = meant(&["eval", "project"]);
    assert_eq!((plain.repeats, plain.jobs, plain.subject), (1, 2, EvalSubject::Models));
    assert!(plain.models.is_empty() && plain.efforts.is_empty() && plain.faces.is_empty());
    let grid = ["-m", "a, acme/b", "eval", "--effort", "low,high", "--face", "codex,own"];
    let more = ["--repeat", "3", "--only", "fix-*,x", "--resume", "old.json", "project"];
    let intent = meant(&[&grid[..], &more].concat());
    assert_eq!(intent.models, ["a", "acme/b"]);
    assert_eq!(intent.efforts, ["low", "high"]);
    assert_eq!(intent.faces, [ToolFace::Codex, ToolFace::Own]);
    assert_eq!((intent.repeats, intent.only.len()), (3, 2));
    assert_eq!(intent.resume, Some(fixture.0.path().join("old.json")));
    // Each model is looked up by itself.
    assert_eq!(intent.flags, Flags::default());
    assert_eq!(meant(&["eval", "--check-tasks", "project"]).subject, EvalSubject::Tasks);
    for wrong in [
        vec!["eval", "--face", "both", "project"],
        vec!["eval", "--repeat", "0", "project"],
        vec!["eval", "--check-tasks", "--json", "x", "project"],
        vec!["eval", "--check-tasks", "--repeat", "2", "project"],
    ] {
        assert!(Args::try_parse_from([&["codling"], &wrong[..]].concat()).is_err(), "{wrong:?}");
    }
}

#[test]
fn the_arguments_are_well_formed() {
    Args::command().debug_assert();
}

#[test]
fn a_folder_opens_the_screen_and_a_subcommand_does_what_it_says() {
    let fixture = Fixture::new();
    let screen = |server, folder: &str, flags| {
        Intent::Screen(ScreenIntent {
            server,
            folder: fixture.path(folder),
            flags,
            mode: None,
            takes: false,
            prompt: None,
            past: WhichSession::None,
        })
    };
    let none = || flags(None, None);
    for (typed, expected) in [
        (vec![], screen(Server::Real, "", none())),
        (vec!["project"], screen(Server::Real, "project", none())),
        (
            vec!["-m", "gpt-x", "--effort", "high", "project"],
            screen(Server::Real, "project", flags(Some("gpt-x"), Some("high"))),
        ),
        (vec!["./run"], screen(Server::Real, "run", none())),
        (vec!["--", "run"], screen(Server::Real, "run", none())),
        (vec!["demo"], screen(DEMO, "", none())),
        (vec!["demo", "project"], screen(DEMO, "project", none())),
        (vec!["demo", "./run"], screen(DEMO, "run", none())),
        (
            vec!["sessions", "list", "-a"],
            Intent::Sessions(SessionsIntent::List(fixture.path(""), ListScope::All)),
        ),
        (
            vec!["sessions", "delete", "ab"],
            Intent::Sessions(SessionsIntent::Delete("ab".into(), Consent::Ask)),
        ),
        (
            vec!["sessions", "delete", "ab", "--yes"],
            Intent::Sessions(SessionsIntent::Delete("ab".into(), Consent::Given)),
        ),
        (vec!["auth", "list"], Intent::List),
        (vec!["acp"], Intent::Acp(acp(Server::Real, None))),
        (
            vec!["--approval-mode", "auto", "acp"],
            Intent::Acp(acp(Server::Real, Some(ApprovalMode::Auto))),
        ),
        (vec!["demo", "acp"], Intent::Acp(acp(DEMO, None))),
        // Editors add these words to the command that they start the agent with.
        (
            vec!["acp", "auth", "login", "--device"],
            Intent::Login(Login {
                provider: ProviderId::openai(),
                way: Some(LoginWay::Device),
                check: KeyCheck::First,
            }),
        ),
        (vec!["auth", "status"], Intent::Status),
        (vec!["guide"], Intent::Guide(String::new())),
        (vec!["guide", "npm", "install"], Intent::Guide("npm install".into())),
        (vec!["auth", "logout"], Intent::Logout(None)),
        (vec!["auth", "logout", "groq"], Intent::Logout(Some("groq".into()))),
        (
            vec!["auth", "login"],
            Intent::Login(Login {
                provider: ProviderId::openai(),
                way: None,
                check: KeyCheck::First,
            }),
        ),
        (
            vec!["auth", "login", "--device"],
            Intent::Login(Login {
                provider: ProviderId::openai(),
                way: Some(LoginWay::Device),
                check: KeyCheck::First,
            }),
        ),
        (
            vec!["auth", "login", "--browser"],
            Intent::Login(Login {
                provider: ProviderId::openai(),
                way: Some(LoginWay::Browser),
                check: KeyCheck::First,
            }),
        ),
        (
            vec!["auth", "login", "--api-key", "--unchecked"],
            Intent::Login(Login {
                provider: ProviderId::openai(),
                way: Some(LoginWay::ApiKey),
                check: KeyCheck::Skip,
            }),
        ),
    ] {
        assert_eq!(fixture.meant(&typed, Reader::Terminal).unwrap(), expected, "{typed:?}");
    }
}

#[test]
fn a_prompt_is_what_stands_behind_run_whatever_word_it_begins_with() {
    let fixture = Fixture::new();
    let words = |text: &str| PromptSource::Words(text.into());
    let both = |text: &str| PromptSource::WordsAndStdin(text.into());
    let (terminal, pipe) = (Reader::Terminal, Reader::Program);
    for (typed, stdin, prompt) in [
        (vec!["run", "what is this?"], terminal, words("what is this?")),
        (vec!["run", "what", "is", "this?"], terminal, words("what is this?")),
        (vec!["run", "auth", "list"], terminal, words("auth list")),
        (vec!["run", "run"], terminal, words("run")),
        (vec!["run", "help"], terminal, words("help")),
        (vec!["run", "--", "--json", "means?"], terminal, words("--json means?")),
        (vec!["run", "-"], terminal, PromptSource::Stdin),
        (vec!["run", "-"], pipe, PromptSource::Stdin),
        (vec!["run"], pipe, PromptSource::Stdin),
        (vec!["run", "review"], pipe, both("review")),
        (vec!["run", "review", "-"], terminal, both("review")),
        (vec!["run", "", " "], pipe, PromptSource::Stdin),
    ] {
        let expected = run(&fixture, Server::Real, flags(None, None), prompt);
        assert_eq!(fixture.meant(&typed, stdin).unwrap(), Intent::Run(expected), "{typed:?}");
    }
    let json = fixture.meant(&["demo", "run", "look", "--json", "-m", "x"], terminal).unwrap();
    let expected = RunIntent {
        form: OutputForm::Json,
        ..run(&fixture, DEMO, flags(Some("x"), None), words("look"))
    };
    assert_eq!(json, Intent::Run(expected));
    let inside = fixture.meant(&["demo", "project", "run", "look"], terminal).unwrap();
    let expected = RunIntent {
        folder: fixture.path("project"),
        ..run(&fixture, DEMO, flags(None, None), words("look"))
    };
    assert_eq!(inside, Intent::Run(expected));
    assert!(matches!(fixture.meant(&["run"], terminal), Err(CliError::NoPrompt)));
    assert!(matches!(fixture.meant(&["run", " "], terminal), Err(CliError::NoPrompt)));
}

#[test]
fn a_model_may_be_named_on_either_side_of_the_command() {
    let fixture = Fixture::new();
    for (typed, expected) in [
        (vec!["-m", "a", "run", "hi"], flags(Some("a"), None)),
        (vec!["-m", "a", "run", "-m", "b", "hi"], flags(Some("b"), None)),
        (vec!["--effort", "low", "demo", "run", "hi", "-m", "b"], flags(Some("b"), Some("low"))),
        (vec!["-m", "a", "demo"], flags(Some("a"), None)),
        (vec!["demo", "-m", "a"], flags(Some("a"), None)),
        (
            vec!["-m", "a", "demo", "-m", "b", "project", "--effort", "low"],
            flags(Some("b"), Some("low")),
        ),
        (vec!["-m", "a", "demo", "-m", "b", "run", "-m", "c", "hi"], flags(Some("c"), None)),
        (vec!["demo", "-m", "b", "run", "hi"], flags(Some("b"), None)),
    ] {
        let found = match fixture.meant(&typed, Reader::Terminal).unwrap() {
            Intent::Run(run) => run.flags,
            Intent::Screen(screen) => screen.flags,
            other => unreachable!("{other:?}"),
        };
        assert_eq!(found, expected, "{typed:?}");
    }
    assert!(matches!(
        fixture.meant(&["-m", "a", "auth", "list"], Reader::Terminal),
        Err(CliError::NoChoiceHere { command: "auth" })
    ));
}

#[test]
fn what_may_happen_without_asking_is_typed_and_the_nearer_word_counts() {
    let fixture = Fixture::new();
    for (typed, expected) in [
        (vec!["--approval-mode", "auto"], Some(ApprovalMode::Auto)),
        (vec!["--approval-mode=full", "project"], Some(ApprovalMode::Full)),
        (
            vec!["--approval-mode", "ask", "run", "--approval-mode", "read-only", "hi"],
            Some(ApprovalMode::ReadOnly),
        ),
        (vec!["--approval-mode", "auto", "demo", "run", "hi"], Some(ApprovalMode::Auto)),
        (vec!["demo", "--approval-mode", "auto"], Some(ApprovalMode::Auto)),
        (vec!["demo", "--approval-mode", "auto", "run", "hi"], Some(ApprovalMode::Auto)),
        (vec!["demo"], None),
        (vec!["run", "hi"], None),
    ] {
        let found = match fixture.meant(&typed, Reader::Terminal).unwrap() {
            Intent::Run(run) => run.mode,
            Intent::Screen(screen) => screen.mode,
            other => unreachable!("{other:?}"),
        };
        assert_eq!(found, expected, "{typed:?}");
    }
    assert!(
        Args::try_parse_from(["codling", "--approval-mode", "yolo"])
            .unwrap_err()
            .to_string()
            .contains("`read-only`")
    );
    for command in ["auth", "sessions"] {
        let refused = fixture
            .meant(&["--approval-mode", "auto", command, "list"], Reader::Terminal)
            .unwrap_err();
        assert!(
            refused.to_string().starts_with(&format!("`codling {command}` does not take")),
            "{refused}"
        );
    }
}

#[test]
fn files_of_a_run_are_named_from_the_folder_it_is_typed_in() {
    let fixture = Fixture::new();
    let typed = [
        "run",
        "-i",
        "a.png",
        "--image",
        "/b.gif",
        "--output-schema",
        "s.json",
        "--output-last-message",
        "out/m.md",
        "look",
        "here",
    ];
    let Intent::Run(run) = fixture.meant(&typed, Reader::Terminal).unwrap() else { unreachable!() };
    let here = fixture.0.path();
    assert_eq!(run.images, [here.join("a.png"), PathBuf::from("/b.gif")]);
    assert_eq!(
        (run.schema, run.last_message),
        (Some(here.join("s.json")), Some(here.join("out/m.md")))
    );
    assert_eq!(run.prompt, PromptSource::Words("look here".into()));
}

#[test]
fn the_demos_context_can_be_made_small() {
    let fixture = Fixture::new();
    let small = Server::Demo { context: Some(8000), script: None };
    let Intent::Screen(screen) =
        fixture.meant(&["demo", "--context", "8000", "project"], Reader::Terminal).unwrap()
    else {
        unreachable!()
    };
    assert_eq!(screen.server, small);
    let Intent::Run(run) =
        fixture.meant(&["demo", "--context", "8000", "run", "hi"], Reader::Terminal).unwrap()
    else {
        unreachable!()
    };
    assert_eq!(run.server, small);
    assert!(Args::try_parse_from(["codling", "demo", "--context", "9"]).is_err());
}

#[test]
fn a_slip_is_refused_by_the_parser_with_the_usage_exit() {
    for typed in [
        vec!["--colour"],
        vec!["auth"],
        vec!["auth", "lgin"],
        vec!["auth", "login", "--device", "--browser"],
        vec!["auth", "login", "--unchecked"],
        vec!["auth", "login", "--device", "--unchecked"],
        vec!["-m"],
    ] {
        let error = Args::try_parse_from(std::iter::once("codling").chain(typed.iter().copied()))
            .unwrap_err();
        assert_eq!((error.use_stderr(), error.exit_code()), (true, 2), "{typed:?}");
    }
    for typed in ["--version", "--help"] {
        assert!(!Args::try_parse_from(["codling", typed]).unwrap_err().use_stderr());
    }
}

#[test]
fn a_word_that_is_no_folder_is_told_what_was_likely_meant() {
    let fixture = Fixture::new();
    for (typed, message, next) in [
        ("rnu", "no folder `rnu`", "`codling run`?"),
        ("login", "no folder `login`", "`codling auth login`?"),
        ("atuh", "no folder `atuh`", "`codling auth`?"),
        (
            "fix the bug",
            "no folder `fix the bug`",
            "`codling --prompt \"…\"` … `codling run \"…\"`",
        ),
        ("nowhere", "no folder `nowhere`", "a folder … `codling run \"…\"`"),
        ("file.rs", "`file.rs` … not a folder", "the folder … `codling run \"…\"`"),
    ] {
        // The error is the same where there is no terminal: the person has to know the slip.
        for stdin in [Reader::Terminal, Reader::Program] {
            let error = fixture.meant(&[typed], stdin).unwrap_err();
            assert_eq!(error.exit(), Exit::Usage);
            let advice = error.next_step().unwrap();
            assert!(says(&error.to_string(), message) && says(&advice, next), "{error}: {advice}");
        }
    }
}

#[test]
fn several_words_are_taken_for_a_question() {
    for typed in [["fix", "the", "bug"], ["fix", "run", "now"]] {
        let error = Fixture::new().meant(&typed, Reader::Terminal).unwrap_err();
        let words = typed.join(" ");
        assert!(says(&error.to_string(), &format!("`{words}` … more than one")), "{error}");
        let next = error.next_step().unwrap();
        let both = format!("`codling --prompt \"{words}\"` … `codling run \"{words}\"`");
        assert!(says(&next, &both), "{next}");
        assert_eq!(error.exit(), Exit::Usage);
    }
}

#[test]
fn the_screen_needs_a_terminal_and_says_what_does_not() {
    let error = Fixture::new().meant(&[], Reader::Program).unwrap_err();
    assert!(says(&error.to_string(), "a terminal"), "{error}");
    assert!(error.next_step().unwrap().contains("`codling run"));
    assert_eq!(error.exit(), Exit::Usage);
}

#[test]
fn the_prompt_is_words_stdin_or_both() {
    let (mut console, _, _) = recording::console(Reader::Program, Reader::Program);
    let mut read = |source, stdin: &'static [u8]| input::prompt(source, stdin, &mut console);
    let both = |words: &str| PromptSource::WordsAndStdin(words.into());
    assert_eq!(read(PromptSource::Words("ask".into()), b"untouched").unwrap(), "ask");
    assert_eq!(read(PromptSource::Stdin, b"from\nstdin\n\n").unwrap(), "from\nstdin");
    assert_eq!(read(both("review"), b"diff --git\n").unwrap(), "review\n\ndiff --git");
    assert_eq!(read(both("review"), b"").unwrap(), "review");
    assert_eq!(read(PromptSource::Stdin, b"caf\xe9").unwrap(), "caf\u{fffd}");
    assert!(matches!(read(PromptSource::Stdin, b" \n"), Err(CliError::NoPrompt)));
    let endless = input::prompt(PromptSource::Stdin, io::repeat(b'x'), &mut console);
    assert!(matches!(endless, Err(CliError::PromptTooLarge { .. })));
}

#[test]
fn stdin_that_cannot_be_read_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }
    }
    let (mut console, _, _) = recording::console(Reader::Program, Reader::Program);
    let error = input::prompt(PromptSource::Stdin, Broken, &mut console).unwrap_err();
    assert!(says(&error.to_string(), "stdin: broken"), "{error}");
    assert_eq!(error.exit(), Exit::Usage);
}

#[test]
fn the_demo_sees_nothing_of_the_persons_own() {
    let stand = Stand::start(Options::default()).unwrap();
    let own = Env::of([
        ("HOME", "/home/m"),
        ("CODLING_HOME", "/home/m/own"),
        ("CODLING_AUTH_FILE", "opencode"),
        ("CODLING_API_ORIGIN", "https://api.example"),
        ("OPENAI_API_KEY", "sk-own"),
        ("GROQ_API_KEY", "gsk-own"),
        ("XDG_DATA_HOME", "/home/m/data"),
        ("XDG_CONFIG_HOME", "/home/m/config"),
    ]);
    let env = demo_env(&own, Path::new("/demo"), &stand.origins());
    let settings =
        load(&env, None, &Flags::default(), &crate::engine::dialects()).unwrap().settings;
    assert_eq!(settings.api_key, None);
    assert!(settings.providers.iter().all(|own| own.usual_key().is_none()));
    assert_eq!(settings.origins, stand.origins());
    assert_eq!(settings.auth_file, Path::new("/demo/data/auth.json"));
    let paths = [
        settings.paths.data,
        settings.paths.config,
        settings.paths.state,
        settings.paths.cache,
        settings.opencode_file,
        settings.codex_file,
    ];
    assert!(paths.iter().all(|path| path.starts_with("/demo")), "{paths:?}");
}

#[test]
fn the_demo_stage_is_labelled_and_goes_away_with_its_home() {
    let stage = Backend::set(&DEMO, &Env::default(), SignedIn::Already).unwrap();
    assert!(stage.label().unwrap().contains("not OpenAI"));
    assert_eq!(stage.project(Path::new("/project")), None);
    let settings =
        load(&stage.env, None, &stage.flags(flags(None, None)), &crate::engine::dialects())
            .unwrap()
            .settings;
    assert_eq!(settings.model.unwrap().id.as_str(), crate::demo::DEMO_MODEL);
    assert_eq!(stage.flags(flags(Some("other"), None)).model.as_deref(), Some("other"));
    assert!(settings.auth_file.is_file(), "`codling demo run` needs no sign-in first");
    drop(stage);
    assert!(!settings.auth_file.exists());

    let fresh = Backend::set(&DEMO, &Env::default(), SignedIn::NotYet).unwrap();
    let settings =
        load(&fresh.env, None, &Flags::default(), &crate::engine::dialects()).unwrap().settings;
    assert!(!settings.auth_file.exists(), "the screen shows the sign-in first");
    assert_eq!(
        Backend::set(&Server::Real, &Env::default(), SignedIn::NotYet).unwrap().label(),
        None
    );
}

#[test]
fn the_help_and_the_guide_name_the_same_kinds_of_json_lines() {
    let help = Args::command().find_subcommand_mut("run").unwrap().render_long_help().to_string();
    let lines = help.split("Lines of --json").nth(1).unwrap().split("\nA problem").next().unwrap();
    let kinds: Vec<&str> =
        lines.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(kinds.len(), 27, "{kinds:?}");
    let page = include_str!("../../assets/guide/headless.md");
    for kind in kinds {
        assert!(
            page.contains(&format!("`{kind}`")) || page.contains(&format!("\"type\":\"{kind}\"")),
            "{kind}"
        );
    }
}

#[test]
fn a_conversation_to_go_on_with_is_named_before_the_folder_or_behind_run() {
    let fixture = Fixture::new();
    let named = || WhichSession::Named("ab1".into());
    for (typed, past) in [
        (vec!["--continue"], WhichSession::Latest),
        (vec!["-c", "project"], WhichSession::Latest),
        (vec!["--resume"], WhichSession::Choose),
        (vec!["--resume", "ab1"], named()),
        (vec!["-r", "ab1"], named()),
        (vec!["--resume=ab1", "project"], named()),
        (vec![], WhichSession::None),
    ] {
        let meant = fixture.meant(&typed, Reader::Terminal).unwrap();
        assert!(
            matches!(&meant, Intent::Screen(screen) if screen.past == past),
            "{typed:?} {meant:?}"
        );
    }
    for (typed, past) in [
        (vec!["run", "--continue", "and why?"], WhichSession::Latest),
        (vec!["run", "--resume", "ab1", "and why?"], named()),
        (vec!["run", "and why?"], WhichSession::None),
    ] {
        let meant = fixture.meant(&typed, Reader::Terminal).unwrap();
        assert!(matches!(&meant, Intent::Run(run) if run.past == past), "{typed:?} {meant:?}");
    }
    assert!(matches!(
        fixture.meant(&["--continue", "run", "x"], Reader::Terminal),
        Err(CliError::PastHere)
    ));
    for typed in [
        vec!["--continue", "demo"],
        vec!["demo", "-c"],
        vec!["demo", "--resume"],
        vec!["demo", "--resume", "ab1"],
        vec!["demo", "-c", "run", "x"],
        vec!["demo", "run", "-c", "x"],
        vec!["demo", "run", "--resume", "ab1", "x"],
    ] {
        let error = fixture.meant(&typed, Reader::Terminal).unwrap_err();
        assert!(matches!(error, CliError::PastOfDemo), "{typed:?} {error}");
        assert!(error.next_step().unwrap().contains("codling --continue"));
    }
    assert!(Args::try_parse_from(["codling", "--continue", "--resume"]).is_err());
    assert!(Args::try_parse_from(["codling", "run", "--resume"]).is_err());
}

#[test]
fn the_demo_s_server_only_serves() {
    let fixture = Fixture::new();
    for typed in [
        ["demo", "app-server", "client", "model-list"].as_slice(),
        &["demo", "app-server", "generate-json-schema", "--out", "schema"],
    ] {
        let error = fixture.meant(typed, Reader::Terminal).unwrap_err();
        assert!(matches!(error, CliError::ClientOfDemo), "{typed:?} {error}");
        assert!(error.next_step().unwrap().contains("without `demo`"));
    }
}
