"""Customers: identification by phone, name, consent, personal data rights."""
