//! Files that the kernel makes up.

use std::path::Path;

/// Whether a path is one of those that the kernel makes up: their sizes are not true, and some never end.
pub fn is_kernels(path: &Path) -> bool {
    cfg!(target_os = "linux")
        && (path.starts_with("/proc")
            || path.starts_with("/sys")
            || path.starts_with("/dev") && !path.starts_with("/dev/shm"))
}
