//! What to do about an error, kept apart from the sentence that says what failed.

pub trait Advice: std::error::Error {
    /// One sentence for the person, without a full stop. Implement it as an exhaustive match, so that a new variant asks for its own.
    fn next_step(&self) -> Option<String>;
}
