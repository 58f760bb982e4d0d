"""Events for other flows, notices for people."""
