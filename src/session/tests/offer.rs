//! Which tools a model is offered. Does not know what they do.

use crate::protocol::{Agent, Patches, SettingsCommand};
use crate::session::{Input, Session};

use super::scenario::{charter, settings};

#[test]
fn a_model_gets_the_tools_that_it_was_taught_and_its_agent_may_use() {
    for (patches, agent, offered) in [
        (Patches::Never, Agent::Build, "edit read shell"),
        (Patches::AsText, Agent::Build, "patch read shell"),
        (Patches::AsArgument, Agent::Build, "patch read shell"),
        (Patches::Never, Agent::Plan, "read shell"),
        (Patches::AsText, Agent::Plan, "read shell"),
    ] {
        let mut session = Session::new(charter(50), settings());
        session.handle(Input::ModelKnown { context: None, patches });
        session.handle(Input::Settings(SettingsCommand::Agent(agent)));
        let names: Vec<&str> = session.tools().iter().map(|tool| tool.name).collect();
        assert_eq!(names.join(" "), offered, "{patches:?} {agent:?}");
    }
}
