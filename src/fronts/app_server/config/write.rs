//! `config/value/write` and `config/batchWrite`: change the person's own settings, under the names
//! that `config/read` uses or under codling's own.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    ApprovalMode, Command, ConfigCommand, ConfigEdit, ConfigMerge, ConfigRefusal,
    ConfigRefusalKind, ConfigValue, ConfigView, ProviderId, Reply,
};

use super::settings::{config, user_layer};
use crate::app_server::outside::Outside;
use crate::app_server::request::permissions::{AskForApproval, Permissions, SandboxMode};
use crate::app_server::setup::ServerSetup;
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WriteValue {
    #[serde(flatten)]
    edit: Edit,
    expected_version: Option<String>,
    file_path: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WriteBatch {
    edits: Vec<Edit>,
    expected_version: Option<String>,
    file_path: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Edit {
    key_path: String,
    merge_strategy: Merge,
    value: Value,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Merge {
    Replace,
    Upsert,
}

pub fn value(outside: &mut Outside, asker: Asker, params: WriteValue) {
    let WriteValue { edit, expected_version, file_path } = params;
    write(outside, asker, vec![edit], expected_version, file_path.as_deref());
}

pub fn batch(outside: &mut Outside, asker: Asker, params: WriteBatch) {
    let WriteBatch { edits, expected_version, file_path } = params;
    write(outside, asker, edits, expected_version, file_path.as_deref());
}

fn write(
    outside: &mut Outside,
    asker: Asker,
    edits: Vec<Edit>,
    expected: Option<String>,
    file: Option<&Path>,
) {
    let own = &outside.setup.config_file;
    let is_own = |file: &Path| {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_missing| path.to_owned());
        file == own || real(file) == real(own)
    };
    if file.is_some_and(|file| !is_own(file)) {
        let message = "Only writes to the user config are allowed";
        return outside.answer(asker, Err(refused("configLayerReadonly", message)));
    }
    let keys: Vec<String> = edits.iter().map(|edit| edit.key_path.clone()).collect();
    let edits = match translated(edits, &outside.setup) {
        Ok(edits) => edits,
        Err(message) => {
            return outside.answer(asker, Err(refused("configValidationError", message)));
        }
    };
    let write = ConfigCommand::Write { edits, expected };
    outside.ask(Command::Config(write), move |outside, reply| {
        let result = match reply {
            Ok(Reply::Config(view)) => {
                outside.setup.take_over(&view);
                Ok(written(&view, &keys, outside.setup.typed_mode))
            }
            Ok(Reply::ConfigRefused(ConfigRefusal { kind, message })) => Err(match kind {
                ConfigRefusalKind::Changed => refused("configVersionConflict", message),
                ConfigRefusalKind::Invalid => refused("configValidationError", message),
                ConfigRefusalKind::UnknownKey => refused("configSchemaUnknownKey", message),
            }),
            Ok(_) => Err(Fault::internal("the settings could not be written")),
            Err(problem) => Err(problem.into()),
        };
        outside.answer(asker, result);
    });
}

fn refused(code: &'static str, message: impl Into<String>) -> Fault {
    Fault::invalid(message).with(json!({ "config_write_error_code": code }))
}

fn written(view: &ConfigView, keys: &[String], mode: Option<ApprovalMode>) -> Value {
    let stands_before = |key: &&String| match key.as_str() {
        "model" | "model_provider" => view.overridden.contains(&"model"),
        "model_reasoning_effort" | "effort" => view.overridden.contains(&"effort"),
        "model_verbosity" | "verbosity" => view.overridden.contains(&"verbosity"),
        "service_tier" => view.overridden.contains(&"service_tier"),
        "approval_policy" | "approvals" | "sandbox_mode" => mode.is_some(),
        _ => false,
    };
    let overridden = keys.iter().find(stands_before).map(|key| {
        let effective = config(view, mode.unwrap_or(view.approvals))[key].clone();
        json!({
            "message": "The server was started with a flag that stands before it",
            "overridingLayer": { "name": { "type": "sessionFlags" }, "version": view.version },
            "effectiveValue": effective,
        })
    });
    let status = if overridden.is_some() { "okOverridden" } else { "ok" };
    let layer = user_layer(view);
    json!({
        "status": status, "version": view.version, "filePath": layer["file"],
        "overriddenMetadata": overridden,
    })
}

/// Translates the edits into changes under codling's names.
fn translated(edits: Vec<Edit>, setup: &ServerSetup) -> Result<Vec<ConfigEdit>, String> {
    let mut model = setup.model.as_ref().map(|model| model.id.as_str().to_owned());
    let mut provider = setup.provider().as_str().to_owned();
    let mut permissions = Permissions::of(setup.mode);
    let mut all = Vec::new();
    for Edit { key_path, merge_strategy, value } in edits {
        let mut edit = |name: &str, value: Option<ConfigValue>| {
            let merge = match merge_strategy {
                Merge::Replace => ConfigMerge::Replace,
                Merge::Upsert => ConfigMerge::Upsert,
            };
            all.push(ConfigEdit { path: vec![name.to_owned()], value, merge });
        };
        match key_path.as_str() {
            "model" | "model_provider" => {
                let name = value.as_str().map(str::to_owned);
                match (key_path.as_str(), name) {
                    ("model", name) => model = name,
                    (_, name) => provider = name.unwrap_or_else(|| "openai".into()),
                }
                edit("model", model.as_deref().map(|id| full_name(&provider, id)));
            }
            "model_reasoning_effort" => edit("effort", setting(&value)?),
            "model_verbosity" => edit("verbosity", setting(&value)?),
            "approval_policy" if !value.is_null() => {
                let ask: AskForApproval = meant(&key_path, value)?;
                permissions = permissions.with(Some(ask), None);
                edit("approvals", Some(ConfigValue::Text(permissions.mode().as_str().into())));
            }
            "sandbox_mode" if !value.is_null() => {
                let sandbox: SandboxMode = meant(&key_path, value)?;
                permissions = permissions.with(None, Some(sandbox));
                edit("approvals", Some(ConfigValue::Text(permissions.mode().as_str().into())));
            }
            "approval_policy" | "sandbox_mode" => edit("approvals", None),
            _ => {
                edit("", setting(&value)?);
                if let Some(last) = all.last_mut() {
                    last.path = keys(&key_path)?;
                }
            }
        }
    }
    Ok(all)
}

/// Returns the model's full name; an id without a provider in front belongs to `provider`.
fn full_name(provider: &str, id: &str) -> ConfigValue {
    let is_whole =
        ProviderId::openai().as_str() == provider || id.starts_with(&format!("{provider}/"));
    ConfigValue::Text(if is_whole { id.to_owned() } else { format!("{provider}/{id}") })
}

fn meant<T: serde::de::DeserializeOwned>(key: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value)
        .map_err(|error| format!("Invalid configuration: `{key}`: {error}"))
}

/// Splits a path such as `a.b."c.d"` into the keys between its dots.
fn keys(path: &str) -> Result<Vec<String>, String> {
    let mut keys = vec![String::new()];
    let mut is_quoted = false;
    for c in path.chars() {
        match c {
            '"' => is_quoted = !is_quoted,
            '.' if !is_quoted => keys.push(String::new()),
            c => keys.last_mut().into_iter().for_each(|key| key.push(c)),
        }
    }
    match is_quoted || keys.iter().any(String::is_empty) {
        true => Err(format!("Invalid configuration: `{path}` is no path of keys")),
        false => Ok(keys),
    }
}

/// Returns a value as settings files write it; `None` removes the setting.
fn setting(value: &Value) -> Result<Option<ConfigValue>, String> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Bool(is) => ConfigValue::Flag(*is),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => ConfigValue::Number(whole),
            (None, Some(other)) => ConfigValue::Float(other),
            (None, None) => return Err(format!("Invalid configuration: {number}")),
        },
        Value::String(text) => ConfigValue::Text(text.clone()),
        Value::Array(list) => {
            let list = list.iter().map(|one| setting(one)?.ok_or_else(no_null));
            ConfigValue::List(list.collect::<Result<_, _>>()?)
        }
        Value::Object(entries) => {
            let entries = entries
                .iter()
                .map(|(key, one)| Ok((key.clone(), setting(one)?.ok_or_else(no_null)?)));
            ConfigValue::Table(entries.collect::<Result<_, String>>()?)
        }
    }))
}

fn no_null() -> String {
    "Invalid configuration: settings files have no null".into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stand_between_dots_that_are_not_quoted() {
        for (path, found) in [
            ("model", Ok(vec!["model"])),
            ("provider.acme.name", Ok(vec!["provider", "acme", "name"])),
            (r#"permission.shell."cargo *.rs""#, Ok(vec!["permission", "shell", "cargo *.rs"])),
            ("", Err(())),
            ("a..b", Err(())),
            (r#"a."b"#, Err(())),
        ] {
            let found = found.map(|keys| keys.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(keys(path).map_err(drop), found, "{path}");
        }
    }
}
