"""Rollbook: rosters with a hard number of spots, invitations that hold a spot, invitation codes."""
