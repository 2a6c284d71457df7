"""Which goods have to go first."""
