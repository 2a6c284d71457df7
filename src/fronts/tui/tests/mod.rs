//! Screens as stories: keys and events in, a picture and the commands out.

mod answering;
mod approvals;
mod calls;
mod connect;
mod conversation;
mod desk;
mod dialogs;
mod early;
mod guide;
mod hostile;
mod jobs;
mod keys;
mod links;
mod long;
mod long_commands;
mod mentions;
mod modes;
mod notes;
mod questions;
mod queue;
mod sessions;
mod slash;
mod start;
mod too_soon;
mod traps;
mod undo;
mod unseen;
mod web;
mod wide;

use desk::Desk;
