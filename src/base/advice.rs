//! Advice: how to go on after an error, kept apart from the sentence that says what failed.

/// An error that can say what the person may do next.
pub trait Advice: std::error::Error {
    /// One sentence for the person, without a full stop. Implementations match exhaustively, so
    /// that a new variant must bring its own.
    fn next_step(&self) -> Option<String>;
}
