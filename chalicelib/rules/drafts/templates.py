"""The words of an e-mail as staff write them."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.messages import Wording
from chalicelib.rules.text import Name, filled, paragraphs

MOST_CHARACTERS = 20_000
Body = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS), AfterValidator(paragraphs), AfterValidator(filled)]


class TemplateDraft(Draft):
    """The body is Markdown, or HTML when it begins with a tag."""

    subject: Name
    body: Body

    @property
    def wording(self) -> Wording:
        return Wording(self.subject, self.body)
