"""Contracts: what was agreed, and behind tabs prices, participants, codes and imports."""
