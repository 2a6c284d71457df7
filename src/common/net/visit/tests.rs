//! Visits to a server on loopback under made-up names. Nothing here leaves the machine.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const TERMS: VisitTerms =
    VisitTerms { time: Duration::from_secs(20), size: 64 * 1024, reach: PathScope::Anywhere };
/// 100 KiB of zeros, packed.
const ZEROS: &str = "H4sIAAAAAAACA+3BAQEAAACCIP+vbkhAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAfBhhhfhKAJABAA==";

/// Answers each request by what `answer` makes of its path, and keeps the heads.
async fn server(
    answer: impl Fn(&str) -> Vec<u8> + Send + 'static,
) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((mut stream, _peer)) = listener.accept().await {
            let mut head = Vec::new();
            let mut piece = [0; 1024];
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read(&mut piece).await {
                    Ok(read) if read > 0 => head.extend_from_slice(&piece[..read]),
                    _ => break,
                }
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            kept.lock().unwrap().push(head);
            let _the_visitor_may_have_left = stream.write_all(&answer(&path)).await;
        }
    });
    (port, heads)
}

fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

async fn visit(url: &str, terms: VisitTerms) -> Result<WebPage, VisitError> {
    Net::default()
        .visit_by(Book::Fixed(vec![LOOPBACK]), Url::parse(url).unwrap(), "codling-test", terms)
        .await
}

#[tokio::test]
async fn a_page_comes_with_its_kind_and_is_asked_for_without_any_credential() {
    let (port, heads) = server(|_path| {
        reply("200 OK", "content-type: text/plain\r\nset-cookie: a=b\r\n", b"words")
    })
    .await;
    let page = visit(&format!("http://name.example:{port}/x?q=1"), TERMS).await.unwrap();
    assert_eq!(
        (page.status.as_u16(), page.kind.as_str(), page.body.as_slice()),
        (200, "text/plain", &b"words"[..])
    );
    let head = heads.lock().unwrap()[0].to_lowercase();
    assert!(head.starts_with("get /x?q=1 ") && head.contains("user-agent: codling-test"), "{head}");
    for name in ["authorization", "cookie", "referer", "originator"] {
        assert!(!head.contains(&format!("{name}:")), "{head}");
    }
}

#[tokio::test]
async fn a_name_that_leads_to_a_near_address_is_refused_at_the_moment_of_connecting() {
    let (port, heads) = server(|_path| reply("200 OK", "", b"secret")).await;
    let terms = VisitTerms { reach: PathScope::Folder, ..TERMS };
    let refused = visit(&format!("http://innocent.example:{port}/"), terms).await.unwrap_err();
    assert!(matches!(refused, VisitError::Near { .. }), "{refused}");
    let mixed = Book::Fixed(vec![IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1)), LOOPBACK]);
    let url = Url::parse(&format!("http://innocent.example:{port}/")).unwrap();
    let refused = Net::default().visit_by(mixed, url, "codling-test", terms).await.unwrap_err();
    assert!(matches!(refused, VisitError::Near { .. }), "{refused}");
    for host in ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"] {
        let refused = visit(&format!("http://{host}:{port}/"), terms).await.unwrap_err();
        assert!(matches!(refused, VisitError::Near { .. }), "{refused}");
    }
    assert!(heads.lock().unwrap().is_empty(), "nothing was asked");
    assert_eq!(visit(&format!("http://127.0.0.1:{port}/"), TERMS).await.unwrap().body, b"secret");
}

#[tokio::test]
async fn redirects_are_followed_on_their_host_and_told_when_they_leave_it() {
    let (port, heads) = server(|path| match path {
        "/a" => reply("302 Found", "location: /b\r\n", b""),
        "/b" => reply("200 OK", "", b"there"),
        "/round" => reply("307 Temporary Redirect", "location: /round\r\n", b""),
        "/nowhere" => reply("302 Found", "", b"odd"),
        _ => reply("301 Moved Permanently", "location: http://10.0.0.1/secret\r\n", b""),
    })
    .await;
    let at = |path: &str| format!("http://name.example:{port}{path}");
    let page = visit(&at("/a"), TERMS).await.unwrap();
    assert_eq!((page.url.path(), page.body.as_slice()), ("/b", &b"there"[..]));
    let endless = visit(&at("/round"), TERMS).await.unwrap_err();
    assert!(matches!(endless, VisitError::Endless { .. }), "{endless}");
    assert_eq!(heads.lock().unwrap().len(), 2 + REDIRECTS + 1);
    assert_eq!(visit(&at("/nowhere"), TERMS).await.unwrap().body, b"odd");
    let away = visit(&at("/away"), TERMS).await.unwrap_err();
    assert!(
        matches!(&away, VisitError::Elsewhere { to, .. } if to == "http://10.0.0.1/secret"),
        "{away}"
    );
}

#[test]
fn a_redirect_may_not_change_host_port_or_scheme_for_the_worse() {
    let step = |from: &str, to: &str| next(&Url::parse(from).unwrap(), StatusCode::FOUND, Some(to));
    for (from, to, there) in [
        ("https://a.dev/x", "/y", "https://a.dev/y"),
        ("http://a.dev/x", "https://a.dev/x", "https://a.dev/x"),
        ("https://a.dev/x", "//A.dev:443/z", "https://a.dev/z"),
        ("https://a.dev/x", "https://me:pass@a.dev/z", "https://a.dev/z"),
    ] {
        assert_eq!(step(from, to).unwrap().unwrap().as_str(), there);
    }
    assert!(matches!(step("https://a.dev/", "http://a.dev/"), Err(VisitError::Downgrade { .. })));
    for to in [
        "https://b.dev/",
        "https://a.dev:444/",
        "https://a.dev.b.dev/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://a.dev:22/",
    ] {
        assert!(matches!(step("https://a.dev/", to), Err(VisitError::Elsewhere { .. })), "{to}");
    }
    assert!(
        step("https://a.dev/", "http://[").unwrap().is_none(),
        "an address that cannot be read is none"
    );
    assert!(
        next(&Url::parse("https://a.dev/").unwrap(), StatusCode::OK, Some("/y")).unwrap().is_none()
    );
}

#[tokio::test]
async fn a_page_larger_than_fits_is_left_also_when_it_comes_packed_or_never_ends() {
    let bomb = STANDARD.decode(ZEROS).unwrap().repeat(2_000);
    let (port, _heads) = server(move |path| match path {
        "/bomb" => reply("200 OK", "content-encoding: gzip\r\n", &bomb),
        _ => [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 8 << 20]].concat(),
    })
    .await;
    for path in ["/bomb", "/endless"] {
        let refused = visit(&format!("http://name.example:{port}{path}"), TERMS).await.unwrap_err();
        assert!(matches!(refused, VisitError::Large { size: 65536, .. }), "{path}: {refused}");
    }
}

#[tokio::test]
async fn silence_ends_with_the_time_that_a_visit_has() {
    let listener = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let url = format!("http://name.example:{}/", listener.local_addr().unwrap().port());
    let refused =
        visit(&url, VisitTerms { time: Duration::from_millis(50), ..TERMS }).await.unwrap_err();
    assert!(
        matches!(refused, VisitError::Trouble { failure: NetFailure::Timeout, .. }),
        "{refused}"
    );
}
