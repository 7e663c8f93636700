"""What every room stands on: database, Redis, encryption, events, settings, logs, metrics and processes."""
