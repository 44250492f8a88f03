"""Lists of picklist values that several fields share."""

from __future__ import annotations

_ZONES = (
    "Pacific/Auckland", "Australia/Sydney", "Asia/Tokyo", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore",
    "Asia/Hong_Kong", "Asia/Taipei", "Asia/Bangkok", "Asia/Jakarta", "Asia/Kolkata", "Asia/Dubai", "Asia/Karachi",
    "Europe/Moscow", "Europe/Istanbul", "Africa/Nairobi", "Africa/Cairo", "Asia/Jerusalem", "Europe/Athens",
    "Europe/Helsinki", "Europe/Berlin", "Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Zurich",
    "Europe/Amsterdam", "Europe/Stockholm", "Europe/Warsaw", "Africa/Johannesburg", "Africa/Lagos", "Europe/London",
    "Europe/Dublin", "Europe/Lisbon", "UTC", "America/Sao_Paulo", "America/Argentina/Buenos_Aires",
    "America/Santiago", "America/Halifax", "America/New_York", "America/Toronto", "America/Bogota", "America/Lima",
    "America/Chicago", "America/Mexico_City", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Vancouver", "America/Anchorage", "Pacific/Honolulu",
)  # fmt: skip

SHARED = {
    "geocode": "Address|NearAddress|Block|Street|ExtendedZip|Zip|Neighborhood|City|County|State|Unknown",
    "industries": (
        "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|Education|"
        "Electronics|Energy|Engineering|Entertainment|Environmental|Finance|Food & Beverage|Government|Healthcare|"
        "Hospitality|Insurance|Machinery|Manufacturing|Media|Not For Profit|Recreation|Retail|Shipping|Technology|"
        "Telecommunications|Transportation|Utilities|Other"
    ),
    "sources": "Web|Phone Inquiry|Partner Referral|Purchased List|Trade Show|Employee Referral|Other",
    "cleanstatus": (
        "Matched=In Sync|Different|Acknowledged=Reviewed|NotFound=Not Found|Inactive|Pending=Not Compared|"
        "SelectMatch=Select Match|Skipped"
    ),
    "timezones": "|".join(_ZONES),
    "languages": (
        "en_US=English|de=German|es=Spanish|fr=French|it=Italian|ja=Japanese|sv=Swedish|ko=Korean|"
        "zh_TW=Chinese (Traditional)|zh_CN=Chinese (Simplified)|pt_BR=Portuguese (Brazil)|nl_NL=Dutch|da=Danish|"
        "th=Thai|fi=Finnish|ru=Russian|es_MX=Spanish (Mexico)|no=Norwegian"
    ),
    "locales": (
        "en_US=English (United States)|en_GB=English (United Kingdom)|en_AU=English (Australia)|"
        "en_IN=English (India)|de_DE=German (Germany)|de_CH=German (Switzerland)|fr_FR=French (France)|"
        "es_ES=Spanish (Spain)|es_MX=Spanish (Mexico)|it_IT=Italian (Italy)|pt_BR=Portuguese (Brazil)|"
        "pt_PT=Portuguese (Portugal)|nl_NL=Dutch (Netherlands)|sv_SE=Swedish (Sweden)|pl_PL=Polish (Poland)|"
        "el_GR=Greek (Greece)|tr_TR=Turkish (Türkiye)|he_IL=Hebrew (Israel)|ar_EG=Arabic (Egypt)|"
        "ar_AE=Arabic (United Arab Emirates)|hi_IN=Hindi (India)|ja_JP=Japanese (Japan)|"
        "ko_KR=Korean (South Korea)|zh_CN=Chinese (China)|zh_TW=Chinese (Taiwan)|th_TH=Thai (Thailand)"
    ),
    "encodings": (
        "UTF-8=Unicode (UTF-8)|ISO-8859-1=General US & Western Europe (ISO-8859-1, ISO-LATIN-1)|"
        "Shift_JIS=Japanese (Shift-JIS)|EUC-JP=Japanese (EUC)|Big5=Traditional Chinese (Big5)|"
        "GB2312=Simplified Chinese (GB2312)"
    ),
    "objects": (
        "Account|Campaign|CampaignMember|Case|Contact|Contract|Event|Lead|Milestone__c|Opportunity|Product2|"
        "Project__c|Solution|Task"
    ),
}
