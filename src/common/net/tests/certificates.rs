//! A made-up root, and a server for `localhost` and 127.0.0.1 that it vouches for until 2099.
//! Trusted nowhere outside these tests.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use crate::protocol::Origin;

/// PEM, as a person would name it in `SSL_CERT_FILE`.
pub const ROOT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBYjCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxtYWRlLXVw
LXJvb3QwIBcNMjAwMTAxMDAwMDAwWhgPMjA5OTEyMzEwMDAwMDBaMBcxFTATBgNV
BAMMDG1hZGUtdXAtcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLeJss+a
oFPgdyMh9q6WcmW9oWddR0TltBkMXQ6KTC7tbZ6rMn8eK7IGNlxl5EaJhfIswDb0
aVhbuIMog1tzJ/KjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIE
MB0GA1UdDgQWBBS6yNZxXHtTh/VKCK0Vuc/IJj3cRzAKBggqhkjOPQQDAgNJADBG
AiEA/i3YO65G6gkhN1fGvH1PBnKb9Hjg0ip1r/hDKAWzmUICIQDVSSnT7jPeFE+f
jo4sC4U684nF6uU3sIdC61y5QsunSA==
-----END CERTIFICATE-----
";

const LEAF: &str = concat!(
    "MIIBnjCCAUSgAwIBAgIBAjAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxtYWRlLXVw",
    "LXJvb3QwIBcNMjAwMTAxMDAwMDAwWhgPMjA5OTEyMzEwMDAwMDBaMBQxEjAQBgNV",
    "BAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNH0yicuwHbz",
    "e86Q4qp1zj9z2P3X08tTFzHRacCKtkqC3/uuVAzUdPyws0o4JZPXz+MH3CGrUeWJ",
    "C9bydPa3cn2jgYEwfzAMBgNVHRMBAf8EAjAAMBoGA1UdEQQTMBGCCWxvY2FsaG9z",
    "dIcEfwAAATATBgNVHSUEDDAKBggrBgEFBQcDATAdBgNVHQ4EFgQUAoTnR7RyT821",
    "21EyfE/UqPr+srIwHwYDVR0jBBgwFoAUusjWcVx7U4f1SgitFbnPyCY93EcwCgYI",
    "KoZIzj0EAwIDSAAwRQIgOpu4e7GCMTE5wx/3SpRNKYTDWV9xw75sXj807lhDY54C",
    "IQDyLV7amtIP8cz/8gsYFmZGSQqEkv7dRkKTAxHxQm44bw==",
);

const KEY: &str = concat!(
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqfnxD92RkWmM7Qfc",
    "KL9hatLhsU8GyV4VjL62kcVOUXuhRANCAATR9MonLsB283vOkOKqdc4/c9j919PL",
    "Uxcx0WnAirZKgt/7rlQM1HT8sLNKOCWT18/jB9whq1HliQvW8nT2t3J9",
);

/// Answers 200 to every request over TLS; the thread ends with the test process.
pub fn server() -> Origin {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(STANDARD.decode(KEY).unwrap()));
    let chain = vec![CertificateDer::from(STANDARD.decode(LEAF).unwrap())];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = Origin::parse(&format!("https://{}", listener.local_addr().unwrap())).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut connection = ServerConnection::new(config.clone()).unwrap();
            let mut tls = Stream::new(&mut connection, &mut stream);
            // A client that does not trust us breaks off here.
            if tls.read(&mut [0; 4096]).is_ok() {
                let _gone = tls.write_all(
                    b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                );
            }
        }
    });
    origin
}
