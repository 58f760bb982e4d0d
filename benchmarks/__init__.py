"""Timings and long proofs; nothing of the pipeline imports this."""
