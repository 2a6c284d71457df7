//! Runs against scripted events of an engine.

mod nobody;
mod scene;
mod shapes;
mod turns;
mod web;
