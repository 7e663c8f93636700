"""Establishments: who they are, their policy, and the file that describes one."""
