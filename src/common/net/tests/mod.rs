//! The client against real sockets on loopback. Nothing here leaves the machine.

#[cfg(not(any(target_vendor = "apple", windows)))]
mod certificates;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::base::Advice;
use crate::protocol::Origin;

/// Answers each connection by what `answer` makes of the request's head, and keeps all heads.
async fn server(
    answer: impl Fn(&str) -> String + Send + 'static,
) -> (Origin, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = Origin::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = heads.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _peer)) = listener.accept().await {
            let head = head(&mut stream).await;
            let reply = answer(&head);
            kept.lock().unwrap().push(head);
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    });
    (origin, heads)
}

async fn head(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|w| w == b"\r\n\r\n") {
        let mut piece = [0; 1024];
        match stream.read(&mut piece).await {
            Ok(n) if n > 0 => bytes.extend_from_slice(&piece[..n]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn reply(status: &str, header: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{header}content-length: 0\r\nconnection: close\r\n\r\n")
}

async fn failure(url: &str, client: reqwest::Client) -> NetFailure {
    NetFailure::of(&client.get(url).send().await.unwrap_err())
}

fn plain() -> reqwest::Client {
    Net::default().client(&Origin::parse("http://127.0.0.1:9").unwrap()).unwrap()
}

fn proxied(proxy: &str) -> reqwest::Client {
    let config = tls::config(rustls::RootCertStore::empty()).unwrap();
    reqwest::Client::builder()
        .tls_backend_preconfigured(config)
        .proxy(reqwest::Proxy::all(proxy).unwrap())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_redirect_is_followed_on_its_own_origin_only() {
    let (other, others) = server(|_head| reply("200 OK", "")).await;
    let away = format!("location: {other}/stolen\r\n");
    let (origin, heads) = server(move |head| match head.split(' ').nth(1) {
        Some("/home") => reply("307 Temporary Redirect", "location: /next\r\n"),
        Some("/away") => reply("307 Temporary Redirect", &away),
        _ => reply("200 OK", ""),
    })
    .await;
    let client = Net::default().client(&origin).unwrap();
    let send = |path: &str| {
        client
            .post(origin.at(path))
            .header("authorization", "Bearer secret")
            .header("x-key", "secret")
            .body("secret")
            .send()
    };
    assert_eq!(send("/home").await.unwrap().status(), 200);
    assert_eq!(send("/away").await.unwrap().status(), 307, "the redirect itself is the answer");
    assert_eq!(heads.lock().unwrap().len(), 3);
    assert!(others.lock().unwrap().is_empty(), "nothing reached the other origin");
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let (origin, heads) = server(|_head| reply("302 Found", "location: /again\r\n")).await;
    let client = Net::default().client(&origin).unwrap();
    assert!(client.get(origin.at("/")).send().await.is_err());
    assert_eq!(heads.lock().unwrap().len(), 6, "the first request and five redirects");
}

#[tokio::test]
async fn a_refused_connection_is_told_without_the_query() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x?token=secret", listener.local_addr().unwrap());
    drop(listener);
    let failure = failure(&url, plain()).await;
    assert!(
        matches!(&failure, NetFailure::Connection { detail } if detail.contains("refused") && !detail.contains("os error")),
        "{failure:?}"
    );
    assert!(!format!("{failure} {failure:?}").contains("secret"));
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_a_connection_trouble() {
    let (origin, _heads) =
        server(|_head| "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".into()).await;
    let response = plain().get(origin.at("/")).send().await.unwrap();
    let error = response.bytes().await.unwrap_err();
    assert!(
        matches!(NetFailure::of(&error), NetFailure::Connection { .. }),
        "{:?}",
        NetFailure::of(&error)
    );
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let error = plain().get(url).timeout(Duration::from_millis(50)).send().await.unwrap_err();
    assert_eq!(NetFailure::of(&error), NetFailure::Timeout);
}

#[tokio::test]
async fn a_name_without_an_address_is_named() {
    // Longer than a label may be, so that no resolver is asked.
    let host = "x".repeat(64);
    let failure = failure(&format!("http://{host}/?q=secret"), plain()).await;
    assert_eq!(failure, NetFailure::Name { host });
}

#[tokio::test]
async fn a_proxy_that_refuses_or_is_not_there_is_told_apart_from_the_server() {
    let (denying, _heads) = server(|_head| reply("407 Proxy Authentication Required", "")).await;
    let found = failure("https://example.invalid/", proxied(&denying.to_string())).await;
    assert_eq!(
        found,
        NetFailure::Proxy { detail: "it asks for a user name and a password".into() }
    );

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let found = failure("https://example.invalid/", proxied(&gone)).await;
    assert!(
        matches!(&found, NetFailure::Proxy { detail } if detail.starts_with("it could not be reached: Connection refused")),
        "{found:?}"
    );

    let found =
        failure("https://example.invalid/", proxied(&gone.replace("http://", "socks5h://"))).await;
    assert_eq!(found, NetFailure::Proxy { detail: "it could not be reached".into() });
}

#[tokio::test]
async fn what_is_not_tls_is_a_connection_trouble() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _peer) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        // Reads on, so that closing does not cut off what was written.
        let _rest = stream.read(&mut [0; 4096]).await;
    });
    let found = failure(&url, plain()).await;
    assert!(matches!(found, NetFailure::Connection { .. }), "{found:?}");
}

