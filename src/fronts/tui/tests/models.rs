//! The list of models: favorites and recent ones first, the credential in use, and a model that is
//! gone.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Fixture;
use crate::protocol::*;
use crate::tui::tests::sentences;

/// The list with models of another provider beside OpenAI's.
fn opened() -> Fixture {
    let mut fixture = Fixture::connected(80, 30);
    let base = BaseUrl::parse("https://acme.example/v1").unwrap();
    let acme =
        Provider { name: "Acme".into(), ..Provider::new("acme".into(), base, "chat".into()) };
    fixture.event(EventKind::Providers([acme].into()));
    let models = ["large", "small"].map(|id| Model::unknown(ModelRef::new("acme".into(), id)));
    fixture.event(EventKind::Models(ModelList {
        provider: "acme".into(),
        models: models.into(),
        source: ModelSource::Server,
    }));
    fixture
}

fn with_marks(fixture: &mut Fixture) {
    let (large, small) =
        (ModelRef::new("acme".into(), "large"), ModelRef::new("acme".into(), "small"));
    let recent = vec![small.clone(), large, ModelRef::openai("gone")];
    let marks = ModelMarks { favorites: vec![small], recent };
    fixture.event(EventKind::ModelMarks(Arc::new(marks)));
}

#[test]
fn favorites_and_recent_models_come_first_and_a_key_marks_one() {
    let mut fixture = opened();
    fixture.enter("/models");
    with_marks(&mut fixture);
    fixture.cmds();
    fixture.press(KeyCode::Home);
    assert_snapshot!("models_marked_80x30", fixture.picture());
    fixture.ctrl('f');
    let sent = fixture.sent();
    let [Command::Account(AccountCommand::MarkModel(model))] = &sent[..] else {
        panic!("{sent:?}")
    };
    assert_eq!(model.to_string(), "acme/small");
}

#[test]
fn the_credential_of_a_row_is_shown_below_the_list() {
    let mut fixture = opened();
    fixture.enter("/models");
    fixture.text("large");
    fixture.assert_shows([sentences::WITHOUT_KEY]);
    let file = PathBuf::from("/a");
    let account = Account {
        provider: "acme".into(),
        kind: AccountKind::ApiKey,
        expires: None,
        source: CredentialSource::Environment("ACME_KEY".into()),
        standing: CredentialStanding::Wins,
    };
    fixture.event(EventKind::Accounts(AccountList {
        accounts: vec![account],
        file,
        opencode_offer: false,
        codex_offer: None,
    }));
    fixture.assert_shows(["Asked with ACME_KEY"]);
}

#[test]
fn a_model_that_is_gone_leads_to_the_list() {
    let mut fixture = opened();
    let turn = TurnId(1);
    fixture.event(EventKind::TurnStarted(turn));
    let problem = Problem::new(ProblemKind::NoModel, "Acme has no model `large`");
    fixture.event(EventKind::TurnEnded { turn, outcome: TurnOutcome::Failed(problem) });
    fixture.assert_shows(["Choose a model"]);
    fixture.press(KeyCode::Esc);
    fixture.assert_shows(["Acme has no model `large`"]);
}
