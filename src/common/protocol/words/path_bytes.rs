//! Paths on the way to another codling: as the bytes that the system knows them by, since a path
//! need not be text and a chosen step of an undo has to come back as it was.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serializer};

#[cfg(unix)]
fn bytes_of<E>(path: &Path) -> Result<&[u8], E> {
    use std::os::unix::ffi::OsStrExt;
    Ok(path.as_os_str().as_bytes())
}

#[cfg(unix)]
fn path_of<E>(bytes: Vec<u8>) -> Result<PathBuf, E> {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    Ok(OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn bytes_of<E: serde::ser::Error>(path: &Path) -> Result<&[u8], E> {
    path.to_str().map(str::as_bytes).ok_or_else(|| E::custom("a path is not text"))
}

#[cfg(not(unix))]
fn path_of<E: serde::de::Error>(bytes: Vec<u8>) -> Result<PathBuf, E> {
    String::from_utf8(bytes).map(PathBuf::from).map_err(E::custom)
}

/// For `#[serde(with)]` at one path.
pub(crate) mod one {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes_of(path)?)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        path_of(Vec::deserialize(from)?)
    }
}

/// For `#[serde(with)]` at a list of paths.
pub(crate) mod many {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        paths: &impl AsRef<[PathBuf]>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let paths = paths.as_ref().iter().map(|path| bytes_of(path));
        to.collect_seq(paths.collect::<Result<Vec<_>, S::Error>>()?)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, C: FromIterator<PathBuf>>(
        from: D,
    ) -> Result<C, D::Error> {
        Vec::<Vec<u8>>::deserialize(from)?.into_iter().map(path_of).collect()
    }
}

/// For `#[serde(with)]` at a shared set of paths.
pub(crate) mod set {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;

    pub(crate) fn serialize<S: Serializer>(
        paths: &Arc<BTreeSet<PathBuf>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let paths = paths.iter().map(|path| bytes_of(path));
        to.collect_seq(paths.collect::<Result<Vec<_>, S::Error>>()?)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<BTreeSet<PathBuf>>, D::Error> {
        many::deserialize::<D, BTreeSet<PathBuf>>(from).map(Arc::new)
    }
}
