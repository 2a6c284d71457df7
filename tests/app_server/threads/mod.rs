//! Threads: how they begin, go on elsewhere, are copied and reviewed.

mod forks;
mod lifecycle;
mod read_back;
mod rejoin;
mod reviews;
