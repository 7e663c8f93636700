"""The services of an establishment: reading, caching, matching what customers write, counting views."""
