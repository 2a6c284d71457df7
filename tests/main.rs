//! The one integration-test binary: the law of the rooms, and the real program seen from outside.
#![allow(clippy::disallowed_methods, reason = "no test stops its process group")]

#[cfg(unix)]
#[cfg(test)]
mod acp;

#[cfg(unix)]
#[cfg(test)]
mod agent;

#[cfg(unix)]
#[cfg(test)]
mod app_server;

#[cfg(test)]
mod architecture;

#[cfg(unix)]
#[cfg(test)]
mod engine;

#[cfg(unix)]
#[cfg(test)]
mod eval;

#[cfg(unix)]
#[cfg(test)]
mod peers;

#[cfg(unix)]
#[cfg(test)]
mod plain;

#[cfg(unix)]
#[cfg(test)]
mod pty;

#[cfg(target_os = "linux")]
#[cfg(test)]
mod sandbox;

#[cfg(unix)]
#[cfg(test)]
mod screens;

#[cfg(unix)]
#[cfg(test)]
mod sessions;

#[cfg(unix)]
#[cfg(test)]
mod shell;

#[cfg(test)]
mod stage;

#[cfg(target_os = "linux")]
#[cfg(test)]
mod trace;

#[cfg(unix)]
#[cfg(test)]
mod upkeep;
