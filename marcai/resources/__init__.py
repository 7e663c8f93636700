"""Rooms and equipment that services need, as units of which each is taken by one visit at a time."""
