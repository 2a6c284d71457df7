//! The model of a conversation and its settings: by the account's list, from the first request on.

use std::sync::Arc;

use codling::demo::{Catalogue, DeviceDecision, Options, ScriptedAnswer, SeenRequest, gate};
use codling::protocol::{
    AccountCommand, Command, ModelSource, Reply, SignInStep, SignInWay, TurnCommand,
};
use futures_util::future::join_all;

use super::scene::Scene;

const LIST: &str = "/backend-api/codex/models";

/// An account with other models than the built-in ones.
fn account() -> Options {
    Options { catalogue: Catalogue::Codex, ..Options::default() }
}

/// The model, its effort and its verbosity.
fn asked(request: &SeenRequest) -> [serde_json::Value; 3] {
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    [&body["model"], &body["reasoning"]["effort"], &body["text"]["verbosity"]].map(Clone::clone)
}

#[test]
fn the_first_request_of_an_account_goes_out_as_every_later_one_does() {
    let scene = Scene::signed_in(account());
    scene.stand.script(["One.", "Two."].map(ScriptedAnswer::says));
    scene.ask("hello");
    let later = Scene::beside(Arc::clone(&scene.stand), Arc::clone(&scene.home));
    later.ask("hello");
    let requests = scene.stand.responses();
    assert_eq!(asked(&requests[0]), asked(&requests[1]));
    // The account's best model, not the best built-in one.
    assert_eq!(asked(&requests[0])[..2], ["gpt-6.1-sol", "low"]);
    assert_eq!(scene.stand.requests_to(LIST).len(), 1, "the second time it is known");
    later.end();
    scene.end();
}

#[test]
fn a_prompt_that_was_begun_before_the_sign_in_waits_for_the_accounts_list_too() {
    let scene = Scene::new(Options { interval: 1, ..account() });
    scene.stand.script([ScriptedAnswer::says("One.")]);
    scene.send(Command::Turn(scene.session(), TurnCommand::GetReady));
    scene.sign_in(SignInWay::Headless);
    let code = scene.step("the code", |step| matches!(step, SignInStep::Code { .. }));
    let SignInStep::Code { code, .. } = code else { panic!("{code:?}") };
    assert!(scene.stand.decide_device(&code, DeviceDecision::Approve));
    scene.step("the end", |step| matches!(step, SignInStep::Completed(_)));
    scene.ask("hello");
    assert_eq!(asked(&scene.stand.responses()[0])[..2], ["gpt-6.1-sol", "low"]);
    scene.end();
}

#[test]
fn a_server_that_does_not_tell_its_models_holds_nobody_up_for_long() {
    let scene = Scene::signed_in(account());
    scene.stand.fault(LIST, ScriptedAnswer::sse([gate("the list")]));
    scene.stand.script([ScriptedAnswer::says("One.")]);
    scene.ask("hello");
    scene.stand.open("the list");
    scene.end();
}

#[test]
fn a_hundred_who_ask_for_the_models_are_all_answered_by_one_request() {
    let scene = Scene::signed_in(account());
    let fronts: Vec<_> = (0..100).map(|_| scene.another()).collect();
    let ask = || Command::Account(AccountCommand::ServerModels);
    let answers = join_all(fronts.iter().map(|front| front.client.request(ask())));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for answer in runtime.block_on(answers) {
        let Ok(Reply::Models(list)) = answer else { panic!("{answer:?}") };
        assert_eq!(list.models[0].id.as_str(), "gpt-6.1-sol");
        assert_ne!(list.source, ModelSource::BuiltIn);
    }
    // A late request may find that it is over; a running one is not repeated.
    assert!(scene.stand.requests_to(LIST).len() < 50);
    scene.end();
}
