//! Scenarios: what happens (`> …`), and all that is asked in answer, as text.

mod interrupts;
mod logs;
mod retries;
mod scenario;
mod turns;
