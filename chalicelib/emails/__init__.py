"""E-mails: a letter becomes subject, text, HTML and files.

One folder per e-mail, with one source: `letter.txt`, whose blocks the layout puts into the text part and into the HTML part. `subject`,
`opening` and `closing` are what an organisation may one day word itself; heading, facts, button and small print are ours.
"""

from chalicelib.emails.writing import write

__all__ = ["write"]
