"""How Brazilians shorten words on WhatsApp, and what their emojis say. Keys: lower case, accents folded."""
from __future__ import annotations

from marcai.nlu.letters import fold

_ABBREVIATIONS = """
vc vce vcê ce voçe voçê vosse = voce
vcs vces ces = voces
q ki = que
oq oque oqe = o que
pq pk porq porque prq = porque
n ñ nn naum nao nop nope = nao
s ss sss simm sin = sim
hj oje hoj = hoje
amn amh amnh amanh amanha amnha amanhan manha_ = amanha
ontm = ontem
tb tbm tmb tbem tambem = tambem
pfv pfvr pf pfv pfr porfavor fv plis pls plmds = por favor
obg obgd obgda obgdo obgado obgada brigada brigado brigadao brigadinha = obrigada
obrigado obrigadao obrigadinha agradecida agradecido = obrigada
vlw vlww vl valew valeo = valeu
flw fallow = falou
blz bls belz beleza blza bele = beleza
bj bjs bjo bjos bjao bjokas bjinho bjinhos = beijo
abs abc abraco abcs = abraco
bd bdia = bom dia
bt btarde = boa tarde
bn bnoite = boa noite
td tdo = tudo
tds = todos
tdb tudobem = tudo bem
mt mto mtu muinto = muito
mta = muita
mts mtos = muitos
mtas = muitas
qd qdo qnd qndo = quando
qt qto qnt qnto qtu = quanto
qts qtos qntos = quantos
qq qqr qlqr qlq qualqer = qualquer
ql qal = qual
qm qem = quem
qr qro qero kero kro keru qeru = quero
qria keria qeria = queria
dps dpois depoi dpos = depois
hr hrs hora horas hs = hora
hrario horaro horaio orario hrrio hror hrarios hrs = horario
min mins minuto minutos = minutos
agr agora = agora
aki aq = aqui
eh = e
neh ne = ne
gnt gente = gente
ngm ninguem = ninguem
alg alguem = alguem
msm = mesmo
msma = mesma
nd nda = nada
d = de
p = para
c = com
cm = com
tá ta esta = esta
tão = estao
to tou tô = estou
tava tva = estava
cmg cmgo = comigo
ctg = contigo
vdd = verdade
ok okay okey oks okk okei okej = ok
msg mensg mensagen = mensagem
msgs = mensagens
cel celu = celular
tel fone = telefone
end endrco endereco enderco = endereco
loc localizacao = localizacao
info infos = informacoes
pgto pgt pagto pgmt = pagamento
pag pgar = pagar
pix piks pics = pix
cred = credito
deb = debito
cart = cartao
seg = segunda
qua qrta = quarta
qui qnta = quinta
sex = sexta
sab sabdo = sabado
dom = domingo
fds fdsem = fim de semana
sem_ = semana
smn smna = semana
prox prx = proxima
jah = ja
ateh = ate
soh = so
eai eae iae iai = e ai
dnv = de novo
tp = tipo
fz = fazer
fzr = fazer
pd = pode
pdc = pode
pdm = podem
tbn = tambem
vms vmos = vamos
mlr melhr = melhor
hrinha horinha = horinha
marka = marca
agnd agend = agendar
agendmto agdto = agendamento
atd atend = atendimento
atndnt atdt = atendente
prof profi = profissional
serv svc = servico
servs = servicos
sobranc sobr sombrancelha sombracelha sobrancela sobrancelia sobrasselha = sobrancelha
cab cbl = cabelo
mnc = manicure
unhs = unhas
mgc = magica
att = att
qda = queda
add = adicionar
vo vô = vou
bora = bora
pra = pra
pro = pro
bom = bom
doutora dra drª = dra
doutor dr = dr
"""

_EMOJIS = """
emoji_sim = 👍👌✅🆗☑✔🤝
emoji_nao = 👎❌🚫🙅✖
emoji_maos = 🙏🙌👏
emoji_amor = ❤🥰😍😘💕💖💗💜💙💚🧡💛🖤🤍😻💞💓💋♥
emoji_riso = 😂🤣😅😆😁😄😃😊🙂😉😀☺
emoji_raiva = 😡🤬😠😤👿
emoji_triste = 😢😭😞😔😕🙁☹😩😫😓😥
emoji_tchau = 👋
emoji_estrela = ⭐🌟✨💫
emoji_nota = 💯🔥
emoji_robo = 🤖
emoji_beleza = 💅💇💆💄✂💈
emoji_pensa = 🤔🧐🤨
emoji_relogio = ⏰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛⌚⏳
emoji_agenda = 📅🗓📆
emoji_dinheiro = 💰💵💸💳🤑
emoji_local = 📍🗺
"""


def _abbreviations() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in _ABBREVIATIONS.strip().splitlines():
        forms, _, meaning = line.partition(" = ")
        for form in forms.split():
            table[fold(form)] = tuple(meaning.split())
    return table


EMOJI_WORDS = {
    emoji: word for word, _, emojis in (line.partition(" = ") for line in _EMOJIS.strip().splitlines())
    for emoji in emojis
}
ABBREVIATIONS = _abbreviations()
