"""The Rasa action server: one module per flow, each action a translator between Rasa and the rooms of `marcai`."""
