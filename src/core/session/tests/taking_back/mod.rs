//! Taking back: changes of files, and turns of the conversation.

mod going_back;
mod undo;
