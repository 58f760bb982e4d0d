"""What the data is: declarations only. Imports nothing of ours."""
