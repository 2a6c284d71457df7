//! How a model is asked: what was wished for, as far as the model has it, and what is said where it
//! has not.

use std::sync::Arc;

use crate::base::phrases;
use crate::model::describe;
use crate::protocol::{
    Effort, Model, ModelRef, Notice, Problem, ProblemKind, ServiceTier, SessionSettings, Tuning,
};

/// The settings for a model: its facts, and the wishes that it can fulfil. Adds a notice for each
/// wish that its list says it cannot.
pub(super) fn settings_for(
    models: &[Model],
    model: ModelRef,
    effort: Option<Effort>,
    wished: Tuning,
) -> (SessionSettings, Vec<Notice>) {
    // The name tells something, but not the effort: without one the server takes its default.
    let listed = models.iter().find(|known| known.reference() == model).cloned();
    let is_listed = listed.is_some();
    let known = listed.unwrap_or_else(|| Model { default_effort: None, ..describe(&model) });
    let mut notices = Vec::new();
    let mut notice = |message: String| {
        // It is not known what an unlisted model lacks, as before anybody is signed in.
        if is_listed {
            let next = Some("`/models` shows what there is".to_owned());
            notices.push(Notice { message, next });
        }
    };
    let effort = match effort {
        Some(effort) if is_listed && lacks(&known, &effort) => {
            let instead = match &known.default_effort {
                Some(default) => format!("`{default}` is used"),
                None => "it is ignored".into(),
            };
            notice(format!("{}, so {instead}", no_effort(&known, &effort)));
            known.default_effort.clone()
        }
        effort => effort.or_else(|| known.default_effort.clone()),
    };
    let can_be_brief = known.verbosity.is_some();
    let verbosity = match wished.verbosity {
        Some(verbosity) if !can_be_brief => {
            notice(format!(
                "The verbosity of `{model}` cannot be set, so `{verbosity}` is ignored"
            ));
            None
        }
        // Where nothing is said, `medium` is what the server takes anyway.
        None => known.verbosity.filter(|verbosity| verbosity.as_str() != "medium"),
        chosen => chosen,
    };
    let tier = match wished.tier {
        ServiceTier::Fast if !known.tiers.contains(&ServiceTier::Fast) => {
            notice(format!("`{model}` has no fast speed for this account, so `fast` is ignored"));
            ServiceTier::Standard
        }
        tier => tier,
    };
    let (context, patches) = (known.context, known.patches);
    let tuning = Tuning { verbosity, tier };
    (SessionSettings { model, effort, tuning, context, patches }, notices)
}

/// Why a model cannot be asked to think so long, where its list says so.
fn refuse_effort(models: &[Model], model: &ModelRef, effort: &Effort) -> Option<Problem> {
    let known = models.iter().find(|known| known.reference() == *model)?;
    lacks(known, effort).then(|| Problem::new(ProblemKind::Config, no_effort(known, effort)))
}

/// Whether a model's list lacks the effort; another provider's models have no such list.
fn lacks(known: &Model, effort: &Effort) -> bool {
    known.provider.is_openai() && !known.efforts.contains(effort)
}

fn no_effort(known: &Model, effort: &Effort) -> String {
    let model = known.reference();
    let words: Vec<String> = known.efforts.iter().map(|effort| format!("`{effort}`")).collect();
    match words.is_empty() {
        true => format!("The reasoning effort of `{model}` cannot be set"),
        false => {
            format!("`{model}` has no reasoning effort `{effort}`, only {}", phrases::list(&words))
        }
    }
}

/// Whose choice the model is: a default follows the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ModelChoice {
    Default,
    Person,
}

/// The choice of a session's model, and the models there are.
#[derive(Clone, Debug)]
pub(crate) struct ModelSelection {
    pub(crate) choice: ModelChoice,
    /// As it was asked for at the opening; it goes with any model that is the default.
    pub(crate) effort: Option<Effort>,
    /// As it was asked for, of any model: the session's settings hold the part that the model in
    /// use can fulfil.
    pub(crate) tuning: Tuning,
    pub(crate) models: Arc<[Model]>,
}

