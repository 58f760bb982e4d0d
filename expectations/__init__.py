"""What is acceptable: rules, and Great Expectations as the engine that judges them."""
