//! Arguments as typed, then as meant; picks a front.
