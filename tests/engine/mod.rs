//! The engine against the stand-in: real credentials on disk, real requests, real tools in a
//! folder.

mod accounts;
mod calls;
mod children;
mod front;
mod fronts;
mod joining;
mod models;
mod requests;
mod scene;
mod tools;
mod turns;
mod web;
