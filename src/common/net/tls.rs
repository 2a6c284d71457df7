//! How TLS is spoken, rustls with ring and HTTP/2 first, and which certificates count as trusted:
//! the platform's, and those of one more file. Judges no server.

use std::path::Path;
use std::sync::Arc;

use reqwest::ClientBuilder;
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::CertificateResult;

use super::NetError;
use crate::base::cause;

/// A configuration that trusts what is in `roots`, and nothing when that is empty.
pub(super) fn config(roots: RootCertStore) -> Result<ClientConfig, NetError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder =
        builder.with_safe_default_protocol_versions().map_err(|source| NetError::Tls { source })?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Lets a client trust the platform's roots and those in two more files (PEM), of which the second
/// need not be there.
pub(super) fn trust(
    builder: ClientBuilder,
    ca_file: Option<&Path>,
    if_readable: Option<&Path>,
) -> Result<ClientBuilder, NetError> {
    let mut extra = match ca_file {
        Some(path) => read(path)?,
        None => Vec::new(),
    };
    match if_readable.map(read) {
        Some(Ok(more)) => extra.extend(more),
        Some(Err(error)) => tracing::warn!("`NODE_EXTRA_CA_CERTS` is passed over: {error}"),
        None => {}
    }
    platform::trust(builder, extra)
}

fn read(path: &Path) -> Result<Vec<rustls::pki_types::CertificateDer<'static>>, NetError> {
    let CertificateResult { certs, errors, .. } =
        rustls_native_certs::load_certs_from_paths(Some(path), None);
    if certs.is_empty() {
        let detail =
            errors.first().map_or_else(|| "it holds no certificate in PEM form".into(), reason);
        return Err(NetError::CaFile { path: path.to_owned(), detail });
    }
    Ok(certs)
}

fn reason(error: &rustls_native_certs::Error) -> String {
    match &error.kind {
        rustls_native_certs::ErrorKind::Io { inner, .. } => cause(inner),
        _ => "it is not well-formed PEM".into(),
    }
}

/// macOS and Windows judge certificates themselves, with what the administrator set up there; ours
/// are added.
#[cfg(any(target_vendor = "apple", windows))]
mod platform {
    use reqwest::{Certificate, ClientBuilder};
    use rustls::pki_types::CertificateDer;

    use super::super::NetError;

    pub(super) fn trust(
        builder: ClientBuilder,
        extra: Vec<CertificateDer<'static>>,
    ) -> Result<ClientBuilder, NetError> {
        // A second call finds it installed, which is as good.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let extra =
            extra.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>();
        Ok(builder.tls_certs_merge(extra.map_err(|source| NetError::Setup { source })?))
    }
}

/// Elsewhere the roots are files. They are read by their paths, since the loader for "native" ones
/// would take `SSL_CERT_FILE` *instead*.
#[cfg(not(any(target_vendor = "apple", windows)))]
mod platform {
    use std::path::Path;

    use reqwest::ClientBuilder;
    use rustls::RootCertStore;
    use rustls::pki_types::CertificateDer;

    use super::super::NetError;
    use super::config;

    /// Bundles of all roots in one file: Debian and Arch, Fedora, openSUSE, Alpine and the BSDs,
    /// NetBSD, Termux.
    const BUNDLES: [&str; 9] = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/usr/local/etc/ssl/cert.pem",
        "/usr/local/share/certs/ca-root-nss.crt",
        "/etc/openssl/certs/ca-certificates.crt",
        "/data/data/com.termux/files/usr/etc/tls/cert.pem",
    ];
    /// Folders with a file for each root, read where there is no bundle.
    const FOLDERS: [&str; 3] =
        ["/etc/ssl/certs", "/etc/openssl/certs", "/system/etc/security/cacerts"];

    pub(super) fn trust(
        builder: ClientBuilder,
        extra: Vec<CertificateDer<'static>>,
    ) -> Result<ClientBuilder, NetError> {
        let mut store = RootCertStore::empty();
        // One odd certificate among a hundred must not cost the others.
        let (_taken, refused) =
            store.add_parsable_certificates(of_the_system().into_iter().chain(extra));
        if refused > 0 {
            tracing::debug!(
                refused,
                "root certificates that could not be understood were left out"
            );
        }
        if store.is_empty() {
            return Err(NetError::NoRoots);
        }
        Ok(builder.tls_backend_preconfigured(config(store)?))
    }

    fn of_the_system() -> Vec<CertificateDer<'static>> {
        let from_bundles = BUNDLES.iter().map(|path| {
            rustls_native_certs::load_certs_from_paths(Some(Path::new(path)), None).certs
        });
        let from_folders = FOLDERS.iter().map(|path| {
            rustls_native_certs::load_certs_from_paths(None, Some(Path::new(path))).certs
        });
        from_bundles.chain(from_folders).find(|found| !found.is_empty()).unwrap_or_default()
    }
}
