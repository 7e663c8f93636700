"""The words that matter for dates and times, by token class, in all their WhatsApp spellings."""

from __future__ import annotations

from typing import Any

#: A token class, a value and its spellings. Weekdays count from Monday, 0; `_` stands for a space.
_VALUES = """
NUM    0               zero
NUM    2               dois duas
NUM    3               tres treis
NUM    4               quatro
NUM    5               cinco sinco
NUM    6               seis
NUM    7               sete
NUM    8               oito
NUM    9               nove
NUM    11              onze
NUM    12              doze
NUM    13              treze
NUM    14              catorze quatorze
NUM    15              quinze xv
NUM    16              dezesseis dezasseis dezeseis
NUM    17              dezessete dezassete desessete
NUM    18              dezoito
NUM    19              dezenove dezanove
NUM    20              vinte
NUM    30              trinta
NUM    40              quarenta
NUM    50              cinquenta cincoenta
ORD    1               primeiro primeira
ORD    2               segundo
ORD    3               terceiro terceira
ORD    4               quarto
ORD    5               quinto
WDAY   0               segunda segundas segundona segundafeira
WDAY   1               terca tercas tersa tercafeira
WDAY   2               quarta quartas quartafeira
WDAY   3               quinta quintas quintafeira
WDAY   4               sexta sextas sesta sextona sextafeira
WDAY   5               sabado sabados sabadao
WDAY   6               domingo domingos domingao
WABBR  0               seg segf
WABBR  1               ter teca terf
WABBR  2               qua quaf
WABBR  3               qui quif
WABBR  4               sex sexf
WABBR  5               sab
WABBR  6               dom
MONTH  1               janeiro
MONTH  2               fevereiro
MONTH  4               abril
MONTH  5               maio
MONTH  6               junho
MONTH  7               julho
MONTH  8               agosto
MONTH  9               setembro
MONTH  10              outubro
MONTH  11              novembro
MONTH  12              dezembro
MABBR  1               jan
MABBR  2               fev
MABBR  3               mar
MABBR  4               abr
MABBR  5               mai
MABBR  6               jun
MABBR  7               jul
MABBR  8               ago
MABBR  9               set
MABBR  10              out
MABBR  11              nov
PART   manhã           manha manhazinha mnha matina manhas
PART   noite           noite noitinha noit nite noites
PART   madrugada       madrugada madruga
TARDE  tarde           tarde trd tardes
TARDE  fim_da_tarde    tardinha tardezinha
LAST   -1              ultimo ultima
ONTEM  -1              ontem
ONTEM  -2              anteontem antiontem
UM     1               um uma
DEZ    10              dez
MARCO  3               marco
"""

