"""The customers' portal: coming to an account, signing in, and what is one's own."""
