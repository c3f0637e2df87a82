"""The only reader of the environment."""

import os
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one deployment and another."""

    stage: str
    tables: str
    """What the names of the tables begin with. Those that were restored from a backup have names of their own."""
    public_url: str
    """Where people reach the pages: scheme, host and, under API Gateway, the stage prefix. No slash at the end."""
    sender: str
    """The verified address that e-mails leave from; the organisation gives the name and the Reply-To."""
    given_link_key: str
    """The link key where the environment says it; a deployment leaves it empty and keeps it as a secret."""
    user_pool: str
    user_pool_client: str
    token_issuer: str
    configuration_set: str
    rosters_stream: str
    messages_stream: str
    jobs_queue: str
    """The address of the queue that carries the steps of jobs."""
    imports_bucket: str
    """Keeps uploaded files with what was read in them, and tables too large to be answered directly."""
    mailbox_url: str
    """Where the local stack shows the e-mails; empty in a deployment."""

    stripe_url: str
    """Where Stripe's API is."""
    stripe_pages: str
    """Where its pages are that take payments: browsers are let go there from an invoice, and nowhere else."""

    @property
    def link_key(self) -> str:
        """Signs links and cursors. Changing it ends every link that was sent."""
        return self.given_link_key or _secret(f"rollbook-{self.stage}-link-key")

    @property
    def rosters_table(self) -> str:
        return f"{self.tables}-rosters"

    @property
    def records_table(self) -> str:
        return f"{self.tables}-records"

    @property
    def messages_table(self) -> str:
        return f"{self.tables}-messages"

    @property
    def codes_table(self) -> str:
        return f"{self.tables}-codes"

    @property
    def memory_table(self) -> str:
        return f"rollbook-{self.stage}-memory"

    @property
    def jobs_queue_name(self) -> str:
        return f"rollbook-{self.stage}-jobs"

    @property
    def over_https(self) -> bool:
        return self.public_url.startswith("https://")


@cache
def settings() -> Settings:
    """Return the settings, read once from `ROLLBOOK_*`."""
    region = os.environ.get("AWS_REGION", "eu-central-1")
    pool = os.environ.get("ROLLBOOK_USER_POOL", "")
    stage = os.environ.get("ROLLBOOK_STAGE", "dev")
    return Settings(
        stage=stage,
        tables=os.environ.get("ROLLBOOK_TABLES") or f"rollbook-{stage}",
        public_url=os.environ.get("ROLLBOOK_PUBLIC_URL", "").rstrip("/"),
        sender=os.environ.get("ROLLBOOK_SENDER", ""),
        given_link_key=os.environ.get("ROLLBOOK_LINK_KEY", ""),
        user_pool=pool,
        user_pool_client=os.environ.get("ROLLBOOK_USER_POOL_CLIENT", ""),
        token_issuer=os.environ.get("ROLLBOOK_TOKEN_ISSUER", f"https://cognito-idp.{region}.amazonaws.com/{pool}"),
        configuration_set=os.environ.get("ROLLBOOK_CONFIGURATION_SET", ""),
        rosters_stream=os.environ.get("ROLLBOOK_ROSTERS_STREAM", ""),
        messages_stream=os.environ.get("ROLLBOOK_MESSAGES_STREAM", ""),
        jobs_queue=os.environ.get("ROLLBOOK_JOBS_QUEUE", ""),
        imports_bucket=os.environ.get("ROLLBOOK_IMPORTS_BUCKET", ""),
        mailbox_url=os.environ.get("ROLLBOOK_MAILBOX_URL", ""),
        stripe_url=os.environ.get("ROLLBOOK_STRIPE_URL", "https://api.stripe.com").rstrip("/"),
        stripe_pages=os.environ.get("ROLLBOOK_STRIPE_PAGES", "https://checkout.stripe.com").rstrip("/"),
    )


@cache
def _secret(name: str) -> str:
    """Return a secret, read once. Asked for when it is first needed: not everything that starts signs or checks a link."""
    from chalicelib import clients

    return clients.secrets().get_secret_value(SecretId=name)["SecretString"]
