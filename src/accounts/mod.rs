//! `codling auth`: signing in and out, and who is signed in, on a plain terminal. Decides nothing.
