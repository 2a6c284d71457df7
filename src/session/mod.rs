//! The machine that decides what an agent does next: inputs in, effects out. No IO, no clock, no runtime, no `Result`.
