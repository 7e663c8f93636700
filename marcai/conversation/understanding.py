"""What a message says about a visit: services, professionals, days and times, found in the customer's own words.

The NLU pipeline says what she wants (the intent); here her words meet this establishment's catalogue, its staff and
its clock. Taps arrive as entities with codes and need no matching.
"""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from marcai.catalogue import matching, vocabulary
from marcai.catalogue.service import ServiceInfo
from marcai.conversation import moments, phrases
from marcai.conversation.draft import ANY_STAFF, When
from marcai.nlu.datetime import Moment, parse_all
from marcai.staff import service as staff_service
from marcai.staff.service import StaffInfo

_REMOVAL = re.compile(
    r"\b(tir[ae]r?|remov\w+|retir\w+|exclu\w+|menos|sem|cancel\w+|desist\w+ d[aeo]|n[aã]o quero( mais)?|"
    r"n[aã]o vou querer( mais)?|n[aã]o precisa( mais)?|esquece)\s+(o |a |os |as |de |do |da |fazer |mais )*$",
    re.IGNORECASE,
)
_REMOVAL_AFTER = re.compile(r"^\s*,?\s*n[aã]o( quero)?( mais)?\s*($|[,.;!])", re.IGNORECASE)
_ONLY = re.compile(r"\b(s[oó]|somente|apenas)( quero| vou querer)?( fazer)?( o| a| os| as)?\s*$", re.IGNORECASE)
_SWAP = re.compile(r"\b(tro(c|qu)\w+|mud\w+)\s+(o |a |os |as )*$", re.IGNORECASE)
_SWAP_LATER = re.compile(r"\b(em vez d\w+|inv[eé]s d\w+|no lugar d\w+)\s+(o |a |os |as )*$", re.IGNORECASE)
_NOT_WITH = re.compile(
    r"\b(n[aã]o|menos|exceto|tirando|sem ser|nem|sem|em vez d\w+|no lugar d\w+)( quero| pode)?( ser| fazer)?( com)?"
    r"( o| a)?\s*$",
    re.IGNORECASE,
)

_PLACES = [  # how the rows of a list are called by their place
    (str(number), f"{number}a", f"{number}o", word, word[:-1] + "a")
    for number, word in enumerate(("primeiro", "segundo", "terceiro", "quarto", "quinto", "sexto", "setimo", "oitavo",
                                   "nono", "decimo"), start=1)
]
_OWN_NAME = re.compile(
    r"\b(aqui [eé]|sou|quem fala [eé]|me cham\w+|chamar|meu nome( [eé])?)( a| o| de| dona| seu)*\s*$", re.IGNORECASE)


# "Por que não tem às 15h?", "e sábado não dá?", and the same without a word of what is meant: "ué, por quê?"
_WHY = re.compile(
    r"\b(por ?qu[eêé]|pq|porq|pk) ?(que )?(n[aã]o|ñ|n|num)\b( (h[aá]|tem|t[eê]m|d[aá]|pode( ser)?|posso|rola|consigo|"
    r"teria|daria|est[aá]|t[aá]|tinha|me d[aá]|fazem?|atendem?|abrem?|marcam?))*", re.IGNORECASE)
_CANNOT = re.compile(
    r"\bn([aã]o)? (d[aá]|tem|rola|pode|teria|daria)\b(?=.*\?\s*$)|\bn[aã]o (d[aá]|tem|rola|pode)\s*$",
    re.IGNORECASE)
_WHY_ALONE = re.compile(
    r"^\W*((mas|u[eé]|ah|oxe|nossa|ent[aã]o|e)\W+)*(por ?qu[eêé]|pq|porq)\W*((n[aã]o|n)\W*)?"
    r"((tem|d[aá]|pode( ser)?|rola|posso|hor[aá]rio|vaga|(ness[ea]|ne?st[ea]|ess[ea]) "
    r"(dia|data|hor[aá]rio|hora))\W*)*$", re.IGNORECASE)
_FIRST_FREE = re.compile(
    r"\bprimeir[oa] (dia |data |hor[aá]rio |vaga )?(que )?(tiver|tem|houver|aparecer|der|pintar|dispon[ií]vel|livre|"
    r"vag[oa])", re.IGNORECASE)
