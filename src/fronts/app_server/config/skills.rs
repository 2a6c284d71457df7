//! `skills/list`: the skills of folders, and files that hold none.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{Command, OfferedSkill, Reply, SessionCommand};

use crate::app_server::outside::Outside;
use crate::app_server::transport::connection::Asker;

/// The most folders of one request.
const MOST: usize = 20;

/// They are read anew for each request, so that `forceReload` changes nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListSkills {
    cwds: Option<Vec<PathBuf>>,
}

pub fn list(outside: &mut Outside, asker: Asker, params: ListSkills) {
    let named = params.cwds.filter(|folders| !folders.is_empty());
    let mut folders = named.unwrap_or_else(|| vec![outside.setup.folder.clone()]);
    folders.truncate(MOST);
    folders.reverse();
    next(outside, asker, folders, Vec::new());
}

/// Asks about one folder after the other.
fn next(outside: &mut Outside, asker: Asker, mut folders: Vec<PathBuf>, mut data: Vec<Value>) {
    let Some(folder) = folders.pop() else {
        return outside.answer(asker, Ok(json!({ "data": data })));
    };
    let ask = Command::Session(SessionCommand::Extensions(folder.clone()));
    outside.ask(ask, move |outside, reply| {
        match reply {
            Ok(Reply::Extensions(list)) => {
                let (skills, errors): (Vec<_>, Vec<_>) =
                    list.skills.iter().partition(|skill| skill.name.is_some());
                data.push(json!({
                    "cwd": folder.display().to_string(),
                    "skills": skills.into_iter().map(skill_json).collect::<Vec<_>>(),
                    "errors": errors.into_iter().map(error_json).collect::<Vec<_>>(),
                }));
            }
            Ok(_) => {}
            Err(problem) => return outside.answer(asker, Err(problem.into())),
        }
        next(outside, asker, folders, data);
    });
}

fn skill_json(skill: &OfferedSkill) -> Value {
    let scope = if skill.origin.starts_with(['~', '/']) { "user" } else { "repo" };
    json!({
        "name": skill.name, "description": skill.description, "path": skill.origin,
        "scope": scope, "enabled": true,
    })
}

fn error_json(skill: &OfferedSkill) -> Value {
    json!({ "path": skill.origin, "message": skill.problems.join("; ") })
}
