//! Values that can be typed after a slash command, for its menu.

use crate::protocol::{ApprovalMode, DiffBase, Model, ModelRef};
use crate::tui::commands::{ActionEntry, KeyAction};
use crate::tui::guide;
use crate::tui::overlay::modes;
use crate::tui::program_facts::Facts;

/// The alias of `/models` that sets the effort of the model in use.
pub const EFFORT: &str = "effort";

/// The argument of `/copy` for one code block.
pub const CODE: &str = "code";

/// A value with a few words on what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentValue {
    pub value: String,
    pub about: String,
}

/// The values for a command, as it was named, with what stands after it so far.
pub fn values(
    entry: &ActionEntry,
    name: &str,
    typed: &str,
    facts: &Facts,
    in_use: Option<&ModelRef>,
) -> Vec<ArgumentValue> {
    let value = |value: &str, about: &str| ArgumentValue {
        value: value.to_owned(),
        about: about.lines().next().unwrap_or_default().to_owned(),
    };
    match entry.action {
        KeyAction::Models if name == EFFORT => {
            let model = in_use.and_then(|model| facts.model(model));
            model.map(|model| efforts(model, "")).unwrap_or_default()
        }
        KeyAction::Models => {
            let all = facts.models.iter().flat_map(|models| &models.all);
            let (own, others): (Vec<&Model>, Vec<&Model>) =
                all.partition(|model| in_use.is_none_or(|it| it.provider == model.provider));
            let named = |model: &Model| match in_use.map(|it| &it.provider) {
                Some(provider) if *provider == model.provider => model.id.to_string(),
                _ => model.reference().to_string(),
            };
            let first = typed.split_once(' ').map(|(first, _)| first);
            let chosen = own.iter().chain(&others).find(|model| Some(&*named(model)) == first);
            match chosen {
                Some(model) => efforts(model, &format!("{} ", named(model))),
                None => own
                    .iter()
                    .chain(&others)
                    .map(|model| value(&named(model), &model.name))
                    .collect(),
            }
        }
        KeyAction::Approvals => ApprovalMode::ALL
            .into_iter()
            .map(|mode| value(mode.as_str(), modes::meaning(mode)))
            .collect(),
        KeyAction::Copy => vec![value(CODE, "one code block of the last answer")],
        KeyAction::Diff => DiffBase::ALL
            .into_iter()
            .map(|(base, word)| {
                let about = match base {
                    DiffBase::Head => "since the last commit, untracked files too",
                    DiffBase::Start => "since this conversation began, its changes alone",
                };
                value(word, about)
            })
            .collect(),
        KeyAction::Help => {
            guide::PAGES.iter().map(|page| value(page.topic, page.purpose())).collect()
        }
        _ => Vec::new(),
    }
}

/// The efforts that a model knows, each behind the words before it.
fn efforts(model: &Model, before: &str) -> Vec<ArgumentValue> {
    let about = |is_default| if is_default { "what it does by itself" } else { "" };
    let one = |effort: &String| ArgumentValue {
        value: format!("{before}{effort}"),
        about: about(model.default_effort.as_ref().is_some_and(|it| it.0 == *effort)).to_owned(),
    };
    model.efforts.iter().map(|effort| one(&effort.0)).collect()
}
