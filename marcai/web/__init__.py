"""The web application: health, metrics, and the page where a customer manages a booking."""
