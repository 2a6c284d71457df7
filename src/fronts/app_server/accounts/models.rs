//! The models and their providers, as clients list them.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    AccountCommand, Command, Model, ModelRef, Provider, ProviderAuth, ProviderSource, Reply,
};

use crate::app_server::outside::Outside;
use crate::app_server::request::paging::Page;
use crate::app_server::request::params::Nothing;
use crate::app_server::transport::connection::Asker;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListModels {
    cursor: Option<String>,
    limit: Option<usize>,
    model_provider: Option<String>,
}

pub fn list(outside: &mut Outside, asker: Asker, params: ListModels) {
    if outside.host.models.is_complete() {
        return answer(outside, asker, &params);
    }
    outside.ask(Command::Account(AccountCommand::ServerModels), move |outside, reply| {
        match reply {
            Ok(Reply::Models(list)) => _ = outside.host.models.keep(list),
            Ok(_) => {}
            Err(problem) => return outside.answer(asker, Err(problem.into())),
        }
        answer(outside, asker, &params);
    });
}

fn answer(outside: &mut Outside, asker: Asker, params: &ListModels) {
    let default = outside.setup.model.clone();
    let wanted = |model: &&Model| match &params.model_provider {
        Some(provider) => model.provider.as_str() == provider,
        None => true,
    };
    let models: Vec<&Model> = outside.host.models.all().collect();
    // A model that no server lists is included too: threads begin with it.
    let unlisted = default
        .as_ref()
        .filter(|default| models.iter().all(|model| model.reference() != **default))
        .cloned()
        .map(Model::unknown);
    let default = default.or_else(|| models.first().map(|model| model.reference()));
    let models: Vec<Value> = models
        .into_iter()
        .chain(&unlisted)
        .filter(wanted)
        .map(|model| model_json(model, default.as_ref()))
        .collect();
    let page = Page::of(models, params.cursor.as_deref(), params.limit);
    outside.answer(asker, page.map(|page| page.forwards()));
}

fn model_json(model: &Model, default: Option<&ModelRef>) -> Value {
    let name = model.reference().to_string();
    let efforts: Vec<Value> = model
        .efforts
        .iter()
        .map(|effort| json!({ "reasoningEffort": effort.0, "description": "" }))
        .collect();
    let effort = model.default_effort.as_ref().or(model.efforts.first());
    json!({
        "id": name, "model": model.id.as_str(), "displayName": model.name, "description": model.description,
        "hidden": false, "isDefault": default == Some(&model.reference()),
        "defaultReasoningEffort": effort.map_or("medium", |effort| effort.0.as_str()),
        "supportedReasoningEfforts": efforts, "inputModalities": ["text", "image"],
        "supportsPersonality": false, "upgrade": null,
    })
}

pub fn providers(outside: &mut Outside, asker: Asker, _none: Nothing) {
    let openai = json!({
        "id": "openai", "name": "OpenAI", "canEdit": false, "baseUrl": null,
        "settings": { "type": "openai" },
    });
    let has_models =
        |own: &&Provider| outside.host.models.all().any(|model| model.provider == own.id);
    let own = outside.setup.providers.iter();
    let own = own.filter(|own| own.source == ProviderSource::Settings || has_models(own));
    let own = own.map(provider_json);
    let answer = json!({
        "data": std::iter::once(openai).chain(own).collect::<Vec<_>>(), "canChangeDefault": false,
        "defaultProviderId": outside.setup.provider().as_str(),
    });
    outside.answer(asker, Ok(answer));
}

/// A provider that the person configured.
fn provider_json(own: &Provider) -> Value {
    let auth = match &own.auth {
        ProviderAuth::Key(Some(variable)) => {
            json!({ "mode": "environmentVariable", "envKey": variable.name })
        }
        ProviderAuth::Key(None) | ProviderAuth::OpenAiSignIn => {
            json!({ "mode": "externallyConfigured", "envKey": null })
        }
    };
    json!({
        "id": own.id.as_str(), "name": own.name, "canEdit": false,
        "baseUrl": own.base.to_string(), "settings": { "type": "customGateway", "auth": auth },
    })
}
