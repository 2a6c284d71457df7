"""Invoices from the nightly export of the shop."""
