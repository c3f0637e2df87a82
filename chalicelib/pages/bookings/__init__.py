"""A booking for the holder of its link: its state of today, and what the family may do by itself."""
