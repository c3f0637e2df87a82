"""E-mails: renders a letter to subject, text, HTML and attachments.

Each kind of e-mail has a folder with its declaration (`__init__.py`) and one source, `letter.txt`. The layout sets the source's blocks
into the text part and the HTML part. `subject`, `opening` and `closing` are the default text. An organisation's custom text replaces
everything between its name and the footer.
"""
