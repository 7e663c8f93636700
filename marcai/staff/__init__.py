"""Professionals, their shifts and their time off."""
