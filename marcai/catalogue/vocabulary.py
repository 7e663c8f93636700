"""What is known about Portuguese words when services are looked for: plurals, diminutives, verbs, parts of the body."""

from __future__ import annotations

from functools import lru_cache

from marcai.platform.text import word_set

# Skipped inside a phrase: "fazer minha barba", "limpeza nos dentes", "corte pra homem".
LINKS = word_set("""
o a os as um uma uns umas de da do das dos em na no nas nos pra pro pras pros para com meu minha meus minhas
seu sua seus suas ao aos nele nela dele dela d p
""")
FILLERS = word_set("""
bem so toda todo ai la mesmo tipo aquele aquela aquelas aqueles esse essa
""")
JOINTS = frozenset({"e", "ou", "mais", "c", "nem", "tb", "tambem"})

_DO = word_set("""
fazer faz faco fazendo fazem faze fzr fzer faca fizer fiz feita feito fazes
""")
GENERIC_VERBS = word_set("""
fazer dar tirar limpar aparar colocar por botar passar retocar refazer arrumar cuidar tratar trocar tomar
aplicar remover marcar modelar dar deixar levar trazer ter ver
""")
# Heads of service names that say nothing alone.
GENERIC_NOUNS = word_set("""
sessao tratamento pacote combo servico atendimento kit dia procedimento design aplicacao primeira primeiro
spa
""")
# Parts of the body: a service only when somebody wants it done ("fazer o pé"), not in "vou a pé".
BODY = word_set("""
pe mao pele perna rosto dente braco cabelo costa corpo cabeca barriga olho boca nariz orelha
""")
# What a service may be done to, and the adjectives that say it: "limpeza de pele", "limpeza facial".
PARTS = BODY | word_set("""
axila virilha buco sobrancelha cilio unha ouvido pescoco costas pelo barba
""")
OF_A_PART = word_set("""
facial dental dentaria dentario capilar corporal
""")
BOOKING = word_set("""
fazer marcar agendar reservar quero queria qro qria gostaria preciso precisava marca agenda reserva horario
horarios hora valor preco quanto qto custa vaga encaixe encaixar vou vcs voces remarcar desmarcar cancelar
incluir adicionar acrescentar bota poe inclui adiciona trocar troca demora dura
""")
ANSWERING = word_set("""
quero queria qro vou querer o a e eh esse essa sim pode ser favor pfv por prefiro mesmo so somente apenas verdade
melhor
""")
HARM = word_set("""
dor dores doendo doi machuquei machucado machucada quebrei quebrado torci inchado operei fratura
""")
# What people cut or paint that no salon does.
IDLE_OBJECTS = word_set("""
grama gasto custo caminho papo barato cana fila parede casa quadro carne bolo
""")
# After "de", they say when, not what: "limpeza de manhã".
WHEN = word_set("""
manha tarde noite amanha hoje novo sabado domingo segunda terca quarta quinta sexta dia hora semana proximo
proxima parte feriado almoco mes seis cinco
""")
HAIR = word_set("""
cabelo franja ponta pontinha juba cabeleira cabelim fio
""")

_SAME = {
    "homem": "masculino", "homen": "masculino", "masc": "masculino", "masculina": "masculino", "masculo": "masculino",
    "mulher": "feminino", "fem": "feminino", "feminina": "feminino",
    "tattoo": "tatuagem", "tatoo": "tatuagem", "tatto": "tatuagem", "tato": "tatuagem", "tatu": "tatuagem",
    "dental": "dente", "dentaria": "dente", "dentario": "dente",
    "manicura": "manicure", "pedicura": "pedicure", "cabelim": "cabelo", "cabeluxo": "cabelo",
}
HINTS = {
    **dict.fromkeys(word_set("marido esposo namorado noivo pai irmao tio sogro genro filho menino garoto rapaz guri"),
                    "masculino"),
    **dict.fromkeys(word_set("esposa namorada noiva mae irma tia sogra nora filha menina garota guria"), "feminino"),
}
# An action and the thing made by it, where the endings alone do not tell.
_ACTIONS = {
    "corte": "corta", "cortar": "corta", "tosa": "tosa", "tosar": "tosa", "escova": "escova", "escovar": "escova",
    "limpeza": "limpa", "limpar": "limpa", "massagem": "massagea", "massagear": "massagea", "pintura": "pinta",
    "pintar": "pinta", "tatuagem": "tatua", "tatuar": "tatua", "banho": "banha", "extracao": "extrai",
    "extrair": "extrai", "selagem": "sela", "selar": "sela", "retoque": "retoca", "retocar": "retoca",
    "cobertura": "cobre", "cobrir": "cobre",
}
# Things people do in every message about bookings: the verb is not the service.
_NO_ACTIONS = word_set("""
avaliacao avaliar consulta consultar retorno retornar marcacao marcar informacao informar confirmacao
confirmar pagamento pagar agendamento agendar atendimento atender orcamento manutencao aplicacao aplicar
ligar ligacao reclamacao reclamar remocao remover apagar colocacao colocar cancelamento cancelar remarcacao
remarcar fechamento fechar
""")

