"""When a person takes over: requests for an attendant, the queue, who is on duty, and the attendants' accounts."""
