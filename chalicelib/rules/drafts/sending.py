"""What all drafts share: unknown fields are refused, nothing changes once it is read."""

from pydantic import BaseModel, ConfigDict


class Draft(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
