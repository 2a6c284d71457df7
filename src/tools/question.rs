//! `question`: the model asks the person.

use serde_json::Value;

use crate::protocol::{
    ActionKind, CallOutput, PlannedAction, Question, QuestionOption, Selection, ToolAudience,
    ToolEffects,
};

use super::arguments::{Arguments, kind};
use super::refusal::ToolRefusal;
use super::tool_definitions::{BuiltInDefinition, ToolContext};
use crate::base::phrases::{count, shorten};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "question",
    description: include_str!("../../assets/tools/question.md"),
    parameters: r#"{
  "type": "object",
  "properties": {
    "question": { "type": "string", "description": "One question, with what the user needs to know to answer it" },
    "options": {
      "type": "array",
      "description": "Answers to choose from, your recommendation first; leave out for an open question. The user can always answer in other words",
      "items": {
        "type": "object",
        "properties": {
          "label": { "type": "string", "description": "A few words" },
          "description": { "type": "string", "description": "What follows from it, in one line" }
        },
        "required": ["label"],
        "additionalProperties": false
      }
    },
    "multiple": { "type": "boolean", "description": "Whether several options may be chosen" }
  },
  "required": ["question"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Asks,
    audience: ToolAudience::Others,
};

/// The same under the name and in the form that Codex's models were taught.
pub const REQUEST_USER_INPUT: BuiltInDefinition = BuiltInDefinition {
    name: "request_user_input",
    description: include_str!("../../assets/tools/question.md"),
    parameters: r#"{
  "type": "object",
  "properties": {
    "questions": {
      "type": "array",
      "description": "One question",
      "minItems": 1,
      "maxItems": 1,
      "items": {
        "type": "object",
        "properties": {
          "id": { "type": "string" },
          "header": { "type": "string", "description": "A word or two" },
          "question": { "type": "string", "description": "With what the user needs to know to answer it" },
          "options": {
            "type": "array",
            "description": "Your recommendation first; leave out for an open question. The user can always answer in other words",
            "items": {
              "type": "object",
              "properties": {
                "label": { "type": "string", "description": "A few words" },
                "description": { "type": "string", "description": "What follows from it, in one line" }
              },
              "required": ["label"],
              "additionalProperties": false
            }
          }
        },
        "required": ["question"],
        "additionalProperties": false
      }
    }
  },
  "required": ["questions"],
  "additionalProperties": false
}"#,
    audience: ToolAudience::CodexTrained,
    ..SPEC
};

const OPTIONS: usize = 12;
/// Characters of the question, of a label, and of a description.
const QUESTION: usize = 2000;
const LABEL: usize = 100;
const DESCRIPTION: usize = 300;

pub fn action(
    arguments: &mut Arguments,
    _task: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let question = question(arguments)?;
    Ok(PlannedAction::new(shorten(&question.text, 80), ActionKind::Ask(question)))
}

/// Where a question comes this far, there is nobody to answer it.
pub fn run(arguments: &mut Arguments, _task: &ToolContext<'_>) -> Result<CallOutput, ToolRefusal> {
    let question = question(arguments)?;
    let text = "Nobody can be asked here. Go on with what is most likely meant, and say at the end what you assumed";
    Ok(CallOutput::refusal(shorten(&question.text, 80), text))
}

/// The one question of a list of them.
fn unpacked(arguments: &mut Arguments) -> Result<Option<Arguments>, ToolRefusal> {
    let wrong = |found: String| ToolRefusal::WrongArgument {
        name: "questions",
        wanted: "a list of one question",
        found,
    };
    match arguments.optional_value(&["questions"]) {
        None => Ok(None),
        Some(Value::Array(mut all)) if all.len() == 1 => match all.remove(0) {
            Value::Object(mut fields) => {
                fields.retain(|name, _| name != "id" && name != "header");
                arguments.end()?;
                Ok(Some(Arguments::of(fields)))
            }
            other => Err(wrong(format!("one of {}", kind(&other)))),
        },
        Some(Value::Array(all)) => {
            Err(wrong(format!("{}: ask one after the other", count(all.len() as u64, "question"))))
        }
        Some(other) => Err(wrong(kind(&other))),
    }
}

