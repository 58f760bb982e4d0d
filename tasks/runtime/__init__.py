"""How work runs: workers, the journal of stages, faults without text."""
