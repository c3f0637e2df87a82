"""Input models: every field is checked, and all faults are reported at once. API bodies and page forms use the same models."""
