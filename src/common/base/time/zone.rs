//! The system's time zone, read from one file.

use std::env;
use std::fs;
use std::path::Path;

use jiff::tz::TimeZone;

use crate::base::files;

const LOCAL_TIME: &str = "/etc/localtime";
/// The limit in bytes; the largest published zone has about 4,000.
const LARGEST: u64 = 64 << 10;

/// The system's time zone, with its name if known. Reads no list of all zones: that would take
/// longer than the rest of the start.
pub fn system_zone() -> TimeZone {
    let has_own = env::var_os("TZ").is_some();
    let named = (!has_own).then(|| named(Path::new(LOCAL_TIME))).flatten();
    named.unwrap_or_else(TimeZone::system)
}

/// The zone that a link into a zone database names.
fn named(link: &Path) -> Option<TimeZone> {
    let target = fs::read_link(link).ok()?;
    let (_, name) = target.to_str()?.rsplit_once("zoneinfo/")?;
    TimeZone::tzif(name, &files::read(link, LARGEST).ok()?).ok()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_link_tells_the_zone_and_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let zones = folder.path().join("zoneinfo/Europe");
        fs::create_dir_all(&zones).unwrap();
        let (zone, link) = (zones.join("Nowhere"), folder.path().join("localtime"));
        symlink(&zone, &link).unwrap();
        assert_eq!(named(&link), None);
        fs::write(&zone, "no zone").unwrap();
        assert_eq!(named(&link), None);
        // The smallest valid zone file: one type, UTC+1, no changes.
        let header = |version: u8| [b"TZif".as_slice(), &[version], &[0; 15]].concat();
        let counts = [0, 0, 0, 0, 1, 4].map(u32::to_be_bytes).concat();
        let body = [&3600_i32.to_be_bytes()[..], &[0, 0], b"ONE\0"].concat();
        let block = |version| [header(version), counts.clone(), body.clone()].concat();
        let whole = [block(b'2'), block(b'2'), b"\nONE-1\n".to_vec()].concat();
        fs::write(&zone, whole).unwrap();
        let found = named(&link).unwrap();
        assert_eq!(found.iana_name(), Some("Europe/Nowhere"));
        assert_eq!(found.to_offset(jiff::Timestamp::UNIX_EPOCH).seconds(), 3600);
    }
}
