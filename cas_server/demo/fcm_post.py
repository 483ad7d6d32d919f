"""The test service's memory: what it was asked, what each phone has, how it was told to behave."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cas_server.demo.fcm_answers import Behaviour, collapse_key, ttl_s
from cas_server.kit.clock import utc_now

MOST_ASKED = 20_000
MOST_WAITING = 100
"""FCM, too, keeps at most 100 messages for a phone that is away."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to send, and how it was answered."""

    number: int
    at: datetime
    to: str
    behaviour: Behaviour
    message: Mapping[str, Any]


@dataclass(slots=True)
class Rule:
    """Behave so, for the next `times` requests, or until told otherwise."""

    behaviour: Behaviour
    times: int | None = None
    seconds: int = 1

    def spend(self) -> bool:
        """Use it once; False when it is used up."""
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


class Series:
    """Numbered items that somebody may wait for; the oldest go when there are too many."""

    def __init__(self, most: int) -> None:
        self.items: deque[Asked] = deque(maxlen=most)
        self._news = asyncio.Event()

    @property
    def next(self) -> int:
        """The number of the next item."""
        return self.items[-1].number + 1 if self.items else 1

    def add(self, item: Asked) -> Asked:
        """Append, and wake whoever waits."""
        self.items.append(item)
        self._news.set()
        self._news = asyncio.Event()
        return item

    async def after(self, number: int, wait_s: float) -> list[Asked]:
        """Items above `number`, as soon as there is one; none after `wait_s`."""
        try:
            async with asyncio.timeout(wait_s):
                while not (found := [item for item in self.items if item.number > number]):
                    await self._news.wait()
                return found
        except TimeoutError:
            return []


@dataclass
class Post:
    """Everything between a request to send and a phone that fetches its messages."""

    asked: Series = field(default_factory=lambda: Series(MOST_ASKED))
    inboxes: dict[str, Series] = field(default_factory=dict)
    sign_ins: Series = field(default_factory=lambda: Series(MOST_ASKED))
    token_seconds: int = 3600
    _rules: dict[str | None, Rule] = field(default_factory=dict)
    _sign_in_rule: Rule = field(default_factory=lambda: Rule(Behaviour.WELL))

    def behave(self, rule: Rule, *, to: str | None = None) -> None:
        """From now on answer so for the phone `to`, or for every phone without its own rule."""
        self._rules[to] = rule

    def sign_in_behave(self, rule: Rule) -> None:
        """From now on answer requests for an access token so."""
        self._sign_in_rule = rule

    def forget_rules(self) -> None:
        """All is well again."""
        self._rules.clear()
        self._sign_in_rule = Rule(Behaviour.WELL)

    def rule_for(self, to: str) -> Rule:
        """How to answer this one; a counted rule is one less after it."""
        for key in (to, None):
            rule = self._rules.get(key)
            if rule is not None and rule.spend():
                return rule
        return Rule(Behaviour.WELL)

    def sign_in_rule(self) -> Rule:
        """How to answer this request for an access token."""
        return self._sign_in_rule if self._sign_in_rule.spend() else Rule(Behaviour.WELL)

    def inbox(self, to: str) -> Series:
        """What waits for a phone."""
        return self.inboxes.setdefault(to, Series(MOST_WAITING))

    def note(self, to: str, behaviour: Behaviour, message: Mapping[str, Any]) -> Asked:
        """Write down that somebody asked."""
        return self.asked.add(Asked(self.asked.next, utc_now(), to, behaviour, message))

    def note_sign_in(self, behaviour: Behaviour) -> None:
        """Write down that somebody asked for an access token."""
        self.sign_ins.add(Asked(self.sign_ins.next, utc_now(), "", behaviour, {}))

    def deliver(self, asked: Asked) -> None:
        """Put a message where its phone finds it, in place of an older one of the same key."""
        inbox, key = self.inbox(asked.to), collapse_key(asked.message)
        if key is not None:
            for older in [item for item in inbox.items if collapse_key(item.message) == key]:
                inbox.items.remove(older)
        inbox.add(asked)

    async def fetch(self, to: str, number: int, wait_s: float) -> list[Asked]:
        """A phone's messages above `number` that are still worth showing."""
        found = await self.inbox(to).after(number, wait_s)
        now = utc_now()
        return [item for item in found if item.at + timedelta(seconds=ttl_s(item.message)) > now]
