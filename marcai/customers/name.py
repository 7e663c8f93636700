"""Names: from what a customer wrote to how her name is written, or nothing when it is no name."""

from __future__ import annotations

import re
import unicodedata

from marcai.platform.portuguese import COMMON
from marcai.platform.text import word_set

MOST_READ = 500  # characters of a message in which an introduction is looked for
PARTICLES = {"da", "de", "do", "das", "dos", "e", "di", "del", "della", "von", "van"}
_GREETING = re.compile(
    r"^(?:(?:oi+e*|ol[áa]+|opa|e a[íi]|bom dia|boa tarde|boa noite|tudo bem|sim|claro|ah+|então|desculpa|j[áa] falei|"
    r"prazer|bah|oxe|uai|v[ée]i|mano|eita)(?:[\s,.!?]+|$))+", re.IGNORECASE)
_IS = r"(?:é|eh?)(?: o correto| o certo)?"
# What people say just before their name, surely; what follows is cut where it stops being one.
_SURE = re.compile(
    rf"\b(?:meu nome (?:no cadastro |a[íi] )?(?:pra|para)|"
    rf"(?:meu|o) (?:nome|apelido)(?: (?:completo|social))?(?: {_IS})?|"
    rf"(?:no|em) nome(?: de| da| do)?|nome(?: completo)?|(?:me|mim|eu) cham[oae]m?(?: de)?|chamo(?:-me)?|"
    rf"chamar (?:s[óo] )?(?:de|por)|chama de|aqui quem fala {_IS}|aqui (?:{_IS}|fala)|"
    rf"quem (?:fala|está falando) {_IS}|(?:correto|certo) {_IS}|agora {_IS})\s+", re.IGNORECASE)
_POINTING = re.compile(
    r"(?:(?<!n[ãa]o )\bsou|(?<!n[ãa]o )(?<!qual )(?<!quem )(?<!como )(?<!onde )\b(?:é|eh))(?= [oa] [^\W\d_])\s+",
    re.IGNORECASE)
# What may stand before a name, or before anything else: what follows must be a name as a whole.
_LIKELY = re.compile(
    r"^(?:(?:eu )?sou|pode ser(?: s[óo])?|(?:pode (?:por|p[ôo]r)|p[õo]e|(?:pode )?(?:coloca|colocar|botar?|anotar?))"
    r"(?: a[íi])?|é|eh|na verdade(?: é)?|corrigindo)\s+", re.IGNORECASE)
_ONESELF = re.compile(rf"\b(?:aqui (?:quem fala )?{_IS}|aqui fala|quem fala {_IS}|me chamo|(?:meu )nome {_IS})\s+",
                      re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:o|a)\s+", re.IGNORECASE)
_HONORIFIC = re.compile(
    r"^(?:(?:d\.|sr\b\.?|sra\b\.?|senhora?\b|dr\b\.?|dra\b\.?|doutora?\b)\s*(?=\w))+", re.IGNORECASE)
_TAIL = re.compile(
    r"(?:\s+(?:por favor|pfv|pf|obrigad[oa]|obg|viu|visse|tch[êe]|mn|t[áa]|mesmo|prazer|tudo bem|ao seu dispor|"
    r"kk+|rs+|e (?:voc[êe]|vc|a sua)|mas .*|com (?:\w{1,2}|dois \w)(?: e .*)?|"
    r"(?:e (?:eu )?)?(?:quero|queria|gostaria|preciso|vou|posso|sou)\b.*))+$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?")
_ENDING = re.compile(r"(?:mentos?|cao|coes|mente|agem|vel|veis|aram|issim[oa])$")
# Common words that are names too.
_NAMES_TOO = word_set("""
rosa clara linda luz santo santa bela marco pinto costa leite campo prata barata flores porto vida barra mata justo belo
canto lua mar
""")

