"""Invented lives in a few words, for tests of the truth."""

from samples.days import NEVER, day_number
from samples.implied.told import ToldChild, ToldPlan, ToldReferral
from samples.lives import Episode


def on(text):
    """Return the number of a day written yyyy-mm-dd."""
    return day_number(*map(int, text.split("-")))


def until(text):
    return on(text) if text else NEVER


def episode(
    start, end="", *, rne="S", ls="C2", place="U6", rec="", reason="", urn="1030001", post="ZZ1 1AA"
):
    return Episode(
        decom=on(start),
        rne=rne,
        ls=ls,
        cin="N1",
        place=place,
        provider="PR1",
        dec=until(end),
        rec=rec or ("E4A" if end else ""),
        reason=reason,
        home_post="ZZ1 1AA",
        pl_post=post,
        urn=urn,
    )


def child(born="2012-05-01", *, referred=(), factors=(), plans=(), episodes=(), **more):
    """Return a child referred on the days given; factors belong to its first referral."""
    days = [on(text) for text in referred]
    referrals = [ToldReferral(d, frozenset(factors if d == min(days) else ())) for d in days]
    return ToldChild(
        born=on(born),
        referrals=tuple(referrals),
        plans=tuple(ToldPlan(on(start), until(end)) for start, end in plans),
        episodes=tuple(episodes),
        **more,
    )
