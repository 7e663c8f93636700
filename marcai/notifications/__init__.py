"""Messages that tell a customer of something that happened, each recorded with its delivery."""
