"""What happens when: each flow reads as an order of events."""
