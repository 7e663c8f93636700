"""Reads everything that a customer says about when, in Brazilian Portuguese."""

from .command import run_jsonl
from .model import END_OF_DAY, Moment, Reading
from .parser import parse, parse_all

__all__ = ["END_OF_DAY", "Moment", "Reading", "parse", "parse_all", "run_jsonl"]
