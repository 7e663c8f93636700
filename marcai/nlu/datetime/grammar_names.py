"""Second layer: ordinals, names, places and greetings, whose words look like days and parts of the day."""

from __future__ import annotations

from .engine import Hit, Layer
from .lexicon import HAIR, NO_ORDINAL_NOUNS, ORDINAL_NOUNS, SECOND_RATE, STREETS, THINGS_OF_THE_DAY

names = Layer()


@names.rule(
    "UM ADJ (?:DIA|TARDE|PART|SEMANA|WEEKEND|WDAY)",
    "BOM (?:FIM|COMECO) DE (?:PARTW|DIA|MES|ANO)",
    "BOM (?:ADJ DE?)? (?:DIA|TARDE|PART|SEMANA|WEEKEND|WDAY|HOLIDAY|MES|ANO)(?: MESMO)?",
)
def greeting(hit: Hit):
    """Drops "bom dia", "boa tarde", "um abençoado domingo", "feliz natal"."""
    adjective, said = hit.covered()[0], hit.covered()[-1]
    before = hit.before()
    if (
        said.is_a("WDAY", "WEEKEND")
        and before is not None
        and before.is_a("FILL", "MUITO", "E", "WORD", "HORARIO", "DIA", "BEM", "HAVE", "MAIS")
    ):
        return None  # "tá bom sábado", "fica boa sexta"
    if said.is_a("WDAY") and said.value in (5, 6) and adjective.is_a("BOM") and not adjective.raw.endswith(("m", "o")):
        return None
    return "VOID", "greeting"


@names.rule(
    "ATE? TARDE DE PART",
    "ATE TARDE",
    "TARDE DE MAIS",
    "CEDO OU TARDE",
    "(?:MAIS|MUITO) TARDE",
    "(?:MAIS|MUITO) (?:BEM|PARA)? CEDO",
    "(?:TARDE|CEDO) WORD",
)
def comparison(hit: Hit):
    """Drops "mais tarde", "muito tarde", "tarde demais", "até tarde", "tarde da noite", "mais cedo"."""
    last = hit.covered()[-1]
    return None if last.is_a("WORD") and last.raw not in ("demais", "dms") else ("VOID", None)


@names.rule("(?P<day>WDAY) DASH? (?P<noun>WORD|LABEL|STREET|COST|NAMED)")
def ordinal_noun(hit: Hit):
    """Drops "segunda vez", "terça parte", "sexta série": ordinals, not weekdays."""
    noun, day = hit["noun"].raw, hit["day"].raw
    return ("VOID", None) if noun in ORDINAL_NOUNS and "feira" not in day else None


@names.rule("(?P<article>UM|A|WORD) (?P<day>WDAY) (?P<noun>WORD|LABEL|STREET)")
def ordinal_of_mine(hit: Hit):
    """Drops "uma segunda hidratação", "minha quarta tattoo", "a segunda consulta": ordinals of other nouns."""
    day, before = hit["day"], hit.before()
    if day.value >= 5 or "feira" in day.raw or hit["noun"].raw in NO_ORDINAL_NOUNS:
        return None
    aim = before is not None and before.is_a("WDAY", "PARA", "ATE", "DESDE", "DEPOIS", "ANTES", "PARTIR", "OU")
    article = hit["article"].raw
    return ("VOID", None) if article in ("uma", "minha", "sua", "nossa") or (article == "a" and not aim) else None


@names.rule("(?P<day>WDAY) DE (?P<noun>BOM? WORD)")
def ordinal_of_list(hit: Hit):
    """Drops "a segunda da lista" and the place "Quinta da Boa Vista"."""
    noun = hit.covered()[-1].raw
    listed = noun in ("lista", "fila", "direita", "esquerda", "foto", "tabela")
    return ("VOID", None) if listed or hit["day"].raw == "quinta" else None


@names.rule("(?P<goods>WORD) DE (?P<day>WDAY)")
def second_rate(hit: Hit):
    """Drops "produto de segunda"."""
    return ("VOID", None) if hit["goods"].raw in SECOND_RATE and hit["day"].raw == "segunda" else None


