"""What people learned from training, and whether it lasted: pure measures on forms at rest."""
