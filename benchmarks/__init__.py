"""Measurements of the product against named baselines, in the same run on the same machine: `make bench`."""
