"""The configuration. No other module reads the environment."""

import os
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that differs between deployments."""

    stage: str
    tables: str
    """The prefix of the table names. Tables restored from a backup have another prefix."""
    public_url: str
    """The base URL of the pages: scheme, host and, under API Gateway, the stage prefix. No slash at the end."""
    sender: str
    """The verified address that e-mails are sent from. The organisation supplies the display name and Reply-To."""
    given_link_key: str
    """The link key if the environment sets it. Empty in a deployment, which keeps the key in Secrets Manager."""
    user_pool: str
    user_pool_client: str
    token_issuer: str
    configuration_set: str
    rosters_stream: str
    messages_stream: str
    records_stream: str
    jobs_queue: str
    """The URL of the queue that carries the steps of jobs."""
    webhooks_queue: str
    """The URL of the queue that carries the attempts of webhooks."""
    imports_bucket: str
    """The bucket for uploaded files, for their parsed rows, and for exports too large to answer directly."""
    pictures_bucket: str
    """The bucket for pictures of sessions and logos."""
    mailbox_url: str
    """The URL where the local stack shows the e-mails. Empty in a deployment."""

    stripe_url: str
    """The base URL of Stripe's API."""
    stripe_pages: str
    """The base URL of Stripe's payment pages: the only foreign origin to which an invoice page may redirect."""

    @property
    def link_key(self) -> str:
        """The key that signs links and cursors. Changing it invalidates every link that was sent."""
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
    def webhooks_queue_name(self) -> str:
        return f"rollbook-{self.stage}-webhooks"

    @property
    def on_local_stack(self) -> bool:
        return bool(self.mailbox_url)

    @property
    def over_https(self) -> bool:
        return self.public_url.startswith("https://")


@cache
def config() -> Config:
    """Return the configuration, read once from `ROLLBOOK_*`."""
    region = os.environ.get("AWS_REGION", "eu-central-1")
    pool = os.environ.get("ROLLBOOK_USER_POOL", "")
    stage = os.environ.get("ROLLBOOK_STAGE", "dev")
    return Config(
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
        records_stream=os.environ.get("ROLLBOOK_RECORDS_STREAM", ""),
        jobs_queue=os.environ.get("ROLLBOOK_JOBS_QUEUE", ""),
        webhooks_queue=os.environ.get("ROLLBOOK_WEBHOOKS_QUEUE", ""),
        imports_bucket=os.environ.get("ROLLBOOK_IMPORTS_BUCKET", ""),
        pictures_bucket=os.environ.get("ROLLBOOK_PICTURES_BUCKET", ""),
        mailbox_url=os.environ.get("ROLLBOOK_MAILBOX_URL", ""),
        stripe_url=os.environ.get("ROLLBOOK_STRIPE_URL", "https://api.stripe.com").rstrip("/"),
        stripe_pages=os.environ.get("ROLLBOOK_STRIPE_PAGES", "https://checkout.stripe.com").rstrip("/"),
    )


@cache
def _secret(name: str) -> str:
    """Return a secret, read once and on first use: most cold starts sign and check no link."""
    from chalicelib import clients

    return clients.secrets().get_secret_value(SecretId=name)["SecretString"]
