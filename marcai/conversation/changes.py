"""How what a customer said changes her draft, and what she must be told about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from marcai.conversation.draft import ANY_STAFF, Draft, Stretch, When
from marcai.conversation.salon import Salon
from marcai.conversation.understanding import Said


@dataclass
class Changes:
    """What became of a message; codes are those of the establishment's file."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    incompatible: list[tuple[str, str]] = field(default_factory=list)  # (refused, because of)
    too_many: bool = False
    unknown_services: list[str] = field(default_factory=list)
    unknown_staff: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)

    @property
    def anything(self) -> bool:
        """Whether there is something to tell or something changed."""
        return any(vars(self).values())


def apply(draft: Draft, said: Said, salon: Salon) -> Changes:
    """Applies a message to the draft, in place.

    Services that may not be combined, or would be one too many, are not taken; the result says so. A new day keeps
    the clock time that was asked for, and a new time keeps the day. Whatever touches services or professional makes
    the chosen start a wish again: it is kept where it still fits, and the hold is replaced when a new one is taken.
    """
    changes = Changes(
        unknown_services=said.unknown_services, unknown_staff=said.unknown_staff, impossible=said.impossible
    )
    for code in said.remove:
        _remove(draft, code, changes)
    if said.only:
        _keep_only(draft, said.add, changes)
    for candidates in said.add:
        _add(draft, candidates, salon, changes)
    _choose_staff(draft, said)
    if said.when:
        _reschedule(draft, _in_that_week(draft.when, said.when) if said.by_weekday else said.when)
    if said.start:
        draft.start = said.start
        draft.held_until = None
    if said.no_more and draft.services:
        draft.no_more = True
    if draft.services and not draft.unclear and (draft.when.days or draft.when.prefer):
        draft.no_more = draft.package_ok = True  # all was said at once: not asked again
    return changes


def _remove(draft: Draft, code: str, changes: Changes) -> None:
    draft.unclear = [group for group in draft.unclear if code not in group]
    if code in draft.services:
        draft.services.remove(code)
        changes.removed.append(code)
        draft.package_ok = False
        _reopen(draft)


def _keep_only(draft: Draft, named: list[list[str]], changes: Changes) -> None:
    """"Só a barba" takes the others away when it names what is chosen already; otherwise it just adds."""
    kept = {code for group in named for code in group}
    if all(kept.intersection(group) & set(draft.services) for group in named):
        draft.unclear = [group for group in draft.unclear if kept & set(group)]
        for code in [code for code in draft.services if code not in kept]:
            _remove(draft, code, changes)


def _choose_staff(draft: Draft, said: Said) -> None:
    if said.not_staff:
        draft.not_staff = list(dict.fromkeys([*draft.not_staff, *said.not_staff]))
        if draft.staff in said.not_staff:
            draft.staff = None
        _reopen(draft)
    if said.staff == ANY_STAFF and draft.not_staff != said.not_staff:  # "com qualquer uma": she rules nobody out now
        draft.not_staff = list(said.not_staff)
        _reopen(draft)
    if said.staff and said.staff != draft.staff:
        draft.staff = said.staff
        draft.not_staff = [code for code in draft.not_staff if code != said.staff]
        _reopen(draft)


def _reopen(draft: Draft) -> None:
    if draft.start:
        start = datetime.fromisoformat(draft.start)
        after = start.date() + timedelta(days=1)
        draft.when.at_any_time()
        draft.when = replace(draft.when, days=(start.date().isoformat(), after.isoformat()),
                             exact=start.time().isoformat(), prefer=None)
    draft.forget_time()


def _add(draft: Draft, candidates: list[str], salon: Salon, changes: Changes) -> None:
    if any(code in draft.services for code in candidates):
        return
    waiting = next((group for group in draft.unclear if set(group) & set(candidates)), None)
    if len(candidates) > 1:
        if waiting is None:
            draft.unclear.append(list(candidates))
        return
    code = candidates[0]
    if waiting is not None:
        draft.unclear.remove(waiting)
    clash = clash_with(draft, code, salon)
    if clash:
        changes.incompatible.append((code, clash))
    elif len(draft.services) >= salon.tenant.policy.max_services_per_visit:
        changes.too_many = True
    else:
        draft.services.append(code)
        changes.added.append(code)
        draft.package_ok = False
        draft.no_more = False
        _reopen(draft)


def clash_with(draft: Draft, code: str, salon: Salon) -> str:
    """The chosen service that rules this one out, or an empty string."""
    known = salon.service_by_code
    if code not in known:
        return ""
    return next((other for other in draft.services if other in known[code].incompatible_with), "")


def _in_that_week(known: When, new: When) -> When:
    """"Terça", after "semana que vem", is the Tuesday of that week."""
    if not (known.days and known.days[0] and known.days[1] and new.single_day) or known.single_day:
        return new
    day = new.single_day
    while day.isoformat() < known.days[0]:
        day += timedelta(days=7)
    if day.isoformat() >= known.days[1]:
        return new
    return replace(new, days=(day.isoformat(), (day + timedelta(days=1)).isoformat()))


def _reschedule(draft: Draft, new: When) -> None:
    known = draft.when
    draft.all_times = False
    if new.days:
        known.days = new.days
        known.prefer = new.prefer
        known.choices = [choice for choice in known.choices if _is_of(choice, new.days)]
        if new.single_day:  # "pode ser sexta", after "sexta não"
            known.not_days = [day for day in known.not_days if day != new.days[0]]
            known.not_weekdays = [day for day in known.not_weekdays if day != new.single_day.weekday()]
    if new.timed:
        known.exact, known.about, known.clock, known.choices = new.exact, new.about, new.clock, new.choices
        known.prefer = None
        known.not_times = [stretch for stretch in known.not_times if not _wishes_back(new, stretch)]
    if new.prefer:
        known.prefer = new.prefer
    if new.not_days:
        known.not_days = known.not_days + new.not_days
        known.days = None if known.single_day and known.days[0] in new.not_days else known.days
    if new.rules_out:
        _rule_out(known, new)
    draft.forget_time()


def _rule_out(known: When, new: When) -> None:
    """Takes what a message rules out; a time or a day that was wished before, and now is ruled out, is given up."""
    known.not_weekdays = sorted({*known.not_weekdays, *new.not_weekdays})
    known.not_times = list(dict.fromkeys([*known.not_times, *new.not_times]))
    if not new.timed and any(_wishes_back(known, stretch) for stretch in new.not_times):
        known.at_any_time()
    if known.single_day and known.single_day.weekday() in new.not_weekdays:
        known.days = None


def _is_of(choice: Stretch, days: Stretch) -> bool:
    """Whether a choice is of any day, or of one of these."""
    day = next((edge[:10] for edge in choice if edge and "T" in edge), None)
    return day is None or ((not days[0] or day >= days[0]) and (not days[1] or day < days[1]))


def _wishes_back(wish: When, ruled_out: Stretch) -> bool:
    """Whether all of the time that is wished lies in a stretch that was ruled out: "às 10h", after "de manhã não"."""
    if not (wish.exact or wish.about or wish.clock):
        return False
    if any(edge and "T" in edge for edge in ruled_out) and not (wish.single_day and _is_of(ruled_out, wish.days)):
        return False
    since, until = ((edge or "").rpartition("T")[2] for edge in ruled_out)
    at = wish.exact or wish.about
    if at:
        return at >= since and (not until or at < until)
    first, last = wish.clock
    return (first or "") >= since and (not until or bool(last and last <= until))

