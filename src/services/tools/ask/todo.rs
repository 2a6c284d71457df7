//! `todo`: the model's plan, which a person sees. Keeps nothing: every call brings the whole plan.

use serde_json::{Map, Value};

use crate::base::phrases::{count, shorten};
use crate::protocol::{
    ActionKind, CallOutput, PlannedAction, Todo, TodoState, ToolAudience, ToolEffects, ToolResult,
};
use crate::tools::call::arguments::{Arguments, kind};
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "todo",
    description: codling_assets::tools::TODOS,
    parameters: r#"{
  "type": "object",
  "properties": {
    "items": {
      "type": "array",
      "description": "The whole plan in order, at most 50 items",
      "items": {
        "type": "object",
        "properties": {
          "text": { "type": "string", "description": "A few words" },
          "state": { "type": "string", "enum": ["open", "doing", "done", "dropped"] }
        },
        "required": ["text", "state"],
        "additionalProperties": false
      }
    }
  },
  "required": ["items"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Looks,
    audience: ToolAudience::Others,
};

/// The same under the name and in the form that Codex's models were taught.
pub const UPDATE_PLAN: BuiltInDefinition = BuiltInDefinition {
    name: "update_plan",
    description: codling_assets::tools::UPDATE_PLAN,
    parameters: r#"{
  "type": "object",
  "properties": {
    "explanation": { "type": "string", "description": "Why it changed" },
    "plan": {
      "type": "array",
      "description": "The whole plan in order, at most 50 steps",
      "items": {
        "type": "object",
        "properties": {
          "step": { "type": "string", "description": "A few words" },
          "status": { "type": "string", "enum": ["pending", "in_progress", "completed"] }
        },
        "required": ["step", "status"],
        "additionalProperties": false
      }
    }
  },
  "required": ["plan"],
  "additionalProperties": false
}"#,
    audience: ToolAudience::CodexTrained,
    ..SPEC
};

const ITEMS: usize = 50;
/// Characters of one.
const LETTERS: usize = 200;
/// `items`, and what models call it who learned of other tools.
const NAMES: [&str; 3] = ["items", "todos", "plan"];

/// Plans a call that shows the model's plan.
///
/// # Errors
///
/// Refuses wrong arguments and items that are malformed.
pub fn action(
    arguments: &mut Arguments,
    _task: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let items = items(arguments)?;
    Ok(PlannedAction::new(title(&items), ActionKind::Plan(items)))
}

/// Shows the model's plan; nothing else happens.
///
/// # Errors
///
/// Refuses wrong arguments and items that are malformed.
pub fn run(arguments: &mut Arguments, _task: &ToolContext<'_>) -> Result<CallOutput, ToolRefusal> {
    let items = items(arguments)?;
    let title = title(&items);
    Ok(CallOutput {
        result: ToolResult::Plan(items),
        ..CallOutput::text(&title, format!("The plan is shown: {title}"))
    })
}

/// `2 of 5 items done`.
fn title(items: &[Todo]) -> String {
    let done = items.iter().filter(|item| item.state == TodoState::Done).count();
    format!("{done} of {} done", count(items.len() as u64, "item"))
}

fn items(arguments: &mut Arguments) -> Result<Vec<Todo>, ToolRefusal> {
    let value =
        arguments.optional_value(&NAMES).ok_or(ToolRefusal::MissingArgument { name: "items" })?;
    // Codex's plans come with words around them, which the model says anyway.
    let _told_in_the_answer = arguments.optional_value(&["explanation"]);
    arguments.end()?;
    let Value::Array(values) = list(value) else {
        return Err(ToolRefusal::WrongArgument {
            name: "items",
            wanted: "a list",
            found: "something else".to_owned(),
        });
    };
    if values.len() > ITEMS {
        let found = count(values.len() as u64, "item");
        return Err(ToolRefusal::WrongArgument {
            name: "items",
            wanted: "at most 50 items long",
            found,
        });
    }
    values.into_iter().map(item).collect()
}

/// A list that was written as text is a list.
fn list(value: Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other,
    }
}

