"""Rows of many returns into persons, care, plans and referrals over time."""
