"""Bookings: confirm a hold, cancel, read back."""
