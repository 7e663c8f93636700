"""`python -m marcai` is the command line."""

from marcai.cli import app

app()
