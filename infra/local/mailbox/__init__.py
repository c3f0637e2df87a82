"""The mailbox of the local stack: takes every e-mail that the application sends and shows it."""
