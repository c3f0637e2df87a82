"""Input of a customer about their portal account. The address cannot change: it proved their identity."""

from chalicelib.rules.inputs.customers import Children, CustomerChanges
from chalicelib.rules.inputs.input import Changes
from chalicelib.rules.text import Name, SingleLine


class ProfileChanges(Changes):
    """Changes of the profile; an omitted field stays."""

    name: Name = ""
    phone: SingleLine = ""
    participants: Children = []

    def changes(self) -> CustomerChanges:
        """Return the same changes as staff's input."""
        return CustomerChanges.model_validate(self.model_dump(include=self.model_fields_set))
