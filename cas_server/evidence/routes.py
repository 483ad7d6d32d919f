"""Signed tree heads and proofs over HTTP: public, for they hold nothing but hashes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from cas_server.db.session import ReadTransaction
from cas_server.evidence import queries, service
from cas_server.evidence.views import Proof, TreeHeads, TreeHeadView
from cas_server.identity.roles import Action
from cas_server.identity.subject import public

MOST_HEADS = 1_000
LARGEST = 2**53

router = APIRouter(
    prefix="/v1/evidence",
    tags=["evidence"],
    dependencies=[Depends(public(Action.SEE_EVIDENCE))],
)

Size = Annotated[int, Query(ge=1, le=LARGEST)]


@router.get("/heads")
async def heads(
    session: ReadTransaction, above: Annotated[int, Query(ge=0, le=LARGEST)] = 0
) -> TreeHeads:
    """Signed heads of trees with more than `above` entries, at most 1,000 at once."""
    found = await queries.heads(session, above, MOST_HEADS)
    return TreeHeads(heads=[TreeHeadView.of(head) for head in found])


@router.get("/heads/latest")
async def latest_head(session: ReadTransaction) -> TreeHeadView:
    """The newest signed head."""
    return TreeHeadView.of(await service.latest_head(session))


@router.get("/inclusion")
async def inclusion(
    session: ReadTransaction, position: Annotated[int, Query(ge=0, le=LARGEST)], size: Size
) -> Proof:
    """The proof (RFC 9162) that an entry stands in the tree of a head."""
    return Proof(proof=[hash_.hex() for hash_ in await service.inclusion(session, position, size)])


@router.get("/consistency")
async def consistency(session: ReadTransaction, first: Size, second: Size) -> Proof:
    """The proof (RFC 9162) that between two heads entries were only added."""
    return Proof(proof=[hash_.hex() for hash_ in await service.consistency(session, first, second)])