# Words that are in no name: with one of them, it is a sentence, a greeting, a service or a wish.
_NO_NAME = word_set("""
nao n sim s ok okay oi oie ola opa bom boa dia tarde noite tudo bem tchau valeu obrigado obrigada obg vlw blz
beleza quero queria querer gostaria preciso posso pode podem dizer falar informar passar dar marcar agendar
desmarcar remarcar cancelar confirmar horario horarios hora horas hoje amanha ontem agora depois semana mes
segunda terca quarta quinta sexta sabado domingo manha meio que qual quais quanto quantos quando onde como quem
porque pq pra para por com sem em no na nos nas um uma uns umas meu minha seu sua voce voces vc vcs eu ele ela
nome chamo chamar chama cliente servico servicos preco valor corte cortar cabelo barba escova unha unhas
manicure pedicure pe mao maos luzes mechas progressiva hidratacao coloracao sobrancelha depilacao massagem
limpeza pele tosa banho dente dentes consulta tatuagem tattoo avaliacao menu ajuda atendente humano pessoa robo
bot isso esse essa este esta aqui ali la mesmo mesma mais menos muito pouco nada nenhum nenhuma outro outra
prefiro depende talvez acho sei saber sabe importa precisa anonimo anonima idiota burro burra merda porra
caralho bosta puta puto cu foda fdp otario otaria imbecil desgracado viado arrombado esposa marido mae pai filho
filha irma irmao amiga amigo moca moco gente casa rua salao faz fazer faco tem tenho ter vou vai ir estou to ta
sou era foi fui ser estar gosto amo odeio pergunta pergunto interessa novo nova velho primeira primeiro vez ai
ainda ja tb tambem so se te lhe me mim ti qualquer coisa algum alguma alguem ninguem pagar pix cartao dinheiro
reclamar problema errado certo certeza claro lindo querida querido amor fofa fofo teste testando privado segredo
secreto verdade contigo comigo adorei amei confirmo aceito marquei cancelo entendi desisto desisti esqueci
esquece perfeito otimo otima maravilha combinado show top legal bacana feito fechado tranquilo massa antiga
antigo bonito bonita demais feira salve tchauzinho ei eita ops alias mano mana rapaz guria veio bah oxe uai tche
vish poxa nossa hj dps seg qua qui sex sab dom historico catalogo consultas sessoes sessao encerrar encerra
repetir reagendar recomecar duracao equipe profissional profissionais excelente horrivel sugestao reclamacao
voltei atrasei atrasada atrasado rapidinho demorado individual interrompe abortar recomendo razoavel maravilhoso
maravilhosa detestei arrasaram educado povo greve doutor doutora alergica alergico gestante gravida diabetica
diabetico loira loiro morena moreno noiva noivo terceira retoque pintar depilar virilha axila buco clareamento
vacina relaxamento francesinha peeling canal aparelho tranca trancas dreads maquiagem penteado blindagem
platinado curso errada cadastro deus mulher homem mentira nunca jamais kkk kkkk rs rsrs haha hahaha endereco
expediente gerente suporte help home start restart reset iniciar reiniciar gentileza obsequio favorzinho
desculpe errei repete tutorial transferir operador supervisora recepcionista politica fica link assunto predio
banheiro decepcionada volte retorna retornar refazer laser proxima retorno cabeleireira manicuri sombrancelha
progresiva meus minhas dado dados lembrete lembretes mensagens aviso avisos apaga apague apagar excluir exclui
deleta delete eliminar elimina exclusao lgpd exportar exporta baixar relatorio portabilidade download desativar
ativar reativar desinscrever descadastrar inscrever retomar opt out alo hello hey hi eae iai buenas bd bnoite
prezados lei td qro dei sai engravidei menuzinho mneu meni bjs bjo abs abraco ate xau falou flw ss nn aham uhum
fechou bora pdc partiu demorou positivo negativo nops nem capaz obrigadissima obrigadao brigada brigado brigadao
agradecida agradecido gratidao thanks valeuzao tmj escuta escolher escolhe voltar volta sair parar cancela
desmarca remarca atrasar bye inte nois adeus att bj certinho agradeco grata grato obgd bgd mt tks thank you
gracias merci oxente confirma confirmado confirmada blza belezinha confere vamo concordo afirmativo yes yep
obvio logico firmeza fmz joinha presenca simm siim okk cheguei psiu ow meninas lindas tia esquecida unsubscribe
uber bebe cachorro piercing ne ufa obrigadinha dale
""")


