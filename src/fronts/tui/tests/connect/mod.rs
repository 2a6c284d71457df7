//! `/connect`, stage by stage. This file has what the stages share.

mod api_key;
mod browser;
mod ending;
mod headless;
mod leftovers;
mod offers;
mod providers;
mod ways;

use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Fixture;
use super::fixture::{models, plus, start};
use crate::base::Timestamp;
use crate::protocol::{
    Account, AccountCommand, AccountKind, AccountList, BaseUrl, BrowserLaunch, Command,
    ConfigCommand, ConfigValue, CredentialSource, CredentialStanding, EventKind, KeyCheck, Model,
    ModelList, ModelRef, ModelSource, PortHolder, Problem, ProblemKind, Provider, ProviderId,
    ProviderSource, SignInStep, SignInWay, Surroundings,
};
use crate::tui::StartInfo;
use crate::tui::messages::{Cmd, Msg};
use crate::tui::terminal::Copied;
use crate::tui::tests::sentences;

const DEVICE_URL: &str = "https://auth.openai.com/codex/device";

fn ssh() -> StartInfo {
    let surroundings = Surroundings {
        ssh: true,
        ssh_host: Some("203.0.113.7".into()),
        utf8: true,
        ..Surroundings::default()
    };
    StartInfo { surroundings, ..start() }
}

fn opened(start: StartInfo, width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::with(start, width, height);
    fixture.accounts(Vec::new());
    fixture.enter("/connect");
    fixture.cmds();
    fixture
}

/// Opens a sign-in method, counted from the top of the list.
fn at_way(way: usize, width: u16, height: u16) -> Fixture {
    let mut fixture = opened(start(), width, height);
    fixture.press(KeyCode::Enter);
    fixture.presses(vec![KeyCode::Down; way]);
    fixture.press(KeyCode::Enter);
    fixture
}

fn code(fixture: &mut Fixture) {
    let expires = fixture.now() + Duration::from_secs(872);
    fixture.sign_in(SignInStep::Code {
        url: DEVICE_URL.into(),
        code: "ABCD-12345".into(),
        expires,
    });
}

fn long_url() -> String {
    format!(
        "https://auth.openai.com/oauth/authorize?response_type=code&client_id=app_X&state={}",
        "s".repeat(300)
    )
}

fn listening(fixture: &mut Fixture, opened: BrowserLaunch, busy: Option<PortHolder>) {
    let expires = fixture.now() + Duration::from_secs(600);
    fixture.sign_in(SignInStep::Browser {
        url: long_url(),
        port: 1457,
        opened,
        expires,
        busy,
        deaf: None,
    });
}

fn is_cancel(commands: &[Command]) -> bool {
    matches!(commands, [Command::Account(AccountCommand::CancelSignIn(_))])
}

/// A provider of this source.
fn provider(id: &str, name: &str, source: ProviderSource) -> Provider {
    let base = match source {
        ProviderSource::Local => "http://127.0.0.1:11434/v1".to_owned(),
        _ => format!("https://{id}.example/v1"),
    };
    let base = BaseUrl::parse(&base).unwrap();
    Provider { name: name.into(), source, ..Provider::new(id.into(), base, "chat".into()) }
}
