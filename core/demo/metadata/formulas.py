"""Values that are worked out when they are read: formulas and roll-ups as SQL over the row's alias `{t}`.

They change without moving any stamp, as on a real org, because nothing is stored.
"""

from __future__ import annotations

from typing import NamedTuple


class Formula(NamedTuple):
    """`text` is what describe shows as calculatedFormula; `calculated` tells formulas from standard derived fields."""

    sql: str
    text: str | None = None
    calculated: bool = True


def _standard(sql: str) -> Formula:
    return Formula(sql, None, False)


def _members(condition: str) -> Formula:
    return _standard(
        f'(SELECT COUNT(*) FROM "CampaignMember" m WHERE m."CampaignId" = {{t}}."Id" AND m."IsDeleted" = 0{condition})'
    )


def _opportunities(what: str, condition: str) -> Formula:
    return _standard(
        f'(SELECT {what} FROM "Opportunity" o WHERE o."CampaignId" = {{t}}."Id" AND o."IsDeleted" = 0{condition})'
    )


def _of_person(lead: str, contact: str | None = None) -> Formula:
    contact = contact or lead
    return _standard(
        'CASE WHEN {t}."LeadId" IS NOT NULL '
        f'THEN (SELECT {lead} FROM "Lead" l WHERE l."Id" = {{t}}."LeadId") '
        f'ELSE (SELECT {contact} FROM "Contact" l WHERE l."Id" = {{t}}."ContactId") END'
    )


_STAGES_FORECAST = (
    "CASE {t}.\"StageName\" WHEN 'Closed Won' THEN 'Closed' WHEN 'Closed Lost' THEN 'Omitted' "
    "WHEN 'Negotiation/Review' THEN {commit} WHEN 'Proposal/Price Quote' THEN {best} ELSE 'Pipeline' END"
)
_PHOTO = _standard("'/services/images/photo/' || {t}.\"Id\"")
_QUARTER = '((CAST(substr({t}."CloseDate", 6, 2) AS INTEGER) + 2) / 3)'
_NAME = """trim(ifnull(l."FirstName" || ' ', '') || l."LastName")"""

