//! Scenarios: what happens (`> …`), and all that is asked in answer, as text.

mod interrupts;
mod retries;
mod scenario;
mod turns;
