//! The findings of a doctor, and what none of them may give away.

use std::path::PathBuf;

use super::*;
use crate::base::recording::console as recording;
use crate::base::{Reader, TerminalKind, Timestamp};
use crate::engine::checkup::FoundAccounts;
use crate::engine::live::LiveAnswers;
use crate::protocol::{
    Account, AccountKind, AccountList, CredentialSource, CredentialStanding, Notice, PortHolder,
    Problem, ProblemKind, ProviderId, Sandbox, Surroundings,
};

const DAY: i64 = 24 * 60 * 60 * 1000;
const NOW: i64 = 1_800_000_000_000;
/// Texts that belong to the person.
const TOKEN: &str = "sk-canary0123456789abcdef";
const EMAIL: &str = "canary@person.example";
const USER: &str = "canaryuser";
const HOME: &str = "/home/canaryuser";
const MACHINE: &str = "canarybox";

fn file() -> PathBuf {
    format!("{HOME}/.local/share/codling/auth.json").into()
}

/// A home in which all is well.
fn facts() -> DoctorFacts {
    let account = Account {
        provider: ProviderId::openai(),
        kind: AccountKind::ChatGpt {
            account: Some("acc-canary".into()),
            email: Some(EMAIL.into()),
            plan: Some("plus".into()),
        },
        expires: Some(Timestamp(NOW + 6 * DAY)),
        source: CredentialSource::File(file()),
        standing: CredentialStanding::Wins,
    };
    let list = AccountList {
        accounts: vec![account],
        file: file(),
        opencode_offer: false,
        codex_offer: None,
    };
    DoctorFacts {
        program: Program { version: "0.1.0".into(), system: "linux x86_64".into() },
        home: Some(HOME.into()),
        names: vec![USER.into(), MACHINE.into()],
        now: Timestamp(NOW),
        settings: SettingsFacts {
            file: format!("{HOME}/.config/codling/config.toml").into(),
            exists: true,
            warnings: Vec::new(),
            problems: Vec::new(),
        },
        accounts: Ok(FoundAccounts { list, exposed: None }),
        auth_file: file(),
        is_shared: false,
        auth_written: Some(Timestamp(NOW - 3 * DAY)),
        ports: vec![(1455, None), (1457, None)],
        servers: None,
        proxies: Vec::new(),
        certificates: Vec::new(),
        terminal: TerminalFacts {
            term: Some("xterm-256color".into()),
            program: None,
            colours: "256 colours",
            size: Some((80, 24)),
            kind: TerminalKind::default(),
        },
        surroundings: Surroundings { utf8: true, ..Surroundings::default() },
        sandbox: SandboxFacts { sandbox: Sandbox::Namespaces, refused: Vec::new() },
        open: Ok(LiveAnswers { answered: Vec::new(), silent: Vec::new() }),
    }
}

fn printed(facts: &DoctorFacts, form: DoctorForm) -> (Exit, String) {
    let (mut console, out, _err) = recording(Reader::Program, Reader::Program);
    let exit = doctor(facts, form, &mut console);
    (exit, out.text())
}

fn marks(facts: &DoctorFacts) -> Vec<(&'static str, Mark)> {
    let found = findings::of(facts).into_iter();
    found.filter(|one| one.mark != Mark::Good).map(|one| (one.topic, one.mark)).collect()
}

#[test]
fn where_all_is_well_nothing_is_advised() {
    assert_eq!(marks(&facts()), []);
    let (exit, text) = printed(&facts(), DoctorForm::Text);
    assert_eq!(exit, Exit::Done);
    insta::assert_snapshot!(text);
}