/// The settings of a session from here on, and a word on each wish that they do not fulfil.
type NewSettings = (SessionSettings, Vec<Notice>);

impl ModelSelection {
    /// Takes a person's choice of a model.
    ///
    /// # Errors
    ///
    /// The model's list has no such effort.
    pub(crate) fn choose(
        &mut self,
        model: ModelRef,
        effort: Option<Effort>,
    ) -> Result<NewSettings, Problem> {
        let refused = effort.as_ref().and_then(|it| refuse_effort(&self.models, &model, it));
        if let Some(problem) = refused {
            return Err(problem);
        }
        self.choice = ModelChoice::Person;
        self.effort.clone_from(&effort);
        Ok(self.settings(model, effort))
    }

    /// Takes a person's choice of verbosity and speed.
    ///
    /// # Errors
    ///
    /// The model in use does not have it.
    pub(crate) fn choose_tuning(
        &mut self,
        now: &SessionSettings,
        wished: Tuning,
    ) -> Result<SessionSettings, Problem> {
        let (model, effort) = (now.model.clone(), now.effort.clone());
        let (settings, unfulfilled) = settings_for(&self.models, model, effort, wished);
        if let Some(Notice { message, next }) = unfulfilled.into_iter().next() {
            return Err(Problem { kind: ProblemKind::Config, message, next });
        }
        self.tuning = wished;
        Ok(settings)
    }

    /// Takes a fresh list of models: another account may offer other models, and a fresh list may
    /// know more of the one in use. `is_asked`: a request was made with the settings in use.
    pub(crate) fn know(
        &mut self,
        models: Arc<[Model]>,
        now: &SessionSettings,
        is_asked: bool,
    ) -> Option<NewSettings> {
        self.models = models;
        let is_default = self.choice == ModelChoice::Default;
        let default = default_model(&self.models).filter(|_| is_default);
        // Before the first request it is as if the session were opened with this list.
        let other = default.clone().filter(|model| !is_asked && *model != now.model);
        let is_listed = self.models.iter().any(|model| model.reference() == now.model);
        if let Some(model) = other.or_else(|| default.filter(|_| !is_listed)) {
            return Some(self.settings(model, self.effort.clone()));
        }
        if !is_listed {
            return None;
        }
        let effort = if is_asked { &now.effort } else { &self.effort };
        let (found, unfulfilled) = self.settings(now.model.clone(), effort.clone());
        // A conversation that leaves the effort to the server goes on to do so.
        let effort = found.effort.filter(|_| !is_asked || now.effort.is_some());
        let context = found.context.or(now.context);
        let found = SessionSettings { effort, context, ..found };
        (found != *now).then_some((found, unfulfilled))
    }

    /// The facts of a model: as its list has them, else as its name tells.
    pub(crate) fn facts(&self, model: &ModelRef) -> Model {
        facts(&self.models, model)
    }

    fn settings(&self, model: ModelRef, effort: Option<Effort>) -> NewSettings {
        settings_for(&self.models, model, effort, self.tuning)
    }
}

/// The facts of a model: as its list has them, else as its name tells.
pub(super) fn facts(models: &[Model], model: &ModelRef) -> Model {
    let listed = models.iter().find(|known| known.reference() == *model);
    listed.cloned().unwrap_or_else(|| describe(model))
}

/// One notice of a change of the model: what it costs the conversation, then the wishes that the
/// model cannot fulfil.
pub(super) fn change_notice(losses: Option<String>, unfulfilled: Vec<Notice>) -> Option<Notice> {
    let next = unfulfilled.iter().find_map(|notice| notice.next.clone());
    let wishes = unfulfilled.into_iter().map(|notice| notice.message);
    let sentences: Vec<String> = losses.into_iter().chain(wishes).collect();
    (!sentences.is_empty()).then(|| Notice { message: sentences.join(". "), next })
}

/// The first model of a list is its default.
pub(crate) fn default_model(models: &[Model]) -> Option<ModelRef> {
    models.first().map(Model::reference)
}

#[cfg(test)]
mod tests {
    use crate::protocol::{Patches, Verbosity};

    use super::*;
    use crate::base::text::says;

