//! Which tools a model is offered.

use crate::protocol::{Agent, ApprovalMode, Patches, Presence, SessionSettings, SettingsCommand};
use crate::session::{Session, SessionConfig, SessionInput};

use super::scenario::{config, settings};

#[test]
fn a_model_gets_the_tools_that_it_was_taught_whatever_it_may_do_with_them_now() {
    for (patches, agent, mode, offered) in [
        (Patches::Never, Agent::Build, ApprovalMode::Ask, "ask edit read shell"),
        (Patches::AsText, Agent::Build, ApprovalMode::Auto, "ask patch read shell"),
        (Patches::AsArgument, Agent::Build, ApprovalMode::Full, "ask patch read shell"),
        (Patches::Never, Agent::Plan, ApprovalMode::Ask, "ask edit read shell"),
        (Patches::AsText, Agent::Plan, ApprovalMode::Full, "ask patch read shell"),
        (Patches::AsText, Agent::Build, ApprovalMode::ReadOnly, "ask patch read shell"),
    ] {
        let mut session = Session::new(config(50), settings());
        session.handle(SessionInput::ModelKnown(SessionSettings { patches, ..settings() }));
        session.handle(SessionInput::Settings(SettingsCommand::Agent(agent)));
        session.handle(SessionInput::Settings(SettingsCommand::Mode(mode)));
        let tools = session.tools();
        let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
        assert_eq!(names.join(" "), offered, "{patches:?} {agent:?} {mode:?}");
    }
}

#[test]
fn where_nobody_is_there_nothing_is_offered_that_asks() {
    let session =
        Session::new(SessionConfig { presence: Presence::Unattended, ..config(50) }, settings());
    let tools = session.tools();
    let names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
    assert_eq!(names, ["edit", "read", "shell"]);
}
