"""What is not asked for over HTTP: stream records, the clock."""