_NEARBY = re.compile(
    r"\b((dias?|datas?|hor[aá]rios?|algo|alguma coisa) (mais )?(pr[oó]xim[oa]s?|perto|pert[ií]nho|por perto|em volta|"
    r"a[ií] perto)|(mais|bem) (perto|pr[oó]ximo)( (desse|deste|do) dia)?\s*\?*$|"
    r"(um|uns|dois|tr[eê]s) dias? (antes|depois)|calend[aá]rio)", re.IGNORECASE)
_GIVE_UP = re.compile(
    r"\b(deixa (pra|para|pr[oó]) |deixa quieto|desist|esquece|n[aã]o vou (mais|querer))", re.IGNORECASE)
# "A consulta de", "remarca a", "tenho manicure na": what she has follows; "muda para" names where it is to go
_HERS = re.compile(
    r"^(?!.*\b(pr[oa]s?|para|p)\b).*(\bd[eoa]s?( dia)?|\btenho\b.*|"
    r"\b(troc|mud|remarc|reagend|adi|alter|transfer)\w*( [aom]| minha| meu)*)\s*$", re.IGNORECASE | re.DOTALL)
_WEEKDAY = re.compile(r"^\W*(na |no |pra |para )?(seg|ter|qua|qui|sex|s[aá]b|dom)[^\d]*$", re.IGNORECASE)


@dataclass
class Said:
    """What one message says about the visit. Codes are those of the establishment's file."""

    add: list[list[str]] = field(default_factory=list)  # per mention, the services it may mean
    remove: list[str] = field(default_factory=list)
    only: bool = False  # nothing but what is named: "só a barba"
    unknown_services: list[str] = field(default_factory=list)
    staff: str | None = None
    not_staff: list[str] = field(default_factory=list)  # professionals she does not want
    unknown_staff: list[str] = field(default_factory=list)
    when: When = field(default_factory=When)
    moved_from: When = field(default_factory=When)  # when what she wants to move is: "de quinta para sexta"
    from_weekday: bool = False  # that, or the day in `names_hers`, was said as a weekday: perhaps of a later week
    names_hers: bool = False  # the day or time may be of what she has: "a consulta de quinta", "remarca sexta"
    start: str | None = None  # a tapped start, local ISO date-time
    impossible: list[str] = field(default_factory=list)  # dates and times that do not exist, as written
    direction: str | None = None  # later, earlier, other_day, other_time, nearby
    gives_up: bool = False  # "deixa pra lá", in so many words
    other_day: date | None = None  # the other common reading of a day: "sexta que vem" may be a week later
    by_weekday: bool = False  # the day was said as a weekday: of a week that was spoken of, if one was
    indifferent: bool = False  # "tanto faz", "qualquer horário": what about depends on the question
    no_more: bool = False  # "só isso": no other service
    asks_why: bool = False  # "por que não às 15h?", or with nothing named: of what was refused last

    @property
    def what_or_when(self) -> bool:
        """Whether the message names a service, a day or a time."""
        return bool(self.add or self.when.days or self.when.timed or self.when.rules_out)

    @property
    def only_direction(self) -> bool:
        """Whether the message says nothing but "later", "another day" and the like."""
        return bool(self.direction) and not replace(self, direction=None).anything

    @property
    def anything(self) -> bool:
        """Whether the message said anything about a visit."""
        return bool(self.add or self.remove or self.staff or self.not_staff or self.when or self.start
                    or self.unknown_services or self.unknown_staff or self.impossible or self.direction)


def understand(
    text: str,
    entities: Sequence[Mapping[str, Any]],
    *,
    services: Sequence[ServiceInfo],
    staff: Sequence[StaffInfo],
    now: datetime,
    name_known: bool = False,
) -> Said:
    """Reads a message.

    Args:
        text: as the customer wrote it; for a tap, the title.
        entities: Rasa's entities; a tap carries codes (`service_code`, `staff_code`, `date`, `start`, `remove`).
        services: the establishment's active services.
        staff: its active professionals.
        now: the establishment's local time, naive.
        name_known: a name that she does not give as her own is then a professional's, if there is one.
    """
    codes = _tapped(entities)
    if codes:
        return _from_tap(codes)
    said = Said(asks_why=asks_why(text), no_more=bool(phrases.ONLY_THIS.search(text)))
    if said.asks_why:  # what she asks about she does not rule out
        text = _WHY.sub(_blank, _CANNOT.sub(_blank, text))
    mentions = matching.find(text, services)
    _sort_mentions(text, mentions, said)
    said.gives_up = bool(_GIVE_UP.search(text))
    _read_staff(text, entities, staff, said, name_known)
    dated = _read_when(text, now, said)
    said.unknown_services = [
        words for words in _unmatched(entities, "service", [*(mention.span for mention in mentions), *dated])
        if not _is_a_kind_of_service(words, services)
    ]
    return said