@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A folded word in the singular, and in one spelling where several are common."""
    if word in _DO:
        return "fazer"
    single = _singular(word)
    return _SAME.get(single, single)


def _singular(word: str) -> str:
    size = len(word)
    if size < 3 or not word.endswith("s") or word.endswith("ss"):
        return word
    if size == 3:
        return "pe" if word == "pes" else word
    if word in {"maes", "pais"}:
        return word[:-1]
    if word.endswith(("oes", "aes")):
        return word[:-3] + "ao"
    if word.endswith("ais") and size > 4:
        return word[:-2] + "l"
    if word.endswith("eis") and size > 5:
        return word[:-2] + "l"
    if word.endswith("ns"):
        return word[:-2] + "m"
    if word.endswith(("res", "zes", "ses")) and size > 5:
        return word[:-2]
    return word if word.endswith("zes") else word[:-1]


@lru_cache(maxsize=8192)
def bases(word: str) -> frozenset[str]:
    """What a diminutive may come from: "unhinha" from unha, "pezinho" from pé, "massaginha" from massagem."""
    word = word[:-1] if word.endswith(("hos", "has")) else word
    for ending in ("zinho", "zinha", "zim"):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return frozenset({stem(word[: -len(ending)])})
    for ending in ("inho", "inha", "im"):
        root = word[: -len(ending)]
        if word.endswith(ending) and len(root) >= (3 if len(ending) > 2 else 4):
            plain = root[:-2] + "c" if root.endswith("qu") else root
            return frozenset({plain + "a", plain + "o", plain + "e", plain, plain + "em", plain + "ao"})
    return frozenset()


@lru_cache(maxsize=8192)
def action(word: str) -> str | None:
    """A key that a verb and its noun share: clarear and clareamento, hidratar and hidratação, cortar and corte."""
    if word in _NO_ACTIONS:
        return None
    if word in _ACTIONS:
        return "~" + _ACTIONS[word]
    if len(word) >= 8 and word.endswith("mento"):
        return "~" + word[:-5]
    if len(word) >= 7 and word.endswith("cao"):
        return "~" + word[:-3]
    if len(word) >= 6 and word.endswith(("ar", "ir")) and word not in GENERIC_VERBS:
        return "~" + word[:-1]
    return None


@lru_cache(maxsize=8192)
def inflected(word: str) -> str | None:
    """The infinitive in -ar that a verb form may come from ("pinta", "cortando"), or None."""
    for ending in ("ando", "aram", "ava", "ou", "ei", "am", "a", "o", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)] + "ar"
    return None


_NO_VERBS = word_set("mulher celular lugar qualquer capilar auxiliar particular familiar")


def is_infinitive(word: str) -> bool:
    """Whether a word looks like a verb as dictionaries have it."""
    return len(word) >= 4 and word.endswith(("ar", "er", "ir")) and word not in _NO_VERBS


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """A word as it sounds, so that misspellings that sound right are equal: masagem, massajem, sobranselha."""
    text = word[1:] if word.startswith("h") else word
    for old, new in (("ph", "f"), ("sc", "s"), ("ss", "s"), ("ch", "x"), ("sh", "x"), ("qu", "k"), ("ce", "se"),
                     ("ci", "si"), ("ge", "je"), ("gi", "ji"), ("cao", "sao"), ("c", "k"), ("z", "s"), ("y", "i"),
                     ("w", "v"), ("mb", "nb"), ("mp", "np")):
        text = text.replace(old, new)
    squeezed = "".join(char for index, char in enumerate(text) if index == 0 or char != text[index - 1])
    return squeezed[:-1] + "i" if squeezed.endswith("e") else squeezed