def _fold(word: str) -> str:
    plain = unicodedata.normalize("NFD", word.lower())
    return "".join(char for char in plain if not unicodedata.combining(char)).strip(".")


def clean_name(text: str) -> str | None:
    """The name in a customer's words, written as names are: "meu nome é joão da silva" gives "João da Silva".

    None when it is no name: a sentence, a greeting, a service, digits, an insult.
    """
    text = unicodedata.normalize("NFC", text or "")
    if len(text) > 200 or any(char.isdigit() for char in text) or "@" in text or "://" in text:
        return None
    plain = "".join(char if unicodedata.category(char)[0] in "LMZP" or char == "\n" else " " for char in text)
    plain = _GREETING.sub("", plain.replace("\"", " ").replace("*", " ").replace("_", " ").strip())
    plain = re.sub(r"\b(d|drª?|dra|sr|sra|jr)\.", r"\1", plain, flags=re.IGNORECASE)
    clauses = [clause.strip(" -'’") for clause in re.split(r"[,;:!?()\n“”]+|(?<=\w\w)\.(?!\w)", plain)]
    clauses = [clause for clause in clauses if clause]
    asks = "?" in text
    for place, clause in enumerate(clauses):
        leads = [*_SURE.finditer(clause + " "), *(() if asks else _POINTING.finditer(clause + " "))]
        for said in leads:
            name = _written(clause[said.end():], cut=True)
            if name is not None:
                return name
        if place and clauses[place - 1].lower().endswith("nome"):
            name = _written(clause, cut=True)
            if name is not None:
                return name
        likely = _LIKELY.match(clause + " ")
        name = _written(clause[likely.end():]) if likely is not None else None
        if name is not None:
            return name
    return _written(clauses[0]) if clauses and not asks else None


def introduced_name(text: str) -> str | None:
    """The name that somebody gives on the way to something else: "aqui é o Davi Prado. Queria marcar dia 5"."""
    for said in _ONESELF.finditer(text[:MOST_READ]):
        name = _written(re.split(r"[^\w\s'’-]|\d", text[said.end():], maxsplit=1)[0], cut=True)
        if name is not None:
            return name
    return None


def _written(said: str, cut: bool = False) -> str | None:
    """A name on its own, written as names are, or None; `cut` takes the part before the first word of no name."""
    text = _TAIL.sub("", " " + " ".join(said.split())).strip(" .-'’")
    words = _HONORIFIC.sub("", _ARTICLE.sub("", text)).split(" ")
    folded = [_fold(word) for word in words]
    ends = next((place for place, word in enumerate(words) if _is_no_name(word, place)), len(words))
    if ends < len(words):
        if not cut:
            return None
        while ends and folded[ends - 1] in PARTICLES:
            ends -= 1
    words, folded = words[:ends], folded[:ends]
    letters = sum(char.isalpha() for word in words for char in word)
    if not 1 <= len(words) <= 7 or not 2 <= letters <= 60 or len(folded[0]) < 2 or folded in (["dona"], ["seu"]) \
            or folded[0] in PARTICLES or folded[-1] in PARTICLES:
        return None
    return " ".join(_cased(word, first=index == 0) for index, word in enumerate(words))


def _is_no_name(word: str, place: int) -> bool:
    folded = _fold(word)
    if folded in {"dona", "seu"}:
        return place > 0
    if folded in PARTICLES:
        return word.lower() == "é"
    pieces = {folded, *re.split(r"['’\-]", folded)}
    if _WORD.fullmatch(word) is None or len(folded) > 20 or _ENDING.search(folded) is not None:
        return True
    if pieces & _NO_NAME or (pieces & COMMON) - _NAMES_TOO:
        return True
    return folded in {"o", "a", "os", "as", "ou"} if place else re.search(r"(.)\1\1", folded) is not None


def _cased(word: str, first: bool) -> str:
    if not first and _fold(word) in PARTICLES:
        return word.lower()
    if word[1:] != word[1:].lower() and word != word.upper() and word[0].isupper():
        return word  # McDonald, DeLuca: written with care
    parts = re.split(r"(['’\-])", word.lower())
    return "".join(part[:1].upper() + part[1:] for part in parts)
