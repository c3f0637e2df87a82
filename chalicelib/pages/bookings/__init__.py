"""A booking for the holder of its link: its state of today, and the changes that the family may make."""
