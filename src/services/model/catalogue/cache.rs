//! The last list of models a server told of, kept for the next start. Blocks; knows no request. A
//! file that cannot be used is as good as none.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::files::{self, FileError};
use crate::protocol::{
    AccessKind, Effort, Model, ModelId, Patches, Prices, ProviderId, ServiceTier, Verbosity,
};

/// Raised when the form of the file changes; older files are then passed over.
const FORM: u32 = 4;

/// Whose list it is: another account or another server has another one.
#[derive(Clone, Debug)]
pub struct CacheOwner<'a> {
    pub kind: &'a AccessKind,
    /// The address that its requests begin with.
    pub address: String,
}

/// The list of an owner, if it was kept.
pub fn read(folder: &Path, owner: CacheOwner<'_>) -> Option<Vec<Model>> {
    let kept: Kept = serde_json::from_slice(&fs::read(file(folder, &owner)).ok()?).ok()?;
    let is_theirs =
        kept.form == FORM && kept.origin == owner.address && kept.account == account(&owner);
    let provider = provider(&owner);
    let models: Vec<Model> = kept.models.into_iter().map(|entry| entry.model(&provider)).collect();
    (is_theirs && !models.is_empty()).then_some(models)
}

/// Keeps a list, whole or not at all, for this user's eyes only.
///
/// # Errors
///
/// The file cannot be written.
pub fn write(folder: &Path, owner: &CacheOwner<'_>, models: &[Model]) -> Result<(), FileError> {
    let kept = Kept {
        form: FORM,
        origin: owner.address.clone(),
        account: account(owner),
        models: models.iter().map(Entry::of).collect(),
    };
    let path = file(folder, owner);
    let bytes = serde_json::to_vec(&kept)
        .map_err(|error| FileError::Write { path: path.clone(), source: error.into() })?;
    files::replace(&path, &bytes)
}

fn file(folder: &Path, owner: &CacheOwner<'_>) -> PathBuf {
    match owner.kind {
        AccessKind::ApiKey => folder.join("models-api.json"),
        AccessKind::ChatGpt { .. } => folder.join("models-chatgpt.json"),
        // The name of a provider can stand in a file's.
        AccessKind::Provider { id, .. } => folder.join(format!("models-provider-{id}.json")),
    }
}

fn provider(owner: &CacheOwner<'_>) -> ProviderId {
    match owner.kind {
        AccessKind::ApiKey | AccessKind::ChatGpt { .. } => ProviderId::openai(),
        AccessKind::Provider { id, .. } => id.clone(),
    }
}

fn account(owner: &CacheOwner<'_>) -> Option<String> {
    match owner.kind {
        AccessKind::ApiKey | AccessKind::Provider { .. } => None,
        AccessKind::ChatGpt { account, .. } => account.clone(),
    }
}

#[derive(Deserialize, Serialize)]
struct Kept {
    form: u32,
    origin: String,
    account: Option<String>,
    models: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    id: String,
    name: String,
    description: String,
    context: Option<u64>,
    output: Option<u64>,
    pictures: Option<bool>,
    calls_tools: Option<bool>,
    /// The prices of input, output and cached tokens.
    prices: Option<(u64, u64, Option<u64>)>,
    efforts: Vec<String>,
    default_effort: Option<String>,
    verbosity: Option<String>,
    tiers: Vec<String>,
    #[serde(with = "Patching")]
    patches: Patches,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case", remote = "Patches")]
enum Patching {
    AsArgument,
    AsText,
    Never,
}

impl Entry {
    fn of(model: &Model) -> Self {
        Self {
            id: model.id.as_str().to_owned(),
            name: model.name.clone(),
            description: model.description.clone(),
            context: model.context,
            output: model.output,
            pictures: model.pictures,
            calls_tools: model.calls_tools,
            prices: model.prices.map(|prices| (prices.input, prices.output, prices.cached)),
            efforts: model.efforts.iter().map(|effort| effort.0.clone()).collect(),
            default_effort: model.default_effort.as_ref().map(|effort| effort.0.clone()),
            verbosity: model.verbosity.map(|verbosity| verbosity.to_string()),
            tiers: model.tiers.iter().map(ServiceTier::to_string).collect(),
            patches: model.patches,
        }
    }

    fn model(self, provider: &ProviderId) -> Model {
        Model {
            provider: provider.clone(),
            id: ModelId::new(self.id),
            name: self.name,
            description: self.description,
            context: self.context,
            output: self.output,
            pictures: self.pictures,
            calls_tools: self.calls_tools,
            prices: self.prices.map(|(input, output, cached)| Prices { input, output, cached }),
            efforts: self.efforts.into_iter().map(Effort).collect(),
            default_effort: self.default_effort.map(Effort),
            verbosity: self.verbosity.as_deref().and_then(Verbosity::named),
            tiers: self.tiers.iter().filter_map(|tier| ServiceTier::named(tier)).collect(),
            patches: self.patches,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::catalogue;
    use crate::protocol::{ModelRef, SentCredential};

    use super::*;

    fn chatgpt(account: &str) -> AccessKind {
        AccessKind::ChatGpt { account: Some(account.into()), residency: None }
    }

    fn owner<'a>(kind: &'a AccessKind, address: &str) -> CacheOwner<'a> {
        CacheOwner { kind, address: address.into() }
    }

    #[test]
    fn a_list_comes_back_for_its_owner_and_for_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new");
        let (here, there) = ("https://a.example", "https://b.example");
        let (mine, theirs) = (chatgpt("mine"), chatgpt("theirs"));
        let acme = AccessKind::Provider { id: "acme".into(), credential: SentCredential::None };
        let models = catalogue::built_in(&mine);
        write(&folder, &owner(&mine, here), &models).unwrap();
        assert_eq!(read(&folder, owner(&mine, here)), Some(models));
        assert_eq!(read(&folder, owner(&theirs, here)), None);
        assert_eq!(read(&folder, owner(&mine, there)), None);
        assert_eq!(read(&folder, owner(&AccessKind::ApiKey, here)), None);
        assert_eq!(read(&folder, owner(&acme, here)), None);
        let large = vec![catalogue::describe(&ModelRef::new("acme".into(), "large"))];
        write(&folder, &owner(&acme, here), &large).unwrap();
        assert_eq!(read(&folder, owner(&acme, here)), Some(large));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let good = r#"{"form":4,"origin":"https://a.example","account":null,"models":[]}"#;
        for text in [
            "",
            "{",
            "[]",
            "\u{0}",
            good,
            r#"{"form":2,"origin":"https://a.example","account":null,"models":[{"id":"x"}]}"#,
        ] {
            fs::write(folder.path().join("models-api.json"), text).unwrap();
            let owner = owner(&AccessKind::ApiKey, "https://a.example");
            assert_eq!(read(folder.path(), owner), None, "{text}");
        }
        let owner = owner(&AccessKind::ApiKey, "https://a.example");
        assert_eq!(read(&folder.path().join("nowhere"), owner), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_user_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let owner = owner(&AccessKind::ApiKey, "https://a.example");
        write(folder.path(), &owner, &catalogue::built_in(&AccessKind::ApiKey)).unwrap();
        let mode =
            fs::metadata(folder.path().join("models-api.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
