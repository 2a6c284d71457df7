//! Slash commands that opencode's settings describe, in their table `command`.

use std::path::Path;

use serde_json::Value;

use crate::base::text::clean;

use super::commands::{FileCommand, one_line, usable_name};
use super::mcp::value;
use super::places::{ExtensionPlaces, Place};

const IN_FOLDERS: [&str; 2] = ["", ".opencode"];
const IN_HOME: [&str; 1] = [".config/opencode"];
const NAMES: [&str; 2] = ["opencode.jsonc", "opencode.json"];

/// The commands, nearest first, or what is wrong with one. Blocks.
pub(super) fn commands(places: &ExtensionPlaces) -> Vec<(Option<FileCommand>, Option<String>)> {
    let mut all = Vec::new();
    for place in places.all(&IN_FOLDERS, &[], &IN_HOME) {
        for path in NAMES.map(|name| place.folder.join(name)).iter().filter(|path| path.is_file()) {
            let problem =
                |why: String| format!("`{}` brings no commands: {why}", places.shown(path));
            match table(places, &place, path) {
                Ok(entries) => all.extend(entries.into_iter().map(|(name, entry)| {
                    match command(places, &place, path, (&name, &entry)) {
                        Ok(command) => (Some(command), None),
                        Err(why) => {
                            let name = one_line(&name);
                            (None, Some(problem(format!("of `{name}`, {why}"))))
                        }
                    }
                })),
                Err(why) => all.push((None, Some(problem(why)))),
            }
        }
    }
    all
}

fn table(
    places: &ExtensionPlaces,
    place: &Place,
    path: &Path,
) -> Result<Vec<(String, Value)>, String> {
    let text = place.read_settings(path, &places.root)?;
    match value::jsonc(text.strip_prefix('\u{feff}').unwrap_or(&text), "command")? {
        Some(Value::Object(entries)) => Ok(entries.into_iter().collect()),
        Some(_) => Err("`command` is not a table".into()),
        None => Ok(Vec::new()),
    }
}

fn command(
    places: &ExtensionPlaces,
    place: &Place,
    path: &Path,
    (name, entry): (&str, &Value),
) -> Result<FileCommand, String> {
    let template = entry["template"].as_str().ok_or("there is no text `template`")?;
    Ok(FileCommand {
        name: usable_name(name)?,
        description: entry["description"].as_str().map(one_line).unwrap_or_default(),
        hint: None,
        origin: places.shown(path),
        bringer: place.bringer,
        template: clean(template).into_owned(),
    })
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use crate::extensions::commands;
    use crate::extensions::tests::Fixture;

    #[test]
    fn commands_of_opencodes_settings_are_read_and_those_of_files_are_stronger() {
        let fixture = Fixture::new();
        fixture.write(
            "repo/opencode.jsonc",
            r#"{ // its own words
                "command": {
                    "test": { "template": "Test $ARGUMENTS", "description": "Tests" },
                    "fix": { "template": "weaker" },
                    "two words": { "template": "x" },
                    "empty": {},
                },
            }"#,
        );
        fixture.write("repo/.claude/commands/fix.md", "stronger");
        fixture.write(
            "home/.config/opencode/opencode.json",
            r#"{"command":{"own":{"template":"o"}}}"#,
        );
        let all = commands(&fixture.places);
        let names: Vec<_> = all.list.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["fix", "own", "test"]);
        let (test, arguments) = all.of_prompt("/test it").unwrap();
        assert_eq!(test.fill(arguments, &fixture.places).text, "Test it");
        assert_eq!((test.description.as_str(), test.origin.as_str()), ("Tests", "opencode.jsonc"));
        let (fix, _) = all.of_prompt("/fix").unwrap();
        assert_eq!(fix.fill("", &fixture.places).text, "stronger");
        assert_eq!(all.problems.len(), 2, "{:?}", all.problems);
    }

    #[test]
    fn settings_that_are_none_are_told_and_bring_nothing() {
        for text in ["{", "[]", r#"{"command": 7}"#] {
            let fixture = Fixture::new();
            fixture.write("repo/opencode.json", text);
            let all = commands(&fixture.places);
            assert_eq!((all.list.len(), all.problems.len()), (0, 1), "{text}");
        }
    }
}
