//! `view_image`: a picture for the model to look at, and pictures that a person sends along.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use crate::base::{Advice, cause};
use crate::protocol::{CallOutput, SizedPicture, ToolAudience, ToolEffects};

use super::image::{self, LoadedPicture, PreparedPicture};
use super::pixels::Flaw;
use crate::base::phrases::size;
use crate::base::{is_kernels, is_secret};
use crate::tools::call::arguments::Arguments;
use crate::tools::call::refusal::ToolRefusal;
use crate::tools::definition::{BuiltInDefinition, ToolContext};

pub const SPEC: BuiltInDefinition = BuiltInDefinition {
    name: "view_image",
    description: codling_assets::tools::VIEW_IMAGE,
    parameters: r#"{
  "type": "object",
  "properties": {
    "path": { "type": "string", "description": "Relative to the folder, or absolute" }
  },
  "required": ["path"],
  "additionalProperties": false
}"#,
    grammar: None,
    effects: ToolEffects::Looks,
    audience: ToolAudience::Everyone,
};

/// Bytes that tell the kind of a picture.
const HEAD: u64 = 16;

/// Why a file cannot be sent along as a picture.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum PictureError {
    #[error("`{}` {flaw}", path.display())]
    Flawed { path: PathBuf, flaw: Flaw },
    #[error("`{}` cannot be read: {}", path.display(), cause(source))]
    Io { path: PathBuf, source: io::Error },
    #[error("`{}` is {size}, more than the {limit} that a picture may have", path.display())]
    Large { path: PathBuf, size: String, limit: String },
    #[error("`{}` is not a PNG, JPEG, GIF or WebP picture", path.display())]
    NoPicture { path: PathBuf },
    #[error("`{}` is not sent: its place or name is one for secrets", path.display())]
    Secret { path: PathBuf },
}

impl Advice for PictureError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Flawed { flaw: Flaw::Broken(_), .. } => {
                "Save the picture again, or name another file".into()
            }
            Self::Io { .. } => "Check the path".into(),
            Self::Flawed { flaw: Flaw::Huge(_), .. } | Self::Large { .. } => {
                "Make the picture smaller".into()
            }
            Self::NoPicture { .. } => "Convert it to PNG, or name another file".into(),
            Self::Secret { .. } => "To send it, copy it into the folder under another name".into(),
        })
    }
}

/// Reads a picture that a person named, wherever it lies. Blocks on the disk, on nothing else.
///
/// # Errors
///
/// Fails if it is no regular file, cannot be read, is too large, or is no picture of a known
/// format.
pub fn picture(path: &Path) -> Result<SizedPicture, PictureError> {
    let real = path.canonicalize().map_err(|source| io_error(path, source))?;
    read(path, &real)
}

/// Reads a picture that a person attaches to a prompt about this folder. A relative path begins
/// there.
///
/// # Errors
///
/// Fails as [`picture`] does, and for a file outside of the folder that is named or kept like a
/// secret: a path that comes out of a paste is soon overlooked.
pub fn picture_for(folder: &Path, path: &Path) -> Result<SizedPicture, PictureError> {
    let path = folder.join(path);
    let real = path.canonicalize().map_err(|source| io_error(&path, source))?;
    let is_inside = folder.canonicalize().is_ok_and(|folder| real.starts_with(folder));
    if !is_inside && (is_secret(&path) || is_secret(&real)) {
        return Err(PictureError::Secret { path });
    }
    read(&path, &real)
}

fn read(path: &Path, real: &Path) -> Result<SizedPicture, PictureError> {
    let no_file = || io_error(path, io::Error::other("it is not a regular file"));
    if is_kernels(real) || !real.is_file() {
        return Err(no_file());
    }
    let file = open(real).map_err(|source| io_error(path, source))?;
    let metadata = file.metadata().map_err(|source| io_error(path, source))?;
    if !metadata.is_file() {
        return Err(no_file());
    }
    prepared(path, metadata.len(), file)
}

/// Does not wait where a pipe has taken the file's place.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(File::from(rustix::fs::open(path, flags, Mode::empty())?))
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// A picture that a person's program sent as bytes, under a name for people.
///
/// # Errors
///
/// Fails if the bytes are too many, or are no picture of a known format.
pub fn picture_of_bytes(name: &str, bytes: &[u8]) -> Result<SizedPicture, PictureError> {
    prepared(Path::new(name), bytes.len() as u64, bytes)
}

fn prepared(path: &Path, length: u64, stream: impl Read) -> Result<SizedPicture, PictureError> {
    let path = path.to_owned();
    let large = |path| PictureError::Large { path, size: size(length), limit: size(image::LIMIT) };
    if length > image::LIMIT {
        return Err(large(path));
    }
    match load(stream) {
        Ok(Some((_, LoadedPicture::Picture(PreparedPicture { picture, was, .. })))) => {
            Ok(SizedPicture { picture, width: was.0, height: was.1 })
        }
        Ok(Some((_, LoadedPicture::Flawed(flaw)))) => Err(PictureError::Flawed { path, flaw }),
        Ok(Some((_, LoadedPicture::Large))) => Err(large(path)),
        Ok(None) => Err(PictureError::NoPicture { path }),
        Err(source) => Err(io_error(&path, source)),
    }
}

fn io_error(path: &Path, source: io::Error) -> PictureError {
    PictureError::Io { path: path.to_owned(), source }
}

