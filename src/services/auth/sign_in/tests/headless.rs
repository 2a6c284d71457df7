//! The headless way: pending polls, trouble on the way, refusals and expiry.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};

use crate::auth::EndpointError;
use crate::base::Advice;
use crate::protocol::{Origin, ProblemKind, SignInPatience, SignInStep};

use super::server::{Reply, Seen, Server};
use super::{NOW, PACE, SignIn, context, refusal, retries};
use crate::auth::sign_in::error::SignInError;
use crate::auth::sign_in::headless::at_pace;
use crate::auth::sign_in::pace::SignInPace;

const CODE: &str = "POST /api/accounts/deviceauth/usercode";
const POLL: &str = "POST /api/accounts/deviceauth/token";
const EXCHANGE: &str = "POST /oauth/token";

fn a_code(more: Value) -> Reply {
    let mut answer =
        json!({"device_auth_id": "dev-secret", "user_code": "ABCD-12345", "interval": "1"});
    for (key, value) in more.as_object().unwrap() {
        answer[key] = value.clone();
    }
    Reply::Json(200, answer)
}

fn approved() -> Reply {
    Reply::Json(
        200,
        json!({"authorization_code": "code-secret", "code_challenge": "ch", "code_verifier": "verifier-secret"}),
    )
}

fn good_tokens() -> Reply {
    Reply::Json(
        200,
        json!({"access_token": "at-secret", "refresh_token": "rt-secret", "id_token": "id-secret"}),
    )
}

fn pending() -> Reply {
    Reply::Json(403, json!({"error": {"code": "deviceauth_authorization_unknown"}}))
}

/// A server that gives out a code and tokens, and answers polls by the script.
async fn polled(script: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |seen: &Seen, before| match seen.line.as_str() {
        CODE => a_code(json!({})),
        POLL => script(before),
        EXCHANGE => good_tokens(),
        other => panic!("nobody should ask for {other}"),
    })
    .await
}

fn launch(origin: &Origin) -> SignIn {
    launch_at(origin, PACE)
}

fn launch_at(origin: &Origin, pace: SignInPace) -> SignIn {
    let (report, steps) = mpsc::unbounded_channel();
    let context = context(origin);
    let running = tokio::spawn(async move {
        let report = move |step| drop(report.send(step));
        at_pace(&context, &report, pace).await
    });
    SignIn { steps, running }
}

#[tokio::test]
async fn a_code_is_shown_and_its_approval_brings_the_tokens() {
    let server = polled(|before| match before {
        0 => pending(),
        1 => Reply::Json(404, json!({})),
        2 => Reply::Html(404),
        _ => approved(),
    })
    .await;
    let mut sign_in = launch(&server.origin);
    let expires = NOW + Duration::from_secs(900);
    let url = format!("{}/codex/device", server.origin);
    assert_eq!(sign_in.step().await, SignInStep::Code { url, code: "ABCD-12345".into(), expires });
    let (ended, rest) = sign_in.end().await;
    let tokens = ended.unwrap();
    assert_eq!((tokens.access.expose(), tokens.refresh.expose()), ("at-secret", "rt-secret"));
    assert_eq!(rest, [SignInStep::Exchanging]);

    assert_eq!(server.seen(CODE)[0].json(), json!({"client_id": "app_EMoamEEZ73f0CkXaXp7hrann"}));
    assert!(server.seen(CODE)[0].head.to_ascii_lowercase().contains("user-agent: codling/"));
    let polls = server.seen(POLL);
    assert_eq!(polls.len(), 4);
    assert!(
        polls.iter().all(|poll| poll.json()
            == json!({"device_auth_id": "dev-secret", "user_code": "ABCD-12345"}))
    );
    let form = server.seen(EXCHANGE)[0].form();
    let redirect = format!("{}/deviceauth/callback", server.origin);
    for (key, value) in [
        ("code", "code-secret"),
        ("code_verifier", "verifier-secret"),
        ("redirect_uri", redirect.as_str()),
    ] {
        assert_eq!(form[key], value, "{key}");
    }
}

