"""From the drop folder to registered submissions, and on to their verdicts."""
