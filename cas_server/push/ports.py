"""Every way to wake somebody, as one port: each device by the kind of its address."""

import asyncio

from cas_server.push.fcm import configured as firebase
from cas_server.push.message import PushMessage
from cas_server.push.port import AddressType, Answer, Device, PushPort
from cas_server.push.web_push import Browsers
from cas_server.settings import Settings


class ByAddress:
    """Browsers through their own push services, all else through Firebase."""

    def __init__(self, phones: PushPort, browsers: PushPort) -> None:
        self._phones = phones
        self._browsers = browsers

    async def send(self, message: PushMessage, device: Device) -> Answer:
        is_browser = device.address_type is AddressType.WEB_PUSH
        return await (self._browsers if is_browser else self._phones).send(message, device)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._phones.run())
            tasks.create_task(self._browsers.run())

    async def close(self) -> None:
        await self._phones.close()
        await self._browsers.close()


def configured(settings: Settings) -> PushPort:
    """What the settings allow; browsers can always be woken."""
    return ByAddress(firebase(settings), Browsers(settings))