def asks_why(text: str) -> bool:
    """Whether a message asks why something is not to be had, or doubts it, like "e sábado não dá?"."""
    doubted = _CANNOT.search(text)
    asked = doubted and (text.rstrip().endswith("?") or text.lower().startswith("e "))
    return bool(asked or _WHY.search(text) or _WHY_ALONE.match(text))


def asks_why_not(text: str) -> bool:
    """Whether it is "por que não?", and says no more."""
    return asks_only_why(text) and bool(re.search(r"\b(n[aã]o|n)\b", text, re.IGNORECASE))


def asks_only_why(text: str) -> bool:
    """Whether it does not say what: "por que não?"."""
    return bool(_WHY_ALONE.match(text))


def _blank(found: re.Match) -> str:
    return " " * len(found[0])


def pick(text: str, candidates: Sequence[ServiceInfo]) -> ServiceInfo | None:
    """The candidate that a short answer points at: by a word only its name has ("masculino", "é pro meu filho"), or by
    its place."""
    typed = [vocabulary.stem(word) for word in _words(text)]
    words = {vocabulary.HINTS.get(word, word) for word in typed}
    at = place(text)
    if at is not None and -1 <= at < len(candidates):
        return candidates[at]
    names = [{vocabulary.stem(word) for word in _words(one.name)} for one in candidates]
    own = [name - {word for other in names if other is not name for word in other} for name in names]
    fitting = [one for one, distinct in zip(candidates, own, strict=True)
               if any(difflib.get_close_matches(word, distinct, 1, 0.85) for word in words)]
    return fitting[0] if len(fitting) == 1 else None


def chosen_by_place(text: str, payloads: Sequence[str]) -> Said:
    """What is meant by "o primeiro", "a 2ª opção" or "o último" among the choices of the last question."""
    at = place(text)
    if at is None or not -len(payloads) <= at < len(payloads):
        return Said()
    _, _, values = payloads[at].partition("{")
    return _from_tap(json.loads("{" + values)) if values else Said()


def place(text: str) -> int | None:
    """The place in a list that a short message names, counted from 0; -1 is the last, None is no place."""
    found = [place for place, names in enumerate(_PLACES) for word in _words(text) if word in names]
    if len(found) == 1:
        return found[0]
    return -1 if {"ultimo", "ultima"} & set(_words(text)) else None


def _is_a_kind_of_service(words: str, services: Sequence[ServiceInfo]) -> bool:
    """"O cabelo" is a kind of service and not a service; a dentist's "limpeza de pele" is neither."""
    kinds = _kinds_of_service(services)
    said = _words(words)
    return bool(kinds.intersection(said)) and not matching.unknown_parts(said, services)