    fn effort(word: &str) -> Option<Effort> {
        Some(Effort(word.into()))
    }

    fn adjusted(
        models: &[Model],
        model: ModelRef,
        effort: Option<Effort>,
        wished: Tuning,
    ) -> (Option<String>, Tuning, Vec<String>) {
        let (settings, notices) = settings_for(models, model, effort, wished);
        let notices = notices.into_iter().map(|notice| notice.message).collect();
        (settings.effort.map(|effort| effort.0), settings.tuning, notices)
    }

    #[test]
    fn a_model_that_no_list_names_is_known_by_its_family() {
        let usual = Tuning::default();
        let model = ModelRef::openai("gpt-5.5-2026-01-01");
        let (settings, _) = settings_for(&[], model, None, usual);
        assert_eq!(
            (settings.context, settings.patches, settings.effort),
            (Some(272_000), Patches::AsText, None)
        );
        let (settings, _) = settings_for(&[], ModelRef::openai("wonder"), effort("high"), usual);
        assert_eq!(
            (settings.context, settings.patches, settings.effort),
            (None, Patches::Never, effort("high"))
        );
    }

    #[test]
    fn a_change_of_the_model_is_one_notice() {
        assert_eq!(change_notice(None, Vec::new()), None);
        let wish = Notice { message: "B".into(), next: Some("C".into()) };
        let both = change_notice(Some("A".into()), vec![wish.clone()]).unwrap();
        assert_eq!((both.message.as_str(), both.next), ("A. B", wish.next));
        let alone = change_notice(Some("A".into()), Vec::new());
        assert_eq!(alone, Some(Notice { message: "A".into(), next: None }));
    }

    #[test]
    fn a_list_goes_before_what_a_name_tells() {
        let model = ModelRef::openai("gpt-5.5");
        let listed = Model { context: Some(9), patches: Patches::Never, ..describe(&model) };
        let models = std::slice::from_ref(&listed);
        let (settings, _) = settings_for(models, model, None, Tuning::default());
        assert_eq!((settings.context, settings.patches), (Some(9), Patches::Never));
        assert_eq!(settings.effort, listed.default_effort);
    }

    #[test]
    fn what_a_model_does_not_have_is_left_out_with_a_word() {
        let (model, plain) = (ModelRef::openai("gpt-5.5"), ModelRef::openai("gpt-4.1"));
        let fast = Model {
            tiers: vec![ServiceTier::Fast],
            verbosity: Some(Verbosity::Low),
            ..describe(&model)
        };
        let models = [fast, describe(&plain)];
        let usual = Tuning::default();
        let wished = Tuning { verbosity: Some(Verbosity::High), tier: ServiceTier::Fast };
        let low = Tuning { verbosity: Some(Verbosity::Low), ..usual };
        assert_eq!(
            adjusted(&models, model.clone(), None, usual),
            (Some("medium".into()), low, vec![])
        );
        assert_eq!(
            adjusted(&models, model.clone(), effort("xhigh"), wished),
            (Some("xhigh".into()), wished, vec![])
        );
        assert_eq!(
            adjusted(&models, model.clone(), effort("max"), low),
            (
                Some("medium".into()),
                low,
                vec!["`gpt-5.5` has no reasoning effort `max`, only `low`, `medium`, `high` and `xhigh`, so `medium` is used".into()]
            )
        );
        let (none, tuning, words) = adjusted(&models, plain.clone(), effort("low"), wished);
        assert_eq!((none, tuning, words.len()), (None, usual, 3), "{words:?}");
        // Where nothing is known yet, nothing is said.
        assert_eq!(adjusted(&[], plain, None, wished).2, Vec::<String>::new());
        let own = ModelRef::new("acme".into(), "large");
        assert_eq!(adjusted(&models, own.clone(), effort("max"), usual).0, Some("max".into()));
        assert!(refuse_effort(&models, &own, &Effort("max".into())).is_none());
        let problem = refuse_effort(&models, &model, &Effort("turbo".into())).unwrap();
        assert!(says(&problem.message, "`gpt-5.5` … `turbo` … only `low`"));
    }
}
