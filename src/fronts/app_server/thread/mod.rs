//! A loaded thread: its turns, and the news for clients when something happens in it.

pub mod items;
pub mod live_turn;
pub mod loaded;
pub mod mcp_servers;
pub mod news;
pub mod thread_news;
pub mod turns;
