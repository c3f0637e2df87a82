"""What people send: every field checked, all mistakes reported at once. API bodies and page forms are read by the same drafts."""
