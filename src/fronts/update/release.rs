//! Releases on a server: the statement of which is the latest and the checksums of one, whose
//! signatures are checked first, and its archive.

use std::time::Duration;

use minisign_verify::{PublicKey, Signature};
use sha2::{Digest, Sha256};
use url::Url;

use crate::base::text::hex;
use crate::net::{Net, VisitError, VisitTerms};
use crate::protocol::{BaseUrl, PathScope};

use super::error::UpdateError;
use super::statement::Statement;
use super::version::Version;
use super::{UpdateRequest, archive};

/// How servers know the program.
const USER_AGENT: &str = concat!("codling/", env!("CARGO_PKG_VERSION"));
/// Redirects to other hosts that are followed in a row: hosts of code keep large files elsewhere.
const REDIRECTS: usize = 3;
/// Limits of a file of text and of an archive.
const TEXT: VisitTerms =
    VisitTerms { time: Duration::from_secs(60), size: 1 << 20, reach: PathScope::Anywhere };
const ARCHIVE: VisitTerms =
    VisitTerms { time: Duration::from_secs(1800), size: 128 << 20, reach: PathScope::Anywhere };

/// The place that releases are downloaded from.
pub struct Downloads<'a> {
    net: &'a Net,
    address: BaseUrl,
    key: PublicKey,
    target: &'static str,
}

impl<'a> Downloads<'a> {
    /// Reads the address and the key.
    ///
    /// # Errors
    ///
    /// One of them is missing or cannot be used, or no archive is made for this system.
    pub fn new(request: &'a UpdateRequest) -> Result<Self, UpdateError> {
        let source = &request.source;
        let (Some(address), Some(key)) = (&source.downloads, &source.public_key) else {
            return Err(UpdateError::NoSource);
        };
        Ok(Self {
            net: &request.net,
            address: BaseUrl::parse(address).map_err(|source| UpdateError::Address { source })?,
            key: PublicKey::from_base64(key).map_err(|_unreadable| UpdateError::Key)?,
            target: request.target.ok_or(UpdateError::System)?,
        })
    }

    /// The address as a person would write it.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The statement of which version is the latest, once its signature was found to be right.
    ///
    /// # Errors
    ///
    /// It or its signature is missing or cannot be read, or something about it is wrong.
    pub async fn latest(&self) -> Result<Statement, UpdateError> {
        Statement::parse(&self.signed("", "latest").await?)
    }

    /// The program of a version, once its signature and its checksum were found to be right.
    ///
    /// # Errors
    ///
    /// A file is missing or cannot be read, or something about it is wrong.
    pub async fn program(&self, version: &Version) -> Result<Vec<u8>, UpdateError> {
        let (folder, name) = (format!("/v{version}"), format!("codling-{version}-{}", self.target));
        let sums = self.signed(&folder, "SHA256SUMS").await?;
        let file = format!("{name}.tar.gz");
        // The name holds the version, so that no other release can be passed off as this one.
        let of_file = |line: &str| Some(line.strip_suffix(&file)?.strip_suffix("  ")?.to_owned());
        let expected = sums.lines().find_map(of_file);
        let expected = expected.ok_or_else(|| UpdateError::Unnamed { name: file.clone() })?;
        let packed = self.fetch(&format!("{folder}/{file}"), ARCHIVE).await?;
        let found = checksum(&packed);
        if found != expected {
            return Err(UpdateError::Checksum { expected, found });
        }
        archive::file(&packed, &format!("{name}/codling"))
    }

    /// A file of text, with the signature that lies beside it.
    async fn signed(&self, folder: &str, file: &'static str) -> Result<String, UpdateError> {
        let text = self.fetch(&format!("{folder}/{file}"), TEXT).await?;
        let signature = self.fetch(&format!("{folder}/{file}.minisig"), TEXT).await?;
        let wrong = |_| UpdateError::Signature { file };
        let signature = Signature::decode(&String::from_utf8_lossy(&signature)).map_err(wrong)?;
        self.key.verify(&text, &signature, false).map_err(wrong)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Reads a file. Its redirects may lead to other hosts over https: the signature tells whether
    /// the right bytes came.
    async fn fetch(&self, path: &str, terms: VisitTerms) -> Result<Vec<u8>, UpdateError> {
        let first = self.address.origin().at(&format!("{}{path}", self.address.path()));
        let shown = first.to_string();
        let failed = |reason: String| UpdateError::Download { url: shown.clone(), reason };
        let mut url = first;
        for _hop in 0..=REDIRECTS {
            let page = match self.net.visit(url, USER_AGENT, terms).await {
                Ok(page) => page,
                Err(VisitError::Elsewhere { to, .. }) if to.starts_with("https://") => {
                    url = Url::parse(&to).map_err(|error| failed(error.to_string()))?;
                    continue;
                }
                // The address may have become a signed one: the first one is shown.
                Err(VisitError::Trouble { failure, .. }) => {
                    return Err(failed(failure.to_string()));
                }
                Err(VisitError::Setup { source }) => return Err(failed(source.to_string())),
                Err(VisitError::Large { size, .. }) => {
                    return Err(failed(format!("it is larger than {size} bytes")));
                }
                Err(_) => return Err(failed("it redirects where it must not".into())),
            };
            return match page.status.as_u16() {
                200 => Ok(page.body),
                404 | 410 => Err(UpdateError::Missing { url: shown }),
                status => Err(failed(format!("the server answered with {status}"))),
            };
        }
        Err(failed("it redirects without end".into()))
    }
}

fn checksum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
