"""A data cut: what is in force, and everything it implies."""
