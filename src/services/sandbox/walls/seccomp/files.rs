//! Rules for `ioctl`, which can change files that were opened for reading: flags (immutable, no
//! dump, no copy on write), versions, encryption, subvolumes.

use seccompiler::{BackendError, SeccompCmpOp, SeccompRule};

use super::{rule, word};

// How a request is written (asm-generic/ioctl.h): which way data goes, how much of it, whose it is,
// and a number.
const TO_KERNEL: u64 = 0x4000_0000;
const EITHER_WAY: u64 = 0xc000_0000;
const WHOSE: u64 = 0xff00;

/// Whose requests are about files: those of ext4 and of all file systems, of their versions, of
/// XFS, and of btrfs.
const OF_FILES: [u64; 4] = [0x66, 0x76, 0x58, 0x94];

/// FS_IOC_FIEMAP, FICLONE, FICLONERANGE and FIDEDUPERANGE: one only tells, and the others ask for a
/// file that was opened for writing.
const HARMLESS: [u64; 4] = [0xc020_660b, 0x4004_9409, 0x4020_940d, 0xc018_9436];

/// Requests about files that tell the kernel something, or carry no data at all.
pub(super) fn changing() -> Result<Vec<SeccompRule>, BackendError> {
    let mut rules = Vec::new();
    for whose in OF_FILES {
        for (bits, way) in [(TO_KERNEL, TO_KERNEL), (EITHER_WAY, 0)] {
            let asked = SeccompCmpOp::MaskedEq(bits | WHOSE);
            let mut conditions = vec![word(1, asked, way | whose << 8)?];
            for request in HARMLESS {
                conditions.push(word(1, SeccompCmpOp::Ne, request)?);
            }
            rules.push(rule(conditions)?);
        }
    }
    Ok(rules)
}
