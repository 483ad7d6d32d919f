"""Every environment variable the server reads, in one frozen class."""

import os
from ipaddress import ip_network
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)

DEMO_PASSWORD = "bojonegoro-demo"  # noqa: S105 - shown to everybody who starts the demo


class Settings(BaseSettings):
    """Read once where a process starts and handed on; nothing imports a global."""

    model_config = SettingsConfigDict(env_prefix="CAS_", frozen=True, extra="ignore")

    database_url: SecretStr | None = Field(
        None, description="PostgreSQL >= 15 with PostGIS; empty means the embedded one"
    )
    state_dir: Path | None = Field(None, description="where the embedded database and its kin live")
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    trusted_proxies: str = Field(
        "",
        description="networks of proxies whose X-Forwarded-For is believed: 10.0.0.2,10.1.0.0/24",
    )
    demo: bool = Field(default=False, description="a made-up regency: codes are shown in the log")
    key_file: Path | None = Field(
        None, description="seals names and numbers; empty means 'keys' in the state folder"
    )
    key: SecretStr | None = Field(None, description="the keys themselves, in place of the file")
    reveals_per_hour: int = Field(30, ge=1, description="reporters one account may look up")
    tell_reveals: bool = Field(
        default=True, description="reporters see when their number was looked up, and by which role"
    )
    pool_size: int = Field(16, ge=2, le=200, description="database connections per process")
    log_level: str = "info"
    metrics_token: SecretStr | None = Field(
        None, description="who may read /metrics; empty means only callers on this machine"
    )

    session_days: int = Field(30, ge=1, description="how long a sign-in lasts")
    staff_session_hours: int = Field(24, ge=1, description="how long a sign-in of staff lasts")
    staff_idle_hours: int = Field(12, ge=1, description="unused for so long, it ends earlier")
    public_url: str | None = Field(
        None, description="how browsers reach this server; OIDC and passkeys need it"
    )
    oidc_issuer: str | None = Field(None, description="OpenID provider, exactly as it names itself")
    oidc_client_id: str = "cas"
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_acr: str | None = Field(
        None, description="the acr that says the provider demanded a second factor; else ours is"
    )
    code_minutes: int = Field(5, ge=1, description="how long a one-time code lasts")

    sms_gateway_url: str | None = Field(None, description="android-sms-gateway's /message address")
    sms_gateway_user: str = ""
    sms_gateway_password: SecretStr = SecretStr("")
    sms_timeout_s: float = Field(10.0, gt=0)
    # A code that is given back costs none of these but the last.
    sms_unanswered_per_hour: int = Field(200, ge=10, description="codes sent and not given back")
    sms_unanswered_per_day: int = Field(500, ge=10)
    sms_unanswered_per_network: int = Field(100, ge=1, description="a day, from one /24 or /48")
    sms_per_day: int = Field(3_000, ge=10, description="messages at most, whatever becomes of them")

    sms_contacts_per_day: int = Field(
        300, ge=0, description="messages to contact persons of sites, of all sites together"
    )

    firebase_credentials: Path | None = Field(None, description="service account JSON file")
    fcm_url: str | None = Field(None, description="another FCM endpoint, for trying without Google")
    push_timeout_s: float = Field(5.0, gt=0)
    vapid_key_file: Path | None = Field(
        None, description="P-256 key that wakes browsers; empty means one in the state folder"
    )
    push_contact: str = Field(
        "",
        pattern=r"^((mailto:|https://)\S+)?$",
        description="where push services reach whoever runs this: mailto:it@polres.example",
    )
    push_origins: str = Field(
        "",
        description="push services of browsers beside the known ones: https://push.polri.example",
    )

    max_body_bytes: int = Field(1_000_000, ge=1_000)
    max_frame_bytes: int = Field(65_536, ge=1_000)
    watcher_backlog: int = Field(256, ge=8, description="frames one slow socket may lag behind")

    keep_tracks_days: int = Field(90, ge=1, description="tracks of Personil along alarms")
    keep_alarms_days: int = Field(
        1826, ge=1, description="name, number, note and fixes of a closed alarm's reporter"
    )
    keep_pushes_days: int = Field(365, ge=1, description="what became of each push")
    keep_notes_days: int = Field(90, ge=1, description="notes from one shift to the next")
    keep_stretches_days: int = Field(365, ge=1, description="when each Personil was on duty")
    keep_codes_days: int = Field(7, ge=2, description="one-time codes and their numbers")
    keep_credentials_days: int = Field(90, ge=1, description="sign-ins after their end")
    keep_attempts_days: int = Field(2, ge=2, description="how often something was tried")

    evidence_key_file: Path | None = Field(
        None, description="Ed25519 key that signs the journal; empty means one in the state folder"
    )
    evidence_heads_file: Path | None = Field(
        None, description="where signed tree heads are published; copy it off this machine often"
    )
    evidence_head_every_s: float = Field(60.0, gt=0, description="between two signed tree heads")

    @property
    def reached_at(self) -> str:
        """The address people type; without CAS_PUBLIC_URL, this machine's own."""
        return self.public_url or f"http://localhost:{self.port}"

    @field_validator("trusted_proxies")
    @classmethod
    def _only_networks(cls, value: str) -> str:
        """Never "*": then anybody could claim any address, and no limit would hold."""
        named = [each.strip() for each in value.split(",") if each.strip()]
        for each in named:
            ip_network(each)
        return ",".join(named)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then files named like its variables in the folder CAS_SECRETS_DIR."""
        sources = (init_settings, env_settings)
        folder = os.environ.get("CAS_SECRETS_DIR")
        if not folder:
            return sources
        return (*sources, SecretsSettingsSource(settings_cls, secrets_dir=folder))
