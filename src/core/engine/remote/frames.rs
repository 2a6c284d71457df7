//! Frames: a length of four bytes, then a message in postcard. Memory grows with what has come, not
//! with what was announced.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A message from a holder may be a snapshot with pictures.
pub(super) const LONGEST_NEWS: u32 = 512 * 1024 * 1024;

/// A message to a holder may be a prompt with pictures.
pub(super) const LONGEST_ASK: u32 = 64 * 1024 * 1024;

/// Writes a message down.
///
/// # Errors
///
/// Fails where it is longer than the other side takes.
pub(super) fn encode(message: &impl Serialize, longest: u32) -> io::Result<Vec<u8>> {
    let bytes = postcard::to_extend(message, vec![0; 4]).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len() - 4).ok().filter(|length| *length <= longest);
    let length = length.ok_or_else(|| io::Error::other("the message is too long"))?;
    let mut bytes = bytes;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    Ok(bytes)
}

/// Reads the next message; `None` where the other side has ended between two of them.
///
/// # Errors
///
/// Fails for a length that is not allowed, for half a frame and for bytes that are no message.
pub(super) async fn read<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
    longest: u32,
) -> io::Result<Option<T>> {
    let length = match from.read_u32_le().await {
        Ok(length) if length <= longest => length,
        Ok(_) => return Err(io::Error::other("a longer message than is taken was announced")),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    from.take(length.into()).read_to_end(&mut bytes).await?;
    if u32::try_from(bytes.len()) != Ok(length) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    postcard::from_bytes(&bytes).map(Some).map_err(io::Error::other)
}

/// Reads the next message from a socket that blocks.
///
/// # Errors
///
/// Fails as [`read`] does, and where the other side has ended.
pub(super) fn read_blocking<T: DeserializeOwned>(
    from: &mut impl io::Read,
    longest: u32,
) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > longest {
        return Err(io::Error::other("a longer message than is taken was announced"));
    }
    let mut bytes = Vec::new();
    let mut frame = io::Read::take(from, length.into());
    io::Read::read_to_end(&mut frame, &mut bytes)?;
    postcard::from_bytes(&bytes).map_err(io::Error::other)
}

/// Writes a frame.
///
/// # Errors
///
/// Fails where the other side is gone.
pub(super) async fn write(to: &mut (impl AsyncWrite + Unpin), frame: &[u8]) -> io::Result<()> {
    to.write_all(frame).await?;
    to.flush().await
}
