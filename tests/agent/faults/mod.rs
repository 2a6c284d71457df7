//! Interrupts, crashes, mad servers and refused items: a conversation continues after each.

pub mod crash;
pub mod floods;
pub mod interrupts;
pub mod pictures;
pub mod refused_items;