#[tokio::test]
async fn a_poll_outlives_every_passing_trouble() {
    let server = polled(|before| match before {
        0 => pending(),
        1 => Reply::With(429, "Retry-After", "3"),
        2 => Reply::Json(503, json!({"error": {"message": "busy"}})),
        3 => Reply::Break,
        4 => Reply::Html(403),
        5 => pending(),
        6 => Reply::Json(500, json!({})),
        _ => approved(),
    })
    .await;
    let (ended, rest) = launch(&server.origin).end().await;
    assert!(ended.is_ok());
    assert_eq!(retries(&rest).len(), 5, "{rest:?}");
    assert!(
        retries(&rest).iter().all(|line| !line.contains('<') && !line.contains("Attention")),
        "{rest:?}"
    );
    let polls = server.seen(POLL);
    let waited: Vec<Duration> = polls.windows(2).map(|two| two[1].at - two[0].at).collect();
    // One failure so far after the 429, two after the 503, three after the break, four after the
    // page; then one anew.
    for (at, seconds) in [(0, 1), (1, 3), (2, 2), (3, 4), (4, 8), (5, 1), (6, 1)] {
        assert!(waited[at] >= PACE.seconds(seconds), "wait {at} was {:?}", waited[at]);
    }
}

#[tokio::test]
async fn one_code_outlives_a_busy_server_and_ends_with_the_network() {
    let one_code = SignInPace { patience: SignInPatience::OneCode, ..PACE };
    let server = polled(|before| match before {
        0 => Reply::Json(503, json!({"error": {"message": "busy"}})),
        _ => Reply::Break,
    })
    .await;
    let (ended, rest) = launch_at(&server.origin, one_code).end().await;
    let error = ended.unwrap_err();
    assert!(matches!(error, SignInError::Poll { .. }), "{error}");
    assert_eq!(error.kind(), ProblemKind::Network);
    assert_eq!(retries(&rest).len(), 1, "{rest:?}");
    assert_eq!(server.seen(POLL).len(), 2);

    let nobody = Origin::parse("http://127.0.0.1:1").unwrap();
    let (ended, rest) = launch_at(&nobody, one_code).end().await;
    assert_eq!(ended.unwrap_err().kind(), ProblemKind::Network);
    assert_eq!(rest, []);
}

#[tokio::test]
async fn polls_keep_the_servers_interval_and_slow_down_when_asked() {
    for (interval, seconds) in
        [(json!({"interval": "3"}), 3), (json!({"interval": 3}), 3), (json!({"interval": null}), 5)]
    {
        let server = Server::start(move |seen: &Seen, before| match (seen.line.as_str(), before) {
            (CODE, _) => a_code(interval.clone()),
            (POLL, 0) => pending(),
            (POLL, 1) => Reply::Json(400, json!({"error": "slow_down"})),
            (POLL, 2) => Reply::Json(400, json!({"error": {"code": "authorization_pending"}})),
            (POLL, 3) => Reply::Json(503, json!({})),
            (POLL, _) => approved(),
            _ => good_tokens(),
        })
        .await;
        let (ended, rest) = launch(&server.origin).end().await;
        assert!(ended.is_ok());
        assert_eq!(retries(&rest).len(), 1, "only the 503 is trouble");
        let polls = server.seen(POLL);
        for (at, least) in [(0, seconds), (1, seconds + 5), (2, seconds + 5), (3, seconds + 5)] {
            let waited = polls[at + 1].at - polls[at].at;
            assert!(waited >= PACE.seconds(least), "wait {at} was {waited:?}");
        }
    }
}

#[tokio::test]
async fn a_refusal_ends_the_poll_with_its_own_words() {
    for (status, error, words, next) in [
        (400, json!({"error": "access_denied"}), "declined", "Sign in again"),
        (
            401,
            json!({"error": {"code": "authorization_declined", "message": "x"}}),
            "declined",
            "Sign in again",
        ),
        (400, json!({"error": "expired_token"}), "expired", "new code"),
        (410, json!({"error": {"code": "deviceauth_expired"}}), "expired", "new code"),
        (
            400,
            json!({"error": {"code": "odd", "message": "The device is odd."}}),
            "The device is odd",
            "browser way",
        ),
    ] {
        let server =
            polled(
                move |before| {
                    if before == 0 { pending() } else { Reply::Json(status, error.clone()) }
                },
            )
            .await;
        let failure = refusal(launch(&server.origin).end().await.0);
        assert!(failure.to_string().contains(words), "{failure}");
        assert!(failure.next_step().unwrap().contains(next), "{failure}");
        assert_eq!(server.seen(POLL).len(), 2);
        assert!(server.seen(EXCHANGE).is_empty());
    }
}

