//! What is answered where nobody can be asked, and the way around it. Does not know what was asked.

use crate::protocol::Mode;

/// To the model, with a refusal.
pub const WHY: &str = "Nobody can be asked here: this runs without a screen. Go on without it, or end by saying what you would have done";

/// To the person, after an approval was refused.
pub fn way_around(mode: Mode) -> &'static str {
    match mode {
        Mode::ReadOnly | Mode::Ask => "Allow it with `--approval-mode auto`, or a rule under `[permission]` in config.toml",
        Mode::Auto | Mode::Full => "Allow it with a rule under `[permission]` in config.toml; `--approval-mode full` asks nothing at all",
    }
}

/// To the person, after a question was declined.
pub const ANSWER_FIRST: &str = "Say it in the prompt, or go on with `codling --continue`";
