"""The order in which parts are built."""
