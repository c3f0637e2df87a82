"""Sessions: the list, the roster, the form, cancelling."""
