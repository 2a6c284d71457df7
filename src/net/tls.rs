//! How TLS is spoken: rustls with ring, HTTP/2 first. Chooses no roots.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use super::NetError;

/// A configuration that trusts what is in `roots`, and nothing when that is empty.
pub(super) fn config(roots: RootCertStore) -> Result<ClientConfig, NetError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder =
        builder.with_safe_default_protocol_versions().map_err(|source| NetError::Tls { source })?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
