"""What customers write names the services they mean, and nothing else."""

import unicodedata

import pytest

from marcai.catalogue.matching import find

CUT = "corte-feminino|corte-masculino"

# message -> codes in order; a|b is one mention that could be either
SALON = {
    "manicure": "manicure",
    "Manicure": "manicure",
    "MANICURE": "manicure",
    "quero marcar manicure": "manicure",
    "pedicure por favor": "pedicure",
    "barba": "barba",
    "fazer a barba": "barba",
    "quero fazer minha barba": "barba",
    "aparar a barba": "barba",
    "barbinha": "barba",
    "corte": CUT,
    "um corte": CUT,
    "cortar": CUT,
    "quero cortar": CUT,
    "quero cortar o cabelo sábado": CUT,
    "preciso cortar meu cabelo": CUT,
    "corta meu cabelo amanhã?": CUT,
    "queria cortar as pontinhas": CUT,
    "corte de cabelo": CUT,
    "corte masculino": "corte-masculino",
    "corte de homem": "corte-masculino",
    "corte pra homem": "corte-masculino",
    "corte masc": "corte-masculino",
    "corte pro meu marido": "corte-masculino",
    "um corte pro meu filho na sexta": "corte-masculino",
    "corte de cabelo masculino": "corte-masculino",
    "degrade": "corte-masculino",
    "corte feminino": "corte-feminino",
    "corte de mulher": "corte-feminino",
    "quero um corte, sou mulher": "corte-feminino",
    "corte pra minha mãe": "corte-feminino",
    "corte pra mim e pro meu marido": CUT,
    "corte feminino e masculino": "corte-feminino corte-masculino",
    "corte masculino e feminino": "corte-masculino corte-feminino",
    "um corte feminino pra mim e um masculino pro meu marido": "corte-feminino corte-masculino",
    "corte... quer dizer, corte masculino": "corte-masculino",
    "o masculino": "corte-masculino",
    "feminino": "corte-feminino",
    "corte e barba": f"{CUT} barba",
    "queria marcar corte e barba sábado": f"{CUT} barba",
    "cabelo e barba": f"{CUT} barba",
    "barba e cabelo": f"barba {CUT}",
    "escova": "escova",
    "escovinha": "escova",
    "chapinha": "escova",
    "escovar o cabelo": "escova",
    "escova progressiva": "progressiva",
    "escovas progressivas": "progressiva",
    "progressiva": "progressiva",
    "uma progreciva": "progressiva",
    "escova e progressiva": "escova progressiva",
    "alisamento": "progressiva",
    "alizamento": "progressiva",
    "hidratação": "hidratacao",
    "hidratacao": "hidratacao",
    "idratação": "hidratacao",
    "hidrataçao e escova": "hidratacao escova",
    "hidratar": "hidratacao",
    "quero hidratar o cabelo": "hidratacao",
    "pintar o cabelo": "coloracao",
    "quero pintar meu cabelo": "coloracao",
    "pintar": "coloracao",
    "cortar e pintar": f"{CUT} coloracao",
    "tintura": "coloracao",
    "retocar a raiz": "coloracao",
    "retoque de raiz": "coloracao",
    "coloraçao": "coloracao",
    "luzes": "luzes",
    "fazer umas luzes": "luzes",
    "mechas": "luzes",
    "reflexos": "luzes",
    "balaiage": "luzes",
    "unha": "manicure",
    "unhas": "manicure",
    "unhinha": "manicure",
    "uhna": "manicure",
    "fazer as unhas": "manicure",
    "fazer minha unha": "manicure",
    "fazer a mão": "manicure",
    "pé e mão": "pedicure manicure",
    "mão e pé": "manicure pedicure",
    "pe e mao": "pedicure manicure",
    "pé/mão": "pedicure manicure",
    "pé + mão": "pedicure manicure",
    "fazer o pé e a mão": "pedicure manicure",
    "pezinho e mãozinha": "pedicure manicure",
    "de novo pé e mão igual da outra vez": "pedicure manicure",
    "dá pra cancelar só o pé e deixar a mão?": "pedicure manicure",
    "unha do pé": "pedicure",
    "unhas dos pés": "pedicure",
    "fazer as unhas do pé": "pedicure",
    "unha do pé e da mão": "pedicure manicure",
    "unha da mão e do pé": "manicure pedicure",
    "quero marcar um horário pra fazer o pé": "pedicure",
    "unha de gel": "unha-gel",
    "unha em gel": "unha-gel",
    "unhas de gel": "unha-gel",
    "alongamento": "unha-gel",
    "alongamento de unha em gel": "unha-gel",
    "sobrancelha": "sobrancelha",
    "sombrancelha": "sobrancelha",
    "sobranselhas": "sobrancelha",
    "fazer a sobrancelha": "sobrancelha",
    "design de sobrancelhas": "sobrancelha",
    "limpeza de pele": "limpeza-pele",
    "limpesa de pele": "limpeza-pele",
    "limpeza": "limpeza-pele",
    "limpar a pele": "limpeza-pele",
    "limpeza facial": "limpeza-pele",
    "depilação": "depilacao-perna",
    "depilaçao na perna": "depilacao-perna",
    "depilar": "depilacao-perna",
    "depilar as pernas": "depilacao-perna",
    "depilação de axila": "",
    "depilação da perna toda": "depilacao-perna",
    "massagem nas costas": "massagem",
    "limpeza dental": "",
    "depilação de perna inteira": "depilacao-perna",
    "massagem": "massagem",
    "masagem": "massagem",
    "massajem relaxante": "massagem",
    "massagens": "massagem",
    "oi queria manicure, pedicure e sobrancelha com a carla quinta às 15h": "manicure pedicure sobrancelha",
    "manicure e manicure": "manicure",
    "unhaaaas": "manicure",
    "quero pintar as unhas": "manicure",
    "boa tarde gostaria de agendar uma limpeza de pele e uma massagem relaxante": "limpeza-pele massagem",
    "corte,barba,sobrancelha": f"{CUT} barba sobrancelha",
}
DENTIST = {
    "clareamento": "clareamento",
    "quero clarear os dentes": "clareamento",
    "clareamento dental": "clareamento",
    "clariamento": "clareamento",
    "limpeza nos dentes": "limpeza",
    "limpeza": "limpeza",
    "queria uma limpeza de dente": "limpeza",
    "profilaxia": "limpeza",
    "tirar o siso": "siso",
    "extração de siso": "siso",
    "preciso extrair um dente": "extracao",
    "canal": "canal",
    "tratamento de canal": "canal",
    "primeira consulta": "avaliacao",
    "avaliação e limpeza": "avaliacao limpeza",
    "manutenção do aparelho": "aparelho",
    "apertar meu aparelho": "aparelho",
    "placa pra bruxismo": "bruxismo",
    "faceta de resina em dois dentes": "faceta",
    "na verdade só o siso": "siso",
    "limpeza de pele": "",
    "quero uma limpeza da pele e um clareamento": "clareamento",
    "limpeza facial": "",
    "limpeza dental": "limpeza",
    "limpeza de rotina": "limpeza",
    "limpeza nos meus dentes de cima": "limpeza",
    "canal do dente de trás": "canal",
    "depilação a laser": "",
}
PETS = {
    "banho": "banho",
    "banho e tosa": "banho-e-tosa",
    "banho & tosa": "banho-e-tosa",
    "marca um banho e tosa pro Thor": "banho-e-tosa",
    "dar banho na Mel": "banho",
    "tosa higiênica": "tosa-higienica",
    "toza higienica": "tosa-higienica",
    "tosa": "banho-e-tosa|tosa-higienica|tosa-tesoura",
    "tosar meu poodle": "banho-e-tosa|tosa-higienica|tosa-tesoura",
    "tosa na tesoura": "tosa-tesoura",
    "tosa só na tesoura": "tosa-tesoura",
    "cortar a unha do meu cachorro": "unhas",
    "corte de unhas": "unhas",
    "limpar as orelhas": "ouvidos",
    "vacina": "vacina-v10|vacina-raiva",
    "vacina da raiva": "vacina-raiva",
    "vacina v10": "vacina-v10",
    "banho, tosa higiênica e corte de unha": "banho tosa-higienica unhas",
    "consulta veterinária": "consulta",
    "banho e tosa pro meu shih tzu": "banho-e-tosa",
    "banho do meu cachorro": "banho",
    "limpeza de pele": "",
    "limpeza de ouvido": "ouvidos",
    "corte de cabelo": "",
}
TATTOO = {
    "fechar o braço": "braco",
    "quero fechar meu braço": "braco",
    "tatuagem": "tattoo-pequena|tattoo-grande",
    "tattoo": "tattoo-pequena|tattoo-grande",
    "uma tatto pequena": "tattoo-pequena",
    "tatuagem grande": "tattoo-grande",
    "tatuagem bem pequenininha": "tattoo-pequena|tattoo-grande",
    "piercing no nariz": "piercing-nariz",
    "piercing": "piercing-nariz|piercing-orelha",
    "furar a orelha": "piercing-orelha",
    "pirsing": "piercing-nariz|piercing-orelha",
    "cobrir uma tatuagem antiga": "cobertura",
    "remoção de tatuagem": "laser",
    "retoque da minha tattoo": "retoque",
    "fineline": "tattoo-pequena",
    "vocês fazem tatuagem no rosto?": "tattoo-pequena|tattoo-grande",
    "tattoo na perna sexta": "tattoo-pequena|tattoo-grande",
    "fechamento de braço": "braco",
    "corte de cabelo": "",
}
NAMES_NOTHING = [
    "oi", "bom dia", "tudo bem?", "pode ser", "pode", "pode sim", "mas", "mais tarde", "mais",
    "é a única opção?", "unica", "que cor", "corta essa", "tá barato", "barato", "e agora?",
    "sábado de manhã", "amanhã às 15h", "às 9 da manhã", "com a Ana", "meu nome é Carla", "quanto custa?",
    "qual o endereço?", "vou a pé", "fica perto da estação?", "estou em pé na porta",
    "machuquei o pé ontem", "to sem dinheiro na mão", "feliz dia das mães", "larga mão", "meu coração",
    "obrigada meu amor", "mensagem apagada", "manda mensagem", "na passagem de ano",
    "que horas vocês abrem?", "vou levar minha filha na escola", "já escolhi", "pago na hora",
    "cartão ou pix", "a babá atrasou", "não gosto de cortar gastos", "o banco fechou",
    "vou viajar no feriado", "sim", "não", "nota 5", "adorei o atendimento", "cancela", "quero desmarcar",
    "apaga meus dados", "uma luz no fim do túnel", "minha mulher me largou", "tem um lugar pra sentar?",
    "vem cá", "será que dá?", "a pele do tambor", "minhas costas doem", "curte minha página", "como faço?",
    "kkkkk", "👍", "...", "123", "", "quem vai me atender?", "o que tem pra cabelo?", "qual o seu nome?",
]


