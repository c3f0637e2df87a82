"""The domain's rules: pure functions and models, independent of storage. No AWS, no clock, no randomness."""
