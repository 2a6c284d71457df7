//! A stand-in for OpenAI on loopback, for `codling demo` and for every test that needs a server. Nothing of a user's data reaches it.
