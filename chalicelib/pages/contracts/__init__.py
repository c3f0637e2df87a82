"""Contracts, with tabs for prices, participants, codes and imports."""
