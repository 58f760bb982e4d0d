"""Erase a child, rotate keys, retain no longer than declared."""
