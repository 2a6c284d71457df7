//! Notices of a compaction, of an undo and of going back, in words for the person.

use crate::protocol::{CompactionResult, Direction, Notice};

/// Files that a notice names.
const NAMES_TOLD: usize = 8;

/// That the model summarized the conversation, and by how many tokens it became shorter.
pub(super) fn compacted(CompactionResult { before, after }: CompactionResult) -> Notice {
    let message = if after < before {
        format!(
            "The conversation was summarized for the model: about {} tokens became {}",
            thousands(before),
            thousands(after)
        )
    } else {
        "The conversation was summarized for the model; it was too short for that to save anything"
            .into()
    };
    Notice { message, next: None }
}

fn thousands(tokens: u64) -> String {
    if tokens < 1_000 { tokens.to_string() } else { format!("{}k", (tokens + 500) / 1_000) }
}

/// That the changes of a turn were taken back or made again: of which files, and which were left as
/// they are, and why.
pub(super) fn undone(direction: Direction, files: &[String], kept: &[(String, String)]) -> Notice {
    let act = match direction {
        Direction::Redo => "made again",
        Direction::Undo => "taken back",
    };
    if files.is_empty() && !kept.is_empty() {
        let kept: Vec<String> = kept.iter().map(|(file, why)| format!("{file} ({why})")).collect();
        return Notice { message: format!("Nothing was {act}: {}", some_of(&kept)), next: None };
    }
    let mut message = format!("The changes of a turn were {act}");
    if !files.is_empty() {
        message.push_str(&format!(": {}", some_of(files)));
    }
    if !kept.is_empty() {
        let kept: Vec<String> = kept.iter().map(|(file, why)| format!("{file}: {why}")).collect();
        message.push_str(&format!(". Left as they are: {}", some_of(&kept)));
    }
    Notice { message, next: None }
}

/// That the conversation went back to here, and how many prompts it left.
pub(super) fn went_back(prompts: usize) -> Notice {
    let left = match prompts {
        1 => "1 prompt was left and is".to_owned(),
        many => format!("{many} prompts were left and are"),
    };
    Notice {
        message: format!("The conversation went back to here; {left} kept as a branch"),
        next: Some("`/sessions` shows it: ctrl+b there".into()),
    }
}

/// No more names than fit in a few lines.
fn some_of(names: &[String]) -> String {
    let shown = names[..names.len().min(NAMES_TOLD)].join(", ");
    match names.len() - names.len().min(NAMES_TOLD) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::says;

    #[test]
    fn a_notice_names_some_files_and_counts_the_rest() {
        let files: Vec<String> = (0..10).map(|n| format!("f{n}")).collect();
        let kept = [("f0".to_owned(), "permission denied".to_owned())];
        let notice = undone(Direction::Redo, &files, &kept);
        let named =
            "made again: f0, f1, f2, f3, f4, f5, f6, f7 and 2 more. … f0: permission denied";
        assert!(says(&notice.message, named), "{}", notice.message);
        let nothing = undone(Direction::Undo, &[], &kept).message;
        assert!(says(&nothing, "Nothing … f0 (permission denied)"), "{nothing}");
    }
}
