"""Invented returns in the real formats, with the truth alongside them."""
