"""The state of one customer's conversation: what she chose, what is asked next, what she may tap."""
