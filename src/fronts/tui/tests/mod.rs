//! Screens as stories: keys and events in, a picture and the commands out.

mod asks;
mod calls;
mod connect;
mod conversation;
mod desk;
mod dialogs;
mod guide;
mod hostile;
mod links;
mod long;
mod notes;
mod sessions;
mod start;
mod typing;
mod wide;

use desk::Desk;
