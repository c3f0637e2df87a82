"""Pages about sessions: the list, the roster, the form, the end."""
