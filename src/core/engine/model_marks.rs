//! Favorite and recent models: changed in their file, and told to every front.

use std::sync::Arc;

use crate::protocol::{EventKind, ModelMarks, ModelRef, Problem, ProblemKind, Reply};

use super::link::client::Replier;
use super::link::engine_message::{EngineMessage, EngineSender};
use super::services::Services;
use super::work::blocking;

/// A change of the marks of models.
#[derive(Clone, Debug)]
pub(super) enum Marking {
    /// None: they are only told.
    Read,
    Toggled(ModelRef),
    Used(ModelRef),
}

/// Changes the marks of models, and tells them to all.
pub(super) fn mark(
    services: Services,
    sender: EngineSender,
    marking: Marking,
    replier: Option<Replier>,
) {
    drop(blocking(move || {
        let file = &services.model_marks;
        let marks = match &marking {
            Marking::Read => Ok(file.read()),
            Marking::Toggled(model) => file.toggle(model),
            Marking::Used(model) => file.used(model),
        };
        let result = match marks {
            Ok(marks) => {
                let is_empty = marks == ModelMarks::default();
                if !is_empty || !matches!(marking, Marking::Read) {
                    let news = EventKind::ModelMarks(Arc::new(marks));
                    let _loop_ended = sender.send(EngineMessage::Announce(news));
                }
                Ok(Reply::Done)
            }
            Err(error) => {
                tracing::warn!(%error, "the marks of models were not kept");
                Err(Problem::new(ProblemKind::Internal, format!("Not kept: {error}")))
            }
        };
        if let Some(replier) = replier {
            let _loop_ended = sender.send(EngineMessage::Answer(replier, result));
        }
    }));
}