FORMULAS: dict[str, Formula] = {
    "Account.PhotoUrl": _PHOTO,
    "Contact.PhotoUrl": _PHOTO,
    "Lead.PhotoUrl": _PHOTO,
    "Contact.IsEmailBounced": _standard('({t}."EmailBouncedDate" IS NOT NULL)'),
    "Lead.Revenue_per_Employee__c": Formula(
        'CASE WHEN {t}."NumberOfEmployees" > 0 '
        'THEN round(CAST({t}."AnnualRevenue" AS REAL) / {t}."NumberOfEmployees", 2) END',
        "AnnualRevenue / NumberOfEmployees",
    ),
    "Lead.Is_Hot__c": Formula(
        """(ifnull({t}."Rating", '') = 'Hot' AND NOT {t}."IsConverted")""",
        'AND(ISPICKVAL(Rating, "Hot"), NOT(IsConverted))',
    ),
    "Opportunity.IsClosed": _standard("(ifnull({t}.\"StageName\", '') IN ('Closed Won', 'Closed Lost'))"),
    "Opportunity.IsWon": _standard("(ifnull({t}.\"StageName\", '') = 'Closed Won')"),
    "Opportunity.ExpectedRevenue": _standard('round(CAST({t}."Amount" AS REAL) * {t}."Probability" / 100.0, 2)'),
    "Opportunity.ForecastCategory": _standard(
        _STAGES_FORECAST.replace("{commit}", "'Forecast'").replace("{best}", "'BestCase'")
    ),
    "Opportunity.ForecastCategoryName": _standard(
        _STAGES_FORECAST.replace("{commit}", "'Commit'").replace("{best}", "'Best Case'")
    ),
    "Opportunity.FiscalYear": _standard('CAST(substr({t}."CloseDate", 1, 4) AS INTEGER)'),
    "Opportunity.FiscalQuarter": _standard(_QUARTER),
    "Opportunity.Fiscal": _standard(f"substr({{t}}.\"CloseDate\", 1, 4) || ' ' || {_QUARTER}"),
    "Opportunity.HasOpenActivity": _standard(
        'EXISTS (SELECT 1 FROM "Task" a WHERE a."WhatId" = {t}."Id" AND a."IsDeleted" = 0 '
        "AND a.\"Status\" <> 'Completed')"
    ),
    "Opportunity.Weighted_Days__c": Formula(
        'round((julianday({t}."CloseDate") - julianday(substr({t}."CreatedDate", 1, 10))) '
        '* {t}."Probability" / 100.0, 2)',
        "(CloseDate - DATEVALUE(CreatedDate)) * Probability",
    ),
    "Campaign.NumberOfLeads": _members(' AND m."LeadId" IS NOT NULL'),
    "Campaign.NumberOfConvertedLeads": _members(
        ' AND m."LeadId" IN (SELECT l."Id" FROM "Lead" l WHERE l."Id" = m."LeadId" AND l."IsConverted" = 1)'
    ),
    "Campaign.NumberOfContacts": _members(' AND m."ContactId" IS NOT NULL'),
    "Campaign.NumberOfResponses": _members(' AND m."HasResponded" = 1'),
    "Campaign.NumberOfOpportunities": _opportunities("COUNT(*)", ""),
    "Campaign.NumberOfWonOpportunities": _opportunities("COUNT(*)", " AND o.\"StageName\" = 'Closed Won'"),
    "Campaign.AmountAllOpportunities": _opportunities('round(total(CAST(o."Amount" AS REAL)), 2)', ""),
    "Campaign.AmountWonOpportunities": _opportunities(
        'round(total(CAST(o."Amount" AS REAL)), 2)', " AND o.\"StageName\" = 'Closed Won'"
    ),
    "CampaignMember.Salutation": _of_person('l."Salutation"'),
    "CampaignMember.Name": _of_person(_NAME),
    "CampaignMember.FirstName": _of_person('l."FirstName"'),
    "CampaignMember.LastName": _of_person('l."LastName"'),
    "CampaignMember.Title": _of_person('l."Title"'),
    "CampaignMember.Street": _of_person('l."Street"', 'l."MailingStreet"'),
    "CampaignMember.City": _of_person('l."City"', 'l."MailingCity"'),
    "CampaignMember.State": _of_person('l."State"', 'l."MailingState"'),
    "CampaignMember.PostalCode": _of_person('l."PostalCode"', 'l."MailingPostalCode"'),
    "CampaignMember.Country": _of_person('l."Country"', 'l."MailingCountry"'),
    "CampaignMember.Email": _of_person('l."Email"'),
    "CampaignMember.Phone": _of_person('l."Phone"'),
    "CampaignMember.Fax": _of_person('l."Fax"'),
    "CampaignMember.MobilePhone": _of_person('l."MobilePhone"'),
    "CampaignMember.Description": _of_person('l."Description"'),
    "CampaignMember.DoNotCall": Formula("ifnull(" + _of_person('l."DoNotCall"').sql + ", 0)", None, False),
    "CampaignMember.HasOptedOutOfEmail": Formula(
        "ifnull(" + _of_person('l."HasOptedOutOfEmail"').sql + ", 0)", None, False
    ),
    "CampaignMember.HasOptedOutOfFax": Formula(
        "ifnull(" + _of_person('l."HasOptedOutOfFax"').sql + ", 0)", None, False
    ),
    "CampaignMember.LeadSource": _of_person('l."LeadSource"'),
    "CampaignMember.CompanyOrAccount": _of_person(
        'l."Company"', '(SELECT a."Name" FROM "Account" a WHERE a."Id" = l."AccountId")'
    ),
    "CampaignMember.Type": _standard("CASE WHEN {t}.\"LeadId\" IS NOT NULL THEN 'Lead' ELSE 'Contact' END"),
    "CampaignMember.LeadOrContactId": _standard('ifnull({t}."LeadId", {t}."ContactId")'),
    "CampaignMember.LeadOrContactOwnerId": _of_person('l."OwnerId"'),
    "Task.IsClosed": _standard("(ifnull({t}.\"Status\", '') = 'Completed')"),
    "Task.IsHighPriority": _standard("(ifnull({t}.\"Priority\", '') = 'High')"),
    "Project__c.Status_Picture__c": Formula(
        "'<img src=\"/img/samples/light_' || CASE ifnull({t}.\"Status__c\", '') WHEN 'Active' THEN 'green' "
        "WHEN 'On Hold' THEN 'yellow' WHEN 'Cancelled' THEN 'red' ELSE 'grey' END "
        '|| \'.gif" alt="\' || ifnull({t}."Status__c", \'\') || \'" border="0"/>\'',
        'IMAGE("/img/samples/light_" & CASE(Status__c, "Active", "green", "On Hold", "yellow", "Cancelled", "red", '
        '"grey") & ".gif", TEXT(Status__c))',
    ),
    "Project__c.Planned_Margin__c": Formula(
        'round(CAST({t}."Budget__c" AS REAL) - (SELECT total(CAST(m."Cost__c" AS REAL)) FROM "Milestone__c" m '
        'WHERE m."Project__c" = {t}."Id" AND m."IsDeleted" = 0), 2)',
        "Budget__c - Milestone_Cost__c",
    ),
    "Project__c.Planned_End__c": Formula("date({t}.\"Start__c\", '+180 days')", "Start__c + 180"),
    "Project__c.Over_Budget__c": Formula(
        'ifnull((SELECT total(CAST(m."Cost__c" AS REAL)) FROM "Milestone__c" m WHERE m."Project__c" = {t}."Id" '
        'AND m."IsDeleted" = 0) > CAST({t}."Budget__c" AS REAL), 0)',
        "Milestone_Cost__c > Budget__c",
    ),
    "Project__c.Account_Name__c": Formula(
        '(SELECT a."Name" FROM "Account" a WHERE a."Id" = {t}."Account__c")', "Account__r.Name"
    ),
    "Project__c.Milestones__c": Formula(
        '(SELECT COUNT(*) FROM "Milestone__c" m WHERE m."Project__c" = {t}."Id" AND m."IsDeleted" = 0)'
    ),
    "Project__c.Milestone_Cost__c": Formula(
        '(SELECT round(total(CAST(m."Cost__c" AS REAL)), 2) FROM "Milestone__c" m '
        'WHERE m."Project__c" = {t}."Id" AND m."IsDeleted" = 0)'
    ),
    "Project__c.Next_Due__c": Formula(
        '(SELECT MIN(m."Due__c") FROM "Milestone__c" m WHERE m."Project__c" = {t}."Id" AND m."IsDeleted" = 0 '
        'AND m."Done__c" = 0)'
    ),
    "Milestone__c.Project_Account__c": Formula(
        '(SELECT a."Name" FROM "Project__c" p JOIN "Account" a ON a."Id" = p."Account__c" '
        'WHERE p."Id" = {t}."Project__c")',
        "Project__r.Account__r.Name",
    ),
    "Milestone__c.Share_of_Budget__c": Formula(
        '(SELECT CASE WHEN CAST(p."Budget__c" AS REAL) > 0 '
        'THEN round(CAST({t}."Cost__c" AS REAL) * 100.0 / CAST(p."Budget__c" AS REAL), 2) END '
        'FROM "Project__c" p WHERE p."Id" = {t}."Project__c")',
        "Cost__c / Project__r.Budget__c",
    ),
}
