"""An invented police regency on Bojonegoro's real kecamatan; all of it is marked as demo."""

from cas_server.registry.demo_regency.phones import DemoPhone, provision_phones
from cas_server.registry.demo_regency.seeding import SeedReport, seed
from cas_server.settings import DEMO_PASSWORD

__all__ = ["DEMO_PASSWORD", "DemoPhone", "SeedReport", "provision_phones", "seed"]
