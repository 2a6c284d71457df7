//! The editor behind a session, as all calls share it: what they know of its texts, and how many of
//! them may wait for it.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::protocol::{Editor, ToolAudience, ToolDefinition};
use crate::tools::call::stop_signal::StopSignal;
use crate::tools::files::read;
use crate::tools::folder::open_files::{AgreedTexts, EditorPatience, OpenFiles, UnsavedTexts};

/// Previews that wait for it at once: each takes a thread.
const AT_ONCE: usize = 8;
/// The sentence about the editor in the description of `read`.
const OF_THE_EDITOR: &str = "Text files come as the user's editor shows them, with what is not saved yet, and changes go on from that; commands see what is saved.";

/// A session's editor, if it has one. Clones know the same of it.
#[derive(Clone, Debug)]
pub struct SharedEditor {
    editor: Option<Arc<dyn Editor>>,
    patience: EditorPatience,
    agreed: AgreedTexts,
    preview_slots: Arc<Semaphore>,
}

impl SharedEditor {
    pub fn new(editor: Option<Arc<dyn Editor>>) -> Self {
        Self {
            editor,
            patience: EditorPatience::REAL,
            agreed: AgreedTexts::default(),
            preview_slots: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// For tests: one that is not waited for long.
    #[cfg(test)]
    pub fn hurrying(self, patience: EditorPatience) -> Self {
        Self { patience, ..self }
    }

    /// To be held by a preview, which may have to wait for the editor; `None` without one.
    pub async fn preview_slot(&self) -> Option<OwnedSemaphorePermit> {
        self.editor.as_ref()?;
        // Never closed; were it, a preview would only not have to wait.
        Arc::clone(&self.preview_slots).acquire_owned().await.ok()
    }

    /// A built-in tool as models are told of it. With an editor, every model has the one tool that
    /// sees its texts.
    pub fn offered(&self, definition: ToolDefinition) -> ToolDefinition {
        if self.editor.is_none() || *definition.name != *read::SPEC.name {
            return definition;
        }
        let description = format!("{} {OF_THE_EDITOR}", definition.description.trim_end());
        let audience = ToolAudience::Everyone;
        ToolDefinition { description: description.into(), audience, ..definition }
    }

    /// See [`Toolbox::changed_by_command`](crate::tools::Toolbox::changed_by_command).
    pub fn changed_by_command(&self, real: &Path, before: &str, after: Option<&str>) {
        if self.editor.is_some() {
            self.agreed.note(real, before.to_owned(), after.map(str::to_owned));
        }
    }

    /// The open files as one call sees them, in this folder.
    pub fn open_files<'a>(
        &'a self,
        folder: &'a Path,
        stop: &'a StopSignal,
        unsaved: &'a UnsavedTexts,
    ) -> OpenFiles<'a> {
        OpenFiles {
            editor: self.editor.as_deref(),
            patience: self.patience,
            folder,
            stop,
            unsaved,
            agreed: &self.agreed,
        }
    }
}
