"""The product under load: no times are asserted, only that everything stays right."""
