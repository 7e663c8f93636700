"""The WhatsApp Cloud API channel: webhook, inbox, turns, outbox and the Graph client."""