def codes(mentions):
    return " ".join("|".join(sorted(one.code for one in mention.candidates)) for mention in mentions)


def expected(wanted):
    return " ".join("|".join(sorted(one.split("|"))) for one in wanted.split())


CASES = [(trade, message, wanted) for trade, table in
         (("salon", SALON), ("dentist", DENTIST), ("pets", PETS), ("tattoo", TATTOO))
         for message, wanted in table.items()]


@pytest.mark.parametrize(("trade", "message", "wanted"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_a_message_names_its_services(catalogues, trade, message, wanted):
    assert codes(find(message, catalogues[trade])) == expected(wanted)


@pytest.mark.parametrize("trade", ["salon", "dentist", "pets", "tattoo"])
@pytest.mark.parametrize("message", NAMES_NOTHING)
def test_a_message_without_a_service_names_none(catalogues, trade, message):
    assert codes(find(message, catalogues[trade])) == ""


def test_spans_refer_to_the_text_as_it_was_typed(catalogues):
    message = "Olá! 😊 Queria  HIDRATAÇÃO, e fazer o pé."
    found = find(message, catalogues["salon"])
    assert [message[slice(*one.span)] for one in found] == [one.text for one in found] == ["HIDRATAÇÃO", "fazer o pé"]


def test_decomposed_accents_as_some_phones_send_them_are_read(catalogues):
    message = unicodedata.normalize("NFD", "hidratação e pé")
    found = find(message, catalogues["salon"])
    assert codes(found) == "hidratacao pedicure"
    assert unicodedata.normalize("NFC", found[0].text) == "hidratação"


def test_the_likelier_of_two_services_comes_first_when_another_of_its_kind_is_named(catalogues):
    first, _ = find("corte e barba", catalogues["salon"])
    assert [one.code for one in first.candidates] == ["corte-masculino", "corte-feminino"]
    first, _ = find("corte e escova", catalogues["salon"])
    assert [one.code for one in first.candidates] == ["corte-feminino", "corte-masculino"]


def test_every_name_and_alias_of_every_tenant_is_found(catalogues):
    for services in catalogues.values():
        for service in services:
            for phrase in (service.name, *service.aliases):
                assert any(service in one.candidates for one in find(phrase, services)), phrase
                assert any(service in one.candidates for one in find(f"quero marcar {phrase.upper()} amanhã", services))


def test_an_empty_catalogue_names_nothing():
    assert find("corte", ()) == []


def test_a_changed_catalogue_is_seen_at_once(catalogues):
    services = catalogues["salon"]
    assert codes(find("luzes", services)) == "luzes"
    assert find("luzes", tuple(one for one in services if one.code != "luzes")) == []
    assert codes(find("luzes", list(services))) == "luzes"


def test_a_very_long_message_does_no_harm(catalogues):
    assert codes(find("bla " * 5000 + "corte", catalogues["salon"])) == ""
    assert codes(find("quero corte masculino " + "bla, ble e bli " * 2000, catalogues["salon"])) == "corte-masculino"