#[test]
fn each_fault_has_its_mark_and_a_next_step() {
    let mut all = facts();
    if let Ok(found) = &mut all.accounts {
        found.exposed = Some(0o644);
        found.list.accounts.clear();
    }
    all.settings.problems = vec![("The file is not valid TOML".into(), None)];
    let (pid, name) = (Some(7), Some("other".to_owned()));
    all.ports[0].1 = Some(PortHolder { port: 1455, pid, name });
    let unreached = Problem::new(ProblemKind::Network, "No answer came in time").with_next("Wait");
    all.servers = Some(vec![
        ("auth.example".into(), Ok(Some(Timestamp(NOW - DAY)))),
        ("api.example".into(), Err(unreached)),
    ]);
    all.proxies = vec![("HTTPS_PROXY".into(), "::".into())];
    all.certificates = vec![Certificates {
        variable: "SSL_CERT_FILE",
        file: "/gone.pem".into(),
        is_usable: false,
        is_needed: true,
    }];
    all.terminal.term = None;
    all.sandbox = SandboxFacts { sandbox: Sandbox::Landlock, refused: vec!["no".into()] };
    all.open = Err(std::io::ErrorKind::PermissionDenied.into());
    let expected = [
        ("settings", Mark::Bad),
        ("auth.json", Mark::Bad),
        ("sign-in", Mark::Doubt),
        ("callback port", Mark::Doubt),
        ("clock", Mark::Bad),
        ("server", Mark::Bad),
        ("proxy", Mark::Doubt),
        ("certificates", Mark::Bad),
        ("terminal", Mark::Doubt),
        ("sandbox", Mark::Doubt),
        ("conversations", Mark::Doubt),
    ];
    assert_eq!(marks(&all), expected);
    assert!(findings::of(&all).iter().all(|one| one.mark == Mark::Good || one.next.is_some()));
    let (exit, json) = printed(&all, DoctorForm::Json);
    assert_eq!(exit, Exit::Failed);
    let json: Value = serde_json::from_str(&json).unwrap();
    let of =
        |topic: &str| json.as_array().unwrap().iter().find(|one| one["topic"] == topic).unwrap();
    assert_eq!(of("clock")["mark"], "error");
    assert!(of("auth.json")["next"].as_str().unwrap().contains("chmod 600"));
}

#[test]
fn a_clock_is_judged_by_the_server_that_differs_most() {
    for (off, mark) in [(2_000, None), (90_000, Some(Mark::Doubt)), (-700_000, Some(Mark::Bad))] {
        let mut all = facts();
        all.servers = Some(vec![
            ("one.example".into(), Ok(Some(Timestamp(NOW)))),
            ("other.example".into(), Ok(Some(Timestamp(NOW + off)))),
        ]);
        assert_eq!(marks(&all), mark.map(|mark| ("clock", mark)).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn nothing_of_the_person_is_printed() {
    let mut all = facts();
    let path = format!("`{HOME}/x` and /mnt/{USER}/y of {USER}@{MACHINE}: api_key is {TOKEN}");
    all.settings.warnings = vec![Notice { message: path.clone(), next: Some(path.clone()) }];
    all.proxies = vec![
        ("HTTPS_PROXY".into(), format!("http://{USER}:{TOKEN}@proxy.example:3128")),
        ("https_proxy".into(), format!("{USER}:{TOKEN}@proxy.example:3128")),
    ];
    all.certificates = vec![Certificates {
        variable: "NODE_EXTRA_CA_CERTS",
        file: format!("{HOME}/ca.pem").into(),
        is_usable: false,
        is_needed: false,
    }];
    all.terminal.program = Some(format!("{USER}-term"));
    all.accounts = all.accounts.map(|mut found| {
        found.exposed = Some(0o644);
        found
    });
    all.servers = Some(vec![("api.example".into(), Err(Problem::new(ProblemKind::Network, path)))]);
    for form in [DoctorForm::Text, DoctorForm::Json] {
        let (_, text) = printed(&all, form);
        for canary in [TOKEN, EMAIL, HOME, MACHINE, "acc-canary"] {
            assert!(!text.contains(canary), "{canary} in {text}");
        }
        assert!(text.contains("proxy.example:3128") && text.contains("~/ca.pem"), "{text}");
    }
    let (_, text) = printed(&all, DoctorForm::Text);
    let report = text.split_once("For a bug tracker").unwrap().1;
    for private in [USER, "~", "/home", "example"] {
        assert!(!report.contains(private), "{private} in {report}");
    }
}