#: A token class and its spellings; a class may take several lines.
_CLASSES = """
HOJE       hoje hj hoj oje oj hjj hoge
AMANHA     amanha amn amnh aman amanhan amanhaa amanham amnha
FEIRA      feira f fera
MEIA       meia
MEIO       meio mei
HORA       hora horas horinha horinhas h hr hs hrs hras oras
MINUTO     minuto minutos min mins minutinho minutinhos
DIA        dia d
DIAS       dias diazinhos
SEMANA     semana smn
SEMANAS    semanas
MES        mes
MESES      meses
ANO        ano
ANOS       anos
WEEKEND    fds fimde findi findes finde fimdesemana
CEDO       cedo cedinho cedim
ALMOCO     almoco almocar almocinho
SHIFT_END  trabalho expediente servico trampo
HORARIO    horario horarios
DE         de do da d dos
DAS        das
EM         em no na nos nas num numa n
A          a ao
AS         as aos
O          o os
PELA       pela pelo
PELAS      pelas pelos
PARA       para pra pro p/ p pr
PRAS       pras pros
UMAS       umas uns
ATE        ate ateh
ENTRE      entre
DESDE      desde
E          e eh &
OU         ou
NEM        nem
DEPOIS     depois dps dpois depos dpos despois apos pos
ANTES      antes ants
PARTIR     partir parti
DIANTE     diante frente
DAQUI      daqui dakee daki dqui
DENTRO     dentro
POR        por
VOLTA      volta
TORNO      torno
PERTO      perto
LA         la tipo
PONTO      ponto
QUE        que q qe k
VEM        vem ven
QUEVEM     seguinte qvem quevem
PROX       proximo proxima proximos proximas prox prx px proxm
ESTE       este esta esse essa estes estas esses essas neste nesta nesse nessa deste desta desse dessa ess
OUTRO      outro outra noutro noutra
PASSADO    passado passada retrasado retrasada
AGORA      agora agr
MESMO      mesmo msm
AINDA      ainda
SO         so somente apenas
BEM        bem logo
TODO       todo toda inteiro inteira
MAIS       mais +
MENOS      menos
MUITO      muito mto mt mta muita tao
FIM        fim final finalzinho fimzinho finzinho finais fins fnl
COMECO     comeco inicio comecinho inicinho
MEADOS     meados
VIRADA     virada
QUINZENA   quinzena
VESPERA    vespera
DURANTE    durante
NAO        nao naum nn n
SEM        sem
SER        ser seja
EXCETO     exceto tirando menas salvo
FIX        digo alias ops opa oops pera perai minto corrigindo desculpa desculpe perdao errei correcao melhor
CAN        posso consigo rola pode quero queria vou vai gostaria serve conseguimos podemos estarei estou
CAN        to tou deu podia dava conseguirei poderei
HAVE       tem tenho teria
BOM        bom boa otimo otima excelente feliz bons boas lindo linda bao
ADJ        abencoado abencoada maravilhoso maravilhosa lindo linda grande restinho resto restante
DURA       demora demoram demorar demoraram demorava dura duram durar duracao leva levam levar gasta durando
DURA       demorou durou levou ha faz fazem dure demore demorei levei esperar esperei espero fiquei gastei tempo
DURA       seca secar cicatriza cicatrizar pronto pronta resultado
LASTS      jejum repouso descanso intervalo carencia prazo validade garantia tolerancia antecedencia atraso espera
LASTS      plantao diaria pausa
COST       custa custam custar custou custo preco valor vale paguei pago paga pagar cobra cobram cobrou orcamento
COST       desconto entrada parcelo parcela parcelas parcelam parcelar parcelado divide divido dividir dividido
BIRTH      nasci nasceu nasceram nascer nascido nascida nascimento nasc
NAMED      nome sobrenome apelido chamo chama
MEMORY     fui fiz vim estive cortei pintei tive fizemos fomos passei usei comprei acordei cheguei perdi esqueci
MEMORY     faltei atrasei foi
PUTOFF     aviso falo respondo ligo mando confirmo vejo decido
ATRAS      atras passados passadas
STREET     edificio predio condominio residencial shopping hospital escola colegio clube ed galeria
STREET     rua r av avenida praca travessa alameda estrada rodovia viela largo bairro vila
STREET     estacao terminal parque jardim
LABEL      numero nr num nro apto ap apartamento sala bloco casa andar km loja quadra lote cep linha
LABEL      onibus mesa pagina nota tamanho opcao item tel telefone fone whats zap whatsapp celular cel ddd
LABEL      codigo box conjunto cj senha turma idade manequim nivel pix cpf rg artigo protocolo dente dentes siso pressao
LABEL      cupom
FILL       sim ok okay favor pfv pf pfvr entao obrigada obrigado acho prefiro marcar marca agendar ta blz
FILL       beleza isso coloca bota bote coloque seria vaga oi ola certo combinado fechado claro perfeito
FILL       uhum moca moco
TURN       mas porem
MOVE       mudar muda trocar troca remarcar remarca passar passa adiar transferir reagendar antecipar
MOVE       alterar jogar mudo trocaria remarcado remarcada trocando mudando
"""


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


