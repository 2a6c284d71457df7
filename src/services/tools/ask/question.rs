//! `question`: the model asks the person.

use serde_json::{Map, Value, json};

use crate::base::phrases::{count, shorten};
use crate::protocol::{
    ActionKind, CallOutput, PlannedAction, Question, QuestionOption, Selection, ToolAudience,
    ToolEffects,
};
use crate::tools::call::arguments::{Arguments, kind};
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "question",
    description: codling_assets::tools::QUESTION,
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
    description: codling_assets::tools::QUESTION,
    parameters: r#"{
  "type": "object",
  "properties": {
    "questions": {
      "type": "array",
      "description": "One to three, each of its own matter",
      "minItems": 1,
      "items": {
        "type": "object",
        "properties": {
          "id": { "type": "string", "description": "What its answer goes by" },
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

/// Plans a call of `question`.
///
/// # Errors
///
/// Refuses wrong arguments, and questions or options that are missing or too many.
pub fn action(
    arguments: &mut Arguments,
    _task: &ToolContext<'_>,
) -> Result<PlannedAction, ToolRefusal> {
    let question = questions(arguments)?;
    Ok(PlannedAction::new(shorten(&question.text, 80), ActionKind::Ask(question)))
}

/// Where a question comes this far, there is nobody to answer it.
///
/// # Errors
///
/// Always refuses: the session answers questions itself.
pub fn run(arguments: &mut Arguments, _task: &ToolContext<'_>) -> Result<CallOutput, ToolRefusal> {
    let question = questions(arguments)?;
    let text = "Nobody can be asked here. Go on with what is most likely meant, and say at the end what you assumed";
    Ok(CallOutput::refusal(shorten(&question.text, 80), text))
}

/// The answer to a model that named its questions: `{"answers":{"NAME":{"answers":["…"]}}}`, as
/// Codex writes it.
pub fn answers(answers: &[(String, String)]) -> String {
    let answers = answers.iter().map(|(name, words)| (name.clone(), json!({ "answers": [words] })));
    json!({ "answers": answers.collect::<Map<_, _>>() }).to_string()
}

/// Questions that a call asks at the most.
const QUESTIONS: usize = 4;

/// The questions of a list, the first with the others after it.
fn several(arguments: &mut Arguments) -> Result<Option<Question>, ToolRefusal> {
    let wrong = |found: String| ToolRefusal::WrongArgument {
        name: "questions",
        wanted: "a list of one to four questions",
        found,
    };
    let values = match arguments.optional_value(&["questions"]) {
        None => return Ok(None),
        Some(Value::Array(values)) if (1..=QUESTIONS).contains(&values.len()) => values,
        Some(Value::Array(values)) => {
            return Err(wrong(count(values.len() as u64, "question")));
        }
        Some(other) => return Err(wrong(kind(&other))),
    };
    arguments.end()?;
    let mut all = Vec::new();
    for (at, value) in values.into_iter().enumerate() {
        let Value::Object(mut fields) = value else {
            return Err(wrong(format!("one of {}", kind(&value))));
        };
        fields.remove("header");
        let id = fields.remove("id").and_then(|id| id.as_str().map(str::to_owned));
        let id = id.unwrap_or_else(|| (at + 1).to_string());
        if all.iter().any(|known: &Question| known.id.as_deref() == Some(&id)) {
            return Err(wrong(format!("two with the id `{}`", shorten(&id, LABEL))));
        }
        all.push(Question { id: Some(id), ..question(&mut Arguments::of(fields))? });
    }
    let mut all = all.into_iter();
    Ok(all.next().map(|first| Question { next: all.collect(), ..first }))
}

fn questions(arguments: &mut Arguments) -> Result<Question, ToolRefusal> {
    match several(arguments)? {
        Some(questions) => Ok(questions),
        None => question(arguments),
    }
}

fn question(arguments: &mut Arguments) -> Result<Question, ToolRefusal> {
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
    Ok(Question {
        text: text.trim().chars().take(QUESTION).collect(),
        options,
        selection: pick,
        ..Question::default()
    })
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
    use crate::base::text::says;

    fn read(text: &str) -> Result<Question, String> {
        questions(&mut Arguments::parse(text).unwrap())
            .map_err(|refusal| refusal.sentence(SPEC.parameters))
    }

    #[test]
    fn a_question_is_open_or_comes_with_options() {
        let open = read(r#"{"question":" Which port? "}"#).unwrap();
        assert_eq!(open, Question { text: "Which port?".into(), ..Question::default() });
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
                Question { text: "q".into(), options, selection, ..Question::default() },
                "{text}"
            );
        }
    }

    #[test]
    fn several_questions_are_one_call() {
        let text = r#"{"questions":[{"id":"db","header":"Database","question":"Which?","options":["a"]},{"question":"What port?"}]}"#;
        let first = read(text).unwrap();
        let named = |question: &Question| (question.id.clone().unwrap(), question.text.clone());
        let all: Vec<_> = std::iter::once(&first).chain(&first.next).map(named).collect();
        assert_eq!(all, [("db".into(), "Which?".into()), ("2".into(), "What port?".into())]);
        assert_eq!(first.options.len(), 1);
        for (text, words) in [
            (r#"{"questions":[]}"#, "not 0 questions"),
            (
                r#"{"questions":[{"id":"a","question":"q"},{"id":"a","question":"r"}]}"#,
                "the id `a`",
            ),
            (r#"{"questions":["Which?"]}"#, "not one of a text"),
            (r#"{"questions":"Which?"}"#, "one to four"),
        ] {
            let refusal = read(text).unwrap_err();
            assert!(says(&refusal, words), "{refusal}");
        }
    }

    #[test]
    fn a_question_that_cannot_be_asked_is_answered_with_what_is_wanted() {
        let many =
            format!(r#"{{"question":"q","options":[{}]}}"#, vec![r#""a""#; OPTIONS + 1].join(","));
        for (text, words) in [
            ("{}", "`question` is missing"),
            (r#"{"question":["q"]}"#, "`question` … not a list"),
            (r#"{"question":"q","options":"a, b"}"#, "`options` … not a text"),
            (r#"{"question":"q","options":[{"description":"d"}]}"#, "each have a `label`"),
            (r#"{"question":"q","options":[3]}"#, "each have a `label`"),
            (many.as_str(), "not 13 options"),
            (r#"{"question":"q","header":"h"}"#, "no parameter `header`"),
        ] {
            let refusal = read(text).unwrap_err();
            assert!(
                says(&refusal, words) && refusal.contains("`question` (string, required)"),
                "{refusal}"
            );
        }
    }
}
