"""What happens by the clock: event relay, notifications, unsent messages, expired holds."""
