"""What is true whatever stores it: pure functions and models. No AWS, no clock, no randomness."""
