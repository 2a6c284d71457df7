//! Scenarios: what happens (`> …`), and all that is asked in answer, as text.

mod approvals;
mod compaction;
mod logs;
mod losses;
mod order;
mod prompts;
mod reasoning;
mod refused_items;
mod retries;
mod scenario;
mod server_compaction;
mod taking_back;
mod tool_sources;
mod turns;
mod usage_limits;
mod words;
