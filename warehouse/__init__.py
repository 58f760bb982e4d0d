"""Where it rests: ledger, landing, Parquet, cuts, editions. The only room that knows paths."""
