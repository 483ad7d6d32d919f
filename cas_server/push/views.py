"""The shape a device registers itself in."""

from typing import Annotated

from pydantic import StringConstraints

from cas_server.kit.wire import Wire
from cas_server.push.port import AddressType, Platform

Address = Annotated[
    str, StringConstraints(min_length=10, max_length=4096, pattern=r"^[\x21-\x7e]+$")
]


class DeviceView(Wire):
    """Where to push; `address_type` says what `address` is."""

    platform: Platform
    address_type: AddressType
    address: Address
