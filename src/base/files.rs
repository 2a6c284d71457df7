//! Private files and folders (0600, 0700 from the moment of creation), atomic replacement, and a lock the system lets go of when its holder dies.
