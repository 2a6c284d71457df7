//! What a person is told where nobody can be asked: the way around it.

use crate::protocol::ApprovalMode;

/// After an approval was refused.
pub fn way_around(mode: ApprovalMode) -> &'static str {
    match mode {
        ApprovalMode::ReadOnly | ApprovalMode::Ask => {
            "Allow it with `--approval-mode auto`, or a rule under `[permission]` in config.toml"
        }
        ApprovalMode::Auto | ApprovalMode::Full => {
            "Allow it with a rule under `[permission]` in config.toml; `--approval-mode full` never asks"
        }
    }
}

/// After a question was declined.
pub const ANSWER_FIRST: &str = "Answer it in the prompt, or continue with `codling --continue`";