def _table() -> dict[str, tuple[str, Any]]:
    table: dict[str, tuple[str, Any]] = {}
    for line in _CLASSES.strip().splitlines():
        name, *spellings = line.split()
        table.update(dict.fromkeys(spellings, (name, None)))
    for line in _VALUES.strip().splitlines():
        name, value, *spellings = line.split()
        known = value.replace("_", " ") if value[-1].isalpha() else int(value)
        table.update(dict.fromkeys(spellings, (name, known)))
    return table


#: Folded word -> (token class, value).
WORDS = _table()

#: Nouns that make an ordinal of "segunda", "terça", "quarta", "quinta", "sexta": no weekday is meant.
ORDINAL_NOUNS = words(
    """
    basica chamada cheia cliente foto imagem cadeira aula dica filial reserva ligacao mensagem colega versao
    aplicacao avenida camada casa categoria chance classe coisa colocada demao dose edicao esposa essencia etapa fase
    entrada filha filho geracao guerra impressao instancia intencao intencoes linha mao mulher namorada olhada opcao
    opiniao ordem parcela parte pele pergunta pessoa posicao prestacao questao rodada rua serie sessao temporada
    tentativa turma unidade vez vezes via visita
    """
)
#: How nouns end that are counted after a numeral: "na 3a sessão".
VISITS = ("cao", "sao", "gem", "consulta", "tattoo")
#: Words that may follow a weekday after "a", "uma" or "minha", where other nouns make it an ordinal.
NO_ORDINAL_NOUNS = words(
    """
    ajuda amiga amigo amor cai cara com comeca complica da daria dava dessas disponivel ela ele era esta estaria eu
    feriado fica ficar ficaria flor funciona funcionaria gente hein ia inteira linda livre mana mano ne parece por
    porque pq qualquer quando querida querido ruim se sem sera serve serviria talvez tambem tb vaga vazia vc vcs viu
    voce voces
    """
)
#: Places whose names may be days and months, unlike a school or a park where one is on a day.
STREETS = words("rua av avenida praca travessa alameda estrada rodovia viela largo bairro vila")
#: Goods that are "de segunda", and things that are of a part of the day: "creme da noite".
SECOND_RATE = words("carne coisa gente material produto qualidade racao roupa tinta")
THINGS_OF_THE_DAY = words(
    """
    blusa cafe camisa camisola cha creme hidratante lanche look novela perfume pijama roupa serum traje vestido
    vitamina
    """
)
#: Hair is graded by a number and a letter ("cabelo 3a"), dyes by two numbers ("tinta 7/1").
HAIR = words("cabelo cabelos cacheado cacho cachos crespo curvatura fio fios ondulado")
DYES = words(
    """
    castanho cinza cobre coloracao cor cores igora koleston loira loiro loura louro majirel marrom nuance ruiva
    ruivo tinta tintura tom tonalizante tons wella
    """
)
#: Words ending in s that may follow a clock time; other plurals after "as 3" are things that are counted.
NOT_COUNTED = words(
    """
    abracos abs alias antes aos apos as beijos bjs conseguimos das depois deus dias dos estamos gracas horas
    hrs hs jesus jus les mais marcamos mas menos meus minhas mins minutos nas nos nossos obrigadas pelas
    podemos pois pras pros quais reais seis seus suas tds temos todas todos tres umas uns vamos vcs vms
    voces
    """
)
#: Singular and irregular things that are counted: "as 2 mão", "2 corte".
COUNTED = words(
    """
    adulto amiga amigo barba cabelo cachorro cachorros caes cao corte cortes crianca criancas escova filha
    filho gato gatos gente homem horario horarios kit mao menina menino mulher opcao opcoes pacote pe pessoa
    pessoas procedimento progressiva servico servicos sessao sessoes sobrancelha unha vaga vagas vez vezes
    """
)
