"""What a trainer needs beside Rasa: misunderstood messages to label, and a new model compared with the current one."""
