//! Scenarios: what happens (`> …`), and all that is asked in answer, as text.

mod approvals;
mod compaction;
mod left_out;
mod logs;
mod losses;
mod order;
mod pictures;
mod retries;
mod scenario;
mod server_compaction;
mod thoughts;
mod tool_sources;
mod turns;
mod undo;
mod words;
