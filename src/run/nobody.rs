//! What a person is told where nobody can be asked: the way around it. Does not know what was asked.

use crate::protocol::Mode;

/// After an approval was refused.
pub fn way_around(mode: Mode) -> &'static str {
    match mode {
        Mode::ReadOnly | Mode::Ask => "Allow it with `--approval-mode auto`, or a rule under `[permission]` in config.toml",
        Mode::Auto | Mode::Full => "Allow it with a rule under `[permission]` in config.toml; `--approval-mode full` never asks",
    }
}

/// After a question was declined.
pub const ANSWER_FIRST: &str = "Answer it in the prompt, or continue with `codling --continue`";