/// Runs `view_image`: attaches the picture, made small enough for the model.
///
/// # Errors
///
/// Refuses wrong arguments, a path that may not be read, and a file that is no picture or too
/// large.
pub fn run(
    arguments: &mut Arguments,
    context: &ToolContext<'_>,
) -> Result<CallOutput, ToolRefusal> {
    let path = match arguments.optional_text("path")? {
        Some(path) => path,
        // As `read` calls it.
        None => arguments
            .optional_text("filePath")?
            .ok_or(ToolRefusal::MissingArgument { name: "path" })?,
    };
    // Asked for in other harnesses: a picture is sent as sharp as the model takes it.
    let _detail = arguments.optional_text("detail")?;
    arguments.end()?;
    let place = context.folder.place(&path)?;
    let (file, metadata) = context.folder.open_file(&place)?;
    let length = metadata.len();
    let loaded = load(context.stop.reader(file)).map_err(|source| match context.stop.check() {
        Ok(()) if context.stop.is_late() => ToolRefusal::Late,
        Ok(()) => ToolRefusal::io(&place.shown, source),
        Err(stopped) => stopped,
    })?;
    match loaded {
        Some((mime, LoadedPicture::Picture(prepared))) => {
            Ok(image::attached(place.shown, prepared, mime, length))
        }
        Some((_, LoadedPicture::Flawed(flaw))) => {
            Err(ToolRefusal::BrokenPicture { shown: place.shown, flaw })
        }
        Some((_, LoadedPicture::Large)) => Err(ToolRefusal::LargeImage {
            shown: place.shown,
            size: size(length),
            limit: size(image::LIMIT),
        }),
        None => Err(ToolRefusal::NoPicture { shown: place.shown, size: size(length) }),
    }
}

/// With its media type; `None` for what does not even begin like a picture.
fn load(mut stream: impl Read) -> io::Result<Option<(&'static str, LoadedPicture)>> {
    let mut head = Vec::new();
    stream.by_ref().take(HEAD).read_to_end(&mut head)?;
    let Some(mime) = image::kind(&head) else { return Ok(None) };
    image::load(mime, Cursor::new(head).chain(stream)).map(|loaded| Some((mime, loaded)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::pixels;
    use super::*;
    use crate::base::text::says;

    #[test]
    fn a_picture_of_a_persons_is_read_by_what_it_is_and_not_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        let png = picture(&file("a.txt", &pixels::tests::PNG)).unwrap();
        assert_eq!((png.picture.mime, &png.picture.data[..11]), ("image/png", "iVBORw0KGgo"));
        assert_eq!((png.width, png.height), (1, 1));
        let bytes = picture_of_bytes("a picture", &pixels::tests::PNG).unwrap();
        assert_eq!(bytes, png);
        let error = picture_of_bytes("a picture", b"<svg>").unwrap_err();
        assert!(says(&error.to_string(), "`a picture` … not a PNG"), "{error}");
        let error = picture(&file("head.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0")).unwrap_err();
        assert!(says(&error.to_string(), "head.png` … damaged"), "{error}");
        assert!(says(&error.next_step().unwrap(), "another file"));
        let error = picture(&file("b.png", b"<svg>")).unwrap_err();
        assert!(says(&error.to_string(), "b.png` … not a PNG, JPEG, GIF or WebP"), "{error}");
        let large = file("c.png", b"\x89PNG\r\n\x1a\n");
        File::options().write(true).open(&large).unwrap().set_len(image::LIMIT + 1).unwrap();
        let error = picture(&large).unwrap_err();
        assert!(says(&error.to_string(), "50.0 MB … more than … 50.0 MB"), "{error}");
        for odd in ["missing.png", "."] {
            assert!(
                matches!(picture(&folder.path().join(odd)), Err(PictureError::Io { .. })),
                "{odd}"
            );
        }
        #[cfg(target_os = "linux")]
        assert!(matches!(picture(Path::new("/dev/zero")), Err(PictureError::Io { .. })));
        assert!(matches!(picture(&file("empty.png", b"")), Err(PictureError::NoPicture { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_called_a_picture_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("x.png");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert!(matches!(picture(&pipe), Err(PictureError::Io { .. })));
        assert!(open(&pipe).unwrap().metadata().is_ok_and(|metadata| !metadata.is_file()));
    }

    #[cfg(unix)]
    #[test]
    fn outside_of_the_folder_a_place_of_secrets_is_refused_by_either_of_its_names() {
        let home = tempfile::tempdir().unwrap();
        let (folder, secrets) = (home.path().join("project"), home.path().join(".ssh"));
        for place in [&folder, &secrets, &folder.join(".aws")] {
            fs::create_dir(place).unwrap();
        }
        for file in [secrets.join("qr.png"), folder.join("a b 中.png"), folder.join(".aws/own.png")]
        {
            fs::write(file, pixels::tests::PNG).unwrap();
        }
        std::os::unix::fs::symlink(secrets.join("qr.png"), folder.join("link.png")).unwrap();
        std::os::unix::fs::symlink(folder.join("a b 中.png"), secrets.join("out.png")).unwrap();
        for (path, taken) in [
            ("a b 中.png", true),
            (".aws/own.png", true),
            ("../.ssh/qr.png", false),
            ("link.png", false),
            ("../.ssh/out.png", true),
        ] {
            match picture_for(&folder, Path::new(path)) {
                Ok(picture) => assert!(taken && picture.width == 1, "{path}"),
                Err(PictureError::Secret { .. }) => assert!(!taken, "{path}"),
                Err(other) => panic!("{path}: {other}"),
            }
        }
        assert!(picture(&secrets.join("qr.png")).is_ok(), "a command line that names it means it");
    }
}
