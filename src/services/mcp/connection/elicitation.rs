//! What a server asks a person in the middle of a call: its form as questions, the answers as the
//! JSON it wants.

use rmcp::model::{ElicitRequestParams, ElicitResult, ElicitationAction};
use serde_json::{Map, Number, Value};

use crate::base::phrases::shorten;
use crate::base::text::{clean, clean_line};
use crate::protocol::{Question, QuestionOption};
use crate::tools::Elicitor;

/// Fields of a form, options of a field, and letters of a text.
const FIELDS: usize = 8;
const OPTIONS: usize = 12;
const LONGEST: usize = 1000;
/// The answer of somebody who has opened an address.
const OPENED: &str = "I opened it";

/// Asks a person what the server wants to know. Whatever cannot be asked is declined.
pub async fn ask(server: &str, wanted: ElicitRequestParams, elicitor: &Elicitor) -> ElicitResult {
    match wanted {
        ElicitRequestParams::FormElicitationParams { message, requested_schema, .. } => {
            let schema = serde_json::to_value(requested_schema).unwrap_or_default();
            let Some(question) = form(server, &message, &schema) else { return declined() };
            let Some(answers) = elicitor.ask(question).await else { return declined() };
            match content(&schema, &answers) {
                Some(content) => ElicitResult::new(ElicitationAction::Accept).with_content(content),
                None => declined(),
            }
        }
        ElicitRequestParams::UrlElicitationParams { message, url, .. } => {
            let text = format!(
                "It asks you to open an address: {}\n{}",
                shorten(&clean(&message), LONGEST),
                shorten(&clean_line(&url), LONGEST)
            );
            let asker = Some(clean_line(server).into_owned());
            let options = vec![option(OPENED)];
            let question = Question { asker, text, options, ..Question::default() };
            let answers = elicitor.ask(question).await;
            let is_opened = answers.is_some_and(|all| all.iter().any(|(_, words)| words == OPENED));
            match is_opened {
                true => ElicitResult::new(ElicitationAction::Accept),
                false => declined(),
            }
        }
        _ => declined(),
    }
}

fn declined() -> ElicitResult {
    ElicitResult::new(ElicitationAction::Decline)
}

fn option(label: &str) -> QuestionOption {
    QuestionOption { label: shorten(&clean_line(label), 100), description: String::new() }
}

/// A question for each field, one after the other.
fn form(server: &str, message: &str, schema: &Value) -> Option<Question> {
    let fields = schema["properties"].as_object()?;
    if fields.len() > FIELDS {
        return None;
    }
    let mut questions = fields.iter().map(|(name, field)| {
        let title = field["title"].as_str().unwrap_or(name);
        let about = field["description"].as_str().map(|about| format!(" ({about})"));
        let text = format!("{title}{}", about.unwrap_or_default());
        let options = match choices(field) {
            Some(choices) => choices.iter().map(|(_, label)| option(label)).collect(),
            None => Vec::new(),
        };
        let text = shorten(&clean(&text), LONGEST);
        Question { id: Some(name.clone()), text, options, ..Question::default() }
    });
    // A form without fields only wants to be confirmed.
    let yes = || Question { options: vec![option("Yes")], ..Question::default() };
    let mut first = questions.next().unwrap_or_else(yes);
    first.next = questions.collect();
    for question in
        std::iter::once(&mut first.asker).chain(first.next.iter_mut().map(|it| &mut it.asker))
    {
        *question = Some(clean_line(server).into_owned());
    }
    let message = shorten(&clean(message), LONGEST);
    first.text = format!("{message}\n{}", first.text);
    Some(first)
}

/// The values that a field may have, each with the words for it.
fn choices(field: &Value) -> Option<Vec<(Value, String)>> {
    if field["type"] == "boolean" {
        return Some(vec![(true.into(), "Yes".into()), (false.into(), "No".into())]);
    }
    let named = field["oneOf"].as_array().map(|all| {
        let titled = all.iter().filter_map(|it| {
            let value = it["const"].as_str()?;
            Some((value.into(), it["title"].as_str().unwrap_or(value).to_owned()))
        });
        titled.collect::<Vec<_>>()
    });
    let plain = field["enum"].as_array().map(|all| {
        all.iter().filter_map(|it| Some((it.clone(), it.as_str()?.to_owned()))).collect::<Vec<_>>()
    });
    named.or(plain).filter(|choices| (1..=OPTIONS).contains(&choices.len()))
}

/// The answers as values of the types that the form names; `None` where one cannot be.
fn content(schema: &Value, answers: &[(String, String)]) -> Option<Value> {
    let fields = schema["properties"].as_object()?;
    let mut content = Map::new();
    for (name, field) in fields {
        let words =
            answers.iter().find(|(asked, _)| asked == name).map(|(_, words)| words.trim())?;
        if let Some(choices) = choices(field) {
            let chosen = choices.into_iter().find(|(_, label)| label.eq_ignore_ascii_case(words));
            content.insert(name.clone(), chosen?.0);
            continue;
        }
        let value = match field["type"].as_str() {
            Some("integer") => words.parse::<i64>().ok().map(Value::from),
            Some("number") => words.parse().ok().and_then(Number::from_f64).map(Value::Number),
            _ => Some(Value::from(words)),
        };
        content.insert(name.clone(), value?);
    }
    Some(Value::Object(content))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({ "type": "object", "properties": {
            "name": { "type": "string", "title": "Your name\u{1b}[2J" },
            "age": { "type": "integer" },
            "color": { "enum": ["red", "blue"] },
            "sure": { "type": "boolean" },
        } })
    }

    #[test]
    fn a_form_is_a_question_for_each_field() {
        let question = form("acme", "Who are you?", &schema()).unwrap();
        assert!(question.text.starts_with("Who are you?"), "{}", question.text);
        assert!(
            question.next.iter().chain([&question]).all(|it| it.asker.as_deref() == Some("acme"))
        );
        assert!(!question.text.contains('\u{1b}'));
        let options: Vec<usize> = question.next.iter().map(|it| it.options.len()).collect();
        assert_eq!(options, [0, 2, 2]);
        let many: Map<String, Value> =
            (0..99).map(|at| (format!("f{at}"), json!({ "type": "string" }))).collect();
        assert_eq!(form("acme", "", &json!({ "properties": many })), None);
    }

    #[test]
    fn answers_get_the_types_that_the_form_names() {
        let all = |age: &str, color: &str| {
            let answers = [("name", "Ada"), ("age", age), ("color", color), ("sure", "yes")];
            let answers = answers.map(|(name, words)| (name.to_owned(), words.to_owned()));
            content(&schema(), &answers)
        };
        let wanted = json!({ "name": "Ada", "age": 36, "color": "red", "sure": true });
        assert_eq!(all("36", "Red"), Some(wanted));
        assert_eq!(all("old", "red"), None);
        assert_eq!(all("36", "green"), None);
    }
}
