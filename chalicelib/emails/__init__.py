"""E-mails: a letter becomes subject, text, HTML and files.

One folder per e-mail, with one source: `letter.txt`, whose blocks the layout puts into the text part and into the HTML part. `subject`,
`opening` and `closing` are the usual words.
Where an organisation has its own, they stand in for everything between its name and the small print.
"""

from chalicelib.emails.samples import sample, usual_words
from chalicelib.emails.writing import write

__all__ = ["sample", "usual_words", "write"]
