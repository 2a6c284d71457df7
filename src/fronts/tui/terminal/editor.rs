//! Editing a text with the person's editor, in a private file that is removed afterwards.

use std::fs::File;
use std::io::{self, Read, Write};
use std::process::ExitStatus;

use crate::base::cause;
use crate::base::start;

/// The limit in bytes for an edited prompt.
const LONGEST: u64 = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    #[error("the editor `{editor}` could not be used: {}", cause(source))]
    Failed { editor: String, source: io::Error },
    #[error("the editor `{editor}` ended with {status}, so the text stays as it was")]
    Status { editor: String, status: ExitStatus },
    #[error("the text has grown beyond 1 MiB, and stays as it was")]
    TooLong,
}

/// Runs the editor (a command line, as in `VISUAL`) until it ends, and returns the edited text. The
/// editor uses the terminal.
///
/// # Errors
///
/// [`EditorError`] if the editor or its file fails, or the text is too long.
pub fn edit(editor: &str, text: &str) -> Result<String, EditorError> {
    let failed = |source| EditorError::Failed { editor: editor.to_owned(), source };
    let mut file =
        tempfile::Builder::new().prefix("codling-").suffix(".md").tempfile().map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    let status = start::edit(editor, file.path()).map_err(failed)?;
    if !status.success() {
        return Err(EditorError::Status { editor: editor.to_owned(), status });
    }
    // Many editors replace the file with a new one.
    let edited = File::open(file.path()).map_err(failed)?;
    let mut bytes = Vec::new();
    edited.take(LONGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LONGEST {
        return Err(EditorError::TooLong);
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\n').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_comes_back_as_the_editor_left_it() {
        assert_eq!(edit("true", "as it was\n").unwrap(), "as it was");
        assert_eq!(edit("printf 'two\\nlines\\n' >", "one").unwrap(), "two\nlines");
        let anew = "f() { printf new > \"$1.tmp\" && mv \"$1.tmp\" \"$1\"; }; f";
        assert_eq!(edit(anew, "old").unwrap(), "new", "also where it replaces the file");
    }

    #[test]
    fn an_editor_that_fails_leaves_the_text_alone() {
        assert!(matches!(edit("exit 3; :", "text"), Err(EditorError::Status { .. })));
        let error = edit("exit 127; :", "text").unwrap_err().to_string();
        assert!(error.starts_with("the editor `exit 127; :` ended with"), "{error}");
        assert!(matches!(edit("head -c 2000000 /dev/zero >", "text"), Err(EditorError::TooLong)));
    }
}
