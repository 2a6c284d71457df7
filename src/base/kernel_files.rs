//! Files that the kernel generates.

use std::path::Path;

/// Whether the kernel generates the files at a path: their sizes are wrong, and some never end.
pub fn is_kernels(path: &Path) -> bool {
    cfg!(target_os = "linux")
        && (path.starts_with("/proc")
            || path.starts_with("/sys")
            || path.starts_with("/dev") && !path.starts_with("/dev/shm"))
}
