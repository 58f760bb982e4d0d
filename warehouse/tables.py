"""The ledger's tables. The migrations build them; a test keeps the two the same."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Every file that was ever looked at in the drop folder, and what became of it.
arrivals = Table(
    "arrivals",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("la_code", String(9), nullable=False),
    Column("quarter", String(9), nullable=False),
    Column("name", Text, nullable=False),
    Column("identity", String(80), nullable=False),
    Column("sha256", String(64)),
    Column("size", BigInteger),
    Column("outcome", String(20), nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    Column("submission_id", String(16)),
    Column("seen_at", String(32), nullable=False),
    UniqueConstraint("la_code", "quarter", "name", "identity"),
)

submissions = Table(
    "submissions",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("la_code", String(9), nullable=False),
    Column("return_name", String(40), nullable=False),
    Column("quarter", String(9), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(24), nullable=False),
    Column("reason_code", Text, nullable=False, server_default=""),
    Column("reason_words", Text, nullable=False, server_default=""),
    Column("received_at", String(32), nullable=False),
    Column("decided_at", String(32)),
    Column("child_count", Integer),
    Column("row_counts", Text, nullable=False, server_default="{}"),
    Column("error_count", Integer, nullable=False, server_default="0"),
    Column("query_count", Integer, nullable=False, server_default="0"),
    Column("answered", Boolean, nullable=False, server_default=text("false")),
    # The submission this one is a copy of, without the rows of children that were erased.
    Column("erased_from", String(16)),
    # What every rule comes to that broke at nothing; empty when no rule was judged.
    Column("rule_book_id", ForeignKey("rule_books.id")),
    UniqueConstraint("la_code", "return_name", "quarter", "version"),
)

submission_states = Table(
    "submission_states",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False, index=True),
    Column("state", String(24), nullable=False),
    Column("at", String(32), nullable=False),
    Column("run", Text, nullable=False),
)

submission_files = Table(
    "submission_files",
    metadata,
    Column("submission_id", ForeignKey("submissions.id"), primary_key=True),
    Column("part", String(40), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("carried_from", String(16)),
    # Rows of erased children that were taken out before anything else was read.
    Column("left_out", Integer, nullable=False, server_default="0"),
    # The file named a child that was erased: its bytes are gone, or about to be.
    Column("erased", Boolean, nullable=False, server_default=text("false")),
    # Its bytes were removed when they had been kept as long as they may be.
    Column("removed", Boolean, nullable=False, server_default=text("false")),
)

# Rule books as they were used for submissions, each once, however many it was used for.
rule_books = Table(
    "rule_books",
    metadata,
    # Hash of the rules.
    Column("id", String(32), primary_key=True),
    # JSON: [code, table, status, reason] of every rule in order, as if none had been broken.
    Column("rules", Text, nullable=False),
)

# Rules that were broken or could not be judged, each at its place in the rule book.
finding_counts = Table(
    "finding_counts",
    metadata,
    Column("submission_id", ForeignKey("submissions.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("code", Text, nullable=False),
    Column("table_name", String(40), nullable=False),
    Column("status", String(16), nullable=False),
    Column("count", Integer, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
)

parts = Table(
    "parts",
    metadata,
    Column("submission_id", ForeignKey("submissions.id"), primary_key=True),
    # Accepted rows, rows in quarantine, or free text; size and hash are those of the Parquet file,
    # before it is sealed where it is.
    Column("kind", String(16), primary_key=True, server_default="accepted"),
    Column("table_name", String(40), primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("row_count", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("key_id", String(16), nullable=False, server_default=""),
)

# Of which children an authority says that they are its own, in a return that may be another's.
claims = Table(
    "claims",
    metadata,
    Column("submission_id", ForeignKey("submissions.id"), primary_key=True),
    # What the marks were made of: `births` (identifier and month of birth), `ids`, or nothing.
    Column("basis", String(8), nullable=False),
    # The lowest marks, each of 32 bits; made with the tombstone key, alike for every authority.
    Column("marks", LargeBinary, nullable=False),
    # Hashes of its files that hold rows, in order.
    Column("contents", Text, nullable=False),
    # Whether it was compared with every other authority's since.
    Column("is_settled", Boolean, nullable=False),
)

# Children that were erased: a mark made with a key of its own, never an identifier.
tombstones = Table(
    "tombstones",
    metadata,
    Column("la_code", String(9), primary_key=True),
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("erased_at", String(32), nullable=False),
)

in_force = Table(
    "in_force",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("la_code", String(9), nullable=False),
    Column("return_name", String(40), nullable=False),
    Column("quarter", String(9), nullable=False),
    Column("submission_id", ForeignKey("submissions.id"), nullable=False),
    Column("since", String(32), nullable=False),
    Column("until", String(32)),
)
# Two submissions cannot both count for one authority, return and quarter, whatever the code does.
Index(
    "uq_in_force_now",
    in_force.c.la_code,
    in_force.c.return_name,
    in_force.c.quarter,
    unique=True,
    sqlite_where=in_force.c.until.is_(None),
    postgresql_where=in_force.c.until.is_(None),
)

cuts = Table(
    "cuts",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("number", Integer, nullable=False, unique=True),
    Column("made_at", String(32), nullable=False),
    Column("code_version", String(64), nullable=False),
    Column("config_hash", String(64), nullable=False),
    Column("key_id", String(16), nullable=False),
    Column("authorities", Text, nullable=False),
)

# What each cut took in and let go, compared with the one before: by number, as clocks may jump.
cut_submissions = Table(
    "cut_submissions",
    metadata,
    Column("submission_id", ForeignKey("submissions.id"), primary_key=True),
    # The first cut that holds the submission, and the first after it that does not.
    Column("since_cut", Integer, primary_key=True, autoincrement=False),
    Column("until_cut", Integer),
    # Of what was sent last and does not count, its state and why; empty of what counts.
    Column("state", String(30), nullable=False, server_default=""),
    Column("reason_code", Text, nullable=False, server_default=""),
)

editions = Table(
    "editions",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("cut_id", ForeignKey("cuts.id"), nullable=False),
    Column("is_final", Boolean, nullable=False),
    Column("made_at", String(32), nullable=False),
    Column("folder", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("actor", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("action", String(20), nullable=False),
    Column("subject", Text, nullable=False),
    Column("counts", Text, nullable=False),
    # What the entry did, as JSON: hashes, codes and ids, from which `sfp verify` rebuilds the rest.
    Column("detail", Text, nullable=False, server_default="{}"),
    Column("previous", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)
