//! Words that are known without a request and without a running engine, for a shell that completes
//! them while a person types.

use std::sync::Arc;

use crate::base::Clock;
use crate::config::Settings;
use crate::protocol::{Model, SessionSummary};
use crate::sandbox;
use crate::store::SessionStore;

use super::command_limits;
use super::services::Services;

/// The models of all connected providers, as their lists were last seen.
pub fn known_models(settings: &Settings) -> Vec<Model> {
    let limits = command_limits(settings, sandbox::program());
    Services::new(settings, Arc::new([]), limits).all_models()
}

/// The conversations of all folders, the latest first, as their index was last kept. Empty where it
/// cannot be read.
pub fn known_sessions(settings: &Settings) -> Vec<SessionSummary> {
    let store = SessionStore::new(settings.paths.data.join("sessions"), Clock::system());
    let index = store.glance().ok();
    index.map(|index| index.summaries()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::config::{Env, Flags, load};

    use super::*;

    #[test]
    fn in_an_empty_home_there_are_the_usual_models_and_no_conversations() {
        let home = tempfile::tempdir().unwrap();
        let env = Env::of([("CODLING_HOME", home.path().to_str().unwrap())]);
        let settings = load(&env, None, &Flags::default(), &[]).unwrap().settings;
        assert!(known_models(&settings).iter().any(|model| model.provider.is_openai()));
        assert_eq!(known_sessions(&settings), []);
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "nothing is written");
    }
}
