//! The program's size on disk.

use crate::ask::Ask;
use crate::table::{Table, Target};

pub fn measure(ask: &Ask, table: &mut Table) {
    if ask.wants(&["size", "binary"]) {
        let bytes = std::fs::metadata(&ask.program).expect("the program").len();
        table.add("binary", "MiB", Target::AtMost(13.0), &[bytes as f64 / f64::from(1 << 20)]);
    }
}
