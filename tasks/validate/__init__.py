"""One submission: read, every rule, what is kept, the decision."""