def _kinds_of_service(services: Sequence[ServiceInfo]) -> set[str]:
    return {word for service in services for words in (service.category, *service.aliases) for word in _words(words)
            if len(word) > 3}


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.lower())
    return re.findall(r"[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char)))


def _tapped(entities: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    wanted = ("service_code", "staff_code", "date", "start", "remove", "direction")
    return {entity["entity"]: str(entity["value"]) for entity in entities if entity["entity"] in wanted}


def _from_tap(codes: Mapping[str, str]) -> Said:
    said = Said(staff=codes.get("staff_code"), start=codes.get("start"), direction=codes.get("direction"))
    if "service_code" in codes:
        said.add.append([codes["service_code"]])
    if "remove" in codes:
        said.remove.append(codes["remove"])
    if "date" in codes:
        said.when.days = moments.one_day(date.fromisoformat(codes["date"]))
    return said


def _sort_mentions(text: str, mentions: Sequence[matching.Mention], said: Said) -> None:
    """Tells services to add from those to take away, by the words around each mention."""
    swapping = False
    for place, mention in enumerate(mentions):
        before, after = text[: mention.span[0]], text[mention.span[1]:]
        codes = [service.code for service in mention.candidates]
        last = place == len(mentions) - 1
        if _SWAP_LATER.search(before):
            said.remove.extend(codes)
        elif _SWAP.search(before) and not last:  # "muda a escova para sábado" takes nothing away
            said.remove.extend(codes)
            swapping = True
        elif (_REMOVAL.search(before) and not swapping) or _REMOVAL_AFTER.search(after):
            said.remove.extend(codes)
        else:
            said.only = said.only or bool(_ONLY.search(before))
            said.add.append(codes)


def _read_staff(text: str, entities: Sequence[Mapping[str, Any]], staff: Sequence[StaffInfo], said: Said,
                name_known: bool) -> None:
    readable = text
    for entity in entities:  # the customer's own name is not a wish for a professional
        if entity["entity"] != "person_name" or (name_known and not _is_own_name(text, str(entity["value"]))):
            continue
        readable = readable.replace(str(entity["value"]), " ")
    found = staff_service.match(readable, staff)
    said.not_staff = [person.code for person in found if _is_ruled_out(readable, person, staff)]
    wanted = [person.code for person in found if person.code not in said.not_staff]
    if wanted:
        said.staff = wanted[0]
    elif phrases.ANY_STAFF.search(text):
        said.staff = ANY_STAFF
    elif not found:
        said.unknown_staff = [
            name for name in _unmatched(entities, "professional", [])
            if not _is_own_name(text, name)
        ]


def _is_own_name(text: str, name: str) -> bool:
    """Whether she says that a name is hers: "aqui é a Ana"."""
    return bool(_OWN_NAME.search(text[: max(text.find(name), 0)]))


def _is_ruled_out(text: str, person: StaffInfo, staff: Sequence[StaffInfo]) -> bool:
    """Whether the words up to a professional's name say that she is not wanted: "menos com a Ana"."""
    words = list(re.finditer(r"\S+", text))
    place = next((word.start() for word in words if person in staff_service.match(word.group(), staff)), None)
    return place is not None and bool(_NOT_WITH.search(text[:place]))


def _read_when(text: str, now: datetime, said: Said) -> list[tuple[int, int]]:
    """Reads days and times, and gives the places where they stand."""
    result = parse_all(text, now)
    said.impossible = [text[start:end] for start, end in result.impossible]
    said.direction = result.direction
    wishes, excluded = list(result.moments), list(result.excluded)
    if len(wishes) == 1 and moments.is_busy_then(text, wishes[0]):
        excluded.append(wishes.pop())
    for moment in wishes:
        if moment.kind == "instant" and abs(moment.start - now) < timedelta(minutes=1):  # "agora"
            said.when.days, said.when.prefer = moments.one_day(now.date()), "first"
        else:
            moments.merge(said.when, moment)
    said.by_weekday = _any_weekday(text, wishes)
    said.from_weekday = _any_weekday(text, result.moved_from or wishes)
    for moment in excluded:
        moments.rule_out(said.when, moment, text[:moment.span[1]])
    if len(wishes) == 1 and wishes[0].ambiguous:
        said.other_day = date.fromisoformat(wishes[0].alternative.isoformat()[:10])
    for moment in result.moved_from:
        moments.merge(said.moved_from, moment)
    said.names_hers = len(wishes) == 1 and bool(_HERS.search(text[:wishes[0].span[0]]))
    if result.alternatives:
        moments.keep_alternatives(said.when, wishes)
    if result.preference in ("first", "last", "soonest"):
        said.when.prefer = result.preference
    elif _FIRST_FREE.search(text):
        said.when.prefer = "first"
    if _NEARBY.search(text) and not said.when and said.direction not in ("later", "earlier"):
        said.direction = "nearby"
    said.indifferent = result.preference == "any" or bool(phrases.ANY_OF_THEM.search(text))
    if said.direction == "earlier" and phrases.THE_EARLIEST.search(text):
        said.when.prefer, said.direction = "first", None
    elif said.direction == "later" and phrases.THE_LATEST.search(text):
        said.when.prefer, said.direction = "last", None
    return [moment.span for moment in (*wishes, *excluded)]


def _any_weekday(text: str, found: Sequence[Moment]) -> bool:
    return any(_WEEKDAY.search(text[moment.span[0]:moment.span[1]]) for moment in found)


def _unmatched(entities: Sequence[Mapping[str, Any]], name: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Words that NLU took for a service or a professional, but that this establishment does not have."""
    words = []
    for entity in entities:
        if entity["entity"] != name:
            continue
        start, end = entity.get("start", -1), entity.get("end", -1)
        if not any(start < until and since < end for since, until in spans):
            words.append(str(entity["value"]))
    return words
