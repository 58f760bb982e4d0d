"""What operators do and see: set up, status, chase, metrics, reconcile."""
