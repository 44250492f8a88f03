"""Words and sentences for the records, and the texts that try the patience of careless programs."""

from __future__ import annotations

TITLES = (
    "CEO", "CFO", "CIO", "CTO", "VP Sales", "VP Marketing", "Head of Procurement", "Purchasing Manager",
    "Marketing Manager", "IT Manager", "Office Manager", "Managing Director", "Software Engineer", "Data Analyst",
    "Operations Director", "Regional Director", "Executive Assistant", "Project Manager", "Owner", "Founder & CEO",
    "SVP, Corporate Development", "Consultant", "Facilities Manager", "Head of Digital", "Product Owner",
)  # fmt: skip
NATIVE_TITLES = {
    "Germany": ("Geschäftsführer", "Einkaufsleiterin", "Leiter IT", "Vorständin"),
    "France": ("Directeur commercial", "Responsable des achats", "Gérante"),
    "Spain": ("Jefe de compras", "Directora general"),
    "Mexico": ("Jefe de compras", "Director de operaciones"),
    "Italy": ("Amministratore delegato", "Responsabile acquisti"),
    "Brazil": ("Diretora de operações", "Gerente de TI"),
    "Poland": ("Prezes zarządu", "Kierownik działu zakupów"),
    "Greece": ("Διευθύνων σύμβουλος", "Υπεύθυνη αγορών"),
    "Ukraine": ("Генеральний директор", "Керівниця відділу закупівель"),
    "Türkiye": ("Genel Müdür", "Satın Alma Müdürü"),
    "Israel": ("מנהלת שיווק", 'מנכ"ל'),
    "United Arab Emirates": ("مدير المبيعات", "المديرة التنفيذية"),
    "India": ("Managing Director", "Deputy General Manager"),
    "Japan": ("営業部長", "代表取締役", "情報システム課長"),
    "China": ("采购经理", "总经理", "技术总监"),
    "South Korea": ("영업부장", "대표이사"),
}
DEPARTMENTS = ("Finance", "IT", "Sales", "Marketing", "Operations", "Procurement", "Legal", "HR", "R&D", "Production")
COMPANY_FIRST = (
    "Acme", "Blue Harbor", "Northwind", "Vertex", "Solaris", "Granite", "Silver Oak", "Pioneer", "Meridian", "Cobalt",
    "Evergreen", "Summit", "Falcon", "Nimbus", "Quantum", "Redwood", "Aurora", "Catalyst", "Delta", "Echo", "Fjord",
    "Golden Gate", "Helios", "Ironclad", "Juniper", "Keystone", "Lighthouse", "Mosaic", "Nova", "Orchid", "Pacific",
    "Quarry", "Riverbend", "Saffron", "Titan", "Umbra", "Vanguard", "Willow", "Xenon", "Yellowstone", "Zephyr",
)  # fmt: skip
COMPANY_SECOND = (
    "Logistics", "Foods", "Energy", "Software", "Robotics", "Pharma", "Textiles", "Consulting", "Media", "Systems",
    "Motors", "Instruments", "Capital", "Health", "Optics", "Paper", "Marine", "Aviation", "Networks", "Builders",
    "Ceramics", "Analytics", "Chemicals", "Hospitality", "Labs", "Retail", "Solutions", "Trading", "Travel", "Water",
)  # fmt: skip
NATIVE_COMPANIES = {
    "Japan": ("桜電機", "富士商事", "北海道フーズ", "大和ソフトウェア", "東洋機械"),
    "China": ("长江科技", "华东贸易", "蓝天物流", "金龙制造", "星河网络"),
    "South Korea": ("한빛전자", "서울물산", "동해물류"),
    "Israel": ("גליל מערכות", "כרמל תוכנה", "ים תיכון סחר"),
    "United Arab Emirates": ("الخليج للتجارة", "نور للتقنية", "الصحراء للمقاولات"),
    "Greece": ("Αιγαίο Τρόφιμα", "Όλυμπος Ενέργεια"),
    "Ukraine": ("Дніпро Логістика", "Карпати Софт"),
    "Germany": ("Weißblau Maschinenbau", "Süddeutsche Prüftechnik", "Brüder Köhler Feinmechanik"),
    "France": ("Société Générale de Bâtiment", "Établissements Lefèvre", "L'Atelier Numérique"),
}
SENTENCES = (
    "Met at the trade show and asked for a product demo.",
    "Prefers to be contacted by e-mail in the morning.",
    "Decision is expected by the end of the quarter, once the budget is approved.",
    "Currently uses a competitor's product; contract ends next year.",
    "Sehr interessiert, bittet um ein Angebot auf Deutsch.",
    "Souhaite une démonstration sur site au mois de mai.",
    "Ya es cliente de nuestra filial en Chile.",
    "来週、製品デモの日程を調整する予定です。",
    "客户希望在第三季度之前收到报价。",
    "הלקוח ביקש הצעת מחיר מעודכנת.",
    "العميل مهتم بالإصدار السحابي من المنتج.",
    "Needs integration with the existing ERP system & a single sign-on.",
    "Spoke with the assistant, she will call back on Thursday. 👍",
    "The number of users may grow from 20 to 250 within two years.",
    "Asked twice about the data centre location (EU only).",
    "Requested references from the same industry.",
    "Budget holder changed; the new one is on the copied e-mail.",
)
# Text that must come through every wire unchanged.
STRANGE = (
    "NULL", "null", "None", "NA", "N/A", "#N/A", "nan", "true", "0", "-", "''", '"', "\\", "\\N", ";", "=1+1",
    "=SUM(A1:A9)", "+1-800-FLOWERS", "-2+3", "@mention", "=HYPERLINK(\"http://example.com\",\"Click\")",
    "1e5", "0x1F", "1.0E7", "2026-01-31", "12/31/1999", "007", "1,234.56", "Robert'); DROP TABLE Students;--",
    "<b>bold</b> & <script>alert('x')</script>", "&lt;not a tag&gt; &amp;amp;", "{{7*7}} ${7*7} %s %d {0}",
    "Comma, \"quote\", and, more", "tab\tseparated\tvalues", "line one\nline two", "line one\r\nline two\r\nthree",
    "old\rmac\rbreaks", "mixed\nbreaks\r\nof\rall kinds\n", "trailing newline\n",
    "👩‍👩‍👧‍👦 family, 🏳️‍🌈 flag, 👍🏽 skin tone",
    "emoji 😀🎉🚀 and text", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 beyond the 𝕓𝕒𝕤𝕚𝕔 plane", "日本語のテキスト、「引用」", "简体中文，全角标点。",
    "한국어 텍스트",
    "שלום עולם (RTL)", "مرحبا بالعالم 123", "mixed עברית and English", "zero\u200bwidth and \u00adsoft hyphen",
    "e\u0301 combining and é composed", "non\u00a0breaking space", "İstanbul ıssız", "ǅ ß ﬁ ligature", "a" * 255,
    "Zażółć gęślą jaźń", "Съешь же ещё этих мягких французских булок", "\u202eoverride\u202c",
)  # fmt: skip
RICH = (
    '<p>Kick-off with <b>the team</b>, see <a href="https://example.com/plan" target="_blank">the plan</a>.</p>',
    "<p>Goals:</p><ul><li>Faster quotes</li><li>One view of customers</li><li>Less typing &amp; errors</li></ul>",
    "<p style=\"color: rgb(0, 112, 210);\">Zusammenfassung auf Deutsch: <i>läuft</i>.</p><p><br></p><p>Ende</p>",
    "<p>日本チームとの<strong>合同</strong>プロジェクト</p>",
    "<table><tbody><tr><td>Phase</td><td>Days</td></tr><tr><td>Design</td><td>12</td></tr></tbody></table>",
    "<p dir=\"rtl\">פרויקט משותף עם <u>הצוות</u> בחיפה</p>",
)  # fmt: skip
SUBJECTS = ("Call", "Email", "Send Letter", "Send Quote", "Other", "Follow up on proposal",
            "Prepare demo", "お礼の電話",
            "Check contract, clause 4", "Angebot nachfassen", "Re: Your question \"pricing\"")  # fmt: skip
MEETINGS = ("Meeting", "Call", "Product demo", "Quarterly review", "Kick-off", "Lunch", "Workshop: data migration",
            "定例会議", "Réunion d'équipe", "Site visit")  # fmt: skip
ROOMS = ("Room 1", "Online", "Conference Room B", "Headquarters, 3rd floor", "Café Central", "渋谷オフィス", "")
CAMPAIGN_WORDS = ("Spring", "Summer", "Autumn", "Winter", "Launch", "Partner", "Industry", "Customer", "Data", "Cloud")
CAMPAIGN_KINDS = {
    "Conference": "Conference", "Webinar": "Webinar", "Trade Show": "Fair", "Email": "Newsletter",
    "Direct Mail": "Mailing", "Referral Program": "Referral Program", "Advertisement": "Ads",
}  # fmt: skip
PROJECT_WORDS = ("Roll-out", "Migration", "Pilot", "Integration", "Training", "Relaunch", "Audit", "Expansion",
                 "Upgrade", "Konzept", "導入", "Étude")  # fmt: skip
MILESTONES = ("Contract signed", "Design approved", "First prototype", "Data loaded", "Test finished", "Go-live",
              "Final invoice", "Review meeting", "Abnahme", "受入テスト")  # fmt: skip
