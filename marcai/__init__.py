"""Marcaí books appointments on WhatsApp, in Brazilian Portuguese."""

__version__ = "0.1.0"
