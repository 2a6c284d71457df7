//! Every constant of the sign-in server's private protocol, so that a change of it is a small fix.
//! Sends nothing.

use std::time::Duration;

/// The public client that Codex and opencode sign in as.
pub const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";
/// Who we say we are, beside the user agent.
pub const ORIGINATOR: &str = "codling";

/// `POST`: code exchange (form) and refresh (JSON).
pub const TOKEN_PATH: &str = "/oauth/token";
/// `POST`, JSON.
pub const REVOKE_PATH: &str = "/oauth/revoke";

/// Where a browser goes to approve.
pub const AUTHORIZE_PATH: &str = "/oauth/authorize";
/// The scopes to ask for: the identity, and a refresh token.
pub const SCOPE: &str = "openid profile email offline_access";
/// `POST`, JSON: a code to be typed on any device.
pub const USER_CODE_PATH: &str = "/api/accounts/deviceauth/usercode";
/// `POST`, JSON: 403 and 404 while nobody has approved.
pub const POLL_PATH: &str = "/api/accounts/deviceauth/token";
/// The page where a person types the code.
pub const DEVICE_PAGE: &str = "/codex/device";
/// The redirect that a device's code was made for; nobody ever visits it.
pub const DEVICE_REDIRECT: &str = "/deviceauth/callback";
/// `GET` on the API's origin: any answer but 401 means that the key is known.
pub const KEY_CHECK_PATH: &str = "/v1/models";

/// The longest a token answer is waited for.
pub const TOKEN_LIMIT: Duration = Duration::from_secs(30);
/// The longest a revocation is waited for.
pub const REVOKE_LIMIT: Duration = Duration::from_secs(10);
/// An access token with less left than this is renewed before use.
pub const RENEWAL_MARGIN: Duration = Duration::from_secs(5 * 60);
/// How long an access token counts as good where neither `expires_in` nor an `exp` claim tells.
pub const DEFAULT_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// The claim that holds account id and plan.
pub const AUTH_CLAIM: &str = "https://api.openai.com/auth";
/// The claim that holds the e-mail address, where it is not at the top level.
pub const PROFILE_CLAIM: &str = "https://api.openai.com/profile";

/// Error codes after which a refresh token is of no more use, at any HTTP status.
pub const SPENT: &str = "refresh_token_reused";
pub const EXPIRED: &str = "refresh_token_expired";
pub const REVOKED: &str = "refresh_token_invalidated";
