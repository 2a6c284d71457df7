//! The models and their providers, as clients list them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    AccountCommand, Command, Model, ModelList, ModelName, ModelRef, ModelSource, Patches, Provider,
    ProviderAuth, ProviderId, Reply,
};

use super::connection::Asker;
use super::failure;
use super::methods::{Nothing, Params};
use super::paging::Page;
use super::server::Server;

/// What is known of the models, by their providers.
#[derive(Debug, Default)]
pub struct Models {
    known: BTreeMap<ProviderId, ModelList>,
}

impl Models {
    /// A newer list came.
    pub fn keep(&mut self, list: ModelList) {
        self.known.insert(list.provider.clone(), list);
    }

    fn all(&self) -> Vec<&Model> {
        // OpenAI's first: the first model of all is the default.
        let (first, others): (Vec<_>, Vec<_>) =
            self.known.values().partition(|list| list.provider.is_openai());
        first.into_iter().chain(others).flat_map(|list| &list.models).collect()
    }

    /// The model that a client means by a name out of `model/list`, which gives ids without their
    /// provider: where OpenAI's models are asked and none has this id, a provider's that alone has it.
    pub fn meant(&self, name: ModelName, in_use: &ProviderId) -> ModelName {
        if name.provider.is_some() || !in_use.is_openai() {
            return name;
        }
        let lists = |list: &&ModelList| list.models.iter().any(|model| model.id == name.id);
        let mut listing = self.known.values().filter(lists).map(|list| &list.provider);
        match (listing.next().cloned(), listing.next()) {
            (Some(own), None) => ModelName { provider: Some(own), ..name },
            _ => name,
        }
    }

    /// The accounts are others: so may be the models.
    pub fn forget(&mut self) {
        self.known.clear();
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListModels {
    cursor: Option<String>,
    limit: Option<usize>,
    model_provider: Option<String>,
}

impl Params for ListModels {}

pub fn list(server: &mut Server, asker: Asker, params: ListModels) {
    let openai = server.models.known.get(&ProviderId::openai());
    if openai.is_some_and(|list| list.source != ModelSource::BuiltIn) {
        return answer(server, asker, &params);
    }
    server.ask(Command::Account(AccountCommand::ServerModels), move |server, reply| {
        match reply {
            Ok(Reply::Models(list)) => server.models.keep(list),
            Ok(_) => {}
            Err(problem) => return server.answer(asker, Err(failure::fault(&problem))),
        }
        answer(server, asker, &params);
    });
}

fn answer(server: &mut Server, asker: Asker, params: &ListModels) {
    let default = server.setup.model.clone();
    let wanted = |model: &&Model| match &params.model_provider {
        Some(provider) => model.provider.as_str() == provider,
        None => true,
    };
    let models = server.models.all();
    // One that no server lists is there too: it is what a thread begins with.
    let unlisted = default
        .as_ref()
        .filter(|default| models.iter().all(|model| model.reference() != **default))
        .map(unlisted);
    let default = default.or_else(|| models.first().map(|model| model.reference()));
    let models: Vec<Value> = models
        .into_iter()
        .chain(&unlisted)
        .filter(wanted)
        .map(|model| model_json(model, default.as_ref()))
        .collect();
    let page = Page::of(models, params.cursor.as_deref(), params.limit);
    server.answer(asker, page.map(|page| page.forwards()));
}

/// A model of which no more is known than that the settings name it.
fn unlisted(model: &ModelRef) -> Model {
    Model {
        provider: model.provider.clone(),
        id: model.id.clone(),
        name: model.id.as_str().to_owned(),
        description: String::new(),
        context: None,
        efforts: Vec::new(),
        default_effort: None,
        verbosity: None,
        tiers: Vec::new(),
        patches: Patches::Never,
    }
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

pub fn providers(server: &mut Server, asker: Asker, _none: Nothing) {
    let openai = json!({
        "id": "openai", "name": "OpenAI", "canEdit": false, "baseUrl": null,
        "settings": { "type": "openai" },
    });
    let own = server.setup.providers.iter().map(provider_json);
    let answer = json!({
        "data": std::iter::once(openai).chain(own).collect::<Vec<_>>(), "canChangeDefault": false,
        "defaultProviderId": server.setup.provider().as_str(),
    });
    server.answer(asker, Ok(answer));
}

/// A provider of the person's own.
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
