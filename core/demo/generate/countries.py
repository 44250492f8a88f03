"""Names, towns and streets of many countries. Foreign scripts carry their Latin form after `=`, for e-mail addresses.

One line each: towns as `City/State/postal pattern/latitude/longitude`, with # for a digit in the pattern.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    """What is needed to invent a person who lives there. Name pairs are (as written, Latin form)."""

    name: str
    weight: int
    region: str
    sub_region: str
    dial: str
    domain: str
    zone: str
    first: tuple[tuple[str, str], ...]
    last: tuple[tuple[str, str], ...]
    towns: tuple[tuple[str, str, str, float, float], ...]
    streets: tuple[str, ...]
    forms: tuple[str, ...]


_TEXT = """
United States|30|Americas|North America|+1|com|America/New_York
James Mary Robert Patricia John Jennifer Michael Linda William Elizabeth David Barbara Richard Susan Joseph Jessica Aaliyah DeShawn Mei Priya Carlos
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Wilson Anderson Thomas Taylor Moore Jackson O'Neill=oneill McDonald Washington Nguyen Patel
San Francisco/CA/941##/37.7749/-122.4194;New York/NY/100##/40.7128/-74.006;Chicago/IL/606##/41.8781/-87.6298;Austin/TX/787##/30.2672/-97.7431;Seattle/WA/981##/47.6062/-122.3321;Boston/MA/021##/42.3601/-71.0589;Denver/CO/802##/39.7392/-104.9903
# Market Street;# Main St;# Broadway Ave, Suite #;# Oak Boulevard;# 5th Avenue
Inc.;LLC;Corp.;Group
Canada|5|Americas|North America|+1|ca|America/Toronto
Liam Olivia Noah Emma Zoé=zoe Étienne=etienne Chloé=chloe Lucas
Tremblay Roy Gagnon Singh MacDonald Bouchard Côté=cote Campbell
Toronto/ON/M5H 2N#/43.6532/-79.3832;Montréal/QC/H2Y 1C#/45.5017/-73.5673;Vancouver/BC/V6B 4Y#/49.2827/-123.1207
# King Street West;# rue Sainte-Catherine;# Granville Street
Ltd.;Inc.;Ltée
Mexico|4|Americas|Latin America|+52|mx|America/Mexico_City
José=jose María=maria Juan Guadalupe Luis Sofía=sofia Ángel=angel Ximena
Hernández=hernandez García=garcia Martínez=martinez López=lopez Pérez=perez Muñoz=munoz
Ciudad de México/CDMX/06###/19.4326/-99.1332;Guadalajara/JAL/44###/20.6597/-103.3496;Monterrey/NL/64###/25.6866/-100.3161
Av. Insurgentes Sur #;Calle Hidalgo #;Paseo de la Reforma #
S.A. de C.V.;S. de R.L.
Brazil|5|Americas|Latin America|+55|com.br|America/Sao_Paulo
João=joao Ana Antônio=antonio Márcia=marcia Luiz Conceição=conceicao Thiago Letícia=leticia
Silva Santos Oliveira Souza Conceição=conceicao Araújo=araujo Guimarães=guimaraes
São Paulo/SP/01###-###/-23.5505/-46.6333;Rio de Janeiro/RJ/20###-###/-22.9068/-43.1729;Curitiba/PR/80###-###/-25.4284/-49.2733
Av. Paulista, #;Rua das Flores, #;Rua Augusta, #
Ltda.;S.A.
United Kingdom|9|EMEA|Western Europe|+44|co.uk|Europe/London
Oliver Amelia George Isla Harry Ava Alfie Siân=sian Mohammed Zara
Smith Jones Taylor Evans O'Brien=obrien Hughes Llewellyn Khan MacLeod Smythe-Jones=smythe-jones
London/Greater London/EC1A #BB/51.5074/-0.1278;Manchester/Greater Manchester/M1 #AE/53.4808/-2.2426;Edinburgh/Midlothian/EH1 #RE/55.9533/-3.1883;Cardiff/South Glamorgan/CF10 #BH/51.4816/-3.1791
# High Street;# Station Road;Flat #, # Baker Street;# Church Lane
Ltd;PLC;LLP
Germany|9|EMEA|Western Europe|+49|de|Europe/Berlin
Jürgen=juergen Sabine Hans-Peter=hans-peter Anke Björn=bjoern Käthe=kaethe Uwe Lena Max Jörg=joerg
Müller=mueller Schmidt Schneider Fischer Weber Großmann=grossmann Schäfer=schaefer Königsberger=koenigsberger Weiß=weiss
Berlin/Berlin/10###/52.52/13.405;München/Bayern/80###/48.1351/11.582;Hamburg/Hamburg/20###/53.5511/9.9937;Köln/Nordrhein-Westfalen/50###/50.9375/6.9603;Düsseldorf/Nordrhein-Westfalen/40###/51.2277/6.7735
Hauptstraße #;Bahnhofstr. #;Goethestraße # a;Am Markt #
GmbH;AG;GmbH & Co. KG;KG
France|7|EMEA|Western Europe|+33|fr|Europe/Paris
Émilie=emilie François=francois Hélène=helene Jean-Luc=jean-luc Zoë=zoe Benoît=benoit Céline=celine Louis
Martin Lefèvre=lefevre Dubois Léger=leger d'Artagnan=dartagnan Gonçalves=goncalves Noël=noel
Paris/Île-de-France/750##/48.8566/2.3522;Lyon/Auvergne-Rhône-Alpes/690##/45.764/4.8357;Marseille/Provence-Alpes-Côte d'Azur/130##/43.2965/5.3698
# rue de la République;# avenue Victor-Hugo;# boulevard Saint-Michel
SARL;SAS;S.A.
Spain|4|EMEA|Western Europe|+34|es|Europe/Madrid
Begoña=begona Íñigo=inigo Carmen Álvaro=alvaro Nuria Joaquín=joaquin
Núñez=nunez Fernández=fernandez Ibáñez=ibanez Etxeberria Pujol
Madrid/Madrid/280##/40.4168/-3.7038;Barcelona/Barcelona/080##/41.3851/2.1734;A Coruña/A Coruña/150##/43.3623/-8.4115
Calle de Alcalá #;Passeig de Gràcia #;Plaza Mayor #
S.L.;S.A.
Italy|4|EMEA|Western Europe|+39|it|Europe/Rome
Giulia Niccolò=niccolo Chiara Matteo Lucia Dario
Rossi Ferrari D'Angelo=dangelo Colombo Esposito De Luca=deluca
Milano/MI/201##/45.4642/9.19;Roma/RM/001##/41.9028/12.4964;Forlì/FC/471##/44.2227/12.0407
Via Roma #;Corso Buenos Aires #;Piazza Duomo #
S.p.A.;S.r.l.
Sweden|3|EMEA|Western Europe|+46|se|Europe/Stockholm
Åsa=asa Björn=bjorn Maja Östen=osten Elin
Åkesson=akesson Lindström=lindstrom Öberg=oberg Svensson
Stockholm/Stockholm/1## ##/59.3293/18.0686;Göteborg/Västra Götaland/4## ##/57.7089/11.9746;Malmö/Skåne/2## ##/55.605/13.0038
Drottninggatan #;Östra Hamngatan #
AB
Poland|3|EMEA|Eastern Europe|+48|pl|Europe/Warsaw
Łukasz=lukasz Małgorzata=malgorzata Zbigniew Żaneta=zaneta Paweł=pawel
Wójcik=wojcik Kowalczyk Śliwiński=sliwinski Źrebiec=zrebiec Gąsior=gasior
Warszawa/Mazowieckie/00-###/52.2297/21.0122;Łódź/Łódzkie/90-###/51.7592/19.456;Kraków/Małopolskie/30-###/50.0647/19.945
ul. Marszałkowska #;ul. Długa #
Sp. z o.o.;S.A.
Greece|2|EMEA|Western Europe|+30|gr|Europe/Athens
Γιώργος=giorgos Ελένη=eleni Νίκος=nikos Σοφία=sofia
Παπαδόπουλος=papadopoulos Οικονόμου=oikonomou Νικολάου=nikolaou
Αθήνα/Αττική/10###/37.9838/23.7275;Θεσσαλονίκη/Κεντρική Μακεδονία/54###/40.6401/22.9444
Οδός Ερμού #;Πανεπιστημίου #
Α.Ε.;ΕΠΕ
Ukraine|2|EMEA|Eastern Europe|+380|ua|Europe/Athens
Олена=olena Андрій=andriy Ярослав=yaroslav Ганна=hanna
Шевченко=shevchenko Коваленко=kovalenko Мельник=melnyk
Київ/Київ/010##/50.4501/30.5234;Львів/Львівська/790##/49.8397/24.0297
вул. Хрещатик, #;вул. Шевченка, #
ТОВ;ПрАТ
Türkiye|2|EMEA|Middle East|+90|com.tr|Europe/Istanbul
İbrahim=ibrahim Ayşe=ayse Çağla=cagla Ömer=omer Işıl=isil
Yılmaz=yilmaz Şahin=sahin Öztürk=ozturk Güneş=gunes
İstanbul/İstanbul/34###/41.0082/28.9784;İzmir/İzmir/35###/38.4237/27.1428
İstiklal Caddesi No: #;Atatürk Bulvarı #
A.Ş.;Ltd. Şti.
Israel|3|EMEA|Middle East|+972|co.il|Asia/Jerusalem
דוד=david שרה=sara יוסף=yosef רחל=rachel נועה=noa
כהן=cohen לוי=levi מזרחי=mizrahi פרץ=peretz
תל אביב/תל אביב/6#####/32.0853/34.7818;חיפה/חיפה/3#####/32.794/34.9896
רחוב הרצל #;שדרות רוטשילד #
בע"מ
United Arab Emirates|3|EMEA|Middle East|+971|ae|Asia/Dubai
محمد=mohammed فاطمة=fatima أحمد=ahmed مريم=mariam خالد=khalid
المنصوري=almansoori الهاشمي=alhashimi بن زايد=binzayed
دبي/دبي/0####/25.2048/55.2708;أبو ظبي/أبو ظبي/0####/24.4539/54.3773
شارع الشيخ زايد #;شارع الخليج #
ذ.م.م
Nigeria|2|EMEA|Africa|+234|ng|Africa/Lagos
Chinedu Ngozi Adébáyò=adebayo Yetunde Emeka
Okafor Adéyemí=adeyemi Eze Balogun
Lagos/Lagos/100###/6.5244/3.3792;Abuja/FCT/900###/9.0765/7.3986
# Broad Street;# Awolowo Road
Plc;Ltd
India|6|APAC|South Asia|+91|in|Asia/Kolkata
Aarav Priya Arjun Lakshmi Rohan Ananya प्रिया=priya राहुल=rahul
Sharma Iyer Reddy Chatterjee Singh शर्मा=sharma
Bengaluru/Karnataka/560###/12.9716/77.5946;Mumbai/Maharashtra/400###/19.076/72.8777;नई दिल्ली/Delhi/110###/28.6139/77.209
# MG Road;#/#, 4th Cross, Indiranagar;Plot #, Bandra Kurla Complex
Pvt. Ltd.;Ltd.
Japan|6|APAC|East Asia|+81|co.jp|Asia/Tokyo
太郎=taro 花子=hanako 健太=kenta さくら=sakura 大輔=daisuke 美咲=misaki
山田=yamada 佐藤=sato 鈴木=suzuki 高橋=takahashi 髙﨑=takasaki 渡邉=watanabe
東京/東京都/10#-00##/35.6762/139.6503;大阪/大阪府/53#-00##/34.6937/135.5023;札幌/北海道/06#-00##/43.0618/141.3545
千代田区丸の内#-#-#;中央区本町#丁目#番#号
株式会社;合同会社
China|5|APAC|East Asia|+86|cn|Asia/Shanghai
伟=wei 芳=fang 娜=na 敏=min 强=qiang 秀英=xiuying
王=wang 李=li 张=zhang 刘=liu 欧阳=ouyang 陈=chen
上海/上海/200###/31.2304/121.4737;北京/北京/100###/39.9042/116.4074;深圳/广东/518###/22.5431/114.0579
南京路#号;长安街#号#室
有限公司;集团
South Korea|3|APAC|East Asia|+82|co.kr|Asia/Seoul
민준=minjun 서연=seoyeon 지훈=jihoon 수진=sujin
김=kim 이=lee 박=park 최=choi
서울/서울특별시/04###/37.5665/126.978;부산/부산광역시/48###/35.1796/129.0756
강남대로 #;세종대로 #
주식회사
Australia|4|APAC|Oceania|+61|com.au|Australia/Sydney
Jack Charlotte Cooper Matilda Lachlan Ruby
Kelly Nguyen Campbell O'Sullivan=osullivan Tjungarrayi
Sydney/NSW/2###/-33.8688/151.2093;Melbourne/VIC/3###/-37.8136/144.9631;Perth/WA/6###/-31.9505/115.8605
# George Street;Level #, # Collins Street
Pty Ltd
"""  # noqa: E501


def _names(line: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for word in line.split():
        written, _, latin = word.partition("=")
        pairs.append((written, latin or written.lower()))
    return tuple(pairs)


def _last_names(line: str) -> tuple[tuple[str, str], ...]:
    # "De Luca=deluca" and "بن زايد=binzayed" are one name each: a word without Latin form before one with it, where
    # the Latin form holds both, belongs to it.
    joined = line.replace("De Luca", "De_Luca").replace("بن زايد", "بن_زايد")
    return tuple((written.replace("_", " "), latin) for written, latin in _names(joined))


def _town(text: str) -> tuple[str, str, str, float, float]:
    city, state, postal, latitude, longitude = text.split("/")
    return city, state, postal, float(latitude), float(longitude)


def _countries() -> tuple[Country, ...]:
    lines = _TEXT.strip().splitlines()
    made = []
    for start in range(0, len(lines), 6):
        head, first, last, towns, streets, forms = lines[start : start + 6]
        name, weight, region, sub_region, dial, domain, zone = head.split("|")
        made.append(
            Country(
                name, int(weight), region, sub_region, dial, domain, zone, _names(first), _last_names(last),
                tuple(_town(text) for text in towns.split(";")), tuple(streets.split(";")), tuple(forms.split(";")),
            )
        )  # fmt: skip
    return tuple(made)


COUNTRIES = _countries()
