"""Common Portuguese words, folded: what people type that is never a misspelt service or a misspelt name."""

from __future__ import annotations

from marcai.platform.text import word_set

COMMON = word_set("""
abre abrir acaba acabei aceita acha acho agenda agendar agora ainda alem algo alguem algum alguma ali alta alto
ama amanha amiga amigo amo amor anda andar ando ano anos antes aonde aparece apareceu apareco apenas aperto apos
aquela aquele aqui aquilo area arte assim ate atende atraso ave avisa avisar avo baba baile baixo balada banana
banca banco banda banha barata barato barca barco barra barriga base bastante beijo beijos bela beleza belo bem
boa bolsa bom bora bota braba bravo briga bruto busca cabe cabeca cabelo cada cadeira cafe cala calma calor cama
caminho campo cancela cancelar canto cara carinho caro carro carta cartao casa casal casar caso causa cedo cela
celular cem cena central centro cerca certa certas certeza certo chapada chata chato chega chegar cheia cheio
chora chuva cidade cima cinco clara claro clube coisa coisas colega coloca colocacao colocar coloquei com
combina comigo como compra comprar comum conta contar conte contigo convite copa copo cor coracao coragem cores
corpo corra corre correr correto correu corrida corta corte cortei cortes cortina corto costa costas costuma
creme crente crianca cuida cuidar culpa cunha curso curta curte curti curto custa custo danca daqui dar data
debito deixa deixar dela dele demais demora dentro depende depois desce desconto desculpa desde desmarca dessa
desse deve devo dia dias dica diferente dinheiro direito direta direto disse doida doido dois domingo dona duas
duvida duzentos ela elas ele eles embora ena encaixa encaixe encontro enfim ensino entao entra entrada entre era
erro escada escala escola escolha escolhe escolher escolhi escolta escondida escopo escreva escrevi escuro
escuta espera esperar esposa esposo essa esse esta estacao estar estava este estou estrela eu exato exemplo faca
facil fala falar falta familia faria favor faz fecha fechado fecham fechar feira feito feliz feriado festa ficar
ficou fila filha filho filme fim final fiquei firme flores foi folga fora forca forma formatura forte fosse foto
fotos fraca frente fria frio fui fundo futuro galera ganha ganhar ganhei ganho garota gata gato gente gosta
gostei gosto graca grana grande gravida gripe grupo guarda hoje hora horario horas hotel ida idade ideia igreja
igual ilha imagem imposto inclui incrivel indica inicio inteira inteiro interessa ir isso janta jantar jeito
jogo joia jovem junta junto justo la lado largo lavagem lavar legal leite leva levar libera lida limite limpa
limpo linda lindo linha lista livre local logo loja longa longe longo lua lugar luta luxo luz luzia macha
machado maior mais mal mala mancha manda mande maneira manha mao mar marca marcada marcado marcamos marcar
marcaram marcava marco marcou marido marquei mas massa mata maxima media medico medo meio melhor menina menino
menos mensagem menta mente mercado mesa mesma mesmas mesmo mesmos metade meter metro meu mexe mexer mil minha
ministro minuto minutos misto moca moda modelo momento morte mostra mostrar motivo motorista mudanca mudar muita
muitas muito muitos mulher mundo musica nada namorada namorado nao natal nem nenhum nenhuma nessa nesse ninguem
noite noiva noivo nome normal norte nossa nosso nova novas novo novos nunca obra obrigada obrigado oferta oito
olha olhar onda onde ontem opcao ora ordem outra outras outro outros padrao paga pagamento pagar pagina pago
paguei palavra papel para parabens parada parar parece parte partir parto passa passada passado passagem passar
passo pausa pede pedido pedir pega pegar peguei pela pelas pele pelo pelos pena pensa pensei pequena perca perco
perda perdao perde perder perdi perfeita perfeito pergunta perigo perto pesa pesada pesquisa pessima pessimo
pessoa pessoal picada pinta pinto piscina pista plana plano planta pode podem poder podia pois ponta ponto por
porque porta possa posso posta pouca pouco pra praca praia prata prazo precisa precisar preciso preco precos
prefere prefiro presente pressa presta prima primeira primeiro primo princesa problema procura professora
programa progresso promessa promocao pronta pronto propria proximo publica pudesse pulo punha quais qual
qualquer quando quanta quanto quarta quase quatro que queda quem quente quer quero questao quinta quinze raiva
rapida rapido rasa rata real recado recebe receber recebi recepcao reclama rede refeicao refeito reflete regiao
regra relaxa relogio remarca renda reserva responde resposta resta resto resumo reta reto reuniao rica rico rosa
rosto roupa rua ruim sabado sabe saber sabia saida sair sala salao salva santa santo sapato saude se seca
secagem seco segue segunda segundo seguro sei seja sela selfie sem semana sempre senha senhor senhora sente
sentir separa ser sera seria serio serve servico sete setor sexta silencio sim simples sinal sinto sobra sobre
sogra sol solta solto sombra sombras sonho sorte sossego sozinha sua suave sujeira super sustento taco tal
talvez tamanho tambem tampa tanta tanto tarde tarefa taxa tela telefone tem tempo tenha tenho tenta tentar terca
teria termina terminar termino terra tesoura tesouro teste teto texto tipo tira tirada tirar titulo toca toda
todas todo todos toma tomar tombo topo torta tosse total trabalha trabalho tranquila tranquilo trata trato traz
trazer tres treta triste troca trocar troco tudo turma turno ultima ultimo uma umas unha uniao unica unico unida
urgente usa usar usava vaga vagas vai vale valor valores vamos varia varias veio velha velho vem venda vende
vender venha ver verao verdade vergonha vez vezes viagem vida vim vinda vindo virada virar visita vista viva
vivo voce voces volta voltar vontade vou zero
""")
