//! Keys of providers of one's own: where they are found, and that OpenAI's stay OpenAI's.

use super::*;
use crate::base::text::says;
use crate::protocol::{
    AccessKind, BaseUrl, CredentialSource, CredentialStanding, KeyVariable, Provider, ProviderAuth,
    ProviderId, SentCredential,
};

fn auth(fixture: &Fixture, auth: ProviderAuth) -> Auth {
    let base = BaseUrl::parse("https://llm.acme.example/v1").unwrap();
    let acme = Provider {
        name: "Acme".into(),
        auth,
        ..Provider::new("acme".into(), base, "responses".into())
    };
    Auth::new(fixture.context(), CredentialPlace { providers: [acme].into(), ..fixture.place() })
}

fn variable(value: Option<&str>) -> ProviderAuth {
    let value = value.map(Secret::new);
    ProviderAuth::Key(Some(KeyVariable { name: "ACME_KEY".into(), value }))
}

#[tokio::test]
async fn a_key_is_the_variables_else_the_entrys_else_there_is_none() {
    let fixture = Fixture::new().await;
    let acme = ProviderId::new("acme");
    for (file, variable, token, place) in [
        (
            r#"{"acme":{"type":"api","key":"in-file"}}"#,
            variable(Some("in-env")),
            "in-env",
            Some("`ACME_KEY`".to_owned()),
        ),
        (
            r#"{"acme":{"type":"api","key":"in-file"}}"#,
            variable(None),
            "in-file",
            Some(format!("`{}`", fixture.file().display())),
        ),
        (r#"{"acme":{"type":"api","key":""}}"#, variable(None), "", None),
        (r#"{"openai":{"type":"api","key":"sk-1"}}"#, ProviderAuth::Key(None), "", None),
        (
            r#"{"acme":{"type":"oauth","refresh":"r","access":"a","expires":1}}"#,
            ProviderAuth::Key(None),
            "",
            None,
        ),
    ] {
        std::fs::write(fixture.file(), file).unwrap();
        let access = auth(&fixture, variable).access(&acme).await.unwrap();
        assert_eq!(access.token.expose(), token, "{file}");
        let credential = place.map_or(SentCredential::None, |place| SentCredential::Key { place });
        assert_eq!(access.kind, AccessKind::Provider { id: acme.clone(), credential }, "{file}");
    }
}

#[tokio::test]
async fn the_sign_in_is_lent_where_the_settings_say_so_and_the_name_must_be_known() {
    let fixture = Fixture::new().await;
    std::fs::write(
        fixture.file(),
        r#"{"openai":{"type":"api","key":"sk-1"},"acme":{"type":"api","key":"x"}}"#,
    )
    .unwrap();
    let lent = auth(&fixture, ProviderAuth::OpenAiSignIn);
    let access = lent.access(&"acme".into()).await.unwrap();
    let credential = SentCredential::OpenAi(Box::new(AccessKind::ApiKey));
    assert_eq!(access.token.expose(), "sk-1");
    assert_eq!(access.kind, AccessKind::Provider { id: "acme".into(), credential });
    assert!(matches!(lent.renew(&access).await, Err(AuthError::KeyRefused { .. })));
    let error = lent.access(&"nope".into()).await.unwrap_err();
    assert!(says(&error.to_string(), "no provider `nope` … `openai`, `acme`"), "{error}");
    std::fs::write(fixture.file(), "{}").unwrap();
    assert!(matches!(lent.access(&"acme".into()).await, Err(AuthError::NotSignedIn)));
}

#[tokio::test]
async fn a_list_of_credentials_says_which_key_is_in_use() {
    let fixture = Fixture::new().await;
    std::fs::write(
        fixture.file(),
        r#"{"acme":{"type":"api","key":"x"},"other":{"type":"api","key":"x"}}"#,
    )
    .unwrap();
    let standings = |auth: Auth| -> Vec<_> {
        let accounts = auth.accounts().unwrap().accounts;
        accounts
            .into_iter()
            .map(|account| {
                (
                    account.provider.to_string(),
                    account.standing,
                    matches!(account.source, CredentialSource::Environment(_)),
                )
            })
            .collect()
    };
    let (wins, shadowed, unused) =
        (CredentialStanding::Wins, CredentialStanding::Shadowed, CredentialStanding::Unused);
    let (acme, other) = ("acme".to_owned(), "other".to_owned());
    assert_eq!(
        standings(auth(&fixture, variable(None))),
        [(acme.clone(), wins, false), (other.clone(), unused, false)]
    );
    assert_eq!(
        standings(auth(&fixture, variable(Some("k")))),
        [
            (acme.clone(), shadowed, false),
            (other.clone(), unused, false),
            (acme.clone(), wins, true)
        ]
    );
    assert_eq!(
        standings(auth(&fixture, ProviderAuth::OpenAiSignIn)),
        [(acme, unused, false), (other, unused, false)]
    );
    assert_eq!(auth(&fixture, variable(Some("k"))).account_in_use().unwrap(), None);
}
