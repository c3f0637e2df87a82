"""The customer portal: sign-up, sign-in, and the customer's own data."""