fn question(arguments: &mut Arguments) -> Result<Question, ToolRefusal> {
    if let Some(mut inner) = unpacked(arguments)? {
        return question(&mut inner);
    }
    let text = arguments.text("question")?;
    let options = match arguments.optional_value(&["options", "choices"]) {
        None => Vec::new(),
        Some(Value::Array(values)) => {
            values.into_iter().map(choice).collect::<Result<Vec<_>, _>>()?
        }
        Some(other) => return Err(wrong("a list", kind(&other))),
    };
    if options.len() > OPTIONS {
        return Err(wrong("at most 12 options long", count(options.len() as u64, "option")));
    }
    let pick = match arguments.optional_value(&["multiple", "multiSelect"]) {
        Some(Value::Bool(true)) => Selection::Any,
        Some(Value::String(text)) if text == "true" => Selection::Any,
        _ => Selection::One,
    };
    arguments.end()?;
    Ok(Question { text: text.trim().chars().take(QUESTION).collect(), options, selection: pick })
}

fn choice(value: Value) -> Result<QuestionOption, ToolRefusal> {
    let field =
        |name: &str| value.get(name).and_then(Value::as_str).map(str::trim).unwrap_or_default();
    let label = value.as_str().map_or_else(|| field("label"), str::trim);
    if label.is_empty() {
        return Err(wrong("a list of options that each have a `label`", "one without".to_owned()));
    }
    Ok(QuestionOption {
        label: shorten(label, LABEL),
        description: shorten(field("description"), DESCRIPTION),
    })
}

fn wrong(wanted: &'static str, found: String) -> ToolRefusal {
    ToolRefusal::WrongArgument { name: "options", wanted, found }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Question, String> {
        question(&mut Arguments::parse(text).unwrap())
            .map_err(|refusal| refusal.sentence(SPEC.parameters))
    }

    #[test]
    fn a_question_is_open_or_comes_with_options() {
        let open = read(r#"{"question":" Which port? "}"#).unwrap();
        assert_eq!(
            open,
            Question { text: "Which port?".into(), options: vec![], selection: Selection::One }
        );
        let choice = |label: &str, description: &str| QuestionOption {
            label: label.into(),
            description: description.into(),
        };
        for (text, options, selection) in [
            (
                r#"{"question":"q","options":[{"label":"a","description":"b\nc"},{"label":"d"}]}"#,
                vec![choice("a", "b c"), choice("d", "")],
                Selection::One,
            ),
            (
                r#"{"question":"q","options":["a","b"],"multiple":true}"#,
                vec![choice("a", ""), choice("b", "")],
                Selection::Any,
            ),
            (r#"{"question":"q","choices":[],"multiple":"true"}"#, vec![], Selection::Any),
            (r#"{"question":"q","options":null,"multiple":null}"#, vec![], Selection::One),
        ] {
            assert_eq!(
                read(text).unwrap(),
                Question { text: "q".into(), options, selection },
                "{text}"
            );
        }
    }

    #[test]
    fn a_question_that_cannot_be_asked_is_answered_with_what_is_wanted() {
        let many =
            format!(r#"{{"question":"q","options":[{}]}}"#, vec![r#""a""#; OPTIONS + 1].join(","));
        for (text, says) in [
            ("{}", "`question` is missing"),
            (r#"{"question":["q"]}"#, "has to be a text, not a list"),
            (r#"{"question":"q","options":"a, b"}"#, "has to be a list, not a text"),
            (r#"{"question":"q","options":[{"description":"d"}]}"#, "each have a `label`"),
            (r#"{"question":"q","options":[3]}"#, "each have a `label`"),
            (many.as_str(), "not 13 options"),
            (r#"{"question":"q","header":"h"}"#, "no parameter `header`"),
        ] {
            let refusal = read(text).unwrap_err();
            assert!(
                refusal.contains(says) && refusal.contains("`question` (string, required)"),
                "{refusal}"
            );
        }
    }
}
