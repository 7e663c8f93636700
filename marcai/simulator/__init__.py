"""A local WhatsApp Cloud API with a phone-like page, for development, tests and demonstrations."""
