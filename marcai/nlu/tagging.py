"""Words to features and entities to tags, both ways: what the entity extractor learns from. Pure."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from marcai.nlu.normalizer import Word, normalise

OUTSIDE = "O"


class Span(NamedTuple):
    """An entity in the original text."""

    entity: str
    start: int
    end: int


def to_tags(words: Sequence[Word], spans: Iterable[Span]) -> list[str]:
    """BILOU tags; a word belongs to a span when it lies inside it."""
    tags = [OUTSIDE] * len(words)
    for span in spans:
        inside = [i for i, word in enumerate(words) if word.start >= span.start and word.end <= span.end]
        for position, i in enumerate(inside):
            first, last = position == 0, position == len(inside) - 1
            letter = "U" if first and last else "B" if first else "L" if last else "I"
            tags[i] = f"{letter}-{span.entity}"
    return tags


def to_spans(words: Sequence[Word], tags: Sequence[str]) -> list[Span]:
    """The entities a tag sequence means; lenient with sequences that are not well formed."""
    spans: list[Span] = []
    opened = False
    for word, tag in zip(words, tags, strict=True):
        letter, _, entity = tag.partition("-")
        if letter == OUTSIDE:
            opened = False
        elif letter in "BU" or not opened or spans[-1].entity != entity:
            spans.append(Span(entity, word.start, word.end))
            opened = letter != "U"
        else:
            spans[-1] = spans[-1]._replace(end=max(word.end, spans[-1].end))
            opened = letter != "L"
    return spans


class Terms:
    """Phrases looked up word by word; plural and singular are the same."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = frozenset(tuple(map(_singular, normalise(phrase).split())) for phrase in phrases) - {()}
        self._longest = max(map(len, self._phrases), default=0)

    def marks(self, words: Sequence[Word]) -> list[str]:
        """B, I, L, U for the words of the longest known phrases, O for the others."""
        texts = [_singular(word.text) for word in words]
        marks = [OUTSIDE] * len(texts)
        at = 0
        while at < len(texts):
            for length in range(min(self._longest, len(texts) - at), 0, -1):
                if tuple(texts[at : at + length]) in self._phrases:
                    marks[at : at + length] = "U" if length == 1 else ["B", *"I" * (length - 2), "L"]
                    at += length
                    break
            else:
                at += 1
        return marks


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


_CLASSES = """
the = o a os as
one = uma uns umas
my = meu minha meus minhas seu sua seus suas nosso nossa dele dela deles delas
this = esse essa esses essas este esta estes estas aquele aquela isso isto aquilo desse dessa deste desta nesse nessa
of = de do da dos das dum duma
in = em no na nos nas num numa
for = para pra pro pras pros
with = com
to = ao aos
and = e ou mais +
what = que qual quais como quanto quanta quantos quantas quem onde quando
who = eu voce voces ele ela eles elas gente senhor senhora
make = fazer faz fazem faco fiz fez feito fazendo por colocar coloca colocam botar tirar tira realizar realizam
book = marcar marca marque agendar agenda agende reservar reserva reserve marcado agendado marcada agendada encaixar
want = quero queria gostaria preciso precisava vou posso pode podem consigo desejo pretendo queremos precisamos
cost = custa custam custaria valor preco sai fica cobra cobram cobrar preco
offer = tem ha trabalham trabalha oferecem oferece existe rola atende atendem
last = demora dura leva
undo = cancelar cancela cancele desmarcar desmarca desmarque remarcar remarca mudar muda adiar adia trocar troca passar
number = zero um dois duas tres quatro cinco seis sete oito nove dez onze doze treze quatorze catorze quinze dezesseis
number = dezessete dezoito dezenove vinte trinta quarenta cinquenta meia #numero
when = hoje amanha ontem segunda terca quarta quinta sexta sabado domingo feira manha tarde tardinha noite cedo dia
when = semana mes hora horas horario feriado meio-dia #hora #data janeiro fevereiro marco abril maio junho julho agosto
when = setembro outubro novembro dezembro
title = dr dra seu dona tia tio mestre professor professora senhor senhora
"""
_CLASS_OF = {
    word: name
    for name, _, members in (line.partition(" = ") for line in _CLASSES.strip().splitlines())
    for word in members.split()
}
TITLES = frozenset(word for word, name in _CLASS_OF.items() if name == "title") | {"doutor", "doutora"}


def _class(word: str, rare: bool) -> str:
    """What part a word plays, where it is one of those that hold sentences together."""
    return _CLASS_OF.get(word) or ("rare" if rare else word if not word.isalpha() else "other")


class Hints(NamedTuple):
    """What is known of words besides the examples: common services, common names, everyday words."""

    services: Terms
    names: Terms
    known: frozenset[str]


def features(text: str, words: Sequence[Word], hints: Hints, intent: str) -> list[dict[str, Any]]:
    """Features of each word: itself, its ends, how it is written, what is known of it, what stands around it, and
    what the message wants: an unknown word in a question for a price is likelier a service than in a complaint."""
    own = [
        _own(text, word, service, name, word.text not in hints.known)
        for word, service, name in zip(words, hints.services.marks(words), hints.names.marks(words), strict=True)
    ]
    texts = ["<s2>", "<s>", *(word.text for word in words), "</s>", "</s2>"]
    classes = ["<s2>", "<s>", *(_class(word.text, row["rare"]) for word, row in zip(words, own, strict=True)),
               "</s>", "</s2>"]
    rows: list[dict[str, Any]] = []
    for i, row in enumerate(own):
        before2, before, this, after, after2 = texts[i : i + 5]
        class2, class1, own_class, class_1, class_2 = classes[i : i + 5]
        row = {
            "bias": 1.0,
            **row,
            "-1": before,
            "-2": before2,
            "+1": after,
            "+2": after2,
            "-1,0": f"{before} {this}",
            "0,+1": f"{this} {after}",
            "-2,-1": f"{before2} {before}",
            "+1,+2": f"{after} {after2}",
            "rare,-1": f"{row['rare']} {before}",
            "intent": intent,
            "intent,rare": f"{intent} {row['rare']}",
            "class": own_class,
            "-1class": class1,
            "-2class": class2,
            "+1class": class_1,
            "+2class": class_2,
            "-2,-1,0class": f"{class2} {class1} {own_class}",
            "-1,0,+1class": f"{class1} {own_class} {class_1}",
            "0,+1,+2class": f"{own_class} {class_1} {class_2}",
            "intent,-1,0class": f"{intent} {class1} {own_class}",
            "intent,-1": f"{intent} {before}",
        }
        for where, near in (("-1", i - 1), ("+1", i + 1)):
            if 0 <= near < len(own):
                for key in ("title", "suffix3", "service", "name", "rare"):
                    row[f"{where}{key}"] = own[near][key]
        rows.append(row)
    return rows


def _own(text: str, word: Word, service: str, name: str, rare: bool) -> dict[str, Any]:
    written = text[word.start : word.end]
    return {
        "word": word.text,
        "prefix3": word.text[:3],
        "prefix4": word.text[:4],
        "suffix2": word.text[-2:],
        "suffix3": word.text[-3:],
        "suffix4": word.text[-4:],
        "title": written[:1].isupper() and word.start > 0,
        "upper": written.isupper() and len(written) > 1,
        "alpha": word.text.isalpha(),
        "length": min(len(word.text), 8),
        "service": service,
        "name": name,
        "rare": rare,
    }
