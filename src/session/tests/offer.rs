//! Which tools a model is offered. Does not know what they do.

use crate::protocol::{Agent, Mode, Patches, Presence, SettingsCommand};
use crate::session::{Charter, Input, Session};

use super::scenario::{charter, settings};

#[test]
fn a_model_gets_the_tools_that_it_was_taught_and_that_can_work() {
    for (patches, agent, mode, offered) in [
        (Patches::Never, Agent::Build, Mode::Ask, "ask edit read shell"),
        (Patches::AsText, Agent::Build, Mode::Auto, "ask patch read shell"),
        (Patches::AsArgument, Agent::Build, Mode::Full, "ask patch read shell"),
        (Patches::Never, Agent::Plan, Mode::Ask, "ask read shell"),
        (Patches::AsText, Agent::Plan, Mode::Full, "ask read shell"),
        (Patches::Never, Agent::Build, Mode::ReadOnly, "ask read shell"),
        (Patches::AsText, Agent::Build, Mode::ReadOnly, "ask read shell"),
    ] {
        let mut session = Session::new(charter(50), settings());
        session.handle(Input::ModelKnown { context: None, patches });
        session.handle(Input::Settings(SettingsCommand::Agent(agent)));
        session.handle(Input::Settings(SettingsCommand::Mode(mode)));
        let names: Vec<&str> = session.tools().iter().map(|tool| tool.name).collect();
        assert_eq!(names.join(" "), offered, "{patches:?} {agent:?} {mode:?}");
    }
}

#[test]
fn where_nobody_is_there_nothing_is_offered_that_asks() {
    let session = Session::new(Charter { presence: Presence::Unattended, ..charter(50) }, settings());
    let names: Vec<&str> = session.tools().iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["edit", "read", "shell"]);
}