fn item(value: Value) -> Result<Todo, ToolRefusal> {
    let wrong = |wanted, found| ToolRefusal::WrongArgument { name: "items", wanted, found };
    let fields = match value {
        Value::Object(fields) => fields,
        Value::String(text) => Map::from_iter([("text".to_owned(), Value::String(text))]),
        other => return Err(wrong("a list of objects", format!("one of {}", kind(&other)))),
    };
    let field = |names: &[&str]| names.iter().find_map(|name| fields.get(*name)?.as_str());
    let text =
        field(&["text", "content", "step", "title", "task"]).map(str::trim).unwrap_or_default();
    if text.is_empty() {
        return Err(wrong("a list of items that each have a `text`", "one without".to_owned()));
    }
    let state = match field(&["state", "status"]).unwrap_or("open") {
        "open" | "pending" | "todo" | "not_started" => TodoState::Open,
        "doing" | "in_progress" | "in-progress" | "active" => TodoState::Doing,
        "done" | "completed" | "complete" => TodoState::Done,
        "dropped" | "cancelled" | "canceled" | "skipped" => TodoState::Dropped,
        other => {
            return Err(wrong(
                "a list of items whose `state` is `open`, `doing`, `done` or `dropped`",
                format!("`{}`", shorten(other, 40)),
            ));
        }
    };
    Ok(Todo { text: shorten(text, LETTERS), state })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::says;

    fn read(text: &str) -> Result<Vec<Todo>, String> {
        items(&mut Arguments::parse(text).unwrap())
            .map_err(|refusal| refusal.sentence(SPEC.parameters))
    }

    #[test]
    fn a_plan_is_read_in_every_spelling_that_models_use() {
        let wanted = [
            ("a", TodoState::Done),
            ("b", TodoState::Doing),
            ("c", TodoState::Open),
            ("d", TodoState::Dropped),
        ];
        for text in [
            r#"{"items":[{"text":"a","state":"done"},{"text":"b","state":"doing"},{"text":"c","state":"open"},{"text":"d","state":"dropped"}]}"#,
            r#"{"todos":[{"content":"a","status":"completed","id":"1","priority":"high"},{"content":"b","status":"in_progress","activeForm":"B"},{"content":"c","status":"pending"},{"content":"d","status":"cancelled"}]}"#,
            r#"{"explanation":"why","plan":[{"step":"a","status":"completed"},{"step":"b","status":"in_progress"},{"step":"c","status":"pending"},{"step":"d","status":"canceled"}]}"#,
            r#"{"items":"[{\"text\":\"a\",\"state\":\"done\"},{\"text\":\"b\",\"state\":\"doing\"},\"c\",{\"text\":\" d \",\"state\":\"skipped\"}]"}"#,
        ] {
            let found = read(text).unwrap();
            assert_eq!(
                found.iter().map(|item| (item.text.as_str(), item.state)).collect::<Vec<_>>(),
                wanted,
                "{text}"
            );
        }
        assert_eq!(
            title(&read(r#"{"items":[{"text":"a","state":"done"},{"text":"b"}]}"#).unwrap()),
            "1 of 2 items done"
        );
        assert_eq!(read(r#"{"items":[]}"#).unwrap(), []);
    }

    #[test]
    fn a_plan_that_cannot_be_read_is_answered_with_what_is_wanted() {
        let many = format!(r#"{{"items":[{}]}}"#, vec![r#"{"text":"a"}"#; ITEMS + 1].join(","));
        for (text, words) in [
            ("{}", "`items` is missing"),
            (r#"{"items":null}"#, "`items` is missing"),
            (r#"{"items":{"text":"a"}}"#, "`items` … a list"),
            (r#"{"items":"first this"}"#, "`items` … a list"),
            (r#"{"items":[3]}"#, "not one of … number"),
            (r#"{"items":[{"state":"open"}]}"#, "each have a `text`"),
            (r#"{"items":[{"text":"  "}]}"#, "each have a `text`"),
            (r#"{"items":[{"text":"a","state":"soon"}]}"#, "not `soon`"),
            (r#"{"items":[],"merge":true}"#, "no parameter `merge`"),
            (many.as_str(), "not 51 items"),
        ] {
            let refusal = read(text).unwrap_err();
            assert!(
                says(&refusal, words) && refusal.contains("`items` (array, required)"),
                "{refusal}"
            );
        }
    }

    #[test]
    fn long_items_are_cut_and_stay_on_one_line() {
        let found =
            read(&format!(r#"{{"items":[{{"text":"a\nb{}"}}]}}"#, "c".repeat(500))).unwrap();
        assert!(
            found[0].text.starts_with("a bccc") && found[0].text.chars().count() == LETTERS + 1
        );
    }
}
