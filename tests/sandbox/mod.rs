//! Sandboxed commands with the real kernel: what they can and cannot do.

mod fixture;

mod asking;
mod attacks;
mod death;
mod exchanging;
mod homes;
mod interrupting;
mod leaving;
mod network;
mod reach;
mod refusals;
mod repositories;
mod startup_files;
mod terminals;
mod workaday;
mod writing;
