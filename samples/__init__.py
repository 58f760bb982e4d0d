"""Invented returns in the real formats, with the truth beside them."""
