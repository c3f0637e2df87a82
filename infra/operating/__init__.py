"""What an operator does with a stage that runs."""
