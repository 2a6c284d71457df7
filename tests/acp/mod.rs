//! `codling acp` as an editor sees it: the real program over a pipe, with the stand-in behind.

mod browser;
mod editor;
mod handshake;
mod hostile;
mod leaving;
mod open_files;
mod permissions;
mod prompts;
mod scene;
mod sessions;
mod settings;
mod sign_in;
mod tool_calls;
