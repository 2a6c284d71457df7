//! Runs against what an engine might tell, in the order it might tell it.

mod nobody;
mod scene;
mod shapes;
mod turns;
mod web;
