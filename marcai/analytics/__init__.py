"""What analysts ask: where customers give up, what is not understood, and what becomes of offers and messages."""
