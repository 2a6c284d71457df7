"""Letters to the members of a club."""
