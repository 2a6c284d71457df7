//! Screens as stories: keys and events in, a picture and the commands out.

mod asks;
mod calls;
mod connect;
mod conversation;
mod dialogs;
mod fixture;
mod guide;
mod hostile;
mod limits;
mod links;
mod long;
mod models;
mod mouse;
mod notes;
mod sentences;
mod sessions;
mod start;
mod typing;
mod wide;

use fixture::Fixture;
