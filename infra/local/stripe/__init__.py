"""A stand-in for Stripe: the part of its API that the application calls, a payment page, and signed events. No money moves."""
