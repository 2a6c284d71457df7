//! A crowd of files, for folders in which there are too many.

use std::fs;
use std::ops::Range;
use std::path::Path;

/// Makes empty files with these numbers for names, after a letter.
///
/// They are names of one file: for each new one, ext4 passes over all that were deleted in the last
/// five seconds, so that every story that makes files would wait while thousands come and go.
pub fn crowd(folder: &Path, numbers: Range<usize>) {
    let name = |number: usize| folder.join(format!("f{number}"));
    let first = name(numbers.start);
    fs::File::create(&first).unwrap();
    for number in numbers.skip(1) {
        // A file system that knows no links, or not that many of one file.
        if fs::hard_link(&first, name(number)).is_err() {
            fs::File::create(name(number)).unwrap();
        }
    }
}
