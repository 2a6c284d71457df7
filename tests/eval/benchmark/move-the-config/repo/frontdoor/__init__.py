"""Serves sites. Version 2."""