#[tokio::test]
async fn an_approval_that_lacks_its_code_is_not_guessed_at() {
    let server = polled(|_| Reply::Json(200, json!({"authorization_code": "code-secret"}))).await;
    let failure = refusal(launch(&server.origin).end().await.0);
    assert!(
        matches!(
            &failure,
            SignInError::Poll { source: EndpointError::Incomplete { field: "code_verifier" } }
        ),
        "{failure:?}"
    );
    assert!(server.seen(EXCHANGE).is_empty());
}

#[tokio::test]
async fn a_code_that_nobody_approves_expires() {
    let server = Server::start(|seen: &Seen, _| match seen.line.as_str() {
        CODE => a_code(json!({"expires_in": "12"})),
        _ => pending(),
    })
    .await;
    let mut sign_in = launch(&server.origin);
    let SignInStep::Code { expires, .. } = sign_in.step().await else {
        panic!("the code comes first")
    };
    assert_eq!(expires, NOW + Duration::from_secs(12));
    let failure = refusal(sign_in.end().await.0);
    assert!(matches!(failure, SignInError::CodeExpired));
    assert!(failure.next_step().unwrap().contains("new code"));
    assert!(server.seen(POLL).len() >= 2);
}

#[tokio::test]
async fn a_code_that_expires_is_followed_by_another() {
    let server = Server::start(|seen: &Seen, before| match (seen.line.as_str(), before) {
        (CODE, _) => {
            Reply::Json(200, json!({"device_auth_id": "d", "user_code": format!("CODE-{before}"), "interval": "5", "expires_in": "12"}))
        }
        _ => pending(),
    })
    .await;
    let (report, mut steps) = mpsc::unbounded_channel();
    let context = context(&server.origin);
    let pace = super::SignInPace { codes: 3, ..PACE };
    let running =
        tokio::spawn(
            async move { at_pace(&context, &move |step| drop(report.send(step)), pace).await },
        );
    assert!(matches!(refusal(super::soon(running).await.unwrap()), SignInError::CodeExpired));
    let mut codes = Vec::new();
    while let Ok(step) = steps.try_recv() {
        if let SignInStep::Code { code, .. } = step {
            codes.push(code);
        }
    }
    assert_eq!(codes, ["CODE-0", "CODE-1", "CODE-2"]);
}

