//! The model's questions: a form if the client has forms, else one choice among the offered
//! answers. A question that cannot be asked is declined.

use std::collections::BTreeMap;

use agent_client_protocol::Error;
use agent_client_protocol::v1::schema::{
    CreateElicitationRequest, CreateElicitationResponse, ElicitationAction,
    ElicitationContentValue, ElicitationFormMode, ElicitationSchema, ElicitationSessionScope,
    EnumOption, MultiSelectPropertySchema, PermissionOption, PermissionOptionKind,
    RequestPermissionOutcome, RequestPermissionRequest, RequestPermissionResponse,
    StringPropertySchema, ToolCallId, ToolCallUpdate, ToolCallUpdateFields,
};

use crate::protocol::{
    ApprovalResponse, AskId, CallId, Question, Selection, SessionId, TurnCommand,
};

use super::permission;
use crate::acp::ids;
use crate::acp::outside::Outside;
use crate::acp::sessions::open_sessions::Sessions;
use crate::host::Machine;

/// The field of the form that one of the offered answers goes into.
const CHOICE: &str = "choice";
/// The field for an answer in the person's own words.
const WORDS: &str = "words";
const DECLINE: &str = "decline";

pub fn ask(
    sessions: &mut Sessions,
    outside: &mut Outside,
    id: &SessionId,
    ask: AskId,
    call: &CallId,
    question: &Question,
) {
    let Some(session) = sessions.all.get(id) else { return };
    let shown = session.sent.call(call).unwrap_or(call.as_str()).to_owned();
    let named = id.clone();
    let has_forms =
        outside.client.elicitation.as_ref().is_some_and(|elicitation| elicitation.form.is_some());
    let handle = if has_forms {
        let scope =
            ElicitationSessionScope::new(ids::shown(id)).tool_call_id(ToolCallId::new(shown));
        let mode = ElicitationFormMode::new(scope, form(question));
        let request = CreateElicitationRequest::new(mode, question.text.clone());
        outside.ask_client(request, move |sessions: &mut Sessions, outside, answer| {
            answer_question(sessions, outside, &named, ask, written(answer));
        })
    } else if question.options.is_empty() {
        let decline = TurnCommand::Decide { ask, decision: ApprovalResponse::No };
        Sessions::ask(outside, crate::protocol::Command::Turn(id.clone(), decline), |_, _, _| {});
        return;
    } else {
        let mut fields = ToolCallUpdateFields::new();
        fields.title = Some(question.text.clone());
        let call = ToolCallUpdate::new(shown, fields);
        let request = RequestPermissionRequest::new(ids::shown(id), call, choices(question));
        let labels: Vec<String> =
            question.options.iter().map(|option| option.label.clone()).collect();
        outside.ask_client(request, move |sessions: &mut Sessions, outside, answer| {
            answer_question(sessions, outside, &named, ask, chosen(answer, &labels));
        })
    };
    if let Some(session) = sessions.all.get_mut(id) {
        session.asks.insert(ask, handle);
    }
}

fn answer_question(
    sessions: &mut Sessions,
    outside: &mut Outside,
    id: &SessionId,
    ask: AskId,
    text: Option<String>,
) {
    match text {
        Some(text) => {
            permission::resolve(sessions, outside, id, ask, TurnCommand::Answer { ask, text })
        }
        None => permission::decide(sessions, outside, id, ask, ApprovalResponse::No),
    }
}

/// Returns the offered answers as options; the id of each is its place in the list.
fn choices(question: &Question) -> Vec<PermissionOption> {
    let option = |(at, option): (usize, &crate::protocol::QuestionOption)| {
        PermissionOption::new(at.to_string(), option.label.clone(), PermissionOptionKind::AllowOnce)
    };
    let decline = PermissionOption::new(DECLINE, "Decline", PermissionOptionKind::RejectOnce);
    question.options.iter().enumerate().map(option).chain([decline]).collect()
}

fn chosen(answer: Result<RequestPermissionResponse, Error>, labels: &[String]) -> Option<String> {
    match answer.ok()?.outcome {
        RequestPermissionOutcome::Selected(selected) => {
            labels.get(selected.option_id.0.parse::<usize>().ok()?).cloned()
        }
        _ => None,
    }
}

fn form(question: &Question) -> ElicitationSchema {
    let words = StringPropertySchema::new().title("In your own words".to_owned());
    let form = ElicitationSchema::new();
    if question.options.is_empty() {
        return form.property(WORDS, words.title("Answer".to_owned()), true);
    }
    let form = match question.selection {
        Selection::One => {
            let options = question.options.iter().map(|option| {
                let about = Some(option.description.clone()).filter(|about| !about.is_empty());
                EnumOption::new(option.label.clone(), option.label.clone()).description(about)
            });
            let choice = StringPropertySchema::new().title("Answer".to_owned());
            form.property(CHOICE, choice.one_of(options.collect::<Vec<_>>()), false)
        }
        Selection::Any => {
            let labels = question.options.iter().map(|option| option.label.clone());
            let choice = MultiSelectPropertySchema::new(labels.collect());
            form.property(CHOICE, choice.title("Answer".to_owned()), false)
        }
    };
    form.property(WORDS, words, false)
}

/// Returns the content of a form in one line: the choices, then the person's own words.
fn written(answer: Result<CreateElicitationResponse, Error>) -> Option<String> {
    let ElicitationAction::Accept(accepted) = answer.ok()?.action else { return None };
    let content: BTreeMap<String, ElicitationContentValue> = accepted.content?;
    let words = [CHOICE, WORDS].into_iter().filter_map(|field| content.get(field));
    let words = words.flat_map(|value| match value {
        ElicitationContentValue::String(text) => vec![text.clone()],
        ElicitationContentValue::StringArray(all) => all.clone(),
        _ => Vec::new(),
    });
    let words: Vec<String> = words.filter(|word| !word.trim().is_empty()).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::QuestionOption;

    fn question(selection: Selection, labels: &[&str]) -> Question {
        let option = |label: &&str| QuestionOption {
            label: (*label).to_owned(),
            description: String::new(),
        };
        Question {
            asker: None,
            id: None,
            text: "Tea or coffee?".into(),
            options: labels.iter().map(option).collect(),
            selection,
            next: Vec::new(),
        }
    }

    #[test]
    fn a_form_has_the_offered_answers_and_room_for_words() {
        let one =
            serde_json::to_value(form(&question(Selection::One, &["tea", "coffee"]))).unwrap();
        assert_eq!(one["properties"][CHOICE]["oneOf"][1]["const"], "coffee");
        assert_eq!(one["properties"][WORDS]["type"], "string");
        let any = serde_json::to_value(form(&question(Selection::Any, &["tea"]))).unwrap();
        assert_eq!(any["properties"][CHOICE]["type"], "array");
        let free = serde_json::to_value(form(&question(Selection::One, &[]))).unwrap();
        assert_eq!(free["required"], json!([WORDS]));
    }

    #[test]
    fn an_answer_is_the_choices_and_the_words_and_nothing_is_a_decline() {
        let answer = |value| Ok(serde_json::from_value(value).unwrap());
        let both =
            json!({ "action": "accept", "content": { "choice": ["tea"], "words": "with milk" } });
        assert_eq!(written(answer(both)), Some("tea, with milk".into()));
        for nothing in [
            json!({ "action": "accept" }),
            json!({ "action": "accept", "content": { "words": " " } }),
            json!({ "action": "decline" }),
            json!({ "action": "later" }),
        ] {
            assert_eq!(written(answer(nothing)), None);
        }
        assert_eq!(written(Err(Error::method_not_found())), None);
    }
}
