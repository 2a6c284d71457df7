//! Commands that are kept in, by the real kernel: what they can do and what they cannot. Knows no tool.

mod desk;
mod sign_ins;

mod asking;
mod attacks;
mod caches;
mod death;
mod exchanging;
mod hiding;
mod home;
mod leaving;
mod opening;
mod reach;
mod refusals;
mod repositories;
mod terminals;
mod workaday;
mod writing;
