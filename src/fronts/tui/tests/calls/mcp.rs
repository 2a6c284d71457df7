//! The dialog of MCP servers: their states, tools that are switched, and a yes to a definition.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyCode;

use crate::protocol::{
    Command, EventKind, McpCommand, McpOwner, McpRequest, McpState, McpStatus, McpTool, McpTrust,
};
use crate::tui::tests::Fixture;

fn status(name: &str, state: McpState) -> McpStatus {
    let owner = match state {
        McpState::Untrusted { .. } => McpOwner::Project("/home/me/project/.mcp.json".into()),
        _ => McpOwner::Settings("/home/me/.config/codling/config.toml".into()),
    };
    McpStatus {
        prompts: [].into(),
        takes_sign_in: matches!(state, McpState::SignInNeeded),
        name: name.into(),
        owner,
        summary: format!("npx -y {name}").into(),
        state,
        tools: Arc::default(),
        start_time: None,
        errors: Arc::default(),
    }
}

fn tool(name: &str, is_on: bool) -> McpTool {
    McpTool { name: name.into(), summary: "Looks it up".into(), is_on, is_read_only: is_on }
}

fn untrusted(definition: &str) -> McpState {
    McpState::Untrusted {
        definition: definition.into(),
        before: Some("{\n  \"command\": \"tidy\"\n}".into()),
    }
}

fn all() -> EventKind {
    let ready = McpStatus {
        tools: [tool("find", true), tool("send", false)].into(),
        start_time: Some(Duration::from_millis(412)),
        ..status("docs", McpState::Ready)
    };
    let failed = McpStatus {
        errors: ["Error: no token\u{1b}[2J".to_owned()].into(),
        ..status("github", McpState::Failed { reason: "it ended before it was ready".into() })
    };
    let changed = status("tidy", untrusted("{\n  \"command\": \"tidy --all\u{202e}\"\n}"));
    EventKind::McpServers([ready, failed, status("hub", McpState::SignInNeeded), changed].into())
}

fn opened(columns: u16, rows: u16) -> Fixture {
    let mut fixture = Fixture::connected(columns, rows);
    fixture.event(all());
    fixture.enter("/mcp");
    fixture.sent();
    fixture
}

fn asked(fixture: &mut Fixture) -> Vec<(String, McpRequest)> {
    let sent = fixture.sent().into_iter().filter_map(|command| match command {
        Command::Mcp(_, McpCommand::Ask(name, request)) => Some((name.to_string(), request)),
        _ => None,
    });
    sent.collect()
}

#[test]
fn the_dialog_shows_each_servers_state_and_what_can_be_done() {
    insta::assert_snapshot!(opened(80, 24).picture());
    let mut narrow = opened(60, 18);
    narrow.press(KeyCode::Down);
    insta::assert_snapshot!(narrow.picture());
    assert!(!narrow.picture().contains('\u{1b}'));
    let mut none = Fixture::connected(80, 24);
    none.enter("/mcp");
    insta::assert_snapshot!(none.picture());
}

#[test]
fn a_server_is_restarted_and_switched_and_so_is_a_tool() {
    let mut fixture = opened(80, 24);
    fixture.press(KeyCode::Char('r'));
    fixture.press(KeyCode::Char(' '));
    assert_eq!(
        asked(&mut fixture),
        [("docs".into(), McpRequest::Restart), ("docs".into(), McpRequest::Switch(false))]
    );
    fixture.press(KeyCode::Enter);
    fixture.press(KeyCode::Down);
    insta::assert_snapshot!(fixture.picture());
    fixture.press(KeyCode::Char(' '));
    assert_eq!(asked(&mut fixture), [("docs".into(), McpRequest::SwitchTool("send".into(), true))]);
}

#[test]
fn a_folders_server_is_shown_as_it_would_run_before_a_yes() {
    for (key, trust) in
        [('y', Some(McpTrust::Sandboxed)), ('o', Some(McpTrust::Outside)), ('n', None)]
    {
        let mut fixture = opened(80, 24);
        fixture.presses([KeyCode::Down; 3]);
        fixture.press(KeyCode::Char(' '));
        assert_eq!(asked(&mut fixture), [], "it cannot be switched on unseen");
        fixture.press(KeyCode::Enter);
        if key == 'y' {
            insta::assert_snapshot!(fixture.picture());
        }
        fixture.picture();
        fixture.press(KeyCode::Char(key));
        let wanted: Vec<_> =
            trust.map(|trust| ("tidy".into(), McpRequest::Trust(trust))).into_iter().collect();
        assert_eq!(asked(&mut fixture), wanted, "{key}");
    }
}

#[test]
fn a_yes_is_not_given_to_a_definition_that_came_while_another_was_shown() {
    let mut fixture = opened(80, 24);
    fixture.presses([KeyCode::Down; 3]);
    fixture.press(KeyCode::Enter);
    fixture.picture();
    let other = status("tidy", untrusted("{\n  \"command\": \"evil\"\n}"));
    fixture.event(EventKind::McpServers([other].into()));
    fixture.picture();
    fixture.press(KeyCode::Char('y'));
    assert_eq!(asked(&mut fixture), []);
}

#[test]
fn a_definition_that_is_not_on_the_screen_whole_takes_no_yes() {
    let mut fixture = opened(60, 18);
    let long = status("tidy", untrusted(&"a line\n".repeat(40)));
    fixture.event(EventKind::McpServers([long].into()));
    fixture.picture();
    fixture.press(KeyCode::Enter);
    fixture.picture();
    fixture.press(KeyCode::Char('y'));
    assert_eq!(asked(&mut fixture), []);
}
