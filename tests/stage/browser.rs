//! A browser as far as sign-ins need one.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Fetches `http://localhost:PORT/...`; returns the whole answer with its head.
pub fn visit(address: &str) -> String {
    let (port, path) = address.strip_prefix("http://localhost:").unwrap().split_once('/').unwrap();
    let mut connection = TcpStream::connect(("127.0.0.1", port.parse().unwrap())).unwrap();
    write!(
        connection,
        "GET /{path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut page = String::new();
    connection.read_to_string(&mut page).unwrap();
    page
}
