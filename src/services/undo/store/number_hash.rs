//! A hash for keys that nobody chooses: file status and digests. Tables of tens of thousands are
//! read before a command runs.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

pub type NumberMap<Key, Value> = HashMap<Key, Value, BuildHasherDefault<NumberHash>>;
pub type NumberSet<Key> = HashSet<Key, BuildHasherDefault<NumberHash>>;

/// Odd, with about as many bits set as not.
const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

/// Multiplies with each number, and folds the upper half of the product onto the lower.
#[derive(Clone, Copy, Debug, Default)]
pub struct NumberHash(u64);

impl Hasher for NumberHash {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut number = [0; 8];
            number[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(number));
        }
    }

    fn write_u64(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number ^ FACTOR) * u128::from(FACTOR);
        let [low, high] = [product, product >> 64].map(|half| half & u128::from(u64::MAX));
        self.0 = u64::try_from(low ^ high).unwrap_or_default();
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, Hash};

    use super::*;
    use crate::protocol::Stamp;

    /// How many of 2^16 slots are used by as many keys, by the lowest bits and by the highest.
    fn spread(keys: impl Iterator<Item = impl Hash>) -> [usize; 2] {
        let build = BuildHasherDefault::<NumberHash>::default();
        let hashes: Vec<u64> = keys.take(1 << 16).map(|key| build.hash_one(key)).collect();
        [0, 48].map(|shift| {
            hashes.iter().map(|hash| hash >> shift & 0xFFFF).collect::<HashSet<_>>().len()
        })
    }

    #[test]
    fn keys_that_differ_little_are_spread_as_if_by_chance() {
        let stamp = |number: u64| Stamp {
            device: 65_024,
            inode: 11_000_000 + number,
            length: 24,
            modified: 1_795_375_877_202_531_141 + (number as i64 / 100) * 4_000_000,
            changed: 1_795_375_877_202_531_141 + (number as i64 / 100) * 4_000_000,
        };
        let digest = |number: u64| {
            let mut bytes = [7; 32];
            bytes[..8].copy_from_slice(&number.to_le_bytes());
            bytes
        };
        // By chance, 1 - 1/e of the slots are used: some 41,400.
        for used in [spread((0..).map(stamp)), spread((0..).map(digest))].concat() {
            assert!(used > 38_000, "{used}");
        }
    }
}