/// macOS and Windows have their own opinion of a certificate that is good for eighty years.
#[cfg(not(any(target_vendor = "apple", windows)))]
#[tokio::test]
async fn a_server_is_trusted_by_a_root_of_ssl_cert_file_and_by_no_other() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, certificates::ROOT).unwrap();
    let origin = certificates::server();

    let trusting =
        Net::new(NetSettings { ca_file: Some(root), node_ca_file: None }).client(&origin).unwrap();
    assert_eq!(trusting.get(origin.at("/")).send().await.unwrap().status(), 200);

    let found = failure(origin.at("/?q=secret").as_str(), plain()).await;
    assert!(
        matches!(&found, NetFailure::Certificate { detail } if detail == "its issuer is not known"),
        "{found:?}"
    );
    assert!(found.next_step().unwrap().contains("SSL_CERT_FILE"));
}

#[cfg(not(any(target_vendor = "apple", windows)))]
#[tokio::test]
async fn a_root_of_node_extra_ca_certs_counts_too_and_one_that_cannot_be_used_is_passed_over() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, certificates::ROOT).unwrap();
    let origin = certificates::server();
    let reached = async |ca_file: Option<&PathBuf>, node_ca_file: PathBuf| {
        let net =
            Net::new(NetSettings { ca_file: ca_file.cloned(), node_ca_file: Some(node_ca_file) });
        net.client(&origin)
            .unwrap()
            .get(origin.at("/"))
            .send()
            .await
            .map(|answer| answer.status().as_u16())
    };
    let missing = folder.path().join("missing.pem");
    assert_eq!(reached(None, root.clone()).await.unwrap(), 200);
    // The one does not stand in the way of the other.
    assert_eq!(reached(Some(&root), missing.clone()).await.unwrap(), 200);
    assert!(reached(None, missing).await.is_err());
}

#[test]
fn a_ca_file_that_cannot_be_used_is_named() {
    let folder = TempDir::new().unwrap();
    let far = Origin::parse("https://example.invalid").unwrap();
    let broken = folder.path().join("broken.pem");
    std::fs::write(&broken, "no certificate").unwrap();
    for path in [broken, folder.path().join("missing.pem"), folder.path().to_owned()] {
        let error = Net::new(NetSettings { ca_file: Some(path.clone()), node_ca_file: None })
            .client(&far)
            .unwrap_err();
        assert!(
            matches!(&error, NetError::CaFile { path: named, .. } if *named == path),
            "{error:?}"
        );
        assert!(error.next_step().unwrap().contains("SSL_CERT_FILE"));
    }
    let near = Origin::parse("http://127.0.0.1:9").unwrap();
    Net::new(NetSettings { ca_file: Some(PathBuf::from("/nowhere")), node_ca_file: None })
        .client(&near)
        .unwrap();
}
