"""What an acceptable return looks like, beyond what its declaration says: a module per return."""
