"""The tree over the journal: leaves, inner nodes, and the heads that were signed."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from cas_server.db.base import Base
from cas_server.journal.tables import TransactionId


class JournalLeafRow(Base):
    """One entry's place in the tree. No foreign key: it would lock rows of the journal.

    `cluster` is PostgreSQL's system identifier: transaction numbers begin anew in another one.
    """

    __tablename__ = "journal_leaf"
    __table_args__ = (Index("uq_journal_leaf_journal_id", "journal_id", unique=True),)

    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    journal_id: Mapped[int] = mapped_column(BigInteger)
    transaction_id: Mapped[int] = mapped_column(TransactionId)
    cluster: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class TreeNodeRow(Base):
    """The hash over 2^level leaves; leaves themselves (level 0) stand in journal_leaf."""

    __tablename__ = "tree_node"

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class TreeHeadRow(Base):
    """A signed head; `published_at` is when it was safely in the published file."""

    __tablename__ = "tree_head"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[datetime | None]
