//! The one integration-test binary: the law of the rooms, and the real program seen from outside.

#[cfg(test)]
mod architecture;

#[cfg(all(test, unix))]
mod pty;

#[cfg(test)]
mod stage;