@names.rule("(?P<thing>WORD) (?:DE|PARA) PARTW", "DIA E PARTW")
def thing_of_the_day(hit: Hit):
    """Drops "café da manhã", "creme da noite", "vestido de noite", "dia e noite"."""
    return ("VOID", None) if hit["thing"] is None or hit["thing"].raw in THINGS_OF_THE_DAY else None


@names.rule("(?P<hair>WORD) LA? ORD")
def grade_of_hair(hit: Hit):
    """Drops "cabelo 3a"."""
    return ("VOID", None) if hit["hair"].raw in HAIR else None


@names.rule(
    "NAMED (?:DE (?:O|A)? WORD|WORD)? (?:STOP|E|SER) (?:O|A)? (?:WDAY|PARTW|MON|HOLIDAY|CEDO|AMANHA)",
    "(?P<verb>NAMED) (?:O|A)? (?:WDAY|PARTW|MON|HOLIDAY|CEDO)",
    "(?:WDAY|PARTW|MON|HOLIDAY) E (?:O|A)? WORD? NAMED",
)
def called(hit: Hit):
    """Drops "meu sobrenome é Quinta", "ela se chama Manhã"; "me chama sábado" is a wish."""
    verb, before = hit["verb"], hit.before()
    reflexive = verb is None or verb.raw == "chamo" or (before is not None and before.raw == "se")
    return ("VOID", None) if reflexive else None


@names.rule("(?P<name>WDAY)")
def name_domingos(hit: Hit):
    """Drops "com o Domingos": the name, unless a plural introduces it ("aos domingos")."""
    before = hit.before()
    plural = before is None or before.raw.endswith("s") or before.is_a("E", "OU", "DE", "COMMA")
    return ("VOID", None) if hit["name"].raw == "domingos" and not plural else None


@names.rule(
    "STREET (?:STOP)? (?:WORD|DE|BOM|FILL){0,3}? DIA? (?:NUM|DEZ|ORD|UM) (?:E NUM)? DE MON"
    " (?:COMMA|LABEL|STOP)*"
    " (?:NUM|BIG|YEAR)?",
    "STREET (?:STOP)? (?:WORD|DE|HOLIDAY|BOM){1,4} (?:COMMA|LABEL|STOP|DASH)*"
    " (?:(?:NUM|BIG|YEAR)(?! DE MON| DE PARTW| HORA| E| AS))?",
    "STREET (?:STOP)? (?:NUM|BIG|YEAR|DEZ)",
    "LABEL (?:DE|STOP|E|A)? (?:NUM|UM|DEZ|BIG|YEAR|MEIA|ORD)(?: DASH NUM)?",
    "LABEL (?:DE|STOP|E|A)? DATE",
    "LABEL (?:WDAY|HOLIDAY|MON) (?P<glued>NUM)",
    "(?P<street>STREET) STOP? (?:WDAY|MON) COMMA? NUM?",
)
def address(hit: Hit):
    """Drops "rua 7 de setembro 120", "rua Janeiro 12", "apto 12", "nota 10", "cupom NATAL20"."""
    if hit["street"] and hit["street"].raw not in STREETS:
        return None
    if hit["glued"] and hit["glued"].start > hit.covered()[-2].end:
        return None
    if (
        hit.covered()[0].raw in ("r", "av", "ap", "n", "d")
        and len(hit.covered()) == 2
        and hit.covered()[1].is_a("WORD")
    ):
        return None
    return "VOID", None


@names.rule("(?:EM|DE|PELA|A) (?P<day>NUM) DE MON (?:COMMA? (?:NUM|BIG))?")
def street_by_article(hit: Hit):
    """Drops "na 7 de setembro", "com a 13 de maio": a street, for dates are masculine."""
    article, before = hit.covered()[0].raw, hit.before()
    beside = article == "a" and before is not None and before.raw == "com"
    return ("VOID", None) if beside or article in ("na", "da", "pela") else None