#[tokio::test]
async fn a_network_that_comes_back_is_told() {
    let server = Server::start(|seen: &Seen, before| match (seen.line.as_str(), before) {
        (CODE, _) => a_code(json!({})),
        (POLL, 0 | 1) => Reply::Break,
        (POLL, 2) => pending(),
        (POLL, _) => Reply::Json(400, json!({"error": "access_denied"})),
        _ => pending(),
    })
    .await;
    let (_ended, rest) = launch(&server.origin).end().await;
    let kinds: Vec<_> = rest
        .iter()
        .map(|step| match step {
            SignInStep::Code { .. } => "code",
            SignInStep::Retrying(_) => "retrying",
            SignInStep::Reconnected => "reconnected",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["code", "retrying", "retrying", "reconnected"]);
}

#[tokio::test]
async fn a_code_ages_while_the_machine_sleeps() {
    let gate = Arc::new(Notify::new());
    let held = gate.clone();
    let server = polled(move |_| Reply::After(held.clone(), Box::new(pending()))).await;
    let (report, _steps) = mpsc::unbounded_channel();
    let context = context(&server.origin);
    let clock = context.clock.clone();
    let running =
        tokio::spawn(
            async move { at_pace(&context, &move |step| drop(report.send(step)), PACE).await },
        );
    server.wait_for(POLL, 1).await;
    clock.advance(Duration::from_secs(901));
    gate.notify_one();
    assert!(matches!(refusal(super::soon(running).await.unwrap()), SignInError::CodeExpired));
    assert_eq!(server.seen(POLL).len(), 1);
}

#[tokio::test]
async fn no_codes_for_this_account_names_the_setting_and_the_other_way() {
    for reply in [|| Reply::Json(404, json!({"detail": "Not Found"})), || Reply::Html(404)] {
        let server = Server::start(move |_, _| reply()).await;
        let (ended, rest) = launch(&server.origin).end().await;
        let failure = refusal(ended);
        assert!(matches!(failure, SignInError::HeadlessOff), "{failure:?}");
        let next = failure.next_step().unwrap();
        for words in [
            "Settings > Security",
            "device code authorization",
            "workspace administrator",
            "browser way",
        ] {
            assert!(next.contains(words), "{words} in {next}");
        }
        assert!(rest.is_empty());
        assert_eq!(server.seen(CODE).len(), 1);
    }
}

#[tokio::test]
async fn asking_for_a_code_is_tried_a_few_times_and_then_explained() {
    let server = Server::start(|seen: &Seen, before| match (seen.line.as_str(), before) {
        (CODE, 0) => Reply::Json(503, json!({})),
        (CODE, 1) => Reply::Break,
        (CODE, _) => a_code(json!({})),
        (POLL, _) => approved(),
        _ => good_tokens(),
    })
    .await;
    let (ended, rest) = launch(&server.origin).end().await;
    assert!(ended.is_ok());
    assert_eq!(retries(&rest).len(), 2);

    for (reply, kind, tries) in [
        ((|| Reply::Json(503, json!({}))) as fn() -> Reply, ProblemKind::Overloaded, 3),
        (|| Reply::With(429, "Retry-After", "600"), ProblemKind::RateLimited, 1),
        (|| Reply::Html(403), ProblemKind::Refused, 1),
        (|| Reply::With(403, "cf-mitigated", "challenge"), ProblemKind::Refused, 1),
        (
            || Reply::Json(403, json!({"error": {"message": "Not for this workspace"}})),
            ProblemKind::SignIn,
            1,
        ),
        (|| Reply::Json(200, json!({"device_auth_id": "x"})), ProblemKind::SignIn, 1),
    ] {
        let server = Server::start(move |_, _| reply()).await;
        let failure = refusal(launch(&server.origin).end().await.0);
        assert_eq!((failure.kind(), server.seen(CODE).len()), (kind, tries), "{failure}");
        assert!(failure.next_step().is_some() && !failure.to_string().contains('<'), "{failure}");
    }
}

#[tokio::test]
async fn nobody_listening_is_network_trouble() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let failure = refusal(launch(&Origin::parse(&format!("http://{free}")).unwrap()).end().await.0);
    assert_eq!(failure.kind(), ProblemKind::Network);
    assert!(
        failure.to_string().contains("127.0.0.1") && failure.next_step().is_some(),
        "{failure}"
    );
}

#[tokio::test]
async fn an_exchange_is_tried_again_until_there_is_a_definite_answer() {
    for (last, ok) in [
        (good_tokens as fn() -> Reply, true),
        (|| Reply::Json(400, json!({"error": "invalid_grant"})), false),
    ] {
        let server = Server::start(move |seen: &Seen, before| match (seen.line.as_str(), before) {
            (CODE, _) => a_code(json!({})),
            (POLL, _) => approved(),
            (_, 0) => Reply::Json(502, json!({})),
            (_, 1) => Reply::Break,
            _ => last(),
        })
        .await;
        let (ended, rest) = launch(&server.origin).end().await;
        assert_eq!(ended.is_ok(), ok);
        assert_eq!(
            (server.seen(EXCHANGE).len(), server.seen(POLL).len(), retries(&rest).len()),
            (3, 1, 2)
        );
    }
}

#[tokio::test]
async fn dropping_the_sign_in_ends_the_poll() {
    let server = polled(|_| pending()).await;
    let sign_in = launch(&server.origin);
    server.wait_for(POLL, 3).await;
    sign_in.drop_it().await;
    // Another whole sign-in, of eight polls, gives a poll that went on time enough to be seen.
    let after = server.seen(POLL).len();
    let other = polled(|before| if before < 8 { pending() } else { approved() }).await;
    assert!(launch(&other.origin).end().await.0.is_ok());
    assert!(server.seen(POLL).len() <= after + 1, "at most one was on its way");
}
