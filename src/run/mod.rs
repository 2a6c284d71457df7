//! `codling run`: one prompt, the answer on stdout, progress on stderr. Decides nothing.
