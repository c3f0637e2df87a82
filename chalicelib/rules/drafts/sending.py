"""What all drafts share: unknown fields are refused, nothing changes once it is read, and a cold start builds only what it uses."""

from pydantic import BaseModel, ConfigDict


class Draft(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
