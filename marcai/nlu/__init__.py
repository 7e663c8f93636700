"""Rasa graph components for Brazilian Portuguese."""
