"""Input of staff about e-mail templates."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from chalicelib.rules.inputs.input import Input
from chalicelib.rules.letters import TemplateText
from chalicelib.rules.text import Name, filled, paragraphs

MOST_CHARACTERS = 20_000
Body = Annotated[str, StringConstraints(max_length=MOST_CHARACTERS), AfterValidator(paragraphs), AfterValidator(filled)]


class TemplateInput(Input):
    """A template. The body is Markdown, or HTML when it begins with a tag."""

    subject: Name
    body: Body

    @property
    def text(self) -> TemplateText:
        return TemplateText(self.subject, self.body)
