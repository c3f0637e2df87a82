"""A customer as they write themselves. The address stays: it is what proved who they are."""

from chalicelib.rules.drafts.customers import Children, CustomerChanges
from chalicelib.rules.drafts.sending import Draft
from chalicelib.rules.text import Line, Name


class ProfileChanges(Draft):
    """What changes; what is left out stays."""

    name: Name = ""
    phone: Line = ""
    participants: Children = []

    def changes(self) -> CustomerChanges:
        """Return the same as staff would write it."""
        return CustomerChanges.model_validate(self.model_dump(include=self.model_fields_set))
