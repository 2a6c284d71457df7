//! Stories of the stand, told over plain sockets: no client of codling's takes part.

mod client;
mod faults;
mod law;
mod model;
mod sign_in;
